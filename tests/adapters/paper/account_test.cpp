// Money is conserved: what the fills say, added up anew, is what the account says, to the last 1e-8.
#include "adapters/paper/account.hpp"

#include <gtest/gtest.h>

#include "tests/adapters/paper/random_day.hpp"

namespace martinet::account_test {

using namespace paper_kit;

TEST(PaperAccount, BalanceIsInitialPlusProfitLessFeesAndFlatMeansCashFlow) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const random_day::Day day = random_day::Maker(seed).make(1'000, true, true);
    PaperConfig config;
    config.order_latency_ns = 150;
    config.event_latency_ns = 50;
    Kit kit(config);
    random_day::Player player(*kit.venue);
    player.play(day, 0, day.inputs.size());
    player.drain(kNever - 1);
    kit.now = 10'000'000;
    kit.trade(300'00, 1);
    if (const std::int64_t left = kit.position(); left != 0) {
      kit.intent = 1'000'000;  // beyond the day's own keys
      kit.submit(Kit::reducing(kit.market(left > 0 ? Side::sell : Side::buy, std::abs(left))));
    }
    kit.now += 1'000;
    for (const VenueEvent& event : kit.news()) player.events.push_back(event);
    ASSERT_EQ(kit.position(), 0);
    __int128 cash = 0;  // money, exact: value_den is 1 on this grid
    std::int64_t fees = 0;
    std::int64_t fills = 0;
    for (const VenueEvent& event : player.events) {
      if (event.kind != VenueEventKind::filled) continue;
      ++fills;
      fees += event.fee.v;
      cash += static_cast<__int128>(event.fill_price.v) * event.fill_qty.v * (event.side == Side::sell ? 1'000 : -1'000);
    }
    EXPECT_GT(fills, 20);
    const PaperAccount& account = kit.venue->account();
    EXPECT_EQ(account.fees_total().v, fees);
    EXPECT_EQ(account.pnl_total().v, static_cast<std::int64_t>(cash));
    EXPECT_EQ(account.balance().v, config.initial_balance.v + account.pnl_total().v - fees);
    EXPECT_EQ(account.position(Kit::kContract).margin, Money{});
  }
}

TEST(PaperAccount, ReduceOnlyNeverFlipsAndNeverOpens) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const random_day::Day day = random_day::Maker(seed).make(1'000, true, true);
    PaperConfig config;
    config.initial_balance = {1'000'000 * kMoneyUnit};
    config.order_latency_ns = 150;
    Kit kit(config);
    std::map<std::uint64_t, bool> reduces;
    for (const OrderRequest& r : day.requests) {
      if (r.action == OrderAction::place) reduces.emplace(r.key.intent_id, r.reduce_only != 0);
    }
    std::map<std::uint64_t, std::uint64_t> requested_twice;
    for (const OrderRequest& r : day.requests) requested_twice[r.key.intent_id] += r.action == OrderAction::place ? 1 : 0;
    random_day::Player player(*kit.venue);
    player.play(day, 0, day.inputs.size());
    player.drain(kNever - 1);
    std::int64_t position = 0;
    std::uint64_t seen = 0;
    for (const VenueEvent& event : player.events) {
      if (event.kind != VenueEventKind::filled) continue;
      const std::int64_t before = position;
      position += event.side == Side::buy ? event.fill_qty.v : -event.fill_qty.v;
      // A key asked for twice may mean either of its two requests: leave it out.
      if (!reduces.at(event.key.intent_id) || requested_twice.at(event.key.intent_id) > 1) continue;
      ++seen;
      ASSERT_LT(std::abs(position), std::abs(before));
      ASSERT_GE(position * (before > 0 ? 1 : -1), 0);
    }
    EXPECT_GT(seen, 5U);
    EXPECT_EQ(position, kit.position());
  }
}

TEST(PaperAccount, SharesOfAnAverageAddUpToTheWhole) {
  InstrumentTable table;
  ASSERT_TRUE(table.add(contract()).ok());
  PaperAccount account(table, {0}, 3);
  account.fill(0, Side::buy, {100'00}, {1}, {});
  account.fill(0, Side::buy, {100'01}, {2}, {});  // average 100.00666..
  EXPECT_EQ(account.entry_price(0), Price{100'01});
  for (int i = 0; i < 3; ++i) account.fill(0, Side::sell, {101'00}, {1}, {7});
  EXPECT_EQ(account.pnl_total(), Money{298'000});  // 3 * 101.00 - 300.02 = 2.98, times 0.001
  EXPECT_EQ(account.balance(), Money{298'000 - 21});
}

TEST(PaperAccount, ProfitIsRoundedDownOnGridsFinerThanMoney) {
  InstrumentTable table;
  Instrument fine = contract();
  fine.price_decimals = 6;
  fine.qty_decimals = 5;
  ASSERT_EQ(set_linear_value(fine), Errc::ok);  // 1e-11 a unit: a thousandth of the smallest money
  ASSERT_TRUE(table.add(fine).ok());
  PaperAccount account(table, {0}, 1);
  account.fill(0, Side::buy, {10}, {100}, {});
  EXPECT_EQ(account.position(0).margin, Money{1});
  EXPECT_EQ(account.fill(0, Side::sell, {29}, {100}, {}), Money{1});  // 1.9
  account.fill(0, Side::sell, {10}, {100}, {});
  EXPECT_EQ(account.fill(0, Side::buy, {11}, {100}, {}), Money{-1});  // -0.1
}

}  // namespace martinet::account_test
