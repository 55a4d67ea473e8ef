#include "adapters/capture/capture_format.hpp"

#include <cstring>
#include <string>
#include <utility>

#include "engine/base/crc.hpp"

namespace martinet::capture {
namespace {

// Fields one after the other, without padding; texts with a 16-bit length or in the fixed width of their struct.
class Put {
 public:
  template <class T>
  void number(T value) {
    static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
    bytes({reinterpret_cast<const std::byte*>(&value), sizeof value});
  }
  template <std::size_t N>
  void fixed(const Text<N>& text) {
    bytes(std::as_bytes(std::span(text.bytes)));
  }
  void counted(std::string_view text) {
    number(static_cast<std::uint16_t>(text.size()));
    bytes(std::as_bytes(std::span(text)));
  }
  std::vector<std::byte> take() { return std::move(out_); }

 private:
  void bytes(std::span<const std::byte> more) { out_.insert(out_.end(), more.begin(), more.end()); }
  std::vector<std::byte> out_;
};

class Get {
 public:
  explicit Get(std::span<const std::byte> bytes) noexcept : left_(bytes) {}
  template <class T>
  bool number(T& value) noexcept {
    if (left_.size() < sizeof value) return false;
    std::memcpy(&value, left_.data(), sizeof value);
    left_ = left_.subspan(sizeof value);
    return true;
  }
  /// An enum whose last value is `last`.
  template <class E>
  bool choice(E& value, E last) noexcept {
    std::underlying_type_t<E> raw{};
    if (!number(raw) || raw > static_cast<std::underlying_type_t<E>>(last)) return false;
    value = static_cast<E>(raw);
    return true;
  }
  /// Zero-padded text: nothing but zeros after the first zero, so that a text has one form.
  template <std::size_t N>
  bool fixed(Text<N>& text) noexcept {
    if (left_.size() < N) return false;
    std::memcpy(text.bytes.data(), left_.data(), N);
    left_ = left_.subspan(N);
    for (std::size_t i = text.view().size(); i < N; ++i) {
      if (text.bytes[i] != '\0') return false;
    }
    return true;
  }
  bool counted(std::string& text, std::size_t bytes_max) {
    std::uint16_t size = 0;
    if (!number(size) || size > bytes_max || left_.size() < size) return false;
    text.assign(reinterpret_cast<const char*>(left_.data()), size);
    left_ = left_.subspan(size);
    return true;
  }
  [[nodiscard]] bool done() const noexcept { return left_.empty(); }

