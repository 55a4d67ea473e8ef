#pragma once
// What the simulated venue costs, how fast it answers and which venue's manners it has. All from the configuration, never from
// a real venue's answer.
#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/instrument.hpp"
#include "engine/base/margin_mode.hpp"
#include "engine/base/time.hpp"
#include "engine/ports/order_venue.hpp"

namespace martinet {

/// What the commission of a spot buy is taken from; a sell always pays in the quote asset.
enum class SpotFeeAsset : std::uint8_t { quote, base };

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

  MarginMode margin_mode = MarginMode::cross;
  /// Of the notional at mark; less than this left and the venue closes the position. 0.005 is `keepMarginRate` of ETHUSDT in
  /// Bitget's positions channel (venue reference bitget.md, section of the private channels); the first tier of larger markets is
  /// 0.004. One rate for all sizes: tiers are not simulated.
  Rate maintenance_margin{500'000};

  SpotFeeAsset spot_fee_asset = SpotFeeAsset::quote;
  /// Spot: every open sell locks what it would sell, waiting stops included, and minimum notional and quantity hold for reduce-only
  /// orders too, which spot venues do not know (Binance). false: reduce-only orders lock nothing.
  bool stop_locks_asset = false;

  AttachStop attach = AttachStop::none;  ///< who places the stop and target that an entry names; see protection.cpp
  std::int64_t trigger_orders_max = 0;   ///< waiting orders of one instrument (Binance spot: typically 5); 0 = no limit
  Rate price_band{0};                    ///< how far a price may be from mark (else last), as PERCENT_PRICE; 0 = no limit
  std::int64_t query_lag_ns = 0;         ///< answers to queries show the venue as it was this long ago; >= 0
};

/// All of it as numbers: a checkpoint fits only the configuration it was made with.
inline constexpr std::size_t kConfigNumbers = 18;
[[nodiscard]] constexpr std::array<std::int64_t, kConfigNumbers> config_form(const PaperConfig& config) noexcept {
  return {config.order_latency_ns,
          config.event_latency_ns,
          config.taker_fee.v,
          config.maker_fee.v,
          config.spot_taker_fee.v,
          config.spot_maker_fee.v,
          config.slippage.v,
          config.initial_balance.v,
          config.leverage,
          config.use_depth ? 1 : 0,
          static_cast<std::int64_t>(config.margin_mode),
          config.maintenance_margin.v,
          static_cast<std::int64_t>(config.spot_fee_asset),
          config.stop_locks_asset ? 1 : 0,
          static_cast<std::int64_t>(config.attach),
          config.trigger_orders_max,
          config.price_band.v,
          config.query_lag_ns};
}

}  // namespace martinet
