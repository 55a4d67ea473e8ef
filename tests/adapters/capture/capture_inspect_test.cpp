// The summary counts what was written, and finds the silences.
#include "adapters/capture/capture_inspect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/adapters/capture/capture_test_support.hpp"

namespace martinet::capture_test::inspect {

using capture::CaptureSummary;
using testing::HasSubstr;

constexpr std::int64_t kStart = 1'722'816'000 * kNanosPerSecond;

std::string_view first_word(const StreamInfo&, std::string_view frame) { return frame.substr(0, frame.find(' ')); }

TEST(CaptureInspect, CountsByStreamKindAndChannel) {
  const Folder folder;
  auto writer = CaptureWriter::create(folder / "a.cap", small_header());
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(writer->raw_frame(0, 1, "trade 1").ok());
  ASSERT_TRUE(writer->raw_frame(0, 2, "books 22").ok());
  ASSERT_TRUE(writer->raw_frame(0, 3, "trade 333").ok());
  ASSERT_TRUE(writer->raw_frame(1, 4, "depth").ok());
  Tick tick = tick_at(5);
  ASSERT_TRUE(writer->tick(2, tick).ok());
  tick.kind = TickKind::mark;
  ASSERT_TRUE(writer->tick(2, tick).ok());
  ASSERT_TRUE(writer->candle(2, candle_at(6)).ok());
  ASSERT_TRUE(writer->note(0, 7, "hm").ok());
  ASSERT_TRUE(writer->finish().ok());

  const auto summary = capture::inspect_capture(folder / "a.cap", {}, first_word);
  ASSERT_TRUE(summary.ok()) << summary.error().what;
  using Channels = std::map<std::string, std::uint64_t, std::less<>>;
  ASSERT_EQ(summary->streams.size(), 3U);
  EXPECT_EQ(summary->streams[0].channels, (Channels{{"trade", 2}, {"books", 1}, {"note", 1}}));
  EXPECT_EQ(summary->streams[1].channels, (Channels{{"depth", 1}}));
  EXPECT_EQ(summary->streams[2].channels, (Channels{{"quote", 1}, {"mark", 1}, {"candle", 1}}));
  EXPECT_EQ(summary->streams[0].totals.payload_bytes, 7U + 8U + 9U + 2U);
  EXPECT_EQ(summary->streams[2].totals.count(RecordKind::tick), 2U);
  EXPECT_EQ(summary->totals.records, 8U);
  EXPECT_EQ(summary->file_bytes, std::filesystem::file_size(folder / "a.cap"));
  EXPECT_EQ(summary->gap_count, 0U);
  const auto unnamed = capture::inspect_capture(folder / "a.cap");
  EXPECT_EQ(unnamed->streams[0].channels, (Channels{{"frame", 3}, {"note", 1}}));
}

TEST(CaptureInspect, FindsSilencesLongerThanTheLimitAndKeepsTheLongest) {
  const Folder folder;
  auto writer = CaptureWriter::create(folder / "a.cap", small_header());
  ASSERT_TRUE(writer.ok());
  std::int64_t ts = kStart;
  for (const std::int64_t pause_s : {0, 10, 30, 5, 20, 11, 40, 20}) {
    ts += pause_s * kNanosPerSecond;
    ASSERT_TRUE(writer->raw_frame(0, ts, "x").ok());
  }
  ASSERT_TRUE(writer->raw_frame(0, ts + 10 * kNanosPerSecond + 1, "one ns more than ten seconds").ok());
  ASSERT_TRUE(writer->finish().ok());
  const auto summary = capture::inspect_capture(folder / "a.cap", {.gaps_max = 3});
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->gap_count, 6U) << "ten seconds sharp is not a gap";
  ASSERT_EQ(summary->gaps.size(), 3U);
  EXPECT_EQ(summary->gaps[0].duration_ns, 30 * kNanosPerSecond);
  EXPECT_EQ(summary->gaps[0].ts_from_ns, kStart + 10 * kNanosPerSecond);
  EXPECT_EQ(summary->gaps[1].duration_ns, 20 * kNanosPerSecond);
  EXPECT_EQ(summary->gaps[1].ts_from_ns, kStart + 45 * kNanosPerSecond) << "of two equal ones the earlier stays";
  EXPECT_EQ(summary->gaps[2].duration_ns, 40 * kNanosPerSecond);
  EXPECT_TRUE(capture::inspect_capture(folder / "a.cap", {.gaps_max = 0})->gaps.empty());
}

