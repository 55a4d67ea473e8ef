#pragma once
// CSV files of market data: which column means what, and what a row says.
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/capture/import_number.hpp"
#include "engine/base/fixed_point.hpp"
#include "engine/base/result.hpp"

namespace martinet::importing {

enum class CsvKind : std::uint8_t {
  trades,      ///< time, price, qty [side | buyer_maker] [id]
  bars,        ///< time, open, high, low, close [volume]
  quote_bars,  ///< time, bid_open, bid_high, bid_low, bid_close, ask_close [bid_qty, ask_qty at the close]
  quotes,      ///< time, bid, ask [bid_qty, ask_qty]
};

/// Meanings of columns, also the names accepted on the command line ("price=close").
enum class CsvMeaning : std::uint8_t {
  time,
  price,
  qty,
  side,
  buyer_maker,
  id,
  open,
  high,
  low,
  close,
  volume,
  bid,
  ask,
  bid_qty,
  ask_qty,
  bid_open,
  bid_high,
  bid_low,
  bid_close,
  ask_close,
  count
};
inline constexpr std::size_t kCsvMeanings = static_cast<std::size_t>(CsvMeaning::count);
[[nodiscard]] std::string_view name_of(CsvMeaning meaning) noexcept;

struct CsvLayout {
  CsvKind kind = CsvKind::trades;
  char delimiter = ',';                    ///< ',', ';' or tab, whichever the header holds
  std::int64_t time_unit_ns = 0;           ///< from the column's name (_s, _ms, _us, _ns); 0 = from the size of each number
  bool points = false;                     ///< prices are whole points (MetaTrader exports: open_points)
  bool counts = false;                     ///< volume counts price changes (tick_volume): whole, and no measure of a lot
  std::array<int, kCsvMeanings> column{};  ///< index of the column, -1 = absent
  std::vector<std::string> names;          ///< header, as written

  [[nodiscard]] int at(CsvMeaning meaning) const noexcept { return column[static_cast<std::size_t>(meaning)]; }
  [[nodiscard]] bool has(CsvMeaning meaning) const noexcept { return at(meaning) >= 0; }
};

/// Reads the header row. Names are compared without case, blanks and quotes; `overrides` maps a meaning to a column name and
/// decides the kind too: naming `price` makes a bar file a file of trades.
/// fails bad_header (the columns of no kind are there), usage (an override names no meaning or no column)
Result<CsvLayout> read_csv_header(std::string_view line, const std::map<std::string, std::string>& overrides);

/// Splits a row. A quoted field may hold delimiters and doubled quotes; blanks around a field do not count.
/// out   fields: views into `line`, or into `unquoted` where quotes were doubled
/// fails bad_row: a quote is not closed
[[nodiscard]] Errc split_csv_row(std::string_view line, char delimiter, std::vector<std::string_view>& fields,
                                 std::vector<std::string>& unquoted);

/// One row, before any grid. Numbers that the layout has no column for are 0.
struct CsvRow {
  std::int64_t ts_ns = 0;                       ///< as in the file: of a bar, its start
  ImportNumber price, qty;                      ///< trades
  ImportNumber open, high, low, close, volume;  ///< bars; of quote bars the bid side, volume 0
  ImportNumber bid, ask, bid_qty, ask_qty;      ///< quotes; of quote bars, at the close
  Side side = Side::none;                       ///< the taker's
  std::uint64_t id = 0;
  std::uint32_t rounded = 0;  ///< quantities that had more than kCsvQtyDecimalsMax decimals
};

/// Venues print at most 8 decimals; finer quantities are rounding noise of a program that kept them in binary, and are taken to the
/// nearest of these. Prices are never rounded.
inline constexpr int kCsvQtyDecimalsMax = 10;

/// What is wrong with a row: the column's name (empty: the row as a whole) and the rest of a sentence.
struct CsvFault {
  std::string column;
  std::string what;
};

/// Reads one row of the layout. False and `fault` set: a number that is not a plain decimal (exponents are accepted), a time that is
/// none between 1970 and 2200, a price that is not positive, a negative or (trades) zero quantity, a bar whose high or low does not bound
/// it, a wrong number of fields. Crossed and locked quotes are good rows: the feed counts them. in    point_decimals: decimals of a point
/// where layout.points, else ignored
bool parse_csv_row(std::string_view line, const CsvLayout& layout, int point_decimals, CsvRow& row, CsvFault& fault);

/// The first part of a file's name that looks like a symbol (upper case letters and digits, three or more), else the part before
/// the first '_': "BTCUSDT_1m.csv.gz" and "binance_BTCUSDT_trades_2020-11-16.csv.gz" give BTCUSDT.
std::string symbol_of_file_name(const std::string& file_name);

}  // namespace martinet::importing
