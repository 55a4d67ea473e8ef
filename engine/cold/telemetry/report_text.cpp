// Small words of the report: escapes, names, signs.
#include <algorithm>
#include <cstdint>

#include "engine/cold/telemetry/report_parts.hpp"
#include "engine/cold/telemetry/utf8.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet::report {

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char c = text.front();
    if (length == 0 || (length == 1 && (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) && c != '\n' && c != '\t')) {
      out += "\uFFFD";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return out;
}

namespace {

// Less than half a cent keeps its sign: a bare "0.00" would say that there was nothing.
std::string short_money(Money value, bool sign) {
  std::string text = words::money_rounded(Money{value.v < 0 ? -std::max(value.v, -INT64_MAX) : value.v});
  if (value.v < 0) return "\u2212" + text;
  return (sign && value.v > 0 ? "+" : "") + text;
}

}  // namespace

std::string unsigned_money(Money value) { return short_money(value, false); }
std::string signed_money(Money value) { return short_money(value, true); }

std::string_view tone_of(Money value) { return value.v > 0 ? "gain" : value.v < 0 ? "loss" : "even"; }

const Instrument& instrument_of(const SessionDetail& detail, InstrumentId id) {
  static const Instrument kUnknown;
  return detail.instruments != nullptr && id < detail.instruments->size() ? (*detail.instruments)[id] : kUnknown;
}

std::string strategy_of(const SessionDetail& detail, StrategyId id) {
  return id < detail.strategy_names.size() ? detail.strategy_names[id] : std::string();
}

}  // namespace martinet::report
