#include "adapters/capture/capture_inspect.hpp"

#include <algorithm>
#include <utility>

#include "adapters/capture/capture_reader.hpp"

namespace martinet::capture {
namespace {

std::string_view tick_channel(TickKind kind) noexcept {
  constexpr std::string_view kNames[] = {"quote", "trade", "mark"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view channel_of(const StreamInfo& stream, const CaptureRecord& record, const ChannelNamer& name) {
  switch (record.kind) {
    case RecordKind::raw_frame:
      return name ? name(stream, record.frame()) : "frame";
    case RecordKind::tick:
      return tick_channel(record.tick().kind);
    case RecordKind::candle:
      return "candle";
    case RecordKind::note:
      return "note";
  }
  return "other";
}

void count(CaptureTotals& totals, const CaptureRecord& record) noexcept {
  if (totals.records++ == 0) totals.ts_first_ns = record.ts_receive_ns;
  totals.ts_last_ns = record.ts_receive_ns;
  ++totals.by_kind[static_cast<std::size_t>(record.kind)];
  totals.payload_bytes += record.payload.size();
}

void count_channel(StreamSummary& stream, std::string_view channel) {
  const auto found = stream.channels.find(channel);
  if (found != stream.channels.end()) {
    ++found->second;
  } else {
    stream.channels.emplace(channel, 1);
  }
}

// Keeps the longest gaps_max gaps; on a tie the earlier one.
void note_gap(CaptureSummary& summary, CaptureGap gap, std::size_t gaps_max) {
  ++summary.gap_count;
  summary.gaps.push_back(gap);
  if (summary.gaps.size() <= gaps_max) return;
  const auto shortest = std::min_element(summary.gaps.rbegin(), summary.gaps.rend(),
                                         [](const CaptureGap& a, const CaptureGap& b) { return a.duration_ns < b.duration_ns; });
  summary.gaps.erase(std::next(shortest).base());
}

Status read_all(CaptureReader& reader, const InspectOptions& options, const ChannelNamer& name, CaptureSummary& summary) {
  CaptureRecord record;
  bool first = true;
  std::int64_t ts_before = 0;
  ReadState state = reader.next(record);
  for (; state == ReadState::record; state = reader.next(record)) {
    StreamSummary& stream = summary.streams[record.stream];
    count(stream.totals, record);
    count_channel(stream, channel_of(stream.info, record, name));
    if (const std::int64_t silence = record.ts_receive_ns - ts_before; !std::exchange(first, false) && silence > options.gap_ns_min) {
      note_gap(summary, {ts_before, silence}, options.gaps_max);
    }
    ts_before = record.ts_receive_ns;
  }
  return state == ReadState::failed ? Status{reader.error()} : Status{};
}

}  // namespace

Result<CaptureSummary> inspect_capture(const std::filesystem::path& path, const InspectOptions& options, const ChannelNamer& name) {
  Result<CaptureReader> reader = CaptureReader::open(path, {.allow_truncated = options.allow_truncated});
  if (!reader.ok()) return reader.error();
  CaptureSummary summary;
  summary.path = path.string();
  summary.header = reader->header();
  for (const StreamInfo& info : summary.header.streams) summary.streams.push_back({info, {}, {}});
  if (Status status = read_all(*reader, options, name, summary); !status.ok()) return status.error();
  summary.totals = reader->totals();
  summary.file_bytes = reader->file_bytes();
  summary.was_truncated = reader->was_truncated();
  return summary;
}

Status list_records(const std::filesystem::path& path, std::uint64_t count_max, std::size_t text_bytes_max,
                    const std::function<void(std::string_view line)>& out) {
  Result<CaptureReader> reader = CaptureReader::open(path, {.allow_truncated = true});
  if (!reader.ok()) return reader.error();
  CaptureRecord record;
  for (std::uint64_t i = 0; i < count_max; ++i) {
    const ReadState state = reader->next(record);
    if (state == ReadState::failed) return reader->error();
    if (state == ReadState::end) break;
    out(record_line(reader->header(), record, text_bytes_max));
  }
  return {};
}

}  // namespace martinet::capture
