#pragma once
// Follows trends: enters where a fast EMA crosses a slow one, leaves at the opposite cross, and trails its stop once the trade has paid
// for it. All said for longs; shorts are the mirror image.
//
//   cross  the fast EMA was at or below the slow one at the previous closed bar and is above it now. The first bar on which everything has
//          a value only says where the averages stand: it cannot be a cross. Every closed bar counts, in a position or not.
//          20/50 by default: about one and two days of hourly bars. (12/26 would say the same as the zero line of the MACD it is filtered
//          by.)
//   long   a cross, and of the filters that are on:
//            hv_z_min < z-score of the historical volatility < hv_z_max      (open interval)
//            rsi_min <= RSI <= rsi_max                                       (closed; not mirrored)
//            MACD histogram > macd_hist_min, in price units, or times the close with macd_hist_scale = price; shorts: < -macd_hist_min
//            StochRSI %K (0..1) < stochrsi_buy_below; shorts: > stochrsi_sell_above
//   stop   stop_atr ATRs from the close; target_atr ATRs to a target, 0 = none
//   trail  see trailing_stop.hpp. ATR at entry is the one of the intent, the entry price the fills'. The extreme is taken over the bars
//          after the one in which the position began (the first to close after it was seen): that bar may have had its high before the
//          fill.
//   parts  see partial_exits.hpp; off by default
//   out    whole, at the opposite cross whatever the filters say (reason signal): asked for as long as the averages stand against the
//          position, so an exit that was refused, or a cross while the entry was under way, is not missed; where the close has reached the
//          trailing level (trailing); after max_holding_bars (time); by stop or target at the venue
//   turn   with direction = both the opposite cross is an entry too, but the instrument is free only once the position is gone. So it may
//          follow at one of the next reversal_bars closed bars (default 1), the first on which the averages still stand that way, the
//          filters pass and no cooldown runs; then the cross is spent. 0 = no turn: the next entry waits for a cross of its own.
//   score  the mean of: how far the averages have parted, in ATRs; and per filter that is on, how much room is left in it: the z-score's
//          closeness to the middle of its interval, the RSI's distance to the far bound (rsi_max) as a part of the interval, the
//          histogram above its limit in ATRs, the StochRSI below its limit as a part of that. Each held to 0..1.
#include <array>
#include <cstdint>
#include <vector>

#include "engine/hot/signal/bar_strategy.hpp"
#include "engine/hot/signal/partial_exits.hpp"
#include "engine/hot/signal/trailing_stop.hpp"

namespace martinet {

extern const StrategyKind kEmaAtrKind;

class EmaAtr final : public BarStrategy {
 public:
  struct Settings {
    double stop_atr = 0;
    double target_atr = 0;  ///< 0 = none
    std::int64_t reversal_bars = 0;
    double hv_z_min = 0;
    double hv_z_max = 0;
    double rsi_min = 0;  ///< RSI points
    double rsi_max = 0;
    double macd_hist_min = 0;       ///< price units, or a part of the close
    double stochrsi_buy_below = 0;  ///< 0..1
    double stochrsi_sell_above = 0;
    TrailingSettings trailing;
    PartialLevels partials;
    bool filter_hv = false;
    bool filter_rsi = false;
    bool filter_macd = false;
    bool filter_stochrsi = false;
    bool macd_of_price = false;
    bool trails = false;
    bool takes_parts = false;
  };
  struct Slots {
    std::uint16_t high = 0;
    std::uint16_t low = 0;
    std::uint16_t fast = 0;
    std::uint16_t slow = 0;
    std::uint16_t hv_z = 0;  ///< these only where their filter is on
    std::uint16_t rsi = 0;
    std::uint16_t macd_histogram = 0;
    std::uint16_t stochrsi_k = 0;  ///< 0..100
  };

  EmaAtr(const StrategyContext& context, const BarSettings& bar_settings, std::vector<Trade> trades, const Settings& settings,
         std::vector<Slots> slots);
  [[nodiscard]] std::string_view kind() const noexcept override { return "ema_atr"; }
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] Errc load(ArchiveReader& archive) override;

 private:
  static constexpr std::int64_t kUnknown = 2;  ///< a relation nobody knows

  /// What its last entry on one side planned.
  struct Entry {
    Price atr{};
    Price stop = kNoPrice;
  };
  struct State {
    std::int64_t relation = kUnknown;  ///< of fast to slow at the last closed bar: -1 below, 0 equal, 1 above
    std::int64_t cross = 0;            ///< at that bar: 1 upward, -1 downward
    std::int64_t bars_since_cross = 0;
    std::int64_t turn = 0;            ///< side of a cross that came against our position; 0 = none, or spent
    std::int64_t side = 0;            ///< of our position: 1 long, -1 short
    std::int64_t first_bar_over = 0;  ///< 1 once the bar in which it began has closed
    std::array<Entry, 2> planned{};   ///< long, short
    TrailingState trailing;
    PartialState partial;
  };

  void on_bar(std::size_t index, const IndicatorFrame& frame, bool warm) noexcept override;
  void consider_entry(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept override;
  void manage(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept override;
  void on_opened(std::size_t index, const PositionView& view) noexcept override;
  void on_closed(std::size_t index) noexcept override;

  void follow_extreme(std::size_t index, const IndicatorFrame& frame) noexcept;
  void follow_cross(std::size_t index, const IndicatorFrame& frame) noexcept;
  [[nodiscard]] double macd_limit(double close) const noexcept { return settings_.macd_hist_min * (settings_.macd_of_price ? close : 1.0); }
  [[nodiscard]] bool passes_filters(std::size_t index, const IndicatorFrame& frame, bool buy) const noexcept;
  [[nodiscard]] double score(std::size_t index, const IndicatorFrame& frame, bool buy) const noexcept;
  [[nodiscard]] bool trail(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept;
  void take_part(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept;

  Settings settings_;
  std::vector<Slots> slots_;
  std::vector<State> states_;
};

}  // namespace martinet
