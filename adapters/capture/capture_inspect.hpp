#pragma once
// What is in a capture, for people and scripts: counts by stream, kind and channel, the time span, silences, and a listing of the
// first records. Which channel a frame belongs to is for the venue adapters to say: the caller hands in a function for it.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/capture/capture_types.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace martinet::capture {

/// Names the channel of a raw frame ("trade"); the view need live only until the next call. Without one, frames count as "frame".
using ChannelNamer = std::function<std::string_view(const StreamInfo& stream, std::string_view frame)>;

struct InspectOptions {
  std::int64_t gap_ns_min = 10 * kNanosPerSecond;  ///< silences longer than this are gaps
  std::size_t gaps_max = 20;                       ///< the longest ones are kept, in the order of time
  bool allow_truncated = false;
};

/// No record of any stream between two receive times.
struct CaptureGap {
  std::int64_t ts_from_ns = 0;
  std::int64_t duration_ns = 0;
};

struct StreamSummary {
  StreamInfo info;
  CaptureTotals totals;                                        ///< of this stream; `blocks` is 0
  std::map<std::string, std::uint64_t, std::less<>> channels;  ///< records by channel; ticks as quote, trade, mark; candles as candle
};

struct CaptureSummary {
  std::string path;
  CaptureHeader header;
  CaptureTotals totals;
  std::uint64_t file_bytes = 0;
  bool was_truncated = false;  ///< only with allow_truncated
  std::vector<StreamSummary> streams;
  std::uint64_t gap_count = 0;  ///< all of them
  std::vector<CaptureGap> gaps;
};

/// Reads the whole capture.
/// fails as CaptureReader
Result<CaptureSummary> inspect_capture(const std::filesystem::path& path, const InspectOptions& options = {},
                                       const ChannelNamer& name = {});

/// Several lines for a terminal, each ended by a newline.
[[nodiscard]] std::string summary_text(const CaptureSummary& summary);
/// One JSON object (keys as the fields above; times in ns as numbers).
[[nodiscard]] std::string summary_json(const CaptureSummary& summary);

/// One line about one record: time, stream, kind, then the decoded tick or candle or the frame's text (cut to text_bytes_max, 0 =
/// whole), without a newline; control characters in it become '.'.
[[nodiscard]] std::string record_line(const CaptureHeader& header, const CaptureRecord& record, std::size_t text_bytes_max = 0);

/// record_line for the first `count` records.
/// fails as CaptureReader
Status list_records(const std::filesystem::path& path, std::uint64_t count, std::size_t text_bytes_max,
                    const std::function<void(std::string_view line)>& out);

/// "2024-08-05T00:00:00.000000000Z"
[[nodiscard]] std::string utc_text(std::int64_t ts_ns);

}  // namespace martinet::capture