TEST(CaptureInspect, RendersTextAndJson) {
  const Folder folder;
  write_small(folder / "a.cap");
  const auto summary = capture::inspect_capture(folder / "a.cap");
  ASSERT_TRUE(summary.ok());
  const std::string text = capture::summary_text(*summary);
  for (const char* part : {"2 blocks, 4 records", "made by a test", "BTCUSDT", "tick 0.005", "lot 0.0001", "min notional 5",
                           "rules assumed", "1970-01-01T00:00:00.000001003Z", "rest_depth", "gaps         0"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  const std::string json = capture::summary_json(*summary);
  for (const char* part : {R"("records":4)", R"("by_kind":{"raw_frame":1,"tick":1,"candle":1,"note":1})", R"("truncated":false)",
                           R"("default_instrument":"ETHUSDT")", R"("tick_size":"0.005")", R"("gaps":[])", R"("ts_last_ns":1003)"}) {
    EXPECT_THAT(json, HasSubstr(part));
  }
  CaptureSummary odd = *summary;
  odd.header.note = "say \"hi\"\\\n\x01";
  EXPECT_THAT(capture::summary_json(odd), HasSubstr(R"("note":"say \"hi\"\\\u000a\u0001")"));
}

TEST(CaptureInspect, ListsTheFirstRecordsDecoded) {
  const Folder folder;
  write_small(folder / "a.cap");
  std::vector<std::string> lines;
  const auto keep = [&lines](std::string_view line) { lines.emplace_back(line); };
  ASSERT_TRUE(capture::list_records(folder / "a.cap", 3, 12, keep).ok());
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "1970-01-01T00:00:00.000001000Z 0 raw_frame {\"hello\":\"wo...");
  EXPECT_EQ(lines[1], "1970-01-01T00:00:00.000001001Z 2 tick BTCUSDT quote bid 0.1101 x 0.00007 ask 0.1102 x 0.00008 seq 3003");
  EXPECT_THAT(lines[2],
              HasSubstr("candle ETHUSDT candle 0s of 1970-01-01T00:00:00.000000942Z o 0.001 h 0.0014 l 0.0009 c 0.0012 v 0.01 closed"));
  lines.clear();
  ASSERT_TRUE(capture::list_records(folder / "a.cap", 100, 0, keep).ok());
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[3], "1970-01-01T00:00:00.000001003Z 1 note bye");
  EXPECT_EQ(capture::list_records(folder / "none.cap", 1, 0, keep).error().code, Errc::not_found);
}

TEST(CaptureInspect, WritesUtcOfAnyInstant) {
  EXPECT_EQ(capture::utc_text(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(capture::utc_text(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(capture::utc_text(kStart), "2024-08-05T00:00:00.000000000Z");
  EXPECT_EQ(capture::utc_text(951'827'696'123'456'789), "2000-02-29T12:34:56.123456789Z");
}

TEST(CaptureInspect, PassesOnWhatTheReaderRefuses) {
  const Folder folder;
  write_small(folder / "a.cap");
  const std::string whole = read_bytes(folder / "a.cap");
  write_bytes(folder / "cut.cap", whole.substr(0, whole.size() - 1));
  EXPECT_EQ(capture::inspect_capture(folder / "cut.cap").error().code, Errc::truncated);
  const auto allowed = capture::inspect_capture(folder / "cut.cap", {.allow_truncated = true});
  ASSERT_TRUE(allowed.ok());
  EXPECT_TRUE(allowed->was_truncated);
  EXPECT_EQ(allowed->totals.records, 4U);
  EXPECT_THAT(capture::summary_text(*allowed), HasSubstr("TRUNCATED"));
}

}  // namespace martinet::capture_test::inspect
