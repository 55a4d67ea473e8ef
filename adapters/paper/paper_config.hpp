#pragma once
// What the simulated venue costs and how fast it answers. All from the configuration, never from a real venue's answer.
#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/instrument.hpp"
#include "engine/base/time.hpp"

namespace martinet {

struct PaperConfig {
  std::int64_t order_latency_ns = kNanosPerMilli;  ///< from submit to the venue's matching; >= 0
  std::int64_t event_latency_ns = kNanosPerMilli;  ///< from the venue's matching to us; >= 0
  Rate taker_fee{60'000};                          ///< of the notional, on contracts: 0.0006 (Bitget)
  Rate maker_fee{20'000};                          ///< 0.0002; negative = rebate
  Rate spot_taker_fee{100'000};                    ///< on spot: 0.0010 (Binance)
  Rate spot_maker_fee{100'000};
  Rate slippage{50'000};                       ///< 0.0005 of the price, against us, on takers where no book depth says better
  Money initial_balance{10'000 * kMoneyUnit};  ///< account currency
  int leverage = 10;                           ///< contracts: margin is the entry notional over this; >= 1. Spot is always 1
  bool use_depth = true;                       ///< walk a trusted book level by level where there is one
};

/// All of it as numbers: a checkpoint fits only the configuration it was made with.
inline constexpr std::size_t kConfigNumbers = 10;
[[nodiscard]] constexpr std::array<std::int64_t, kConfigNumbers> config_form(const PaperConfig& config) noexcept {
  return {config.order_latency_ns, config.event_latency_ns, config.taker_fee.v,       config.maker_fee.v, config.spot_taker_fee.v,
          config.spot_maker_fee.v, config.slippage.v,       config.initial_balance.v, config.leverage,    config.use_depth ? 1 : 0};
}

}  // namespace martinet
