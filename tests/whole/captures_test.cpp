// Real captures through the whole engine: what was sent is what was counted by an independent reading of the same files.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "adapters/capture/import_files.hpp"
#include "tests/support/data_folder.hpp"
#include "tests/whole/whole_support.hpp"

namespace martinet::whole {
namespace captures_test {

std::map<std::string, std::uint64_t> as_map(const std::vector<NamedCount>& counts) { return {counts.begin(), counts.end()}; }

/// Imports `sources` and replays them with a strategy that trades.
Replayed import_and_replay(const TemporaryFolder& folder, const std::vector<std::filesystem::path>& sources, const std::string& config_text) {
  ImportOptions import;
  import.sources = sources;
  import.output = folder / "real.cap";
  import.overwrite = true;
  const Result<ImportReport> report = import_files(import);
  EXPECT_TRUE(report.ok()) << (report.ok() ? "" : report.error().what);
  const Result<EngineConfig> config = parse_config(config_text, "captures_test");
  EXPECT_TRUE(config.ok()) << (config.ok() ? "" : config.error().what);
  return run(*config, folder / "real.cap");
}

constexpr const char* kTrading = "[[strategy]]\nkind = \"every_bar\"\ntimeframe = \"5s\"\nstop_fraction = 0.001\n";

// Message counts are those of expected.json (depth, bookTicker, trade, rest_snapshot); trades that are no market trades give no tick.
struct Expected {
  const char* file;
  std::uint64_t depth, book_ticker, trade, depth_applied;
};

TEST(Captures, Binance2024CountsEqualTheIndependentReading) {
  MT_NEED_DATA(data);
  for (const Expected& expected : {Expected{"usdm_btcusdt_20240808", 6551, 66089, 21313, 6547}, Expected{"spot_btcusdt_20240808", 3451, 28040, 9757, 3449},
                                   Expected{"spot_ethusdt_20240808", 3434, 24077, 6106, 3432}, Expected{"cm_btcusd_perp_20240808", 26847, 19136, 2286, 26824}}) {
    SCOPED_TRACE(expected.file);
    const TemporaryFolder folder;
    const Replayed run = import_and_replay(folder, {data / "ws/binance_2024" / (std::string(expected.file) + ".txt.gz")}, kTrading);
    const auto frames = as_map(run.summary.frames_by_channel);
    EXPECT_EQ(frames.at("depth_diff"), expected.depth);
    EXPECT_EQ(frames.at("book_ticker"), expected.book_ticker);
    EXPECT_EQ(frames.at("trade"), expected.trade);
    EXPECT_EQ(frames.at("depth_snapshot"), 1U);
    EXPECT_TRUE(run.summary.frames_refused.empty());
    const auto feed = as_map(run.summary.feed_counts);
    EXPECT_EQ(feed.at("depth_messages"), expected.depth_applied);
    EXPECT_EQ(feed.count("gaps"), 0U);
    EXPECT_EQ(feed.count("crossed_books"), 0U);
    const bool tradable = std::string(expected.file).rfind("cm_", 0) != 0;  // inverse contracts carry data only
    EXPECT_EQ(run.summary.fills > 0, tradable);
  }
}

TEST(Captures, AllOfBinance2024TogetherTradesTheSameInEveryLayout) {
  MT_NEED_DATA(data);
  const TemporaryFolder folder;
  std::vector<std::filesystem::path> sources;
  for (const char* name : {"usdm_btcusdt", "spot_btcusdt", "spot_ethusdt", "cm_btcusd_perp"}) sources.push_back(data / "ws/binance_2024" / (std::string(name) + "_20240808.txt.gz"));
  const Replayed fused = import_and_replay(folder, sources, kTrading);
  EXPECT_EQ(fused.summary.records, 217'091U);
  ASSERT_GT(fused.requests.size(), 100U);
  if (is_short_run()) return;
  Result<EngineConfig> config = parse_config(kTrading, "captures_test");
  ASSERT_TRUE(config.ok());
  config->pipeline.layout = Layout::split;
  EXPECT_EQ(run(*config, folder / "real.cap").requests, fused.requests);
}

TEST(Captures, BitgetBooksVerifyAndTradesCount) {
  MT_NEED_DATA(data);
  const TemporaryFolder folder;
  const Replayed mix = import_and_replay(folder, {data / "ws/bitget_v2_converted_2022/mix.txt.gz", data / "ws/bitget_v1_2022/products_contracts.jsonl.gz"}, kTrading);
  auto frames = as_map(mix.summary.frames_by_channel);
  EXPECT_EQ(frames.at("depth_snapshot"), 1U);
  EXPECT_EQ(frames.at("depth_diff"), 97U);
  EXPECT_EQ(frames.at("trade"), 10U);
  EXPECT_EQ(frames.at("ticker"), 108U);
  EXPECT_EQ(frames.at("candle"), 11U);
  EXPECT_EQ(as_map(mix.summary.feed_counts).at("checksums_right"), 98U);
  EXPECT_EQ(as_map(mix.summary.feed_counts).count("checksums_wrong"), 0U);
  const Replayed spot = import_and_replay(folder, {data / "ws/bitget_v2_converted_2022/spot.txt.gz", data / "ws/bitget_v1_2022/products_contracts.jsonl.gz"}, kTrading);
  EXPECT_EQ(as_map(spot.summary.feed_counts).at("checksums_right"), 224U);
  EXPECT_EQ(as_map(spot.summary.feed_counts).count("checksums_wrong"), 0U);
  EXPECT_EQ(as_map(spot.summary.feed_counts).at("trades"), 19U);
}

TEST(Captures, CrossedQuotesAreCountedNotTraded) {
  MT_NEED_DATA(data);
  const TemporaryFolder folder;
  const Replayed run = import_and_replay(folder, {data / "ticks/EURUSD_fxcm_20140508.csv.gz"},
                                    "[bars]\nsource = \"quotes\"\n[[strategy]]\nkind = \"every_bar\"\ntimeframe = \"1m\"\nstop_fraction = 0.001\n");
  const auto feed = as_map(run.summary.feed_counts);
  EXPECT_EQ(run.summary.records, 167'466U);
  EXPECT_EQ(feed.at("crossed_quotes"), 18'285U);
  EXPECT_EQ(feed.at("locked_quotes"), 19'051U);
  EXPECT_GT(run.summary.fills, 0U);
}

TEST(Captures, BarFilesTrade) {
  MT_NEED_DATA(data);
  const TemporaryFolder folder;
  const Result<EngineConfig> config = load_config(MARTINET_SOURCE_DIR "/config/bars.toml");
  ASSERT_TRUE(config.ok()) << config.error().what;
  ImportOptions import;
  import.sources = {data / "bars/coinbase/BTCUSD_1h.csv.gz"};
  import.output = folder / "bars.cap";
  ASSERT_TRUE(import_files(import).ok());
  const Replayed run = whole::run(*config, folder / "bars.cap");
  EXPECT_EQ(run.summary.bars, 13'165U + 3'292U);  // the hours of the file, and the 4 h bars of the filter
  EXPECT_GT(run.summary.fills, 80U);
}

// The twin that always runs: quotes written here, some of them crossed or locked.
TEST(Captures, AHandMadeDumpIsCountedByTheSameRules) {
  const TemporaryFolder folder;
  const std::string quotes = folder / "EURUSD_quotes.csv";
  FILE* out = std::fopen(quotes.c_str(), "w");
  std::fprintf(out, "ts_us,bid,ask\n");
  for (int i = 0; i < 200; ++i) {
    const int bid = 139'147 + i % 7;
    std::fprintf(out, "%lld,1.%d,1.%d\n", 1'399'525'217'000'000LL + i * 1'000'000LL, bid - 100'000, bid - 100'000 + (i % 50 == 10 ? -1 : i % 50 == 20 ? 0 : 1));
  }
  std::fclose(out);
  const Replayed run = import_and_replay(folder, {quotes}, "[bars]\nsource = \"quotes\"\n[[strategy]]\nkind = \"every_bar\"\ntimeframe = \"5s\"\nstop_fraction = 0.001\n");
  const auto feed = as_map(run.summary.feed_counts);
  EXPECT_EQ(feed.at("ticks_in"), 200U);
  EXPECT_EQ(feed.at("crossed_quotes"), 4U);
  EXPECT_EQ(feed.at("locked_quotes"), 4U);
  EXPECT_EQ(feed.at("quotes"), 192U);
  EXPECT_GT(run.summary.fills, 0U);
}

}  // namespace captures_test
}  // namespace martinet::whole
