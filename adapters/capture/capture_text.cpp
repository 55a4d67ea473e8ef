// The words of capture_inspect.hpp: summaries and records as text and JSON.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>

#include "adapters/capture/capture_inspect.hpp"
#include "engine/base/decimal.hpp"

namespace martinet::capture {
namespace {

std::string number(auto value) {
  std::array<char, 24> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

// value with at least `width` digits, zeros in front; value >= 0
std::string zeros(std::int64_t value, std::size_t width) {
  std::string text = number(value);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

std::string padded_right(std::string_view text, std::size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

std::string seconds(std::int64_t ns) {
  const std::int64_t ms = ns / kNanosPerMilli;
  return number(ms / 1000) + "." + zeros(ms % 1000, 3) + " s";
}

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string out(bytes_max == 0 ? text : text.substr(0, bytes_max));
  // Bytes of UTF-8 letters are negative as char: they stay.
  std::replace_if(out.begin(), out.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; }, '.');
  if (out.size() < text.size()) out += "...";
  return out;
}

std::string symbol_of(const CaptureHeader& header, InstrumentId id) {
  return id < header.instruments.size() ? std::string(header.instruments[id].symbol.view()) : std::string("?");
}

std::string price_text(const Instrument& row, Price price) { return has_price(price) ? to_text(price.v, row.price_decimals) : "-"; }

std::string_view side_text(Side side) noexcept { return side == Side::buy ? "buy" : side == Side::sell ? "sell" : "-"; }

std::string tick_text(const CaptureHeader& header, const Tick& tick) {
  const Instrument& row = header.instruments[tick.instrument];
  const auto qty = [&row](Qty q) { return to_text(q.v, row.qty_decimals); };
  std::string out(row.symbol.view());
  if (tick.kind == TickKind::quote) {
    out += " quote bid " + price_text(row, tick.bid_price) + " x " + qty(tick.bid_qty) + " ask " + price_text(row, tick.ask_price) + " x " +
           qty(tick.ask_qty);
  } else if (tick.kind == TickKind::trade) {
    out.append(" trade ").append(side_text(tick.side)).append(" " + price_text(row, tick.price()) + " x " + qty(tick.qty()));
  } else {
    out += " mark " + price_text(row, tick.price());
  }
  return out + " seq " + number(tick.sequence);
}

std::string candle_text(const CaptureHeader& header, const Candle& candle) {
  const Instrument& row = header.instruments[candle.instrument];
  return std::string(row.symbol.view()) + " candle " + number(candle.interval_ns / kNanosPerSecond) + "s of " +
         utc_text(candle.ts_open_ns) + " o " + price_text(row, candle.open) + " h " + price_text(row, candle.high) + " l " +
         price_text(row, candle.low) + " c " + price_text(row, candle.close) + " v " + to_text(candle.volume.v, row.qty_decimals) +
         (candle.closed != 0 ? " closed" : "");
}

std::string instruments_text(const CaptureHeader& header) {
  std::string out;
  for (const Instrument& row : header.instruments) {
    const std::string notional = row.rules.notional_min.v == 0 ? std::string("none") : to_text(row.rules.notional_min);
    out.append("  ").append(number(row.id)).append("  ").append(name_of(row.venue)).append(" ").append(name_of(row.market)).append(" ");
    out.append(row.symbol.view()).append("  tick ").append(to_text(row.rules.tick_size.v, row.price_decimals));
    out.append("  lot ").append(to_text(row.rules.lot_size.v, row.qty_decimals)).append("  min notional ").append(notional);
    out.append(row.rules_assumed != 0 ? "  (rules assumed)\n" : "\n");
  }
  return out;
}

std::string stream_text(std::size_t index, const StreamSummary& stream) {
  std::string out = "  " + number(index) + "  ";
  out.append(name_of(stream.info.venue)).append(" ").append(name_of(stream.info.market)).append(" ").append(name_of(stream.info.kind));
  out += "  " + stream.info.name + "  " + number(stream.totals.records) + " records, " + number(stream.totals.payload_bytes) + " bytes\n";
  for (const auto& [channel, count] : stream.channels) out += "       " + padded_right(channel, 16) + number(count) + "\n";
  return out;
}

// The JSON below is written by hand: this room has no writer library, and the few strings in it go through here.
std::string json_string(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (c >= 0 && c < ' ') {
      out.append("\\u00").append({kHex[static_cast<std::size_t>(c) >> 4], kHex[static_cast<std::size_t>(c) & 15]});
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string key(std::string_view name) { return json_string(name) + ":"; }

std::string totals_json(const CaptureTotals& totals) {
  std::string out = key("records") + number(totals.records) + "," + key("payload_bytes") + number(totals.payload_bytes) + "," +
                    key("ts_first_ns") + number(totals.ts_first_ns) + "," + key("ts_last_ns") + number(totals.ts_last_ns) + "," +
                    key("by_kind") + "{";
  for (std::size_t kind = 1; kind < kRecordKindCount; ++kind) {
    out += (kind == 1 ? "" : ",") + key(name_of(static_cast<RecordKind>(kind))) + number(totals.by_kind[kind]);
  }
  return out + "}";
}

std::string stream_json(const CaptureHeader& header, const StreamSummary& stream) {
  std::string out = "{" + key("name") + json_string(stream.info.name) + "," + key("venue") + json_string(name_of(stream.info.venue)) + "," +
                    key("market") + json_string(name_of(stream.info.market)) + "," + key("kind") + json_string(name_of(stream.info.kind)) +
                    ",";
  if (stream.info.default_instrument != kNoInstrument) {
    out += key("default_instrument") + json_string(symbol_of(header, stream.info.default_instrument)) + ",";
  }
  out += totals_json(stream.totals) + "," + key("channels") + "{";
  bool first = true;
  for (const auto& [channel, count] : stream.channels) {
    out += (first ? "" : ",") + key(channel) + number(count);
    first = false;
  }
  return out + "}}";
}

std::string instrument_json(const Instrument& row) {
  return "{" + key("symbol") + json_string(row.symbol.view()) + "," + key("venue") + json_string(name_of(row.venue)) + "," + key("market") +
         json_string(name_of(row.market)) + "," + key("kind") + json_string(name_of(row.kind)) + "," + key("tick_size") +
         json_string(to_text(row.rules.tick_size.v, row.price_decimals)) + "," + key("lot_size") +
         json_string(to_text(row.rules.lot_size.v, row.qty_decimals)) + "," + key("notional_min") +
         json_string(to_text(row.rules.notional_min)) + "," + key("rules_assumed") + (row.rules_assumed != 0 ? "true" : "false") + "}";
}

// "[a,b,c]" of each(item)
template <class Items, class Each>
std::string list_json(const Items& items, const Each& each) {
  std::string out = "[";
  for (const auto& item : items) out.append(out.size() == 1 ? "" : ",").append(each(item));
  return out + "]";
}

}  // namespace

std::string utc_text(std::int64_t ts_ns) {
  const std::int64_t day_start = floor_to(ts_ns, kNanosPerDay);
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day_start / kNanosPerDay}}};
  const std::int64_t in_day = ts_ns - day_start;
  const std::int64_t second = in_day / kNanosPerSecond;
  return zeros(static_cast<int>(date.year()), 4) + "-" + zeros(static_cast<unsigned>(date.month()), 2) + "-" +
         zeros(static_cast<unsigned>(date.day()), 2) + "T" + zeros(second / 3600, 2) + ":" + zeros(second / 60 % 60, 2) + ":" +
         zeros(second % 60, 2) + "." + zeros(in_day % kNanosPerSecond, 9) + "Z";
}

std::string record_line(const CaptureHeader& header, const CaptureRecord& record, std::size_t text_bytes_max) {
  std::string out = utc_text(record.ts_receive_ns) + " " + number(record.stream) + " ";
  out.append(name_of(record.kind)).append(" ");
  switch (record.kind) {
    case RecordKind::tick:
      return out + tick_text(header, record.tick());
    case RecordKind::candle:
      return out + candle_text(header, record.candle());
    case RecordKind::raw_frame:
    case RecordKind::note:
      break;
  }
  return out + printable(record.frame(), text_bytes_max);
}

std::string summary_text(const CaptureSummary& s) {
  std::string out = s.path + ": capture, " + number(s.file_bytes) + " bytes, " + number(s.totals.blocks) + " blocks, " +
                    number(s.totals.records) + " records of " + number(s.totals.payload_bytes) + " bytes" +
                    (s.was_truncated ? ", TRUNCATED: the tail is missing" : "") + "\n";
  if (!s.header.note.empty()) out += "made by      " + printable(s.header.note, 0) + "\n";
  if (s.totals.records != 0) {
    out += "first        " + utc_text(s.totals.ts_first_ns) + "\nlast         " + utc_text(s.totals.ts_last_ns) + "\nspan         " +
           seconds(s.totals.ts_last_ns - s.totals.ts_first_ns) + "\n";
  }
  out += "instruments  " + number(s.header.instruments.size()) + "\n" + instruments_text(s.header);
  out += "streams      " + number(s.streams.size()) + "\n";
  for (std::size_t i = 0; i < s.streams.size(); ++i) out += stream_text(i, s.streams[i]);
  out += "gaps         " + number(s.gap_count) + (s.gap_count > s.gaps.size() ? ", the longest:\n" : "\n");
  for (const CaptureGap& gap : s.gaps) out += "  from " + utc_text(gap.ts_from_ns) + "  " + seconds(gap.duration_ns) + "\n";
  return out;
}

std::string summary_json(const CaptureSummary& s) {
  return "{" + key("path") + json_string(s.path) + "," + key("format") + json_string("capture") + "," + key("note") +
         json_string(s.header.note) + "," + key("file_bytes") + number(s.file_bytes) + "," + key("blocks") + number(s.totals.blocks) + "," +
         key("truncated") + (s.was_truncated ? "true" : "false") + "," + totals_json(s.totals) + "," + key("instruments") +
         list_json(s.header.instruments, instrument_json) + "," + key("streams") +
         list_json(s.streams, [&s](const StreamSummary& stream) { return stream_json(s.header, stream); }) + "," + key("gap_count") +
         number(s.gap_count) + "," + key("gaps") +
         list_json(s.gaps,
                   [](const CaptureGap& gap) {
                     return "{" + key("ts_from_ns") + number(gap.ts_from_ns) + "," + key("duration_ns") + number(gap.duration_ns) + "}";
                   }) +
         "}";
}

}  // namespace martinet::capture
