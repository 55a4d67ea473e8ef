#include "engine/app/journal_text.hpp"

#include <fmt/format.h>

#include <array>

#include "adapters/capture/capture_format.hpp"
#include "adapters/capture/capture_inspect.hpp"
#include "engine/app/record_words.hpp"
#include "engine/cold/telemetry/json_text.hpp"

namespace martinet {
namespace {

using journal::RecordType;

/// Prices and quantities need the instruments, which stand at the beginning of every segment.
class TableParts {
 public:
  void take(const JournalRecord& record) {
    const auto bytes = record.payload.subspan(std::min(record.payload.size(), sizeof(journal::PartHead)));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    if (Result<CaptureHeader> header = capture::decode_header(bytes_, "the instrument table")) table_ = std::move(header->instruments);
  }
  [[nodiscard]] const InstrumentTable& table() const noexcept { return table_; }

 private:
  std::vector<std::byte> bytes_;
  InstrumentTable table_;
};

template <std::size_t N>
std::string text_of(const std::array<char, N>& text) {
  std::size_t n = 0;
  while (n < N && text[n] != '\0') ++n;
  return {text.data(), n};
}

}  // namespace

Result<JournalSummary> summarise_journal(const std::filesystem::path& file) {
  Result<JournalReader> reader = JournalReader::open(file);
  if (!reader) return reader.error();
  JournalSummary summary;
  summary.file = file.string();
  summary.header = reader->header();
  std::array<std::uint64_t, 64> counts{};
  JournalRecord record;
  while (reader->next(record)) {
    if (summary.records++ == 0) summary.ts_first_ns = record.head.t_wall_ns;
    summary.ts_last_ns = record.head.t_wall_ns;
    summary.last_sequence = record.head.sequence;
    ++counts[std::min<std::size_t>(record.head.type, counts.size() - 1)];
    summary.is_complete = record.type() == RecordType::segment_end;
  }
  if (!reader->status()) return reader->status().error();
  summary.bytes = reader->offset();
  summary.end = reader->end();
  for (std::size_t type = 0; type < counts.size(); ++type) {
    if (counts[type] != 0) summary.by_type.emplace_back(name_of(static_cast<RecordType>(type)), counts[type]);
  }
  return summary;
}

std::string journal_text(const JournalSummary& summary) {
  std::string out = fmt::format("{}: journal segment {}, epoch {}, account {}\n  build    {}\n  records  {} (to sequence {}), {} bytes\n", summary.file,
                                summary.header.segment, summary.header.epoch, text_of(summary.header.account), text_of(summary.header.build_id), summary.records,
                                summary.last_sequence, summary.bytes);
  if (summary.records > 0) out += fmt::format("  span     {} to {}\n", capture::utc_text(summary.ts_first_ns), capture::utc_text(summary.ts_last_ns));
  out += fmt::format("  end      {}\n", summary.end == JournalEnd::torn ? "torn: the last records were cut by a crash; all above are whole"
                                         : summary.is_complete           ? "complete"
                                                                         : "clean, another segment follows or the session was stopped");
  for (const auto& [name, count] : summary.by_type) out += fmt::format("  {:<14} {:>12}\n", name, count);
  return out;
}

std::string journal_json(const JournalSummary& summary) {
  std::string types;
  for (const auto& [name, count] : summary.by_type) types += fmt::format("{}\"{}\":{}", types.empty() ? "" : ",", name, count);
  return fmt::format("{{\"kind\":\"journal\",\"segment\":{},\"epoch\":{},\"records\":{},\"first_sequence\":{},\"last_sequence\":{},\"bytes\":{},\"ts_first_ns\":{},"
                     "\"ts_last_ns\":{},\"torn\":{},\"complete\":{},\"by_type\":{{{}}}}}",
                     summary.header.segment, summary.header.epoch, summary.records, summary.header.first_sequence, summary.last_sequence, summary.bytes,
                     summary.ts_first_ns, summary.ts_last_ns, summary.end == JournalEnd::torn, summary.is_complete, types);
}

Status list_journal(const std::filesystem::path& file, std::uint64_t count, const std::function<void(const std::string&)>& out, RecordForm form) {
  Result<JournalReader> reader = JournalReader::open(file);
  if (!reader) return reader.error();
  TableParts parts;
  const std::vector<std::string> no_names;
  const RecordWords words(parts.table(), no_names, reader->header().epoch);
  JournalRecord record;
  for (std::uint64_t i = 0; i < count && reader->next(record); ++i) {
    if (record.type() == RecordType::instruments) parts.take(record);
    if (form == RecordForm::text) {
      out(fmt::format("{:>8} {} {:<13} {}", record.head.sequence, capture::utc_text(record.head.t_wall_ns), name_of(record.type()), words.line(record.type(), record.payload)));
      continue;
    }
    JsonText json;
    json.begin_object().key("sequence").count(record.head.sequence).key("offset").count(record.offset).key("type").text(name_of(record.type()));
    json.key("version").count(record.head.version).key("t_mono_ns").integer(record.head.t_mono_ns).key("t_wall_ns").integer(record.head.t_wall_ns);
    json.key("size").count(record.payload.size()).key("text").text(words.line(record.type(), record.payload)).end_object();
    out(json.str());
  }
  return reader->status();
}

}  // namespace martinet
