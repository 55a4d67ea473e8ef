// One CSV row: fields, times, numbers, and whether they make sense together.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>

#include "adapters/capture/csv_columns.hpp"
#include "engine/base/decimal.hpp"
#include "engine/base/time.hpp"

namespace martinet::importing {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// Digits only, all of them; false otherwise.
bool whole(std::string_view text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

bool digits_at(std::string_view text, std::size_t at, std::size_t count, std::int64_t& value) {
  if (at + count > text.size() || text[at] == '-') return false;
  return whole(text.substr(at, count), value);
}

// "2017-07-01 11:00:00[.123][Z]" or with 'T', seconds or the whole time of day left out. UTC.
bool parse_date(std::string_view text, std::int64_t& ts_ns) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  std::int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, nanos = 0;
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
  if (!digits_at(text, 0, 4, year) || !digits_at(text, 5, 2, month) || !digits_at(text, 8, 2, day)) return false;
  if (text.size() > 10) {
    if (text.size() < 16 || (text[10] != ' ' && text[10] != 'T') || text[13] != ':') return false;
    if (!digits_at(text, 11, 2, hour) || !digits_at(text, 14, 2, minute)) return false;
  }
  if (text.size() > 16 && (text[16] != ':' || !digits_at(text, 17, 2, second))) return false;
  if (text.size() > 19) {
    const std::string fraction = "0" + std::string(text.substr(19));
    if (text[19] != '.' || parse_decimal(fraction, 9, nanos) != Errc::ok) return false;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || year < 1970 || year > 2200 || hour > 23 || minute > 59 || second > 59) return false;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  ts_ns = days * kNanosPerDay + hour * kNanosPerHour + minute * kNanosPerMinute + second * kNanosPerSecond + nanos;
  return true;
}

// Seconds have 9 to 11 digits before the point between 1973 and 5138, milliseconds 12 to 14, microseconds 15 to 17.
std::int64_t unit_of_size(std::size_t digits) {
  return digits <= 11 ? kNanosPerSecond : digits <= 14 ? kNanosPerMilli : digits <= 17 ? kNanosPerMicro : 1;
}

bool parse_any_time(std::string_view text, std::int64_t unit_ns, std::int64_t& ts_ns) {
  if (text.size() >= 10 && text.find('-', 1) == 4) return parse_date(text, ts_ns);
  if (unit_ns == 0) unit_ns = unit_of_size(std::min(text.find('.'), text.size()));
  if (std::int64_t value = 0; whole(text, value)) return value > 0 && !__builtin_mul_overflow(value, unit_ns, &ts_ns);
  ImportNumber number;
  if (parse_import_number(text, true, number) != Errc::ok || number.units <= 0) return false;
  // At most 1e36 units: divided first, so that the product with the unit stays inside 128 bits.
  const __int128 ns = number.units / (pow10_i64(kImportDecimals) / unit_ns);
  if (ns <= 0 || ns > std::numeric_limits<std::int64_t>::max()) return false;
  ts_ns = static_cast<std::int64_t>(ns);
  return true;
}

// Until 2200: room for every bar's end in 64 bits, and a wrong unit is noticed.
constexpr std::int64_t kTimeNsMax = 84'006 * kNanosPerDay;

bool parse_time(std::string_view text, std::int64_t unit_ns, std::int64_t& ts_ns) {
  return parse_any_time(text, unit_ns, ts_ns) && ts_ns < kTimeNsMax;
}

// "buy", "SELL", "b", "ANY", "": the taker's side, none where it is not said.
bool parse_side(std::string_view text, Side& side) {
  std::string word(text);
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (word == "buy" || word == "b" || word == "bid") {
    side = Side::buy;
  } else if (word == "sell" || word == "s" || word == "ask") {
    side = Side::sell;
  } else if (word.empty() || word == "any" || word == "none" || word == "unknown") {
    side = Side::none;
  } else {
    return false;
  }
  return true;
}

// The buyer was the maker: the seller took.
bool parse_buyer_maker(std::string_view text, Side& side) {
  if (text == "1" || text == "true" || text == "True" || text == "TRUE") {
    side = Side::sell;
  } else if (text == "0" || text == "false" || text == "False" || text == "FALSE") {
    side = Side::buy;
  } else {
    return false;
  }
  return true;
}

class RowReader {
 public:
  RowReader(const CsvLayout& layout, const std::vector<std::string_view>& fields, int point_decimals, CsvRow& row, CsvFault& fault)
      : layout_(layout), fields_(fields), point_decimals_(point_decimals), row_(row), fault_(fault) {}

  bool read() {
    using M = CsvMeaning;
    if (!parse_time(field(M::time), layout_.time_unit_ns, row_.ts_ns)) return wrong(M::time, "is not a time between 1970 and 2200");
    switch (layout_.kind) {
      case CsvKind::trades:
        return price(M::price, row_.price) && qty(M::qty, row_.qty) && positive(M::qty, row_.qty) && taker() && trade_id();
      case CsvKind::bars:
        return price(M::open, row_.open) && price(M::high, row_.high) && price(M::low, row_.low) && price(M::close, row_.close) &&
               qty(M::volume, row_.volume) && bounded(M::high, M::low);
      case CsvKind::quote_bars:
        row_.ask = {};
        return price(M::bid_open, row_.open) && price(M::bid_high, row_.high) && price(M::bid_low, row_.low) &&
               price(M::bid_close, row_.close) && bounded(M::bid_high, M::bid_low) && price(M::bid_close, row_.bid) &&
               price(M::ask_close, row_.ask) && sizes();
      case CsvKind::quotes:
        return price(M::bid, row_.bid) && price(M::ask, row_.ask) && sizes();
    }
    return false;
  }

