#pragma once
// What the strategies that decide on closed bars share: silence until everything they use has a value, cooldown and holding time, the
// market regime, and the making of intents. A strategy of its own says when to enter (consider_entry) and what to do with its position
// (manage); both are called on closed bars of its timeframe only.
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/hot/signal/registry.hpp"
#include "engine/hot/signal/strategy.hpp"

namespace martinet {

/// Where a frame holds what every bar strategy uses.
struct BarSlots {
  std::uint16_t close = 0;
  std::uint16_t atr = 0;
  std::uint16_t adx = 0;
  std::uint16_t plus_di = 0;
  std::uint16_t minus_di = 0;
  std::uint16_t natr_rank = 0;
  std::uint8_t bar_mask = 0;               ///< bit of its timeframe in closed_mask
  std::array<std::uint64_t, 2> needed{};   ///< slots without which it is silent
};

/// Thresholds of the market regime.
struct RegimeSettings {
  double trend_adx = 25;         ///< from here on a trend, whose side the directional indicators tell
  double high_volatility = 80;   ///< no trend, and the NATR's rank at or above it
  double low_volatility = 20;    ///< no trend, and the NATR's rank at or below it; otherwise ranging
};

/// unknown where one of its slots has no value.
[[nodiscard]] MarketRegime regime_of(const IndicatorFrame& frame, const BarSlots& slots, const RegimeSettings& settings) noexcept;

/// Settings that every bar strategy has; see with_common().
struct BarSettings {
  RegimeSettings regime;
  std::int64_t cooldown_bars = 0;     ///< no entry for so many bars after a position; 0 = off
  std::int64_t max_holding_bars = 0;  ///< out after so many bars; 0 = no limit
  bool allow_long = true;
  bool allow_short = false;
};

/// An entry as a strategy thinks of it, in price units of the indicators.
struct EntryIdea {
  bool buy = true;
  double stop_distance = 0;    ///< > 0
  double target_distance = 0;  ///< 0 = no target
  double score = 0;            ///< held to 0..1
};

class BarStrategy : public Strategy {
 public:
  /// One of its instruments.
  struct Trade {
    InstrumentRules rules;
    int price_decimals = 0;
    BarSlots slots;
  };

  BarStrategy(const StrategyContext& context, const BarSettings& settings, std::vector<Trade> trades);

  void on_frame(const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept final;
  void on_position(const PositionView& view) noexcept final;
  /// A strategy with more state saves this first, then its own.
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] Errc load(ArchiveReader& archive) override;

