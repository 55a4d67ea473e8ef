#pragma once
// What is computed for each instrument: the requests of all strategies, each value once, each with its slot. Made cold before
// the stage; the stage is built from it and never changes.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/capacity.hpp"
#include "engine/base/result.hpp"
#include "engine/messages/indicator_request.hpp"

namespace martinet {

inline constexpr std::int32_t kPeriodMax = 100'000;                         ///< bars; bounds the memory of one indicator
inline constexpr std::int64_t kTimeframeMin_ns = 1'000'000'000;             ///< 1 s; a timeframe is a multiple of it
inline constexpr std::int64_t kTimeframeMax_ns = 366 * 86'400'000'000'000;  ///< a year: bounds the end of a bar
inline constexpr std::uint8_t kNoTimeframe = 0xFF;
inline constexpr std::uint16_t kNoSlot = 0xFFFF;
inline constexpr std::size_t kOutputsMax = 5;  ///< outputs of one indicator object (bar fields, Bollinger)

/// The class that computes a kind; several kinds may be outputs of one object.
enum class IndicatorFamily : std::uint8_t {
  last_bar,
  sma,
  ema,
  rsi,
  atr,
  stddev,
  adx,
  macd,
  bollinger,
  vwap_session,
  vwap_rolling,
  volume_sma,
  stoch_rsi,
  obv,
  mfi,
  cci,
  williams_r,
  roc,
  historical_volatility,
  returns,
  volume_price_ratio,
  volume_z,
  correlation,
  natr_rank
};

/// One object of the stage: a family with its parameters on one timeframe, and the slot of each of its outputs.
struct IndicatorNodePlan {
  IndicatorRequest request;  ///< normalised; `kind` is that of the first request
  IndicatorFamily family = IndicatorFamily::last_bar;
  std::array<std::uint16_t, kOutputsMax> slot{};  ///< kNoSlot where nobody asked
};

struct InstrumentPlan {
  std::vector<std::int64_t> timeframes;  ///< index = bit in closed_mask; in order of first request
  std::vector<IndicatorNodePlan> nodes;
  std::vector<IndicatorRequest> slots;  ///< what stands in each slot
  bool want_ticks = false;
};

class IndicatorPlan {
 public:
  explicit IndicatorPlan(std::size_t instrument_count) : instruments_(instrument_count) {}

  /// Slot of the value in the frames of `request.instrument`. The same request (parameters that its kind does not use are
  /// ignored) gets the same slot. A correlation makes bars of `other` too.
  /// fails config_out_of_bounds (timeframe, period, factor, instrument), config_contradiction (MACD fast >= slow),
  ///       no_capacity (capacity::frame_slots_max, capacity::timeframes_max); the sentence names the request
  [[nodiscard]] Result<std::uint16_t> slot(const IndicatorRequest& request);

  /// What slot() checks of a request by itself, for a table of `instrument_count` rows.
  /// fails as slot(), but never no_capacity
  [[nodiscard]] static Status check(const IndicatorRequest& request, std::size_t instrument_count);

  /// A strategy asks for a frame on every tick of this instrument.
  /// fails config_out_of_bounds: no such instrument
  [[nodiscard]] Status want_ticks(InstrumentId instrument);

  /// Bit of the timeframe in IndicatorFrame.closed_mask of this instrument; kNoTimeframe where nothing was asked on it.
  [[nodiscard]] std::uint8_t timeframe_bit(InstrumentId instrument, std::int64_t timeframe_ns) const noexcept;

  /// Closed bars until the value is there: the first value comes with bar number warmup_bars (1 = the very first). A VWAP also
  /// waits for volume. 0 if the request is not valid.
  [[nodiscard]] static int warmup_bars(const IndicatorRequest& request) noexcept;

  /// The longest of the instrument's requests on the timeframe: the history to load before trading. 0 where there are none.
  [[nodiscard]] int warmup_bars(InstrumentId instrument, std::int64_t timeframe_ns) const noexcept;

  [[nodiscard]] std::size_t instrument_count() const noexcept { return instruments_.size(); }
  [[nodiscard]] const InstrumentPlan& of(InstrumentId instrument) const noexcept { return instruments_[instrument]; }

 private:
  Status add_timeframe(InstrumentId instrument, const IndicatorRequest& request);
  std::vector<InstrumentPlan> instruments_;
};

/// What a kind is told besides its timeframe.
struct IndicatorInputs {
  std::size_t period_count = 0;
  bool factor = false;  ///< Bollinger: deviations
  bool other = false;   ///< correlation: a second instrument
};
[[nodiscard]] IndicatorInputs inputs_of(IndicatorKind kind) noexcept;

/// "bb_upper(20, 2) on 1m"; for errors, reports and tests.
[[nodiscard]] std::string describe(const IndicatorRequest& request);
[[nodiscard]] std::string_view indicator_name(IndicatorKind kind) noexcept;  ///< as the enumerator is spelled
/// "1m", "4h", "90s": the shortest of d, h, m, s that is exact.
[[nodiscard]] std::string timeframe_name(std::int64_t timeframe_ns);

}  // namespace martinet