 private:
  std::string_view field(CsvMeaning meaning) const { return fields_[static_cast<std::size_t>(layout_.at(meaning))]; }

  bool wrong(CsvMeaning meaning, const std::string& what) {
    fault_.column = "'" + layout_.names[static_cast<std::size_t>(layout_.at(meaning))] + "'";
    fault_.what = "'" + std::string(field(meaning).substr(0, 64)) + "' " + what;
    return false;
  }

  bool number(CsvMeaning meaning, bool rounds, ImportNumber& out) {
    switch (parse_import_number(field(meaning), rounds, out)) {
      case Errc::ok:
        return true;
      case Errc::off_grid:
        return wrong(meaning, "has more than 18 decimals");
      case Errc::number_too_large:
        return wrong(meaning, "is too large");
      default:
        return wrong(meaning, "is not a plain decimal");
    }
  }

  bool positive(CsvMeaning meaning, ImportNumber value) { return value.units > 0 || wrong(meaning, "is not above zero"); }

  bool price(CsvMeaning meaning, ImportNumber& out) {
    if (!number(meaning, false, out) || !positive(meaning, out)) return false;
    if (!layout_.points) return true;
    if (decimals_of(out) != 0) return wrong(meaning, "is not a whole number of points");
    out.units /= pow10_i64(point_decimals_);
    return true;
  }

  // An absent column is a quantity of 0.
  bool qty(CsvMeaning meaning, ImportNumber& out) {
    out = {};
    if (!layout_.has(meaning)) return true;
    if (!number(meaning, true, out)) return false;
    if (out.units < 0) return wrong(meaning, "is negative");
    const ImportNumber rounded = round_nearest(out, kCsvQtyDecimalsMax);
    if (rounded != out) ++row_.rounded;
    out = rounded;
    return true;
  }

  bool sizes() { return qty(CsvMeaning::bid_qty, row_.bid_qty) && qty(CsvMeaning::ask_qty, row_.ask_qty); }

  bool bounded(CsvMeaning high, CsvMeaning low) {
    if (row_.high < row_.low) return wrong(high, "is below the low, '" + std::string(field(low)) + "'");
    if (row_.high < std::max(row_.open, row_.close)) return wrong(high, "is below the open or the close");
    if (row_.low > std::min(row_.open, row_.close)) return wrong(low, "is above the open or the close");
    return true;
  }

  bool taker() {
    row_.side = Side::none;
    if (layout_.has(CsvMeaning::buyer_maker)) {
      return parse_buyer_maker(field(CsvMeaning::buyer_maker), row_.side) ||
             wrong(CsvMeaning::buyer_maker, "is neither 1, 0, true nor false");
    }
    if (!layout_.has(CsvMeaning::side)) return true;
    return parse_side(field(CsvMeaning::side), row_.side) || wrong(CsvMeaning::side, "is neither buy, sell nor any");
  }

  bool trade_id() {
    row_.id = 0;
    if (!layout_.has(CsvMeaning::id)) return true;
    std::int64_t id = 0;
    if (!whole(field(CsvMeaning::id), id) || id < 0) return wrong(CsvMeaning::id, "is not a whole number");
    row_.id = static_cast<std::uint64_t>(id);
    return true;
  }

  const CsvLayout& layout_;
  const std::vector<std::string_view>& fields_;
  int point_decimals_;
  CsvRow& row_;
  CsvFault& fault_;
};

}  // namespace

Errc split_csv_row(std::string_view line, char delimiter, std::vector<std::string_view>& fields, std::vector<std::string>& unquoted) {
  fields.clear();
  unquoted.clear();
  unquoted.reserve(static_cast<std::size_t>(std::count(line.begin(), line.end(), '"')) / 2);  // views into it must stay
  std::size_t at = 0;
  for (;;) {
    std::size_t begin = at;
    while (begin < line.size() && line[begin] == ' ') ++begin;
    if (begin < line.size() && line[begin] == '"') {
      std::string text;
      std::size_t p = begin + 1;
      for (;; ++p) {
        if (p >= line.size()) return Errc::bad_row;
        if (line[p] != '"') {
          text += line[p];
        } else if (p + 1 < line.size() && line[p + 1] == '"') {
          text += line[p++];
        } else {
          break;
        }
      }
      unquoted.push_back(std::move(text));
      fields.push_back(trimmed(unquoted.back()));
      at = std::min(line.find(delimiter, p), line.size());
      if (!trimmed(line.substr(p + 1, at - p - 1)).empty()) return Errc::bad_row;
    } else {
      at = std::min(line.find(delimiter, at), line.size());
      // The delimiter may itself be a blank (tab), so only the field between delimiters is trimmed.
      fields.push_back(trimmed(line.substr(begin, at >= begin ? at - begin : 0)));
    }
    if (at == line.size()) return Errc::ok;
    ++at;
  }
}

bool parse_csv_row(std::string_view line, const CsvLayout& layout, int point_decimals, CsvRow& row, CsvFault& fault) {
  thread_local std::vector<std::string_view> fields;
  thread_local std::vector<std::string> unquoted;
  if (split_csv_row(line, layout.delimiter, fields, unquoted) != Errc::ok) {
    fault = {"", "a quote is not closed, or text follows a closing one"};
    return false;
  }
  if (fields.size() != layout.names.size()) {
    fault = {"", "the row has " + std::to_string(fields.size()) + " fields, the header " + std::to_string(layout.names.size())};
    return false;
  }
  row.rounded = 0;
  return RowReader(layout, fields, point_decimals, row, fault).read();
}

}  // namespace martinet::importing
