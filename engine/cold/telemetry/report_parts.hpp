#pragma once
// The parts of report.html, in the order of the page. Each appends its section to `out`, or nothing where there is nothing to
// say. All text that comes from outside goes through escaped().
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cold/telemetry/axis.hpp"
#include "engine/cold/telemetry/round_trip.hpp"
#include "engine/cold/telemetry/session_summary.hpp"

namespace martinet::report {

/// What the parts share: the pairing of the executions and one time axis under all curves.
struct Page {
  const SessionSummary& summary;
  const SessionDetail& detail;
  std::vector<RoundTrip> trips;
  TimeAxis time;
};

/// Bounds that keep any session's page below three megabytes.
inline constexpr std::size_t kTableRowsMax = 500;
inline constexpr std::size_t kPriceChartsMax = 12;
inline constexpr std::size_t kTripsMarkedMax = 180;  ///< per chart
inline constexpr std::size_t kTripsRoomyMax = 60;    ///< beyond it the marks are drawn smaller
inline constexpr std::size_t kCurveColumns = 500;    ///< at most four points each

/// For text and for attribute values between quotes. Invalid UTF-8 and control characters become U+FFFD.
[[nodiscard]] std::string escaped(std::string_view text);

/// "+" or a real minus sign, thousands separated, two decimals.
[[nodiscard]] std::string signed_money(Money value);
[[nodiscard]] std::string unsigned_money(Money value);  ///< as above without a plus
/// Class of a gain, a loss or neither.
[[nodiscard]] std::string_view tone_of(Money value);

[[nodiscard]] const Instrument& instrument_of(const SessionDetail& detail, InstrumentId id);
[[nodiscard]] std::string strategy_of(const SessionDetail& detail, StrategyId id);

/// Grid lines and labels of a chart of `height_px`; what is drawn inside goes between begin_plot and end_plot.
/// `gutter_ch`: room for the labels at the left, in characters. `attributes`: further attributes of the svg element.
void begin_plot(std::string& out, const std::vector<AxisMark>& rows, const std::vector<AxisMark>& columns, int height_px,
                std::size_t gutter_ch, std::string_view name, std::string_view attributes = {});
void end_plot(std::string& out, const std::vector<AxisMark>& columns);
/// Characters of the longest label, plus a little air.
[[nodiscard]] std::size_t gutter_of(const std::vector<AxisMark>& rows);

void add_style(std::string& out);
void add_script(std::string& out);
void add_header(std::string& out, const Page& page);
void add_warnings(std::string& out, const Page& page);
void add_tiles(std::string& out, const Page& page);
void add_equity(std::string& out, const Page& page);
void add_prices(std::string& out, const Page& page);
void add_trades(std::string& out, const Page& page);
void add_positions(std::string& out, const Page& page);
void add_verdicts(std::string& out, const Page& page);
void add_latency(std::string& out, const Page& page);
void add_counts(std::string& out, const Page& page);
void add_threads(std::string& out, const Page& page);

}  // namespace martinet::report
