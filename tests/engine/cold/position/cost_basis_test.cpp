// Goal: P&L is exact. Method: random adds and reduces against an independent computation with long division on plain sums: at
// flat, the money of all reduces must equal (sell area - buy area) x num / den, rounded down once.
#include "engine/cold/position/cost_basis.hpp"

#include <gtest/gtest.h>

#include <random>

namespace martinet {
namespace cost_basis_test {

TEST(CostBasis, SumOfReducesEqualsTheTotalRoundedOnce) {
  const std::uint64_t seed = 20'240'611;
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    Instrument instrument;
    instrument.value_num = 1 + random() % 1000;
    instrument.value_den = 1 + random() % 100'000;
    CostBasis basis;
    const bool is_long = random() % 2 == 0;
    Area bought = 0, sold = 0, pnl = 0, fees_in = 0, fees_out = 0;
    for (int step = 0; step < 12 || basis.qty.v != 0; ++step) {
      const Price price{1 + static_cast<std::int64_t>(random() % 100'000)};
      if (step < 12 && (basis.qty.v == 0 || random() % 2 == 0)) {
        if (step > 0 && basis.qty.v == 0) break;  // flat: the total is due
        const Qty qty{1 + static_cast<std::int64_t>(random() % 1000)};
        const Money fee{static_cast<std::int64_t>(random() % 2001) - 1000};
        basis.increase(price, is_long ? qty : -qty, fee);
        fees_in += fee.v;
        (is_long ? bought : sold) += static_cast<Area>(price.v) * qty.v;
      } else {
        const std::int64_t held = abs(basis.qty).v;
        const Qty part{step < 12 ? 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(held)) : held};
        Realised realised;
        ASSERT_EQ(basis.reduce(instrument, price, part, realised), Errc::ok);
        (is_long ? sold : bought) += static_cast<Area>(price.v) * part.v;
        pnl += realised.price_pnl.v;
        fees_out += realised.entry_fees.v;
      }
    }
    const Area value = (sold - bought) * static_cast<Area>(instrument.value_num);
    const Area den = static_cast<Area>(instrument.value_den);
    Area expected = value / den;
    if (value % den != 0 && value < 0) --expected;
    ASSERT_TRUE(pnl == expected) << "seed " << seed << " round " << round;
    ASSERT_TRUE(fees_in == fees_out) << "seed " << seed << " round " << round;
    ASSERT_TRUE(basis.cost == 0 && basis.entry_fees.v == 0);
  }
}

TEST(CostBasis, AReduceTakesItsAverageShareOfTheCost) {
  Instrument instrument;  // value 1/1
  CostBasis basis;
  basis.increase({100}, {3}, {10});
  basis.increase({200}, {1}, {1});  // cost 500, average 125
  Realised realised;
  ASSERT_EQ(basis.reduce(instrument, {150}, {2}, realised), Errc::ok);
  EXPECT_EQ(realised.price_pnl, Money{50});
  EXPECT_EQ(realised.entry_fees, Money{5});  // 11 x 2/4 rounded down; the rest stays
  ASSERT_EQ(basis.reduce(instrument, {100}, {2}, realised), Errc::ok);
  EXPECT_EQ(realised.price_pnl, Money{-50});
  EXPECT_EQ(realised.entry_fees, Money{6});
}

TEST(CostBasis, EntryPriceIsRoundedAgainstUs) {
  CostBasis longs;
  EXPECT_EQ(longs.entry_price(), kNoPrice);
  longs.increase({100}, {2}, {});
  longs.increase({101}, {1}, {});  // 100.33
  EXPECT_EQ(longs.entry_price(), Price{101});
  CostBasis shorts;
  shorts.increase({100}, {-2}, {});
  shorts.increase({101}, {-1}, {});
  EXPECT_EQ(shorts.entry_price(), Price{100});
}

TEST(CostBasis, UnrealisedIsRoundedDownForBothDirections) {
  Instrument instrument;
  instrument.value_den = 10;
  Money out;
  CostBasis basis;
  basis.increase({100}, {1}, {});
  ASSERT_EQ(basis.unrealised(instrument, {105}, out), Errc::ok);
  EXPECT_EQ(out, Money{0});
  ASSERT_EQ(basis.unrealised(instrument, {95}, out), Errc::ok);
  EXPECT_EQ(out, Money{-1});
  CostBasis shorts;
  shorts.increase({100}, {-1}, {});
  ASSERT_EQ(shorts.unrealised(instrument, {105}, out), Errc::ok);
  EXPECT_EQ(out, Money{-1});
}

TEST(CostBasis, MoneyBeyondTheBoundIsAnErrorAndTheQuantityStillShrinks) {
  Instrument instrument;
  CostBasis basis;
  basis.increase({1}, {kAmountMax}, {});
  Realised realised;
  EXPECT_EQ(basis.reduce(instrument, {3}, {kAmountMax}, realised), Errc::overflow);
  EXPECT_EQ(basis.qty, Qty{0});
  CostBasis fits;
  fits.increase({1}, {kAmountMax}, {});
  EXPECT_EQ(fits.reduce(instrument, {2}, {kAmountMax}, realised), Errc::ok);
  EXPECT_EQ(realised.price_pnl, Money{kAmountMax});
}

TEST(CostBasis, LargeProductsPassThrough128Bits) {
  Instrument instrument;
  instrument.value_num = 1'000'000'007;
  instrument.value_den = 999'999'937'000'000'000;
  Money down, up;
  const Area area = static_cast<Area>(1) << 85;  // times num would still fit; times 2^20 more would not
  ASSERT_EQ(money_of_area_down(instrument, area, down), Errc::ok);
  ASSERT_EQ(money_of_area_up(instrument, area, up), Errc::ok);
  EXPECT_EQ(up.v, down.v + 1);
  EXPECT_EQ(money_of_area_down(instrument, static_cast<Area>(1) << 126, down), Errc::overflow);
}

}  // namespace cost_basis_test
}  // namespace martinet
