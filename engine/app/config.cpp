#include "engine/app/config.hpp"

#include <algorithm>
#include <cstddef>

#include "engine/hot/signal/registry.hpp"

namespace martinet {

void spread_account(EngineConfig& config) {
  config.paper.initial_balance = config.account.initial_balance;
  config.paper.leverage = static_cast<int>(config.account.leverage);
  config.paper.margin_mode = config.account.margin_mode;
  config.position.initial_balance = config.account.initial_balance;
  config.position.leverage = static_cast<std::int32_t>(config.account.leverage);
  config.risk.leverage = static_cast<std::int32_t>(config.account.leverage);
  config.risk.taker_fee = std::max(config.paper.taker_fee, config.paper.spot_taker_fee);  // the gate sets aside the worse of the two
  config.risk.slippage_allowance = config.paper.slippage;
  // By place in the file, which is the StrategyId: assemble() leaves a strategy out only where nothing in the input can be traded.
  config.risk.capital_fraction = whole_account();
  for (std::size_t i = 0; i < std::min(config.strategies.size(), config.risk.capital_fraction.size()); ++i) {
    config.risk.capital_fraction[i] = config.strategies[i].capital_fraction;
  }
}

Status check_config(const EngineConfig& config) {
  if (config.risk.sizing_base == SizingBase::fixed && config.risk.fixed_base.v <= 0) {
    return Error{Errc::config_contradiction, "risk.sizing_base = \"fixed\" needs risk.fixed_base above 0; give it, or use equity or balance"};
  }
  if (config.feed.book_stale_ns < config.feed.stale_ns) {
    return Error{Errc::config_contradiction, "feed.book_stale_ms is below feed.stale_ms: a book would be given up before its instrument is stale; raise it"};
  }
  if (config.paper.maintenance_margin.v * config.account.leverage >= kRateUnit) {
    return Error{Errc::config_contradiction,
                 "paper.maintenance_margin times account.leverage is 1 or more: a new position would be closed at once; lower one of them"};
  }
  EngineConfig spread = config;
  spread_account(spread);
  if (const Status sound = check(spread.risk); !sound) return sound;
  for (std::size_t i = 0; i < config.strategies.size(); ++i) {
    const StrategyConfig& strategy = config.strategies[i];
    const std::string path = "strategy[" + std::to_string(i) + "]";
    if (const Status sound = check_strategy(strategy.kind, path, strategy.parameters); !sound) return sound;
  }
  return {};
}

}  // namespace martinet
