// What was written is what is read: header, records of every kind and size, totals; and what the writer refuses.
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <random>

#include "tests/adapters/capture/capture_test_support.hpp"

namespace martinet::capture_test::roundtrip {

struct Written {
  RecordKind kind;
  std::uint16_t stream;
  std::int64_t ts_ns;
  std::string payload;
  bool operator==(const Written&) const = default;
};

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string random_frame(std::mt19937_64& random, std::size_t size) {
  std::string text(size, 'x');
  const bool noise = random() % 4 == 0;  // does not compress
  for (char& c : text) c = static_cast<char>(noise ? random() : 'a' + random() % 4);
  return text;
}

// Writes `count` random records and gives them as they should come back.
std::vector<Written> write_random(CaptureWriter& writer, std::uint64_t seed, std::size_t count, std::size_t frame_bytes_max) {
  std::mt19937_64 random(seed);
  std::vector<Written> all;
  std::int64_t ts = -500;  // stamps before 1970 are stamps, too
  for (std::size_t i = 0; i < count; ++i) {
    ts += static_cast<std::int64_t>(random() % 3);
    const auto stream = static_cast<std::uint16_t>(random() % 3);
    switch (random() % 4) {
      case 0:
        all.push_back({RecordKind::tick, stream, ts, bytes_of(tick_at(ts, static_cast<InstrumentId>(random() % 2)))});
        EXPECT_TRUE(writer.tick(stream, *reinterpret_cast<const Tick*>(all.back().payload.data())).ok());
        break;
      case 1:
        all.push_back({RecordKind::candle, stream, ts, bytes_of(candle_at(ts))});
        EXPECT_TRUE(writer.candle(stream, candle_at(ts)).ok());
        break;
      case 2:
        all.push_back({RecordKind::note, stream, ts, random_frame(random, random() % 20)});
        EXPECT_TRUE(writer.note(stream, ts, all.back().payload).ok());
        break;
      default:
        all.push_back({RecordKind::raw_frame, stream, ts, random_frame(random, random() % (frame_bytes_max + 1))});
        EXPECT_TRUE(writer.raw_frame(stream, ts, all.back().payload).ok());
    }
    if (random() % 50 == 0) {
      EXPECT_TRUE(writer.flush().ok());
    }
  }
  return all;
}

std::vector<Written> read_back(const std::filesystem::path& path, CaptureTotals& totals) {
  auto reader = CaptureReader::open(path);
  EXPECT_TRUE(reader.ok());
  std::vector<Written> all;
  CaptureRecord record;
  ReadState state = reader->next(record);
  for (; state == ReadState::record; state = reader->next(record)) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(record.payload.data()) % 8, 0U);
    all.push_back({record.kind, record.stream, record.ts_receive_ns, std::string(record.frame())});
  }
  EXPECT_EQ(state, ReadState::end) << reader->error().what;
  EXPECT_EQ(reader->next(record), ReadState::end) << "the end stays the end";
  EXPECT_DOUBLE_EQ(reader->fraction_read(), 1.0);
  totals = reader->totals();
  return all;
}

TEST(CaptureRoundTrip, GivesBackTheHeaderFieldByField) {
  const Folder folder;
  write_small(folder / "a.cap");
  auto reader = CaptureReader::open(folder / "a.cap");
  ASSERT_TRUE(reader.ok()) << reader.error().what;
  const CaptureHeader expected = small_header();
  EXPECT_EQ(reader->header().note, expected.note);
  EXPECT_EQ(reader->header().streams, expected.streams);
  ASSERT_EQ(reader->header().instruments.size(), 2U);
  EXPECT_EQ(reader->header().instruments[0], expected.instruments[0]);
  EXPECT_EQ(reader->header().instruments[1], expected.instruments[1]);
}

TEST(CaptureRoundTrip, GivesBackEveryRecordInEveryCompressionMode) {
  for (const CaptureOptions options : {CaptureOptions{}, {.compress = false}, {.compress_parsed = true}}) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      const Folder folder;
      auto writer = CaptureWriter::create(folder / "a.cap", small_header(), options);
      ASSERT_TRUE(writer.ok());
      const std::vector<Written> written = write_random(*writer, seed, 4000, 2000);
      const auto totals = writer->finish();
      ASSERT_TRUE(totals.ok()) << totals.error().what;
      CaptureTotals read_totals;
      EXPECT_TRUE(read_back(folder / "a.cap", read_totals) == written);
      EXPECT_EQ(read_totals, *totals);
      EXPECT_EQ(totals->records, written.size());
      EXPECT_EQ(totals->ts_first_ns, written.front().ts_ns);
      EXPECT_EQ(totals->ts_last_ns, written.back().ts_ns);
    }
  }
}

