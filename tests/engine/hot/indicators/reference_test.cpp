// Goal: every row of the TA-Lib reference, through the whole stage (candle rows in, frames out). Tolerance 1e-9 of the larger of value
// and scale (close for price-like, 100 for bounded); deviation and bands 1e-7 relative, since TA-Lib loses digits there (it subtracts
// the square of the mean from the mean of the squares), and 1e-9 against a compensated computation decides.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/engine/hot/indicators/bar_file.hpp"
#include "tests/engine/hot/indicators/indicator_oracle.hpp"
#include "tests/engine/hot/indicators/stage_fixture.hpp"
#include "tests/support/data_folder.hpp"

namespace martinet::reference_test {
namespace {

using K = IndicatorKind;
enum class Scale { price, hundred, own };

struct Column {
  K kind;
  std::array<std::int32_t, 3> period;
  Scale scale;
  double tolerance;
};

// obv: a sum of volumes, relative to itself or to 1. natr and macd as given: percent, price.
const std::map<std::string, Column>& columns() {
  static const std::map<std::string, Column> kColumns = {
      {"sma20", {K::sma, {20}, Scale::price, 1e-9}},
      {"ema12", {K::ema, {12}, Scale::price, 1e-9}},
      {"ema26", {K::ema, {26}, Scale::price, 1e-9}},
      {"ema200", {K::ema, {200}, Scale::price, 1e-9}},
      {"rsi14", {K::rsi, {14}, Scale::hundred, 1e-9}},
      {"macd_12_26_9", {K::macd, {12, 26, 9}, Scale::price, 1e-9}},
      {"macd_signal", {K::macd_signal, {12, 26, 9}, Scale::price, 1e-9}},
      {"macd_hist", {K::macd_histogram, {12, 26, 9}, Scale::price, 1e-9}},
      {"bb_upper_20_2", {K::bb_upper, {20}, Scale::own, 1e-7}},
      {"bb_lower_20_2", {K::bb_lower, {20}, Scale::own, 1e-7}},
      {"atr14", {K::atr, {14}, Scale::price, 1e-9}},
      {"natr14", {K::natr, {14}, Scale::hundred, 1e-9}},
      {"adx14", {K::adx, {14}, Scale::hundred, 1e-9}},
      {"plus_di14", {K::plus_di, {14}, Scale::hundred, 1e-9}},
      {"minus_di14", {K::minus_di, {14}, Scale::hundred, 1e-9}},
      {"stochrsi_k_14_14_3", {K::stochrsi_k, {14, 14, 3}, Scale::hundred, 1e-9}},
      {"stochrsi_d", {K::stochrsi_d, {14, 14, 3}, Scale::hundred, 1e-9}},
      {"stddev20", {K::stddev, {20}, Scale::own, 1e-7}},
      {"obv", {K::obv, {}, Scale::own, 1e-9}},
      {"mfi14", {K::mfi, {14}, Scale::hundred, 1e-9}},
      {"cci20", {K::cci, {20}, Scale::hundred, 1e-9}},
      {"willr14", {K::williams_r, {14}, Scale::hundred, 1e-9}},
      {"roc10", {K::roc, {10}, Scale::hundred, 1e-9}},
  };
  return kColumns;
}

struct Checked {
  std::string name;
  Column column;
  std::size_t cell;
  std::uint16_t slot;
  double worst = 0;  ///< error in units of the tolerance
};

class LastFrame {
 public:
  void frame(const IndicatorFrame& frame) {
    last = frame;
    ++count;
  }
  IndicatorFrame last;
  std::size_t count = 0;
};

void check_reference(const std::filesystem::path& bars_path, const std::filesystem::path& reference_path, std::int64_t interval_ns) {
  const test::BarFile file = test::read_bar_file(bars_path, interval_ns);
  const test::CsvTable reference = test::read_csv(reference_path);
  ASSERT_GT(reference.rows.size(), 3000U);
  ASSERT_GE(file.candles.size(), reference.rows.size());

  IndicatorPlan plan(1);
  std::vector<Checked> checks;
  for (std::size_t cell = 1; cell < reference.header.size(); ++cell) {
    const auto found = columns().find(reference.header[cell]);
    ASSERT_NE(found, columns().end()) << "no indicator for column " << reference.header[cell];
    const auto slot = test::must_slot(plan, test::request(found->second.kind, interval_ns, found->second.period, 2.0));
    checks.push_back({found->first, found->second, cell, slot});
  }
  Indicators stage(test::make_table(1, file.price_decimals, file.qty_decimals), plan, {.source = BarConfig::Source::candles});
  LastFrame sink;
  std::vector<Bar> bars;
  std::size_t values = 0;
  for (std::size_t row = 0; row < reference.rows.size(); ++row) {
    const auto& cells = reference.rows[row];
    stage.on_candle(file.candles[row], sink);
    ASSERT_EQ(sink.count, row + 1);
    const Bar bar = stage.last_bar(0, interval_ns);
    ASSERT_EQ(bar.ts_open_ns, std::stoll(cells[0]) * kNanosPerMilli);
    bars.push_back(bar);
    for (Checked& check : checks) {
      const std::string& text = cells[check.cell];
      ASSERT_EQ(sink.last.warm(check.slot), !text.empty()) << check.name << " row " << row;
      if (text.empty()) continue;
      ++values;
      double expected = std::strtod(text.c_str(), nullptr);
      const double value = sink.last.slots[check.slot];
      if (check.column.tolerance > 1e-8 && row % 8 == 0) {  // the compensated computation that decides
        const auto asked = test::request(check.column.kind, interval_ns, check.column.period, 2.0);
        const auto exact = static_cast<double>(*test::IndicatorOracle::at(std::span(bars).last(20), asked));
        ASSERT_NEAR(value, exact, 1e-9 * std::fabs(exact)) << check.name << " row " << row;
      }
      const double scale = check.column.scale == Scale::price ? bar.close : check.column.scale == Scale::hundred ? 100 : 0;
      const double tolerance = check.column.tolerance * std::max({std::fabs(expected), scale, 1e-300});
      check.worst = std::max(check.worst, std::fabs(value - expected) / tolerance);
      ASSERT_LE(std::fabs(value - expected), tolerance) << check.name << " row " << row << ": " << value << " instead of " << text;
    }
  }
  EXPECT_GT(values, reference.rows.size() * 20);
  for (const Checked& check : checks) {
    std::printf("  %-20s worst error %.3g of the tolerance\n", check.name.c_str(), check.worst);
  }
}

TEST(TaLibReference, EveryRowOfBitcoinPerpetualFifteenMinutes) {
  MT_NEED_DATA(data);
  check_reference(data / "bars/binance_usdm_2025/BTCUSDT_15m.csv.gz", data / "reference/talib_binance_usdm_2025_BTCUSDT_15m.csv.gz",
                  15 * kNanosPerMinute);
}

TEST(TaLibReference, EveryRowOfCoinbaseHours) {
  MT_NEED_DATA(data);
  check_reference(data / "bars/coinbase/BTCUSD_1h.csv.gz", data / "reference/talib_coinbase_BTCUSD_1h_first6000.csv.gz", kNanosPerHour);
}

// The list of hours that expected.json keeps for a bar file.
struct ExpectedHours {
  std::size_t buckets = 0;
  std::vector<std::vector<std::string>> first, last;
  std::string sum_close;
};

// expected.json is small and its layout fixed, so its words and numbers in order are enough.
std::vector<std::string> words_of(std::string_view json) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : json) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-' || c == '/') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  return words;
}

