#pragma once
// Bars of the shared data folder as candles on a grid that holds every digit of the file.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/base/decimal.hpp"
#include "engine/base/time.hpp"
#include "engine/messages/candle.hpp"
#include "tests/support/gz_lines.hpp"

namespace martinet::test {

inline std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> cells;
  for (std::size_t comma = 0; (comma = line.find(',')) != std::string_view::npos; line.remove_prefix(comma + 1)) {
    cells.emplace_back(line.substr(0, comma));
  }
  cells.emplace_back(line);
  return cells;
}

/// A table with a header row; cells as text.
struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

inline CsvTable read_csv(const std::filesystem::path& path) {
  CsvTable table;
  EXPECT_TRUE(for_each_line(path, [&](std::string_view line) {
    if (table.header.empty()) {
      table.header = split(line);
    } else {
      table.rows.push_back(split(line));
    }
  })) << path;
  return table;
}

struct BarFile {
  int price_decimals = 0;
  int qty_decimals = 0;
  std::vector<Candle> candles;  ///< closed, received at their end
};

inline BarFile read_bar_file(const std::filesystem::path& path, std::int64_t interval_ns) {
  const CsvTable table = read_csv(path);
  EXPECT_EQ(table.header, split("ts_ms,open,high,low,close,volume"));
  BarFile file;
  for (const auto& row : table.rows) {
    for (std::size_t i = 1; i <= 4; ++i) file.price_decimals = std::max(file.price_decimals, decimals_needed(row[i]));
    file.qty_decimals = std::max(file.qty_decimals, decimals_needed(row[5]));
  }
  for (const auto& row : table.rows) {
    Candle candle;
    candle.ts_open_ns = std::stoll(row[0]) * kNanosPerMilli;
    candle.interval_ns = interval_ns;
    candle.ts_receive_ns = candle.ts_open_ns + interval_ns + 3 * kNanosPerMilli;
    candle.instrument = 0;
    candle.closed = 1;
    std::int64_t* const fields[] = {&candle.open.v, &candle.high.v, &candle.low.v, &candle.close.v};
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(parse_decimal(row[i + 1], file.price_decimals, *fields[i]), Errc::ok) << row[i + 1];
    EXPECT_EQ(parse_decimal(row[5], file.qty_decimals, candle.volume.v), Errc::ok) << row[5];
    file.candles.push_back(candle);
  }
  return file;
}

}  // namespace martinet::test
