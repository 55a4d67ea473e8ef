// Goal: money products are exact in 128 bits and rounded in the named direction; the table finds what it holds and nothing else.
#include "engine/base/instrument.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <random>
#include <string>

#include "engine/base/decimal.hpp"

namespace martinet::instrument_test {
namespace {

using Wide = __int128;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

Instrument instrument_named(const std::string& symbol, Venue venue = Venue::bitget, Market market = Market::spot) {
  Instrument instrument;
  EXPECT_TRUE(instrument.symbol.assign(symbol));
  instrument.venue = venue;
  instrument.market = market;
  return instrument;
}

/// floor and ceiling of a / b (b > 0) by the definition, not by the sign rules of C++ division.
Wide floor_of(Wide a, Wide b) {
  Wide q = a / b;
  while (q * b > a) --q;
  return q;
}
Wide ceiling_of(Wide a, Wide b) { return -floor_of(-a, b); }
bool fits(Wide value) { return value <= kMost && value >= std::numeric_limits<std::int64_t>::min(); }

TEST(Instrument, ValuesALinearContractAsPriceTimesQuantity) {
  Instrument instrument;
  instrument.price_decimals = 3;
  instrument.qty_decimals = 6;
  ASSERT_EQ(set_linear_value(instrument), Errc::ok);
  Money money;
  // 61000.5 * 0.25 = 15250.125
  ASSERT_EQ(money_of_down(instrument, Price{61'000'500}, Qty{250'000}, money), Errc::ok);
  EXPECT_EQ(to_text(money), "15250.125");
  // 0.001 * 0.000001 is a tenth of the smallest money: down to nothing, up to one unit.
  ASSERT_EQ(money_of_down(instrument, Price{1}, Qty{1}, money), Errc::ok);
  EXPECT_EQ(money.v, 0);
  ASSERT_EQ(money_of_up(instrument, Price{1}, Qty{1}, money), Errc::ok);
  EXPECT_EQ(money.v, 1);
  ASSERT_EQ(money_of_down(instrument, Price{-1}, Qty{1}, money), Errc::ok);
  EXPECT_EQ(money.v, -1) << "down is toward minus infinity";
  ASSERT_EQ(money_of_up(instrument, Price{-1}, Qty{1}, money), Errc::ok);
  EXPECT_EQ(money.v, 0);
}

TEST(Instrument, RefusesAGridTooFineForItsValue) {
  Instrument instrument;
  instrument.price_decimals = 18;
  instrument.qty_decimals = 8;
  EXPECT_EQ(set_linear_value(instrument), Errc::ok);
  EXPECT_EQ(instrument.value_den, 1'000'000'000'000'000'000U);
  instrument.qty_decimals = 9;
  EXPECT_EQ(set_linear_value(instrument), Errc::number_too_large);
}

TEST(Instrument, AgreesWithTheDefinitionOnRandomProducts) {
  std::mt19937_64 random(17);
  int overflows = 0, exact = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    Instrument instrument;
    instrument.price_decimals = static_cast<std::uint8_t>(random() % 10);
    instrument.qty_decimals = static_cast<std::uint8_t>(random() % 10);
    ASSERT_EQ(set_linear_value(instrument), Errc::ok);
    const Price price{static_cast<std::int64_t>(random()) >> (random() % 63)};
    const Qty qty{static_cast<std::int64_t>(random()) >> (random() % 63)};
    Wide scaled = 0;
    const bool wide_overflow = __builtin_mul_overflow(static_cast<Wide>(price.v) * qty.v, static_cast<Wide>(instrument.value_num), &scaled);
    for (const bool up : {false, true}) {
      Money money{-7};
      const Errc error = up ? money_of_up(instrument, price, qty, money) : money_of_down(instrument, price, qty, money);
      const Wide expected = wide_overflow ? 0 : up ? ceiling_of(scaled, instrument.value_den) : floor_of(scaled, instrument.value_den);
      if (wide_overflow || !fits(expected)) {
        ASSERT_EQ(error, Errc::overflow);
        ASSERT_EQ(money.v, -7);
        ++overflows;
      } else {
        ASSERT_EQ(error, Errc::ok);
        ASSERT_EQ(money.v, static_cast<std::int64_t>(expected));
        ++exact;
      }
    }
  }
  EXPECT_GT(overflows, 10'000);
  EXPECT_GT(exact, 10'000);
}

TEST(Instrument, NeverUnderstatesAFee) {
  Money fee;
  ASSERT_EQ(fee_of_up(Money{1'000 * kMoneyUnit}, Rate{60'000}, fee), Errc::ok);
  EXPECT_EQ(to_text(fee), "0.60");
  ASSERT_EQ(fee_of_up(Money{1}, Rate{1}, fee), Errc::ok);
  EXPECT_EQ(fee.v, 1);
  ASSERT_EQ(fee_of_up(Money{-1}, Rate{1}, fee), Errc::ok);
  EXPECT_EQ(fee.v, -1) << "away from zero";
  ASSERT_EQ(fee_of_up(Money{0}, Rate{60'000}, fee), Errc::ok);
  EXPECT_EQ(fee.v, 0);
  ASSERT_EQ(fee_of_up(Money{kMost}, Rate{kRateUnit}, fee), Errc::ok);
  EXPECT_EQ(fee.v, kMost);
  EXPECT_EQ(fee_of_up(Money{kMost}, Rate{kRateUnit + 1}, fee), Errc::overflow);
}

TEST(Instrument, MultipliesAndDividesInTheNamedDirection) {
  std::int64_t out = 0;
  ASSERT_EQ(mul_div_down(7, 3, 2, out), Errc::ok);
  EXPECT_EQ(out, 10);
  ASSERT_EQ(mul_div_up(7, 3, 2, out), Errc::ok);
  EXPECT_EQ(out, 11);
  ASSERT_EQ(mul_div_down(-7, 3, 2, out), Errc::ok);
  EXPECT_EQ(out, -11);
  ASSERT_EQ(mul_div_up(-7, 3, 2, out), Errc::ok);
  EXPECT_EQ(out, -10);
  ASSERT_EQ(mul_div_down(kMost, kMost, kMost, out), Errc::ok);
  EXPECT_EQ(out, kMost);
  out = 5;
  EXPECT_EQ(mul_div_up(kMost, 2, 1, out), Errc::overflow);
  EXPECT_EQ(out, 5);
}

TEST(InstrumentRules, RoundToTicksAndLotsInTheNamedDirection) {
  InstrumentRules rules;
  rules.tick_size = {25};
  rules.lot_size = {10};
  EXPECT_EQ(tick_down(rules, {100}).v, 100);
  EXPECT_EQ(tick_down(rules, {124}).v, 100);
  EXPECT_EQ(tick_up(rules, {100}).v, 100);
  EXPECT_EQ(tick_up(rules, {101}).v, 125);
  EXPECT_EQ(tick_down(rules, {0}).v, 0);
  EXPECT_EQ(lot_down(rules, {9}).v, 0);
  EXPECT_EQ(lot_down(rules, {10}).v, 10);
  EXPECT_EQ(lot_down(rules, {19}).v, 10);
}

TEST(Text, HoldsUpToItsSizeAndStaysAsItWasOtherwise) {
  Text<4> text;
  EXPECT_EQ(text.view(), "");
  EXPECT_TRUE(text.assign("ABCD"));
  EXPECT_EQ(text.view(), "ABCD");
  EXPECT_FALSE(text.assign("ABCDE"));
  EXPECT_EQ(text.view(), "ABCD");
  EXPECT_TRUE(text.assign("X"));
  EXPECT_EQ(text.view(), "X") << "nothing of the longer text is left";
}

TEST(InstrumentTable, GivesIdsInOrderAndFindsThemAgain) {
  InstrumentTable table;
  EXPECT_EQ(table.find(Venue::bitget, Market::spot, "BTCUSDT"), kNoInstrument);
  EXPECT_EQ(*table.add(instrument_named("BTCUSDT")), 0);
  EXPECT_EQ(*table.add(instrument_named("BTCUSDT", Venue::bitget, Market::usdt_futures)), 1)
      << "the same symbol in another market is another instrument";
  EXPECT_EQ(*table.add(instrument_named("BTCUSDT", Venue::binance)), 2);
  EXPECT_EQ(*table.add(instrument_named("BTCUSDT")), 0) << "what is there already keeps its id";
  EXPECT_EQ(table.size(), 3U);
  EXPECT_EQ(table.find(Venue::bitget, Market::usdt_futures, "BTCUSDT"), 1);
  EXPECT_EQ(table.find(Venue::bitget, Market::spot, "BTCUSD"), kNoInstrument);
  EXPECT_EQ(table[2].venue, Venue::binance);
}

TEST(InstrumentTable, HoldsItsMaximumAndRefusesOneMore) {
  auto table = std::make_unique<InstrumentTable>();
  for (std::size_t i = 0; i < capacity::instruments_max; ++i) {
    const Result<InstrumentId> id = table->add(instrument_named("SYM" + std::to_string(i)));
    ASSERT_TRUE(id.ok());
    ASSERT_EQ(*id, i);
  }
  const Result<InstrumentId> one_more = table->add(instrument_named("ONEMORE"));
  ASSERT_FALSE(one_more.ok());
  EXPECT_EQ(one_more.error().code, Errc::too_many_instruments);
  EXPECT_EQ(*table->add(instrument_named("SYM7")), 7) << "one that is there is no more";
  for (std::size_t i = 0; i < capacity::instruments_max; ++i) {
    ASSERT_EQ(table->find(Venue::bitget, Market::spot, "SYM" + std::to_string(i)), i);
  }
}

TEST(InstrumentTable, RefusesRulesThatCannotBeDividedBy) {
  InstrumentTable table;
  Instrument instrument = instrument_named("ZERO");
  instrument.rules.tick_size = {0};
  EXPECT_EQ(table.add(instrument).error().code, Errc::bad_number);
  instrument.rules.tick_size = {1};
  instrument.rules.lot_size = {-1};
  EXPECT_EQ(table.add(instrument).error().code, Errc::bad_number);
  instrument.rules.lot_size = {1};
  instrument.value_den = 0;
  EXPECT_EQ(table.add(instrument).error().code, Errc::bad_number);
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace martinet::instrument_test