std::map<std::string, ExpectedHours> read_expected_hours(const std::filesystem::path& path) {
  std::string json;
  EXPECT_TRUE(test::for_each_line(path, [&](std::string_view line) { (json += line) += '\n'; }));
  const auto words = words_of(json);
  std::map<std::string, ExpectedHours> all;
  std::string file;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].ends_with(".gz")) file = words[i];
    if (words[i] != "to_1h") continue;
    ExpectedHours hours;
    hours.buckets = std::stoull(words.at(i + 2));
    auto* list = &hours.first;
    for (i += 3; words.at(i) != "sum_close"; ++i) {
      if (words[i] == "first" || words[i] == "last") {
        list = words[i] == "first" ? &hours.first : &hours.last;
        list->emplace_back();
      } else {
        if (list->back().size() == 6) list->emplace_back();
        list->back().push_back(words[i]);
      }
    }
    hours.sum_close = words.at(i + 1);
    all[file] = hours;
  }
  return all;
}

/// Keeps the hours that the frames report.
struct HourSink {
  const Indicators* stage = nullptr;
  std::uint8_t bit = 0;
  std::vector<Bar> hours;
  void frame(const IndicatorFrame& frame) {
    if ((frame.closed_mask >> bit & 1) != 0) hours.push_back(stage->last_bar(0, kNanosPerHour));
  }
};