 private:
  std::span<const std::byte> left_;
};

void put_rules(Put& put, const InstrumentRules& rules) {
  put.number(rules.version);
  put.number(rules.status);
  put.number(rules.tick_size.v);
  put.number(rules.lot_size.v);
  put.number(rules.qty_min.v);
  put.number(rules.qty_max.v);
  put.number(rules.notional_min.v);
}

bool get_rules(Get& get, InstrumentRules& rules) noexcept {
  return get.number(rules.version) && get.choice(rules.status, TradingStatus::halted) && get.number(rules.tick_size.v) &&
         get.number(rules.lot_size.v) && get.number(rules.qty_min.v) && get.number(rules.qty_max.v) && get.number(rules.notional_min.v);
}

void put_instrument(Put& put, const Instrument& row) {
  put.fixed(row.symbol);
  put.fixed(row.base);
  put.fixed(row.quote);
  put.fixed(row.settle);
  put.number(row.venue);
  put.number(row.market);
  put.number(row.kind);
  put.number(row.price_decimals);
  put.number(row.qty_decimals);
  put.number(row.rules_assumed);
  put.number(row.value_num);
  put.number(row.value_den);
  put_rules(put, row.rules);
}

bool get_instrument(Get& get, Instrument& row) noexcept {
  return get.fixed(row.symbol) && get.fixed(row.base) && get.fixed(row.quote) && get.fixed(row.settle) &&
         get.choice(row.venue, Venue::file) && get.choice(row.market, Market::cfd) && get.choice(row.kind, ContractKind::cfd) &&
         get.number(row.price_decimals) && row.price_decimals <= 18 && get.number(row.qty_decimals) && row.qty_decimals <= 18 &&
         get.number(row.rules_assumed) && row.rules_assumed <= 1 && get.number(row.value_num) && get.number(row.value_den) &&
         get_rules(get, row.rules);
}

void put_stream(Put& put, const StreamInfo& stream) {
  put.number(stream.venue);
  put.number(stream.market);
  put.number(stream.kind);
  put.number(stream.default_instrument);
  put.counted(stream.name);
}

bool get_stream(Get& get, StreamInfo& stream, std::size_t instrument_count) {
  return get.choice(stream.venue, Venue::file) && get.choice(stream.market, Market::cfd) && get.choice(stream.kind, StreamKind::parsed) &&
         get.number(stream.default_instrument) &&
         (stream.default_instrument == kNoInstrument || stream.default_instrument < instrument_count) &&
         get.counted(stream.name, kNameBytesMax);
}

bool get_body(Get& get, CaptureHeader& header) {
  if (!get.counted(header.note, kNoteBytesMax)) return false;
  std::uint16_t instrument_count = 0;
  if (!get.number(instrument_count) || instrument_count > capacity::instruments_max) return false;
  for (std::size_t i = 0; i < instrument_count; ++i) {
    Instrument row;
    if (!get_instrument(get, row)) return false;
    // A symbol that is there twice gets its first id again: such a table was not written by us.
    const Result<InstrumentId> id = header.instruments.add(row);
    if (!id.ok() || *id != i) return false;
  }
  std::uint16_t stream_count = 0;
  if (!get.number(stream_count) || stream_count > capacity::streams_max) return false;
  for (std::size_t i = 0; i < stream_count; ++i) {
    if (!get_stream(get, header.streams.emplace_back(), instrument_count)) return false;
  }
  return get.done();
}

bool kind_known(std::uint16_t kind) noexcept { return kind >= 1 && kind < kRecordKindCount; }

// Reads the two bytes of an instrument id out of a tick or candle.
bool instrument_known(std::span<const std::byte> payload, std::size_t at, std::size_t instrument_count) noexcept {
  InstrumentId id = kNoInstrument;
  std::memcpy(&id, payload.data() + at, sizeof id);
  return id < instrument_count;
}

const char* check_payload(const RecordHead& head, std::span<const std::byte> payload, const RecordLimits& limits) noexcept {
  switch (static_cast<RecordKind>(head.kind)) {
    case RecordKind::tick: {
      if (head.size != sizeof(Tick)) return "a tick record has the wrong size";
      if (!instrument_known(payload, offsetof(Tick, instrument), limits.instrument_count)) return "a tick has an unknown instrument";
      if (std::to_integer<unsigned>(payload[offsetof(Tick, kind)]) > static_cast<unsigned>(TickKind::mark))
        return "a tick has an unknown kind";
      if (std::to_integer<unsigned>(payload[offsetof(Tick, side)]) > static_cast<unsigned>(Side::sell)) return "a tick has an unknown side";
      return nullptr;
    }
    case RecordKind::candle:
      if (head.size != sizeof(Candle)) return "a candle record has the wrong size";
      return instrument_known(payload, offsetof(Candle, instrument), limits.instrument_count) ? nullptr
                                                                                              : "a candle has an unknown instrument";
    case RecordKind::raw_frame:
    case RecordKind::note:
      return head.size <= capacity::frame_bytes_max ? nullptr : "a frame is larger than the format allows";
  }
  return "a record has an unknown kind";
}

}  // namespace

std::string_view name_of(StreamKind kind) noexcept {
  constexpr std::array<std::string_view, kStreamKindCount> kNames = {"public_ws", "rest_depth", "parsed"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view name_of(RecordKind kind) noexcept {
  constexpr std::array<std::string_view, kRecordKindCount> kNames = {"none", "raw_frame", "tick", "candle", "note"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::uint32_t crc_of(const FilePrologue& prologue) noexcept {
  return crc32c(std::as_bytes(std::span(&prologue, 1)).first(offsetof(FilePrologue, crc)));
}

std::uint32_t crc_of(const BlockHead& head) noexcept { return crc32c(std::as_bytes(std::span(&head, 1)).first(offsetof(BlockHead, crc))); }

Result<std::vector<std::byte>> encode_header(const CaptureHeader& header) {
  if (header.note.size() > kNoteBytesMax) {
    return Error{Errc::too_many_instruments, "the capture's note is longer than " + std::to_string(kNoteBytesMax) + " bytes; shorten it"};
  }
  if (header.streams.size() > capacity::streams_max) {
    return Error{Errc::too_many_instruments,
                 "a capture holds at most " + std::to_string(capacity::streams_max) + " streams; leave some out"};
  }
  Put put;
  put.counted(header.note);
  put.number(static_cast<std::uint16_t>(header.instruments.size()));
  for (const Instrument& row : header.instruments) put_instrument(put, row);
  put.number(static_cast<std::uint16_t>(header.streams.size()));
  for (const StreamInfo& stream : header.streams) {
    if (stream.name.size() > kNameBytesMax) {
      return Error{Errc::too_many_instruments, "a stream's name is longer than " + std::to_string(kNameBytesMax) + " bytes; shorten it"};
    }
    if (stream.default_instrument != kNoInstrument && stream.default_instrument >= header.instruments.size()) {
      return Error{Errc::unknown_symbol, "the default instrument of stream '" + stream.name + "' is not in the capture's instrument table"};
    }
    put_stream(put, stream);
  }
  return put.take();
}

Result<CaptureHeader> decode_header(std::span<const std::byte> body, std::string_view where) {
  CaptureHeader header;
  Get get(body);
  if (!get_body(get, header)) {
    return Error{Errc::corrupted, std::string(where) + ": the header holds a value outside its range; make the capture again"};
  }
  return header;
}

const char* check_records(std::span<const std::byte> records, const BlockHead& head, const RecordLimits& limits, std::int64_t ts_before,
                          CaptureTotals& totals, std::size_t& offset) noexcept {
  std::int64_t ts = ts_before;
  std::uint64_t count = 0;
  for (offset = 0; offset < records.size(); ++count) {
    RecordHead record;
    if (records.size() - offset < sizeof record) return "a record's head does not fit its block";
    std::memcpy(&record, records.data() + offset, sizeof record);
    if (!kind_known(record.kind)) return "a record has an unknown kind";
    if (record.stream >= limits.stream_count) return "a record has an unknown stream";
    if (padded(record.size) > records.size() - offset - sizeof record) return "a record is longer than its block";
    if (const char* wrong = check_payload(record, records.subspan(offset + sizeof record, record.size), limits)) return wrong;
    if (record.ts_receive_ns < ts) return "receive times go back";
    if (count == 0 && record.ts_receive_ns != head.ts_first_ns) return "the first stamp is not the one its block names";
    ts = record.ts_receive_ns;
    ++totals.by_kind[record.kind];
    totals.payload_bytes += record.size;
    offset += sizeof record + padded(record.size);
  }
  if (count != head.record_count || count == 0) return "the number of records is not the one the block names";
  if (ts != head.ts_last_ns) return "the last stamp is not the one its block names";
  totals.records += count;
  return nullptr;
}

}  // namespace martinet::capture