 protected:
  /// Flat, warm and not cooling down. `index`: of the instrument among the strategy's own.
  virtual void consider_entry(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept = 0;
  /// Warm, and a position of its own is open. An intent to exit made here goes before the one of max_holding_bars (which needs no warmth).
  virtual void manage(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept = 0;
  /// Every closed bar of its timeframe before anything else, whoever holds the instrument; warm: everything it uses has a value.
  virtual void on_bar(std::size_t /*index*/, const IndicatorFrame& /*frame*/, bool /*warm*/) noexcept {}
  /// A position of its own has begun (first view with a quantity), or has ended.
  virtual void on_opened(std::size_t /*index*/, const PositionView& /*view*/) noexcept {}
  virtual void on_closed(std::size_t /*index*/) noexcept {}

  /// Adds an entry at the close of the bar, stop and target on ticks, regime and counters filled in.
  /// out   the intent, to be completed; nullptr where no valid prices come of it (counted as unpriceable): nothing was added
  OrderIntent* enter(std::size_t index, const IndicatorFrame& frame, const EntryIdea& idea, IntentList& out) noexcept;
  void exit(std::size_t index, const IndicatorFrame& frame, ExitReason reason, IntentList& out) noexcept;
  /// Adds an intent with reference price (the bar's close), ATR and regime. Where the close does not fit the grid: of an entry nullptr,
  /// of anything else an intent at the last price, because nothing may keep it in a position.
  OrderIntent* add(std::size_t index, const IndicatorFrame& frame, IntentAction action, IntentList& out) noexcept;

  [[nodiscard]] const Trade& trade(std::size_t index) const noexcept { return trades_[index]; }
  [[nodiscard]] double close(std::size_t index, const IndicatorFrame& frame) const noexcept { return frame.slots[trades_[index].slots.close]; }
  [[nodiscard]] double atr(std::size_t index, const IndicatorFrame& frame) const noexcept { return frame.slots[trades_[index].slots.atr]; }
  [[nodiscard]] const BarSettings& settings() const noexcept { return settings_; }
  /// Its position is as old as max_holding_bars allows: where manage() makes no exit, this bar's is by time.
  [[nodiscard]] bool expired(std::size_t index) const noexcept {
    return settings_.max_holding_bars > 0 && paces_[index].bars_held >= settings_.max_holding_bars;
  }

 private:
  struct Pace {
    std::int64_t cooldown_left = 0;  ///< closed bars still to wait
    std::int64_t bars_held = 0;      ///< closed bars since the position began
    std::uint64_t holding = 0;       ///< 1 while a position of ours has a quantity
  };

  BarSettings settings_;
  std::vector<Trade> trades_;
  std::vector<Pace> paces_;
};

inline constexpr std::array<std::string_view, 3> kDirections = {"long", "short", "both"};

/// The parameters of every bar strategy, before its own.
/// in    timeframe: its default; cooldown_bars, max_holding_bars: theirs
[[nodiscard]] consteval std::array<ParameterSpec, 11> common_parameters(std::string_view timeframe, std::int64_t cooldown_bars,
                                                                        std::int64_t max_holding_bars) {
  using Type = ParameterType;
  constexpr std::string_view kLong = "long";
  return {{
      {"timeframe", Type::timeframe, "", timeframe, 0, 0, {}, "the bars it decides on"},
      {"direction", Type::choice, "", kLong, 0, 0, kDirections, "which entries it makes; spot instruments allow long only"},
      {"atr_period", Type::integer, "bars", std::int64_t{14}, 1, 1000, {}, "length of the ATR"},
      {"cooldown_bars", Type::integer, "bars", cooldown_bars, 0, 1'000'000, {}, "no entry so long after a position; 0 = off"},
      {"max_holding_bars", Type::integer, "bars", max_holding_bars, 0, 1'000'000, {}, "out after so many bars; 0 = no limit"},
      {"regime_adx_period", Type::integer, "bars", std::int64_t{14}, 2, 500, {}, "length of the ADX that names the market regime"},
      {"regime_natr_period", Type::integer, "bars", std::int64_t{14}, 1, 1000, {}, "length of the NATR that names it"},
      {"regime_window", Type::integer, "bars", std::int64_t{100}, 10, 1000, {}, "bars among which that NATR is ranked"},
      {"trend_adx", Type::number, "ADX points", 25.0, 1, 99, {}, "an ADX from here on is a trend"},
      {"high_volatility", Type::number, "percent rank", 80.0, 1, 100, {}, "no trend, and a NATR rank from here on is high volatility"},
      {"low_volatility", Type::number, "percent rank", 20.0, 0, 99, {}, "no trend, and a NATR rank up to here is low volatility; between, a range"},
  }};
}

template <std::size_t N>
[[nodiscard]] consteval auto with_common(std::string_view timeframe, std::int64_t cooldown_bars, std::int64_t max_holding_bars,
                                         const std::array<ParameterSpec, N>& own) {
  const auto common = common_parameters(timeframe, cooldown_bars, max_holding_bars);
  std::array<ParameterSpec, common.size() + N> all{};
  for (std::size_t i = 0; i < common.size(); ++i) all[i] = common[i];
  for (std::size_t i = 0; i < N; ++i) all[common.size() + i] = own[i];
  return all;
}

/// "strategy[0].oversold must be below overbought" as config_contradiction; `holds` false is the error.
[[nodiscard]] Status must_hold(bool holds, std::string_view owner, std::string_view field, std::string_view what);

/// Contradictions among the common parameters.
[[nodiscard]] Status check_common(std::string_view owner, const ParameterReader& read);
[[nodiscard]] BarSettings bar_settings_of(const ParameterReader& read);

struct IndicatorParameters {
  std::array<std::int64_t, 3> period{};
  double factor = 0;
  std::int64_t timeframe_ns = 0;         ///< 0 = the strategy's own
  InstrumentId other = kNoInstrument;    ///< correlation: the second instrument
};

/// Asks for the slots of one instrument, keeping the first failure.
class SlotRequests {
 public:
  SlotRequests(const StrategyContext& context, InstrumentId instrument, std::int64_t timeframe_ns)
      : context_(context), instrument_(instrument), timeframe_ns_(timeframe_ns) {}

  /// A slot that the strategy needs: without its value it is silent.
  void want(std::uint16_t& slot, IndicatorKind kind, const IndicatorParameters& parameters = {});
  /// A slot that may be without a value: the strategy looks at its warmth itself.
  void want_if_warm(std::uint16_t& slot, IndicatorKind kind, const IndicatorParameters& parameters = {});
  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] const std::array<std::uint64_t, 2>& needed() const { return needed_; }

 private:
  const StrategyContext& context_;
  InstrumentId instrument_;
  std::int64_t timeframe_ns_;
  std::array<std::uint64_t, 2> needed_{};
  Status status_;
};

/// One Trade per instrument of the context: the common slots, and what `ask_more(index, requests)` asks for.
/// fails config_contradiction (shorting on a spot instrument), and whatever a resolver fails with
[[nodiscard]] Result<std::vector<BarStrategy::Trade>> bar_trades(const StrategyContext& context, const ParameterReader& read,
                                                                 const std::function<void(std::size_t, SlotRequests&)>& ask_more);

}  // namespace martinet
