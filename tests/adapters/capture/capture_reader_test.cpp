// The reading thread and its consumer: fast and slow ones, early ends, moves, errors in the middle, and memory that does not grow
// with the capture.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>
#include <utility>

#include "adapters/capture/capture_format.hpp"
#include "tests/adapters/capture/capture_test_support.hpp"

namespace martinet::capture_test::reader {

void write_ticks(const std::filesystem::path& path, std::int64_t count, CaptureOptions options = {}) {
  auto writer = CaptureWriter::create(path, small_header(), options);
  ASSERT_TRUE(writer.ok());
  for (std::int64_t i = 0; i < count; ++i) ASSERT_TRUE(writer->tick(2, tick_at(i)).ok());
  ASSERT_TRUE(writer->finish().ok());
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  statm >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST(CaptureReaderThread, HandsOutEveryTickOfManyBlocksInOrder) {
  const Folder folder;
  constexpr std::int64_t kCount = 200'000;  // 16 MB: 61 blocks through 8 buffers
  write_ticks(folder / "a.cap", kCount);
  auto reader = CaptureReader::open(folder / "a.cap");
  ASSERT_TRUE(reader.ok());
  CaptureRecord record;
  double fraction = 0;
  for (std::int64_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(reader->next(record), ReadState::record);
    ASSERT_EQ(record.kind, RecordKind::tick);
    ASSERT_EQ(record.ts_receive_ns, i);
    ASSERT_EQ(record.tick(), tick_at(i));
    ASSERT_GE(reader->fraction_read(), fraction);
    fraction = reader->fraction_read();
  }
  EXPECT_EQ(reader->next(record), ReadState::end);
  EXPECT_GT(reader->totals().blocks, 50U);
  EXPECT_EQ(reader->totals().count(RecordKind::tick), static_cast<std::uint64_t>(kCount));
  EXPECT_EQ(reader->error().code, Errc::ok);
}

TEST(CaptureReaderThread, KeepsARecordsBytesUntilTheNextCallHoweverLongThatTakes) {
  const Folder folder;
  constexpr std::int64_t kCount = 100'000;
  write_ticks(folder / "a.cap", kCount);
  auto reader = CaptureReader::open(folder / "a.cap");
  ASSERT_TRUE(reader.ok());
  CaptureRecord record;
  for (std::int64_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(reader->next(record), ReadState::record);
    // Now and then so slow that the reading thread fills every buffer and sleeps.
    if (i % 9'973 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ASSERT_EQ(record.tick().sequence, static_cast<std::uint64_t>(i) * 3);
  }
}

TEST(CaptureReaderThread, CanBeAbandonedAtAnyPoint) {
  const Folder folder;
  write_ticks(folder / "a.cap", 100'000);
  for (const std::int64_t stop_at : {0, 1, 3000, 3276, 3277, 50'000}) {
    auto reader = CaptureReader::open(folder / "a.cap");
    ASSERT_TRUE(reader.ok());
    CaptureRecord record;
    for (std::int64_t i = 0; i < stop_at; ++i) ASSERT_EQ(reader->next(record), ReadState::record);
  }
}

TEST(CaptureReaderThread, CanBeMovedInTheMiddleOfABlock) {
  const Folder folder;
  write_ticks(folder / "a.cap", 10'000);
  auto opened = CaptureReader::open(folder / "a.cap");
  auto other = CaptureReader::open(folder / "a.cap");
  ASSERT_TRUE(opened.ok() && other.ok());
  CaptureRecord record;
  ASSERT_EQ(opened->next(record), ReadState::record);
  CaptureReader moved(std::move(*opened));
  ASSERT_EQ(moved.next(record), ReadState::record);
  EXPECT_EQ(record.ts_receive_ns, 1);
  *other = std::move(moved);
  ASSERT_EQ(other->next(record), ReadState::record);
  EXPECT_EQ(record.ts_receive_ns, 2);
}

TEST(CaptureReaderThread, ReportsDamageInTheMiddleAfterTheGoodRecordsBeforeIt) {
  const Folder folder;
  write_ticks(folder / "a.cap", 50'000);
  std::string bytes = read_bytes(folder / "a.cap");
  const std::size_t at = bytes.size() / 2;
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  write_bytes(folder / "b.cap", bytes);
  auto reader = CaptureReader::open(folder / "b.cap");
  ASSERT_TRUE(reader.ok());
  CaptureRecord record;
  std::int64_t count = 0;
  ReadState state = reader->next(record);
  for (; state == ReadState::record; state = reader->next(record)) ASSERT_EQ(record.tick(), tick_at(count++));
  EXPECT_EQ(state, ReadState::failed);
  EXPECT_EQ(reader->next(record), ReadState::failed) << "and stays so";
  EXPECT_EQ(reader->error().code, Errc::corrupted);
  EXPECT_GT(count, 20'000);
  EXPECT_LT(count, 25'001);
}

TEST(CaptureReaderThread, TwoReadersOfOneFileDoNotDisturbEachOther) {
  const Folder folder;
  write_ticks(folder / "a.cap", 60'000);
  const auto read_all = [&folder] { return read_whole(folder / "a.cap").records; };
  std::uint64_t there = 0;
  std::thread second([&] { there = read_all(); });
  EXPECT_EQ(read_all(), 60'000U);
  second.join();
  EXPECT_EQ(there, 60'000U);
}

// Measured inside one reading, because what a process keeps between two of them is its allocator's business: once every buffer has
// been used (a tenth of the capture, 46 blocks), nine times as much again must not add to what is resident.
TEST(CaptureReaderThread, MemoryDoesNotGrowWithTheLengthOfTheCapture) {
  const Folder folder;
  constexpr std::int64_t kTenth = 150'000;
  write_ticks(folder / "long.cap", 10 * kTenth, {.compress_parsed = true});
  auto reader = CaptureReader::open(folder / "long.cap");
  ASSERT_TRUE(reader.ok());
  CaptureRecord record;
  std::size_t early = 0;
  std::size_t peak = 0;
  std::int64_t count = 0;
  for (; reader->next(record) == ReadState::record; ++count) {
    if (count == kTenth) early = resident_bytes();
    if (count % 10'000 == 0 && count > kTenth) peak = std::max(peak, resident_bytes());
  }
  EXPECT_EQ(count, 10 * kTenth);
  ASSERT_GT(early, 0U);
  EXPECT_LT(peak, early + (2U << 20)) << "the rest of the capture has 108 MB of records";
}

}  // namespace martinet::capture_test::reader