TEST(CaptureRoundTrip, HoldsFramesUpToTheLimitAndRefusesOneByteMore) {
  const Folder folder;
  auto writer = CaptureWriter::create(folder / "a.cap", small_header());
  ASSERT_TRUE(writer.ok());
  std::mt19937_64 random(5);
  std::vector<std::string> frames;
  for (const std::size_t size : {capacity::frame_bytes_max, std::size_t{0}, capacity::frame_bytes_max - 1, std::size_t{1}, std::size_t{7},
                                 std::size_t{8}, std::size_t{9}, std::size_t{256 * 1024}, capacity::frame_bytes_max}) {
    std::string frame(size, '\0');
    for (char& c : frame) c = static_cast<char>(random());
    frames.push_back(frame);
    ASSERT_TRUE(writer->raw_frame(0, 1, frames.back()).ok());
  }
  const Status refused = writer->raw_frame(0, 1, std::string(capacity::frame_bytes_max + 1, 'x'));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::frame_too_large);
  ASSERT_TRUE(writer->finish().ok());
  auto reader = CaptureReader::open(folder / "a.cap");
  ASSERT_TRUE(reader.ok());
  CaptureRecord record;
  for (const std::string& frame : frames) {
    ASSERT_EQ(reader->next(record), ReadState::record);
    ASSERT_TRUE(record.frame() == frame);
  }
  EXPECT_EQ(reader->next(record), ReadState::end);
}

TEST(CaptureRoundTrip, TakesACaptureWithoutRecordsStreamsAndInstruments) {
  const Folder folder;
  auto writer = CaptureWriter::create(folder / "a.cap", {});
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(writer->finish().ok());
  EXPECT_EQ(read_whole(folder / "a.cap").code, Errc::ok);
}

TEST(CaptureRoundTrip, FillsTheHeaderToItsLimitsAndRefusesMore) {
  const Folder folder;
  CaptureHeader header;
  for (std::size_t i = 0; i < capacity::instruments_max; ++i) {
    ASSERT_TRUE(header.instruments.add(instrument(("S" + std::to_string(i)).c_str(), Market::spot)).ok());
  }
  header.streams.assign(capacity::streams_max, {Venue::bitget, Market::spot, StreamKind::public_ws, 255, std::string(255, 'n')});
  header.note.assign(65'535, 'z');
  {
    auto writer = CaptureWriter::create(folder / "a.cap", header);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->finish().ok());
  }
  auto reader = CaptureReader::open(folder / "a.cap");
  ASSERT_TRUE(reader.ok()) << reader.error().what;
  EXPECT_EQ(reader->header().instruments[255], header.instruments[255]);
  EXPECT_EQ(reader->header().streams, header.streams);

  CaptureHeader longer = header;
  longer.note += "z";
  EXPECT_FALSE(CaptureWriter::create(folder / "b.cap", longer).ok());
  longer = header;
  longer.streams.emplace_back();
  EXPECT_FALSE(CaptureWriter::create(folder / "b.cap", longer).ok());
  longer = header;
  longer.streams[3].name += "n";
  EXPECT_FALSE(CaptureWriter::create(folder / "b.cap", longer).ok());
  longer = header;
  longer.streams[3].default_instrument = 256;
  EXPECT_FALSE(CaptureWriter::create(folder / "b.cap", longer).ok());
  EXPECT_EQ(folder.file_count(), 1U) << "a refused capture leaves nothing behind";
}

TEST(CaptureRoundTrip, WritesTheSameBytesForTheSameInput) {
  const Folder folder;
  write_small(folder / "a.cap");
  write_small(folder / "b.cap");
  EXPECT_TRUE(read_bytes(folder / "a.cap") == read_bytes(folder / "b.cap"));
}

TEST(CaptureWriterRules, RefusesTimesThatGoBackAndGoesOn) {
  const Folder folder;
  auto writer = CaptureWriter::create(folder / "a.cap", small_header());
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(writer->raw_frame(0, 100, "a").ok());
  const Status back = writer->raw_frame(1, 99, "b");
  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.error().code, Errc::out_of_order);
  EXPECT_EQ(writer->tick(2, tick_at(99)).error().code, Errc::out_of_order);
  EXPECT_TRUE(writer->raw_frame(1, 100, "equal is in order").ok());
  const auto totals = writer->finish();
  ASSERT_TRUE(totals.ok());
  EXPECT_EQ(totals->records, 2U);
  EXPECT_EQ(read_whole(folder / "a.cap").records, 2U);
}

TEST(CaptureWriterRules, RefusesStreamsAndInstrumentsThatTheHeaderDoesNotHave) {
  const Folder folder;
  auto writer = CaptureWriter::create(folder / "a.cap", small_header());
  ASSERT_TRUE(writer.ok());
  EXPECT_TRUE(writer->raw_frame(2, 1, "last stream").ok());
  EXPECT_EQ(writer->raw_frame(3, 1, "one beyond").error().code, Errc::missing_field);
  EXPECT_TRUE(writer->tick(0, tick_at(1, 1)).ok());
  EXPECT_EQ(writer->tick(0, tick_at(1, 2)).error().code, Errc::unknown_symbol);
  EXPECT_EQ(writer->candle(0, candle_at(1, 2)).error().code, Errc::unknown_symbol);
}

