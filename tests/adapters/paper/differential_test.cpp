// Goal: the venue does what a plain second writing of it does, event for event, over random days.
// Method: the same inputs and requests through both; slow_model.hpp shares no code with the venue.
#include <gtest/gtest.h>

#include "tests/adapters/paper/random_day.hpp"

namespace martinet::differential_test {

using namespace paper_kit;

struct Setting {
  std::int64_t order_latency_ns, event_latency_ns;
  bool quotes, depth;
  std::int64_t slippage;
};

PaperConfig config_of(const Setting& setting) {
  PaperConfig config;
  config.order_latency_ns = setting.order_latency_ns;
  config.event_latency_ns = setting.event_latency_ns;
  config.slippage = {setting.slippage};
  config.initial_balance = {1'000'000'000 * kMoneyUnit};
  return config;
}

class PaperDifferential : public testing::TestWithParam<Setting> {};

TEST_P(PaperDifferential, AgreesWithThePlainModelEventForEvent) {
  std::uint64_t kinds[6] = {};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const PaperConfig config = config_of(GetParam());
    const random_day::Day day = random_day::Maker(seed).make(1'500, GetParam().quotes, GetParam().depth);
    slow_model::Model model(contract(), config);
    const std::vector<VenueEvent> expected = model.run(day.inputs, day.requests);

    Kit kit(config);
    kit.table.mutable_row(Kit::kContract).rules.notional_min = {0};
    random_day::Player player(*kit.venue);
    player.play(day, 0, day.inputs.size());
    player.drain(kNever - 1);

    for (std::size_t i = 0; i < std::min(expected.size(), player.events.size()); ++i) {
      const VenueEvent& a = expected[i];
      const VenueEvent& b = player.events[i];
      ASSERT_TRUE(same_event(a, b)) << "event " << i << ": " << name_of(a.kind) << ' ' << name_of(a.reason) << " key " << a.key.intent_id
                                    << " at " << a.ts_exchange_ns << " price " << a.fill_price.v << " qty " << a.fill_qty.v << " leaves "
                                    << a.leaves_qty.v << " is " << name_of(b.kind) << ' ' << name_of(b.reason) << " key " << b.key.intent_id
                                    << " at " << b.ts_exchange_ns << " price " << b.fill_price.v << " qty " << b.fill_qty.v << " leaves "
                                    << b.leaves_qty.v;
      ++kinds[static_cast<std::size_t>(a.kind)];
    }
    ASSERT_EQ(expected.size(), player.events.size());
    const PaperAccount& account = kit.venue->account();
    ASSERT_EQ(account.pnl_total().v, model.pnl);
    ASSERT_EQ(account.fees_total().v, model.fees);
    ASSERT_EQ(account.position(Kit::kContract).qty.v, model.position);
    ASSERT_TRUE(account.position(Kit::kContract).cost == model.cost);
    ASSERT_EQ(account.balance().v, config.initial_balance.v + model.pnl - model.fees);
  }
  for (const std::uint64_t count : kinds) EXPECT_GT(count, 50U);  // every kind of event was compared
}

INSTANTIATE_TEST_SUITE_P(Days, PaperDifferential,
                         testing::Values(Setting{100, 100, true, false, 50'000}, Setting{0, 0, true, false, 0},
                                         Setting{250, 0, false, false, 1'000'000}, Setting{100, 700, true, true, 50'000},
                                         Setting{0, 50, false, true, 300'000}));

}  // namespace martinet::differential_test
