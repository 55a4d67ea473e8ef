// Small words of the report: escapes, names, signs.
#include <algorithm>

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

// Less than half a cent is written out: "0.00" would say that there was nothing.
std::string short_money(Money value, bool sign) {
  const bool tiny = value.v != 0 && value.v > -kMoneyUnit / 200 && value.v < kMoneyUnit / 200;
  std::string text = tiny ? (sign && value.v > 0 ? "+" : "") + words::money(value) : words::money_rounded(value, sign);
  if (text.starts_with('-')) text.replace(0, 1, "\u2212");
  return text;
}

}  // namespace

std::string unsigned_money(Money value) { return short_money(value, false); }
std::string signed_money(Money value) { return short_money(value, true); }

std::string_view tone_of(Money value) { return value.v > 0 ? "gain" : value.v < 0 ? "loss" : "even"; }

const Instrument& instrument_of(const SessionDetail& detail, InstrumentId id) {
  static const Instrument kUnknown;
  return detail.instruments != nullptr && id < detail.instruments->size() ? (*detail.instruments)[id] : kUnknown;
}

std::string strategy_of(const SessionDetail& detail, StrategyId id) { return id < detail.strategy_names.size() ? detail.strategy_names[id] : std::string(); }

}  // namespace martinet::report
