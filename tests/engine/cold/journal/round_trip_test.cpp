// What is appended is what is read, through memory and through real files.
#include <gtest/gtest.h>

#include "adapters/io/uring_storage.hpp"
#include "tests/engine/cold/journal/journal_support.hpp"

namespace martinet::journal_round_trip_test {

using namespace journal_test;

TEST(JournalRoundTrip, RandomRecordsOfEverySizeComeBackAsTheyWere) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const std::size_t size_max = seed % 4 == 0 ? journal::kPayloadMax : std::size_t{1} << (3 + seed % 9);
    std::vector<Sample> samples;
    for (std::size_t i = 0, n = 1 + random.below(60); i < n; ++i) samples.push_back(random_sample(random, size_max));
    const Verdict verdict = judge(segment_of(samples), samples);
    EXPECT_EQ(verdict.code, Errc::ok) << verdict.what;
    EXPECT_EQ(verdict.count, samples.size());
    EXPECT_FALSE(verdict.invented);
    EXPECT_EQ(verdict.end, JournalEnd::clean);
    EXPECT_EQ(verdict.offset, offsets_of(samples).back());
  }
}

TEST(JournalRoundTrip, EverySizeAroundTheBoundsOfPaddingAndPayload) {
  Random random(5);
  std::vector<Sample> samples;
  for (const std::size_t size :
       {0UL, 1UL, 7UL, 8UL, 9UL, 15UL, 16UL, 17UL, 511UL, 512UL, 65'527UL, 65'528UL, 65'529UL, 65'535UL, 65'536UL}) {
    samples.push_back({journal::RecordType::checkpoint, static_cast<std::int64_t>(size), random.bytes(size)});
  }
  const Verdict verdict = judge(segment_of(samples), samples);
  EXPECT_EQ(verdict.code, Errc::ok) << verdict.what;
  EXPECT_EQ(verdict.count, samples.size());
  EXPECT_FALSE(verdict.invented);
}

TEST(JournalRoundTrip, APayloadOverTheBoundIsABug) {
  MemoryStorage storage;
  JournalWriter writer(storage, small_options());
  ASSERT_TRUE(writer.begin_segment(1).ok());
  const Bytes payload(journal::kPayloadMax + 1);
  EXPECT_DEATH((void)writer.append(journal::RecordType::session, 1, payload), "kPayloadMax");
}

TEST(JournalRoundTrip, AppendingBeforeAnySegmentIsABug) {
  MemoryStorage storage;
  JournalWriter writer(storage, small_options());
  EXPECT_DEATH((void)writer.append(journal::RecordType::session, 1, {}), "open_");
}

TEST(JournalRoundTrip, TheStructOfATypeComesBackOnlyFromItsOwnSize) {
  MemoryStorage storage;
  JournalWriter writer(storage, small_options());
  ASSERT_TRUE(writer.begin_segment(1).ok());
  std::uint64_t sequence = 0;
  ASSERT_EQ(writer.append_struct(journal::RecordType::equity, 9, journal::EquityRecord{11, 22}, &sequence), Errc::ok);
  EXPECT_EQ(sequence, 1U);
  EXPECT_EQ(writer.last_sequence(), 1U);
  ASSERT_TRUE(writer.close().ok());
  auto reader = JournalReader::from_bytes(storage.bytes(), "segment");
  ASSERT_TRUE(reader.ok());
  JournalRecord record;
  ASSERT_TRUE(reader->next(record));
  EXPECT_EQ(record.offset, 256U);
  journal::EquityRecord equity;
  journal::AlertRecord alert;
  ASSERT_TRUE(record.as(equity));
  EXPECT_EQ(equity.equity, 11);
  EXPECT_EQ(equity.balance, 22);
  EXPECT_FALSE(record.as(alert));
  EXPECT_FALSE(reader->next(record));
  EXPECT_FALSE(reader->next(record)) << "the end stays the end";
}

TEST(JournalRoundTrip, PartsOfSomethingLongJoinToTheWhole) {
  Random random(77);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, journal::kPartBytesMax - 1, journal::kPartBytesMax,
                                 journal::kPartBytesMax + 1, std::size_t{3'000'000}}) {
    SCOPED_TRACE(size);
    const Bytes whole = random.bytes(size);
    MemoryStorage storage;
    JournalWriter writer(storage, small_options());
    ASSERT_TRUE(writer.begin_segment(1).ok());
    ASSERT_TRUE(writer.append_parts(journal::RecordType::checkpoint, 5, whole).ok());
    ASSERT_TRUE(writer.close().ok());
    auto reader = JournalReader::from_bytes(storage.bytes(), "segment");
    ASSERT_TRUE(reader.ok());
    Bytes joined;
    JournalRecord record;
    const std::size_t count = std::max<std::size_t>((size + journal::kPartBytesMax - 1) / journal::kPartBytesMax, 1);
    std::uint32_t index = 0;
    for (; reader->next(record); ++index) {
      journal::PartHead head;
      ASSERT_GE(record.payload.size(), sizeof(head));
      std::memcpy(&head, record.payload.data(), sizeof(head));
      EXPECT_EQ(head.index, index);
      EXPECT_EQ(head.count, count);
      EXPECT_EQ(record.type(), journal::RecordType::checkpoint);
      joined.insert(joined.end(), record.payload.begin() + sizeof(head), record.payload.end());
    }
    EXPECT_EQ(index, count);
    EXPECT_TRUE(joined == whole);
  }
}

