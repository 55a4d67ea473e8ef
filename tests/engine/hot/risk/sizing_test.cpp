// Sizing against its definition in unbounded integers: the quantity is the largest whose exact value stays within the money.
#include "engine/hot/risk/sizing.hpp"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <random>

#include "tests/engine/hot/risk/risk_fixture.hpp"

namespace martinet::sizing_test {

using Big = boost::multiprecision::cpp_int;

struct Value {
  std::uint64_t num;
  std::uint64_t den;
};

// A number of `bits_max` bits at most, every length equally likely: both tiny and huge ones.
std::int64_t any_length(std::mt19937_64& random, int bits_max) {
  return static_cast<std::int64_t>(random() >> (64 - 1 - random() % static_cast<std::uint64_t>(bits_max)));
}

// Linear and spot grids from coarse to fine, and MT5: EURUSD tick value 1 account unit per 0.00001 and lot, in hundredths of a lot,
// a pair whose tick value was converted to the account's currency, and fractions that do not reduce.
constexpr Value kValues[] = {{1, 1},
                             {1, 10},
                             {100, 1},
                             {1, 10'000'000'000},
                             {100'000'000, 1},
                             {1, 1'000'000'000'000'000'000},
                             {1'000'000, 1},
                             {684'213, 1'000},
                             {9'999'991, 9'999'973}};

TEST(Sizing, QtyIsTheLargestWhoseLossIsWithinTheMoney) {
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200'000; ++i) {
    const Value value = kValues[random() % std::size(kValues)];
    const Price distance{1 + any_length(random, 62)};
    const Money money{any_length(random, 63)};
    Qty qty{-1};
    ASSERT_TRUE(sizing::qty_of_down(value.num, value.den, distance, money, qty)) << "seed " << seed;
    const auto worth = [&](std::int64_t q) -> Big { return Big(distance.v) * q * value.num; };  // times 1 / den
    const Big limit = Big(money.v) * value.den;
    ASSERT_LE(worth(qty.v), limit) << "seed " << seed << " row " << i;
    if (qty.v != std::numeric_limits<std::int64_t>::max()) {
      ASSERT_GT(worth(qty.v) + Big(distance.v) * value.num, limit) << "seed " << seed << " row " << i;
    }
  }
}

TEST(Sizing, ValueIsExactAndRoundedUpOrRefused) {
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random(seed);
  int refused = 0;
  for (int i = 0; i < 200'000; ++i) {
    const Value value = kValues[random() % std::size(kValues)];
    const Price price{any_length(random, 63)};
    const Qty qty{any_length(random, 63)};
    const Big exact = Big(price.v) * qty.v * value.num;
    Money up{};
    const bool fits_up = sizing::value_of_up(value.num, value.den, price, qty, up);
    const Big ceiling = (exact + value.den - 1) / value.den;
    // A refusal is right if the result, or the product on the way to it, leaves its width.
    ASSERT_EQ(fits_up, ceiling <= std::numeric_limits<std::int64_t>::max() && exact < (Big(1) << 128)) << "seed " << seed;
    if (fits_up) {
      ASSERT_EQ(Big(up.v), ceiling) << "seed " << seed;
      for (const std::int64_t near : {up.v - 1, up.v}) {
        int order = 9;
        if (near < 0) continue;
        ASSERT_TRUE(sizing::compare_value(value.num, value.den, price, qty, {near}, order));
        ASSERT_EQ(order, exact.compare(Big(near) * value.den)) << "seed " << seed;
      }
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1'000);
  EXPECT_LT(refused, 199'000);
}

TEST(Sizing, NotionalFromFreeMarginFitsAndLeavesLittle) {
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200'000; ++i) {
    const Money free{any_length(random, 55)};
    const auto leverage = static_cast<std::int64_t>(1 + random() % 125);
    const Rate fee{static_cast<std::int64_t>(random() % (kRateUnit / 10 + 1))};
    const Money notional = sizing::notional_of_down(free, leverage, fee);
    Money margin{};
    ASSERT_TRUE(sizing::margin_of_up(notional, leverage, fee, margin));
    const Big exact_up = (Big(notional.v) + leverage - 1) / leverage + (Big(notional.v) * fee.v + kRateUnit - 1) / kRateUnit;
    ASSERT_EQ(Big(margin.v), exact_up) << "seed " << seed;
    ASSERT_LE(margin, free) << "seed " << seed;
    // Two units of money more would not have fitted.
    ASSERT_TRUE(sizing::margin_of_up({notional.v + 2 * leverage}, leverage, fee, margin));
    ASSERT_GT(margin, free) << "seed " << seed << " free " << free.v << " leverage " << leverage << " fee " << fee.v;
  }
}

TEST(Sizing, DistanceOneUnitEitherWayMovesTheSize) {
  // 100 of money at 0.0001 per unit and grid step: a distance of 1000 units gives 10^9 / 10^3 steps, one unit farther gives fewer.
  Qty at{};
  Qty farther{};
  Qty nearer{};
  ASSERT_TRUE(sizing::qty_of_down(1, 10, {1'000}, {100 * kMoneyUnit}, at));
  ASSERT_TRUE(sizing::qty_of_down(1, 10, {1'001}, {100 * kMoneyUnit}, farther));
  ASSERT_TRUE(sizing::qty_of_down(1, 10, {999}, {100 * kMoneyUnit}, nearer));
  EXPECT_EQ(at.v, 100'000'000);
  EXPECT_EQ(farther.v, 99'900'099);
  EXPECT_EQ(nearer.v, 100'100'100);
}

TEST(Sizing, RefusesAValueOfNothing) {
  Qty qty{};
  EXPECT_FALSE(sizing::qty_of_down(0, 1, {1}, {1}, qty));
  EXPECT_FALSE(sizing::qty_of_down(1, 1, {0}, {1}, qty));
}

// Whole sizes worked out by hand for the three kinds of contract.
struct Case {
  const char* what;
  ContractKind kind;
  int price_decimals;
  int qty_decimals;
  std::uint64_t num;
  std::uint64_t den;
  std::int64_t reference;
  std::int64_t stop;
  std::int64_t lot;
  std::int64_t qty;
};

TEST(Sizing, WorksOutLinearSpotAndContractsForDifference) {
  using namespace risk_test;
  const Case cases[] = {
      // 100 at risk, distance 1000 a coin: 0.1 coin, in 1e-5.
      {"linear", ContractKind::linear, 4, 5, 1, 10, 500'000'000, 490'000'000, 100, 10'000},
      // 100 at risk, distance 3 a coin: 33.3333 coins, in 1e-4, lot 0.01.
      {"spot", ContractKind::spot, 4, 4, 1, 1, 1'000'000, 970'000, 100, 333'300},
      // EURUSD on the grid 0.0000001 (five digits and two spare), volume in 0.01 lot: a point of 0.00001 and lot is 1, so a grid unit and
      // 0.01 lot is 1e-4 = 10^4 units of money. 100 at risk, 50 points: 2 lots.
      {"cfd", ContractKind::cfd, 7, 2, 10'000, 1, 10'850'000, 10'845'000, 1, 200},
  };
  for (const Case& c : cases) {
    Instrument instrument;
    (void)instrument.symbol.assign(c.what);
    instrument.kind = c.kind;
    instrument.price_decimals = static_cast<std::uint8_t>(c.price_decimals);
    instrument.qty_decimals = static_cast<std::uint8_t>(c.qty_decimals);
    instrument.value_num = c.num;
    instrument.value_den = c.den;
    instrument.rules.lot_size = {c.lot};
    InstrumentTable table;
    const InstrumentId id = table.add(instrument).value();
    RiskConfig config;
    config.leverage = 100;
    config.slippage_allowance = config.taker_fee = {0};
    RiskGate gate(table, config);
    gate.on_guard_view(guard({10'000 * kMoneyUnit}));
    gate.on_tick(trade(id, {c.reference}));
    Sink sink;
    gate.on_intent(entry(id, true, {c.reference}, {c.stop}), sink);
    ASSERT_EQ(sink.decisions.back().verdict, Verdict::admitted) << c.what;
    EXPECT_EQ(sink.requests.back().qty.v, c.qty) << c.what;
  }
}

}  // namespace martinet::sizing_test