void expect_hour(const Bar& bar, const std::vector<std::string>& expected) {
  ASSERT_EQ(expected.size(), 6U);
  EXPECT_EQ(bar.ts_open_ns, std::stoll(expected[0]) * kNanosPerMilli);
  EXPECT_EQ(bar.open, std::stod(expected[1]));
  EXPECT_EQ(bar.high, std::stod(expected[2]));
  EXPECT_EQ(bar.low, std::stod(expected[3]));
  EXPECT_EQ(bar.close, std::stod(expected[4]));
  EXPECT_NEAR(bar.volume, std::stod(expected[5]), 1e-15 * bar.volume);
}

/// "BTCUSD_1m_20170903_trade" -> one minute.
std::int64_t interval_of(const std::string& file) {
  for (std::size_t at = file.find('_', file.rfind('/')); at != std::string::npos; at = file.find('_', at + 1)) {
    std::size_t end = at + 1;
    while (end < file.size() && std::isdigit(static_cast<unsigned char>(file[end])) != 0) ++end;
    if (end == at + 1 || end == file.size()) continue;
    const std::int64_t unit_ns = file[end] == 's'   ? kNanosPerSecond
                                 : file[end] == 'm' ? kNanosPerMinute
                                 : file[end] == 'h' ? kNanosPerHour
                                                    : 0;
    if (unit_ns != 0) return std::stoll(file.substr(at + 1, end - at - 1)) * unit_ns;
  }
  return 0;
}

TEST(TaLibReference, HoursMadeOfFinerBarsEqualThoseOfAnIndependentReplay) {
  MT_NEED_DATA(data);
  std::size_t files = 0;
  for (const auto& [file, expected] : read_expected_hours(data / "expected.json")) {
    const auto path = data / file;
    const std::int64_t interval_ns = interval_of(file);
    SCOPED_TRACE(file);
    ASSERT_GT(interval_ns, 0);
    ++files;
    const test::BarFile bars = test::read_bar_file(path, interval_ns);
    // The finer timeframe is computed as well, so the hours are made of closed finer bars, not of rows.
    IndicatorPlan plan(1);
    test::must_slot(plan, test::request(K::close, kNanosPerHour));
    test::must_slot(plan, test::request(K::close, interval_ns));
    Indicators stage(test::make_table(1, bars.price_decimals, bars.qty_decimals), plan, {.source = BarConfig::Source::candles});
    HourSink sink{&stage, plan.timeframe_bit(0, kNanosPerHour), {}};
    for (const Candle& candle : bars.candles) stage.on_candle(candle, sink);
    stage.on_timer({bars.candles.back().ts_receive_ns + 2 * kNanosPerHour, 0}, sink);  // the last hour is not whole
    ASSERT_EQ(sink.hours.size(), expected.buckets);
    long double sum_close = 0;
    for (const Bar& bar : sink.hours) sum_close += bar.close;
    EXPECT_NEAR(static_cast<double>(sum_close), std::stod(expected.sum_close), 1e-12 * static_cast<double>(sum_close));
    for (std::size_t i = 0; i < expected.first.size(); ++i) expect_hour(sink.hours.at(i), expected.first[i]);
    for (std::size_t i = 0; i < expected.last.size(); ++i) {
      expect_hour(sink.hours.at(sink.hours.size() - expected.last.size() + i), expected.last[i]);
    }
    EXPECT_EQ(stage.bars(0, interval_ns).closed, bars.candles.size());
    const std::int64_t span_ns = bars.candles.back().ts_open_ns - bars.candles.front().ts_open_ns;
    EXPECT_EQ(stage.bars(0, interval_ns).gaps, static_cast<std::uint64_t>(span_ns / interval_ns) + 1 - bars.candles.size());
    EXPECT_EQ(stage.refused().unusable + stage.refused().stale_rows + stage.refused().other_rows, 0U);
  }
  EXPECT_EQ(files, 16U);
}

}  // namespace
}  // namespace martinet::reference_test
