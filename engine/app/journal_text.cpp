#include "engine/app/journal_text.hpp"

#include <fmt/format.h>

#include <array>

#include "adapters/capture/capture_format.hpp"
#include "adapters/capture/capture_inspect.hpp"
#include "engine/base/decimal.hpp"
#include "engine/cold/position/alert.hpp"
#include "engine/cold/telemetry/json_text.hpp"
#include "engine/messages/execution.hpp"
#include "engine/messages/gate_decision.hpp"
#include "engine/messages/position_view.hpp"
#include "engine/messages/venue_event.hpp"

namespace martinet {
namespace {

using journal::RecordType;

/// Prices and quantities need the instruments, which stand at the beginning of every segment.
class Words {
 public:
  void take_part(const JournalRecord& record) {
    const auto bytes = record.payload.subspan(std::min(record.payload.size(), sizeof(journal::PartHead)));
    table_bytes_.insert(table_bytes_.end(), bytes.begin(), bytes.end());
    if (Result<CaptureHeader> header = capture::decode_header(table_bytes_, "the instrument table")) table_ = std::move(header->instruments);
  }
  [[nodiscard]] std::string symbol(InstrumentId id) const { return id < table_.size() ? std::string(table_[id].symbol.view()) : fmt::format("#{}", id); }
  [[nodiscard]] std::string price(InstrumentId id, Price price) const {
    if (!has_price(price)) return "-";
    return id < table_.size() ? to_text(price.v, table_[id].price_decimals) : fmt::format("{}", price.v);
  }
  [[nodiscard]] std::string qty(InstrumentId id, Qty qty) const { return id < table_.size() ? to_text(qty.v, table_[id].qty_decimals) : fmt::format("{}", qty.v); }

 private:
  std::vector<std::byte> table_bytes_;
  InstrumentTable table_;
};

std::string key_text(const OrderKey& key) { return fmt::format("{}{}.{}", name_of(key.leg), key.intent_id, key.attempt); }

std::string describe(const JournalRecord& record, const Words& words) {
  switch (record.type()) {
    case RecordType::decision:
      if (GateDecision d; record.as(d)) {
        return fmt::format("{} intent {} {} reference {} stop {} target {}", words.symbol(d.intent.instrument), d.intent.intent_id, name_of(d.verdict),
                           words.price(d.intent.instrument, d.intent.reference_price), words.price(d.intent.instrument, d.intent.stop_price),
                           words.price(d.intent.instrument, d.intent.target_price));
      }
      break;
    case RecordType::sent:
      if (OrderRequest r; record.as(r)) {
        if (r.action == OrderAction::cancel) return fmt::format("{} cancel {}", words.symbol(r.instrument), key_text(r.key));
        return fmt::format("{} place {} {} {} {} trigger {} price {}{}", words.symbol(r.instrument), key_text(r.key), name_of(r.type), name_of(r.side),
                           words.qty(r.instrument, r.qty), words.price(r.instrument, r.trigger_price), words.price(r.instrument, r.price),
                           r.reduce_only != 0 ? " reduce-only" : "");
      }
      break;
    case RecordType::venue_event:
      if (VenueEvent e; record.as(e)) {
        std::string text = fmt::format("{} {} {}", words.symbol(e.instrument), key_text(e.key), name_of(e.kind));
        if (e.kind == VenueEventKind::filled) {
          text += fmt::format(" {} at {} fee {} leaves {}", words.qty(e.instrument, e.fill_qty), words.price(e.instrument, e.fill_price), to_text(e.fee),
                              words.qty(e.instrument, e.leaves_qty));
        }
        return e.reason == Errc::ok ? text : text + fmt::format(" ({})", name_of(e.reason));
      }
      break;
    case RecordType::execution:
      if (Execution e; record.as(e)) {
        return fmt::format("{} {} {} {} at {} pnl {} balance {}", words.symbol(e.instrument), name_of(e.event), name_of(e.side), words.qty(e.instrument, e.qty),
                           words.price(e.instrument, e.price), to_text(e.pnl_net), to_text(e.balance));
      }
      break;
    case RecordType::position:
      if (PositionView v; record.as(v)) {
        return fmt::format("{} qty {} entry {} version {}", words.symbol(v.instrument), words.qty(v.instrument, v.qty), words.price(v.instrument, v.entry_price), v.version);
      }
      break;
    case RecordType::equity:
      if (journal::EquityRecord e; record.as(e)) return fmt::format("equity {} balance {}", to_text(Money{e.equity}), to_text(Money{e.balance}));
      break;
    case RecordType::alert:
      if (journal::AlertRecord a; record.as(a)) {
        return fmt::format("{} {}", words.symbol(static_cast<InstrumentId>(a.instrument)), a.code < static_cast<std::uint32_t>(AlertCode::count_) ? name_of(static_cast<AlertCode>(a.code)) : "unknown");
      }
      break;
    default: break;
  }
  return fmt::format("{} bytes", record.payload.size());
}

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
  Words words;
  JournalRecord record;
  for (std::uint64_t i = 0; i < count && reader->next(record); ++i) {
    if (record.type() == RecordType::instruments) words.take_part(record);
    if (form == RecordForm::text) {
      out(fmt::format("{:>8} {} {:<13} {}", record.head.sequence, capture::utc_text(record.head.t_wall_ns), name_of(record.type()), describe(record, words)));
      continue;
    }
    JsonText json;
    json.begin_object().key("sequence").count(record.head.sequence).key("offset").count(record.offset).key("type").text(name_of(record.type()));
    json.key("version").count(record.head.version).key("t_mono_ns").integer(record.head.t_mono_ns).key("t_wall_ns").integer(record.head.t_wall_ns);
    json.key("size").count(record.payload.size()).key("text").text(describe(record, words)).end_object();
    out(json.str());
  }
  return reader->status();
}

}  // namespace martinet
