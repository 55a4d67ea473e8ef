#pragma once
// The configuration of a process: immutable once loaded. Each room's part is that room's own struct; the keys, units, bounds and
// words are in the table of config_keys.cpp.
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "adapters/paper/paper_config.hpp"
#include "engine/base/result.hpp"
#include "engine/cold/position/position_config.hpp"
#include "engine/hot/feed/feed_config.hpp"
#include "engine/hot/indicators/indicators.hpp"
#include "engine/hot/risk/risk_config.hpp"
#include "engine/hot/signal/parameter.hpp"
#include "engine/runtime/idle.hpp"

namespace martinet {

/// Which stages share a thread.
enum class Layout : std::uint8_t {
  fused,   ///< the whole hot path on one thread (in replay the cold side too)
  split,   ///< ingress, strategy, egress, cold
  staged,  ///< every stage its own
};

struct PipelineConfig {
  Layout layout = Layout::fused;
  IdleMode idle = IdleMode::yield;
  std::vector<std::int64_t> cpus;                       ///< cores for the hot threads, in data order; empty = not pinned
  std::int64_t latency_sample = 64;                     ///< every n-th input is timed
  std::int64_t timer_period_ns = kNanosPerSecond;       ///< how often time itself is an input
};

struct SessionConfig {
  std::int64_t segment_ns = kNanosPerHour;              ///< length of a segment on the receive axis
};

struct AccountConfig {
  Money initial_balance{10'000 * kMoneyUnit};
  std::string currency = "USDT";
  std::int64_t leverage = 3;                            ///< of contracts; spot always has 1
  MarginMode margin_mode = MarginMode::cross;           ///< of contracts
};

struct StrategyConfig {
  std::string name;
  std::string kind;
  std::vector<std::string> instruments;  ///< symbols, or "*" for every instrument of the input
  Rate capital_fraction{kRateUnit};      ///< share of the account it may use
  ParameterSet parameters;
};

struct EngineConfig {
  std::string source = "defaults";       ///< the file it came from
  std::vector<std::string> plugins;      ///< shared objects with strategies, absolute; loaded when the file was
  PipelineConfig pipeline;
  AccountConfig account;
  FeedConfig feed;
  BarConfig bars;
  RiskConfig risk;
  PaperConfig paper;
  PositionConfig position;
  SessionConfig session;
  std::vector<StrategyConfig> strategies;
  bool live_allowed = false;                               ///< LIVE_TRADING=true and not PAPER_TRADING=true; by the environment alone
  std::map<std::string, std::string, std::less<>> origins;  ///< by key path ("risk.price_collar", "strategy[0].timeframe"): what set it; absent = default
  std::vector<std::string> unused_variables;               ///< of the environment, in sentences: set, and no strategy here has such a parameter
};

/// Values that are each in bounds but contradict each other, and what rooms check of their own part.
[[nodiscard]] Status check_config(const EngineConfig& config);

/// The account's money and leverage, put into the parts that use them. Call after the last change.
void spread_account(EngineConfig& config);

[[nodiscard]] constexpr std::string_view name_of(Layout layout) noexcept {
  constexpr std::string_view kNames[] = {"fused", "split", "staged"};
  return kNames[static_cast<std::size_t>(layout)];
}

}  // namespace martinet
