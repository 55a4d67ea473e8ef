// Goal: several strategies on several instruments in one process keep their capital, positions and P&L apart. Method: a grid and a trend
// follower on two symbols of a synthetic market, run together and each alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "tests/whole/whole_support.hpp"

namespace martinet::two_by_two_test {
namespace {

using whole::TemporaryFolder;

constexpr const char* kGrid = R"(
[[strategy]]
kind = "grid_atr"
name = "grid"
instruments = [%]
timeframe = "1s"
direction = "both"
first = 0.5
spacing = 0.5
stop_fraction = 0.02
regime_window = 10
max_holding_bars = 30
)";
constexpr const char* kCross = R"(
[[strategy]]
kind = "ema_atr"
name = "cross"
instruments = [%]
timeframe = "1s"
direction = "both"
ema_fast = 3
ema_slow = 8
hv_filter = false
trailing_activation_atr = 0.5
trailing_distance_atr = 1.0
partial_exits = true
partial_1_profit = 0.0002
partial_2_profit = 0.0004
regime_window = 10
max_holding_bars = 30
)";

std::string on(std::string text, const std::string& symbols, const std::string& more = "") { return text.replace(text.find('%'), 1, symbols) + more; }

/// Sizes do not depend on what others earned, so that a strategy alone and in company can be compared.
EngineConfig config_of(const std::string& strategies) {
  const std::string fixed = "[risk]\nsizing_base = \"fixed\"\nfixed_base = 10000.0\n[account]\ninitial_balance = 1000000.0\n";
  const Result<EngineConfig> config = parse_config(fixed + strategies, "two by two");
  EXPECT_TRUE(config.ok()) << (config.ok() ? "" : config.error().what);
  EngineConfig out = *config;
  spread_account(out);
  return out;
}

struct Outcome {
  SessionSummary summary;
  std::vector<OrderRequest> requests;
};

Outcome run(const EngineConfig& config, const std::filesystem::path& capture) {
  Outcome result;
  ReplayOptions options;
  options.capture = capture;
  options.on_request = [&result](const OrderRequest& request) { result.requests.push_back(request); };
  Result<ReplayOutcome> outcome = replay(config, options);
  EXPECT_TRUE(outcome.ok()) << (outcome.ok() ? "" : outcome.error().what);
  if (outcome.ok()) result.summary = std::move(outcome->summary);
  return result;
}

/// What a request is, without the numbers that count all strategies together.
auto order_of(const OrderRequest& r) {
  return std::tuple(r.ts_ns, r.instrument, r.action, r.type, r.side, r.qty.v, r.price.v, r.trigger_price.v, r.key.leg, r.key.attempt);
}

std::int64_t duration_ns() { return (whole::is_short_run() ? 4 : 12) * kNanosPerMinute; }

TEST(TwoByTwo, LedgersAddUpToTheAccount) {
  const TemporaryFolder folder;
  const auto capture = whole::make_synth(folder, 31, duration_ns());
  const std::string both = "\"BTCUSDT\", \"ETHUSDT\"";
  const Outcome whole_run = run(config_of(on(kGrid, both) + on(kCross, both)), capture);
  ASSERT_EQ(whole_run.summary.strategies.size(), 2u);
  Money sum{};
  for (const auto& strategy : whole_run.summary.strategies) {
    EXPECT_GT(strategy.trades, 5u) << strategy.name;
    sum = sum + strategy.pnl_net;
  }
  // What is closed is in the ledgers; the entry fees of what is open are in the balance only.
  const Money open_fees = sum - (whole_run.summary.balance - whole_run.summary.initial_balance);
  if (whole_run.summary.open_positions.empty()) {
    EXPECT_EQ(open_fees, Money{});
  } else {
    EXPECT_GT(open_fees, Money{});
    EXPECT_LT(open_fees.v, 1000 * kMoneyUnit) << "a notional of 10,000 x 3 each at 0.06 % is far below";
  }
  std::map<std::pair<StrategyId, InstrumentId>, int> entries;
  for (const OrderRequest& r : whole_run.requests) {
    if (r.action == OrderAction::place && r.purpose() == OrderPurpose::entry) ++entries[{r.strategy, r.instrument}];
  }
  EXPECT_EQ(entries.size(), 4u) << "each strategy trades each symbol";
}

TEST(TwoByTwo, AStrategyTradesInCompanyAsItDoesAlone) {
  const TemporaryFolder folder;
  const auto capture = whole::make_synth(folder, 32, duration_ns());
  const std::string grid = on(kGrid, "\"BTCUSDT\"");
  const std::string cross = on(kCross, "\"ETHUSDT\"");
  const Outcome together = run(config_of(grid + cross), capture);
  for (const auto& [name, alone_text] : {std::pair("grid", grid), std::pair("cross", cross)}) {
    const Outcome alone = run(config_of(alone_text), capture);
    ASSERT_FALSE(alone.requests.empty());
    const InstrumentId instrument = alone.requests.front().instrument;
    std::vector<decltype(order_of(OrderRequest{}))> mine, in_company;
    for (const OrderRequest& r : alone.requests) mine.push_back(order_of(r));
    for (const OrderRequest& r : together.requests) {
      if (r.instrument == instrument) in_company.push_back(order_of(r));
    }
    EXPECT_GT(mine.size(), 50u) << name;
    EXPECT_TRUE(mine == in_company) << name << ": " << mine.size() << " orders alone, " << in_company.size() << " in company";
    const auto row = [&](const SessionSummary& summary) {
      return *std::ranges::find_if(summary.strategies, [&](const auto& strategy) { return strategy.name == name; });
    };
    EXPECT_EQ(row(alone.summary).pnl_net, row(together.summary).pnl_net) << name;
    EXPECT_EQ(row(alone.summary).fees, row(together.summary).fees) << name;
  }
}

TEST(TwoByTwo, AShareOfTheCapitalMakesEntriesSmallerByThatShare) {
  const TemporaryFolder folder;
  const auto capture = whole::make_synth(folder, 33, duration_ns());
  const Outcome whole_capital = run(config_of(on(kCross, "\"BTCUSDT\"")), capture);
  const Outcome half = run(config_of(on(kCross, "\"BTCUSDT\"", "capital_fraction = 0.5\n")), capture);
  const auto first_entry = [](const Outcome& r) {
    return std::ranges::find_if(r.requests, [](const OrderRequest& q) { return q.purpose() == OrderPurpose::entry; })->qty.v;
  };
  ASSERT_FALSE(half.requests.empty());
  EXPECT_NEAR(static_cast<double>(first_entry(half)) / static_cast<double>(first_entry(whole_capital)), 0.5, 0.01);
}

}  // namespace
}  // namespace martinet::two_by_two_test
