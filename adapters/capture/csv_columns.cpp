#include "adapters/capture/csv_columns.hpp"

#include <algorithm>
#include <utility>

namespace martinet::importing {
namespace {

constexpr std::array<std::string_view, kCsvMeanings> kMeaningNames = {
    "time",   "price", "qty", "side",    "buyer_maker", "id",       "open",     "high",    "low",       "close",
    "volume", "bid",   "ask", "bid_qty", "ask_qty",     "bid_open", "bid_high", "bid_low", "bid_close", "ask_close"};

struct Alias {
  std::string_view name;
  CsvMeaning meaning;
};

// Names met in public files. A name may stand for several meanings; the kind of the file decides which is used.
constexpr auto kAliases = std::to_array<Alias>({
    {"ts_ms", CsvMeaning::time},
    {"ts_us", CsvMeaning::time},
    {"ts_ns", CsvMeaning::time},
    {"ts_s", CsvMeaning::time},
    {"ts", CsvMeaning::time},
    {"time", CsvMeaning::time},
    {"timestamp", CsvMeaning::time},
    {"timestamp_ms", CsvMeaning::time},
    {"timestamp_us", CsvMeaning::time},
    {"timestamp_ns", CsvMeaning::time},
    {"time_ms", CsvMeaning::time},
    {"time_us", CsvMeaning::time},
    {"time_ns", CsvMeaning::time},
    {"datetime", CsvMeaning::time},
    {"date", CsvMeaning::time},
    {"open_time", CsvMeaning::time},
    {"opentime", CsvMeaning::time},
    {"transact_time", CsvMeaning::time},
    {"unix", CsvMeaning::time},
    {"unix_timestamp", CsvMeaning::time},
    {"price", CsvMeaning::price},
    {"trade_price", CsvMeaning::price},
    {"p", CsvMeaning::price},
    {"qty", CsvMeaning::qty},
    {"quantity", CsvMeaning::qty},
    {"size", CsvMeaning::qty},
    {"amount", CsvMeaning::qty},
    {"volume", CsvMeaning::qty},
    {"q", CsvMeaning::qty},
    {"side", CsvMeaning::side},
    {"taker_side", CsvMeaning::side},
    {"aggressor", CsvMeaning::side},
    {"aggressor_side", CsvMeaning::side},
    {"is_buyer_maker", CsvMeaning::buyer_maker},
    {"isbuyermaker", CsvMeaning::buyer_maker},
    {"buyer_maker", CsvMeaning::buyer_maker},
    {"id", CsvMeaning::id},
    {"trade_id", CsvMeaning::id},
    {"tradeid", CsvMeaning::id},
    {"agg_trade_id", CsvMeaning::id},
    {"open", CsvMeaning::open},
    {"high", CsvMeaning::high},
    {"low", CsvMeaning::low},
    {"close", CsvMeaning::close},
    {"o", CsvMeaning::open},
    {"h", CsvMeaning::high},
    {"l", CsvMeaning::low},
    {"c", CsvMeaning::close},
    {"open_points", CsvMeaning::open},
    {"high_points", CsvMeaning::high},
    {"low_points", CsvMeaning::low},
    {"close_points", CsvMeaning::close},
    {"volume", CsvMeaning::volume},
    {"tick_volume", CsvMeaning::volume},
    {"tickvol", CsvMeaning::volume},
    {"base_volume", CsvMeaning::volume},
    {"vol", CsvMeaning::volume},
    {"v", CsvMeaning::volume},
    {"bid", CsvMeaning::bid},
    {"bid_price", CsvMeaning::bid},
    {"best_bid", CsvMeaning::bid},
    {"bidprice", CsvMeaning::bid},
    {"ask", CsvMeaning::ask},
    {"ask_price", CsvMeaning::ask},
    {"best_ask", CsvMeaning::ask},
    {"askprice", CsvMeaning::ask},
    {"bid_qty", CsvMeaning::bid_qty},
    {"bid_size", CsvMeaning::bid_qty},
    {"bid_amount", CsvMeaning::bid_qty},
    {"last_bid_size", CsvMeaning::bid_qty},
    {"ask_qty", CsvMeaning::ask_qty},
    {"ask_size", CsvMeaning::ask_qty},
    {"ask_amount", CsvMeaning::ask_qty},
    {"last_ask_size", CsvMeaning::ask_qty},
    {"bid_open", CsvMeaning::bid_open},
    {"bid_high", CsvMeaning::bid_high},
    {"bid_low", CsvMeaning::bid_low},
    {"bid_close", CsvMeaning::bid_close},
    {"ask_close", CsvMeaning::ask_close},
});

std::string plain_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') {
      name += static_cast<char>(c - 'A' + 'a');
    } else if (c == ' ' || c == '-') {
      name += '_';
    } else if (c != '<' && c != '>') {
      name += c;
    }
  }
  return name;
}

// The unit a time column's name ends with; 0 where it does not say.
std::int64_t unit_of_name(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> kUnits = {
      {{"_ms", 1'000'000}, {"_us", 1'000}, {"_ns", 1}, {"_s", 1'000'000'000}}};
  for (const auto& [ending, unit] : kUnits) {
    if (name.ends_with(ending)) return unit;
  }
  return 0;
}