TEST(JournalRoundTrip, AHundredThousandRecordsAndSegmentsThroughRealFiles) {
  const Folder folder;
  auto storage = UringStorage::create_ring();
  if (!storage.ok()) GTEST_SKIP() << storage.error().what;
  JournalOptions options = small_options(1 << 20);
  options.folder = folder.path().string();
  Random random(1234);
  std::vector<Sample> samples;
  {
    JournalWriter writer(**storage, options);
    for (std::size_t i = 0; i < 100'000; ++i) {
      if (i % 30'000 == 0) {
        ASSERT_TRUE(writer.begin_segment(static_cast<std::int64_t>(i)).ok());
      }
      samples.push_back(random_sample(random, 150));
      const Sample& sample = samples.back();
      while (writer.append(sample.type, sample.ts_ns, sample.payload) == Errc::lane_full) ASSERT_TRUE(writer.sync().ok());
      writer.turn(i % 1000 == 0);
    }
    ASSERT_TRUE(writer.close().ok());
    EXPECT_EQ(writer.durable_sequence(), 100'000U);
    EXPECT_EQ(writer.segment_count(), 4U);
  }
  const auto segments = journal_segments(folder.path());
  ASSERT_TRUE(segments.ok());
  ASSERT_EQ(segments->size(), 4U);
  std::size_t i = 0;
  std::vector<JournalReader> readers;
  for (const auto& segment : *segments) {
    auto reader = JournalReader::open(segment);
    ASSERT_TRUE(reader.ok()) << reader.error().what;
    JournalRecord record;
    for (; reader->next(record); ++i) ASSERT_TRUE(i < samples.size() && same(record, samples[i], i + 1)) << i;
    ASSERT_TRUE(reader->status().ok()) << reader->status().error().what;
    EXPECT_EQ(reader->end(), JournalEnd::clean);
    EXPECT_EQ(reader->offset(), std::filesystem::file_size(segment)) << "cut to its records";
    if (!readers.empty()) {
      EXPECT_TRUE(reader->follows(readers.back()).ok());
    }
    readers.push_back(std::move(*reader));
  }
  EXPECT_EQ(i, samples.size());
}

TEST(JournalRoundTrip, ASegmentThatNobodyClosedReadsCleanlyToItsReserve) {
  const Folder folder;
  auto storage = UringStorage::create_ring();
  if (!storage.ok()) GTEST_SKIP() << storage.error().what;
  JournalOptions options = small_options(1 << 16);
  options.folder = folder.path().string();
  JournalWriter writer(**storage, options);
  ASSERT_TRUE(writer.begin_segment(1).ok());
  {
    const auto reader = JournalReader::open(folder.path() / segment_name(1));
    ASSERT_FALSE(reader.ok());
    EXPECT_EQ(reader.error().code, Errc::empty_file) << "a crash before the first group";
  }
  const Sample sample{journal::RecordType::alert, 4, Bytes(16, std::byte{9})};
  ASSERT_EQ(writer.append(sample.type, sample.ts_ns, sample.payload), Errc::ok);
  ASSERT_TRUE(writer.sync().ok());
  auto reader = JournalReader::open(folder.path() / segment_name(1));
  ASSERT_TRUE(reader.ok());
  JournalRecord record;
  ASSERT_TRUE(reader->next(record));
  EXPECT_TRUE(same(record, sample, 1));
  EXPECT_FALSE(reader->next(record));
  EXPECT_TRUE(reader->status().ok());
  EXPECT_EQ(reader->end(), JournalEnd::clean);
  EXPECT_EQ(std::filesystem::file_size(folder.path() / segment_name(1)), std::uintmax_t{1} << 16);
}

}  // namespace martinet::journal_round_trip_test