TEST(CaptureWriterRules, LeavesNothingBehindUnlessFinished) {
  const Folder folder;
  {
    auto writer = CaptureWriter::create(folder / "a.cap", small_header());
    ASSERT_TRUE(writer.ok());
    EXPECT_TRUE(std::filesystem::exists(folder / "a.cap.part"));
    EXPECT_FALSE(std::filesystem::exists(folder / "a.cap"));
  }
  EXPECT_EQ(folder.file_count(), 0U);
}

TEST(CaptureWriterRules, DoesNotTouchAnExistingCaptureUnlessAsked) {
  const Folder folder;
  write_bytes(folder / "a.cap", "precious");
  const auto refused = CaptureWriter::create(folder / "a.cap", small_header());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::exists_already);
  EXPECT_NE(refused.error().what.find("a.cap"), std::string::npos);
  EXPECT_EQ(read_bytes(folder / "a.cap"), "precious");
  EXPECT_EQ(folder.file_count(), 1U);
  {
    auto writer = CaptureWriter::create(folder / "a.cap", small_header(), {.overwrite = true});
    ASSERT_TRUE(writer.ok());
    EXPECT_EQ(read_bytes(folder / "a.cap"), "precious") << "until finish()";
  }
  EXPECT_EQ(read_bytes(folder / "a.cap"), "precious") << "an abandoned overwrite changes nothing";
  write_small(folder / "a.cap", {.overwrite = true});
  EXPECT_EQ(read_whole(folder / "a.cap").records, 4U);
}

TEST(CaptureWriterRules, FinishRefusesAPathThatAppearedMeanwhile) {
  const Folder folder;
  auto writer = CaptureWriter::create(folder / "a.cap", small_header());
  ASSERT_TRUE(writer.ok());
  write_bytes(folder / "a.cap", "came later");
  const auto totals = writer->finish();
  ASSERT_FALSE(totals.ok());
  EXPECT_EQ(totals.error().code, Errc::exists_already);
  EXPECT_EQ(read_bytes(folder / "a.cap"), "came later");
}

TEST(CaptureWriterRules, ReplacesWhatADeadRecorderLeftButNotWhatALivingOneWrites) {
  const Folder folder;
  write_bytes(folder / "a.cap.part", std::string(100'000, 'x'));  // nobody holds its lock
  auto writer = CaptureWriter::create(folder / "a.cap", small_header());
  ASSERT_TRUE(writer.ok());
  const auto second = CaptureWriter::create(folder / "a.cap", small_header());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Errc::exists_already);
  ASSERT_TRUE(writer->finish().ok());
  EXPECT_EQ(read_whole(folder / "a.cap").code, Errc::ok);
}

TEST(CaptureWriterRules, SaysWhatIsWrongWithThePath) {
  const Folder folder;
  EXPECT_EQ(CaptureWriter::create(folder / "no/such/folder.cap", small_header()).error().code, Errc::not_found);
  EXPECT_EQ(CaptureWriter::create(folder.path(), small_header()).error().code, Errc::exists_already);
  EXPECT_EQ(CaptureWriter::create(folder.path(), small_header(), {.overwrite = true}).error().code, Errc::exists_already);
  EXPECT_EQ(CaptureWriter::create("", small_header()).error().code, Errc::usage);
}

TEST(CaptureWriterRules, TakesNothingMoreOnceFinished) {
  const Folder folder;
  auto writer = CaptureWriter::create(folder / "a.cap", small_header());
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(writer->finish().ok());
  EXPECT_EQ(writer->raw_frame(0, 1, "late").error().code, Errc::usage);
  EXPECT_EQ(writer->finish().error().code, Errc::usage);
}

// A full disk, played by the limit on file sizes: the failure latches and the .part goes away.
TEST(CaptureWriterRules, AFailedWriteStaysFailedAndPathIsNotMade) {
  const Folder folder;
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
  {
    auto writer = CaptureWriter::create(folder / "a.cap", small_header(), {.compress = false});
    ASSERT_TRUE(writer.ok());
    const rlimit small{300'000, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    Status status;
    int taken = 0;
    for (; taken < 1000 && status.ok(); ++taken) status = writer->raw_frame(0, taken, std::string(1000, 'x'));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, Errc::disk_full) << status.error().what;
    EXPECT_LT(taken, 1000);
    EXPECT_EQ(writer->raw_frame(0, 2000, "again").error().code, Errc::disk_full) << "there is room again, but a block is missing";
    EXPECT_EQ(writer->flush().error().code, Errc::disk_full);
    EXPECT_EQ(writer->finish().error().code, Errc::disk_full);
  }
  ::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(folder.file_count(), 0U);
}

}  // namespace martinet::capture_test::roundtrip