char delimiter_of(std::string_view header) {
  for (const char c : {',', ';', '\t'}) {
    if (header.find(c) != std::string_view::npos) return c;
  }
  return ',';
}

bool has_all(const CsvLayout& layout, std::initializer_list<CsvMeaning> meanings) {
  return std::all_of(meanings.begin(), meanings.end(), [&layout](CsvMeaning m) { return layout.has(m); });
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string shortened(std::string text) {
  constexpr std::size_t kShown = 120;
  return text.size() <= kShown ? text : text.substr(0, kShown) + "...";
}

Status apply_overrides(const std::map<std::string, std::string>& overrides, CsvLayout& layout) {
  for (const auto& [meaning, column] : overrides) {
    const auto known = std::find(kMeaningNames.begin(), kMeaningNames.end(), meaning);
    if (known == kMeaningNames.end()) {
      return Error{Errc::usage, "--column " + meaning + "=" + column + " names no meaning; meanings are " +
                                    list_of({kMeaningNames.begin(), kMeaningNames.end()})};
    }
    const auto found = std::find(layout.names.begin(), layout.names.end(), column);
    if (found == layout.names.end()) {
      return Error{Errc::usage,
                   "there is no column '" + column + "' for --column " + meaning + "=" + column + "; columns are " + list_of(layout.names)};
    }
    layout.column[static_cast<std::size_t>(known - kMeaningNames.begin())] = static_cast<int>(found - layout.names.begin());
  }
  return {};
}

// False where the columns of no kind are there. An override of a kind's own meaning decides before the columns do.
bool decide_kind(const std::map<std::string, std::string>& overrides, CsvLayout& layout) {
  using M = CsvMeaning;
  const bool trades = has_all(layout, {M::price, M::qty});
  const bool bars = has_all(layout, {M::open, M::high, M::low, M::close});
  const bool quote_bars = has_all(layout, {M::bid_open, M::bid_high, M::bid_low, M::bid_close, M::ask_close});
  const bool quotes = has_all(layout, {M::bid, M::ask});
  if (!layout.has(M::time)) return false;
  if (overrides.contains("price") && trades) {
    layout.kind = CsvKind::trades;
  } else if ((overrides.contains("bid") || overrides.contains("ask")) && quotes) {
    layout.kind = CsvKind::quotes;
  } else if (bars) {
    layout.kind = CsvKind::bars;
  } else if (quote_bars) {
    layout.kind = CsvKind::quote_bars;
  } else if (trades) {
    layout.kind = CsvKind::trades;
  } else if (quotes) {
    layout.kind = CsvKind::quotes;
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string_view name_of(CsvMeaning meaning) noexcept { return kMeaningNames[static_cast<std::size_t>(meaning)]; }

Result<CsvLayout> read_csv_header(std::string_view line, const std::map<std::string, std::string>& overrides) {
  CsvLayout layout;
  layout.delimiter = delimiter_of(line);
  layout.column.fill(-1);
  std::vector<std::string_view> fields;
  std::vector<std::string> unquoted;
  if (split_csv_row(line, layout.delimiter, fields, unquoted) != Errc::ok)
    return Error{Errc::bad_header, "the header row has a quote that is not closed"};
  layout.names.assign(fields.begin(), fields.end());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string name = plain_name(fields[i]);
    for (const Alias& alias : kAliases) {
      int& column = layout.column[static_cast<std::size_t>(alias.meaning)];
      if (alias.name == name && column < 0) column = static_cast<int>(i);
    }
  }
  if (const Status applied = apply_overrides(overrides, layout); !applied) return applied.error();
  if (!decide_kind(overrides, layout)) {
    return Error{Errc::bad_header,
                 "the header row (" + shortened(list_of(layout.names)) +
                     ") does not name the columns of trades (time, price, qty), bars (time, open, high, low, close), quotes (time, bid, "
                     "ask) or quote bars (time, bid_open, bid_high, bid_low, bid_close, ask_close); name them with --column meaning=name"};
  }
  const auto name_at = [&layout](CsvMeaning meaning) { return plain_name(layout.names[static_cast<std::size_t>(layout.at(meaning))]); };
  layout.time_unit_ns = unit_of_name(name_at(CsvMeaning::time));
  layout.points = layout.kind == CsvKind::bars && name_at(CsvMeaning::close).ends_with("_points");
  layout.counts = layout.kind == CsvKind::bars && layout.has(CsvMeaning::volume) && name_at(CsvMeaning::volume).starts_with("tick");
  return layout;
}

std::string symbol_of_file_name(const std::string& file_name) {
  const std::string stem = file_name.substr(0, file_name.find('.'));
  for (std::size_t begin = 0; begin < stem.size();) {
    const std::size_t end = std::min(stem.find('_', begin), stem.size());
    const std::string part = stem.substr(begin, end - begin);
    const bool plain = std::all_of(part.begin(), part.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
    const bool letters = std::any_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (part.size() >= 3 && plain && letters) return part;
    begin = end + 1;
  }
  return stem.substr(0, stem.find('_'));
}

}  // namespace martinet::importing
