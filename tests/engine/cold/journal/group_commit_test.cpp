// Groups, backpressure and failures, over a storage that completes and fails when told.
#include <gtest/gtest.h>

#include "tests/engine/cold/journal/journal_support.hpp"

namespace martinet::journal_group_test {

using namespace journal_test;
using Fault = MemoryStorage::Fault;

std::size_t readable(const MemoryStorage& storage, const std::vector<Sample>& samples) {
  const Verdict verdict = judge(storage.bytes(), samples);
  EXPECT_FALSE(verdict.invented);
  EXPECT_EQ(verdict.end, JournalEnd::clean);
  return verdict.count;
}

TEST(JournalGroups, DurableIsAlwaysAPrefixThatCanBeRead) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    MemoryStorage storage;
    JournalWriter writer(storage, small_options(1 << 20));
    ASSERT_TRUE(writer.begin_segment(1).ok());
    std::vector<Sample> samples;
    std::uint64_t durable = 0;
    for (int step = 0; step < 600; ++step) {
      switch (random.below(5)) {
        case 0:
        case 1:
          samples.push_back(random_sample(random, seed % 3 == 0 ? 20'000 : 200));
          ASSERT_EQ(writer.append(samples.back().type, samples.back().ts_ns, samples.back().payload), Errc::ok);
          break;
        case 2:
          writer.turn(random.below(3) == 0);
          break;
        case 3:
          (void)storage.deliver();
          break;
        default:
          writer.turn(false);
      }
      ASSERT_LE(storage.queued_count(), 1U) << "one group under way at a time";
      ASSERT_GE(writer.durable_sequence(), durable);
      durable = writer.durable_sequence();
      ASSERT_LE(durable, writer.last_sequence());
      if (step % 20 == 0 && durable > 0) {
        ASSERT_GE(readable(storage, samples), durable);
      }
    }
    ASSERT_TRUE(writer.sync().ok());
    EXPECT_EQ(writer.durable_sequence(), samples.size());
    EXPECT_EQ(readable(storage, samples), samples.size());
  }
}

TEST(JournalGroups, WhatIsNotCompletedIsNotDurable) {
  MemoryStorage storage;
  JournalWriter writer(storage, small_options());
  ASSERT_TRUE(writer.begin_segment(1).ok());
  ASSERT_EQ(writer.append_struct(journal::RecordType::alert, 1, journal::AlertRecord{}), Errc::ok);
  writer.turn(false);
  EXPECT_EQ(storage.queued_count(), 0U) << "too small to hand over unasked";
  writer.turn(true);
  ASSERT_EQ(storage.queued_count(), 1U);
  ASSERT_EQ(writer.append_struct(journal::RecordType::alert, 1, journal::AlertRecord{}), Errc::ok);
  writer.turn(true);
  EXPECT_EQ(storage.queued_count(), 1U) << "the second waits for the first";
  EXPECT_EQ(writer.durable_sequence(), 0U);
  ASSERT_TRUE(storage.deliver());
  EXPECT_EQ(writer.durable_sequence(), 0U) << "nobody has looked";
  writer.turn(true);
  EXPECT_EQ(writer.durable_sequence(), 1U);
  EXPECT_EQ(writer.last_sequence(), 2U);
  ASSERT_TRUE(writer.sync().ok());
  EXPECT_EQ(writer.durable_sequence(), 2U);
}

TEST(JournalGroups, AGroupIsHandedOverAtItsSize) {
  MemoryStorage storage;
  JournalWriter writer(storage, small_options());
  ASSERT_TRUE(writer.begin_segment(1).ok());
  const std::size_t record = journal::record_size(8);
  std::size_t bytes = 256;
  for (; bytes + record < JournalWriter::kGroupBytes; bytes += record)
    ASSERT_EQ(writer.append_struct(journal::RecordType::alert, 1, journal::AlertRecord{}), Errc::ok);
  writer.turn(false);
  EXPECT_EQ(storage.queued_count(), 0U);
  ASSERT_EQ(writer.append_struct(journal::RecordType::alert, 1, journal::AlertRecord{}), Errc::ok);
  writer.turn(false);
  EXPECT_EQ(storage.queued_count(), 1U);
  EXPECT_EQ(storage.queued_bytes(), bytes + record);
  EXPECT_EQ(writer.bytes_written(), bytes + record);
}

TEST(JournalGroups, AMegabyteThatWaitsIsAFullLaneAndNothingIsLost) {
  MemoryStorage storage;
  JournalWriter writer(storage, small_options());
  ASSERT_TRUE(writer.begin_segment(1).ok());
  Random random(2);
  std::vector<Sample> samples;
  Errc result = Errc::ok;
  for (Sample next = random_sample(random, 30'000); (result = writer.append(next.type, next.ts_ns, next.payload)) == Errc::ok;
       next = random_sample(random, 30'000)) {
    samples.push_back(std::move(next));
    ASSERT_LT(samples.size(), 1000U);
  }
  EXPECT_EQ(result, Errc::lane_full);
  EXPECT_GE(offsets_of(samples).back(), JournalWriter::kPendingBytesMax);
  EXPECT_LT(offsets_of(samples).back() - journal::record_size(samples.back().payload.size()), JournalWriter::kPendingBytesMax);
  EXPECT_EQ(writer.last_sequence(), samples.size());
  EXPECT_EQ(writer.status(), Errc::ok) << "a full lane is no failure";
  EXPECT_EQ(writer.append(journal::RecordType::alert, 1, {}), Errc::lane_full);
  writer.turn(false);  // handed over: there is room again although nothing is durable
  samples.push_back({journal::RecordType::alert, 1, {}});
  EXPECT_EQ(writer.append(journal::RecordType::alert, 1, {}), Errc::ok);
  ASSERT_TRUE(writer.close().ok());
  EXPECT_EQ(readable(storage, samples), samples.size());
}

TEST(JournalGroups, TheLargestGroupThatCanWaitFitsOneAppendOfTheStorage) {
  MemoryStorage storage;
  JournalWriter writer(storage, small_options());
  ASSERT_TRUE(writer.begin_segment(1).ok());
  const Bytes large(journal::kPayloadMax, std::byte{1});
  std::size_t waiting = 256;
  for (; waiting + journal::record_size(large.size()) < JournalWriter::kPendingBytesMax; waiting += journal::record_size(large.size())) {
    ASSERT_EQ(writer.append(journal::RecordType::sent, 1, large), Errc::ok);
  }
  for (; waiting + journal::record_size(0) < JournalWriter::kPendingBytesMax; waiting += journal::record_size(0)) {
    ASSERT_EQ(writer.append(journal::RecordType::sent, 1, {}), Errc::ok);
  }
  ASSERT_LT(waiting, JournalWriter::kPendingBytesMax);
  ASSERT_EQ(writer.append(journal::RecordType::sent, 1, large), Errc::ok) << "the last one may be the largest";
  ASSERT_EQ(writer.append(journal::RecordType::sent, 1, {}), Errc::lane_full);
  writer.turn(true);
  ASSERT_EQ(storage.queued_count(), 1U);
  EXPECT_LE(storage.queued_bytes(), journal::kGroupBytesMax);
  EXPECT_GT(storage.queued_bytes(), JournalWriter::kPendingBytesMax);
}

TEST(JournalGroups, AStorageThatIsBusyIsAskedAgain) {
  MemoryStorage storage;
  storage.full_count = 3;
  JournalWriter writer(storage, small_options());
  ASSERT_TRUE(writer.begin_segment(1).ok());
  ASSERT_EQ(writer.append(journal::RecordType::alert, 1, {}), Errc::ok);
  ASSERT_TRUE(writer.sync().ok());
  EXPECT_EQ(writer.durable_sequence(), 1U);
  EXPECT_EQ(storage.append_count, 1U);
}

TEST(JournalGroups, ASegmentEndsAtItsLargestSize) {
  MemoryStorage storage;
  JournalOptions options = small_options(1 << 20);
  options.segment_bytes_max = 256 + 3 * journal::record_size(8);
  JournalWriter writer(storage, options);
  for (std::size_t segment = 0; segment < 2; ++segment) {
    ASSERT_TRUE(writer.begin_segment(1).ok());
    for (int i = 0; i < 3; ++i) ASSERT_EQ(writer.append_struct(journal::RecordType::alert, 1, journal::AlertRecord{}), Errc::ok);
    EXPECT_EQ(writer.append(journal::RecordType::alert, 1, {}), Errc::no_capacity);
    EXPECT_EQ(writer.status(), Errc::ok) << "the next segment may begin";
    const Status parts = writer.append_parts(journal::RecordType::checkpoint, 1, Bytes(100));
    ASSERT_FALSE(parts.ok());
    EXPECT_EQ(parts.error().code, Errc::no_capacity);
  }
  ASSERT_TRUE(writer.close().ok());
  EXPECT_EQ(storage.bytes(0).size(), options.segment_bytes_max);
  EXPECT_EQ(writer.last_sequence(), 6U);
}

TEST(JournalGroups, ClosingTwiceIsTheSameAsOnce) {
  MemoryStorage storage;
  JournalWriter writer(storage, small_options());
  EXPECT_TRUE(writer.close().ok()) << "nothing to close";
  ASSERT_TRUE(writer.begin_segment(1).ok());
  EXPECT_TRUE(writer.close().ok());
  EXPECT_TRUE(writer.close().ok());
  EXPECT_EQ(storage.close_count, 1U);
}

struct FaultCase {
  Fault fault;
  Errc first;
};

class JournalFaults : public ::testing::TestWithParam<std::tuple<int, std::size_t, bool>> {};

// For each kind of failure, at each of the first groups, once and for ever: the error stays, nothing more is written, what was
// acknowledged before it can be read, and closing says it too.
TEST_P(JournalFaults, TheFirstErrorStaysAndNothingMoreIsWritten) {
  constexpr FaultCase kCases[] = {{Fault::io_failed, Errc::io_failed},
                                  {Fault::disk_full, Errc::disk_full},
                                  {Fault::short_write, Errc::io_failed},
                                  {Fault::refused, Errc::storage_poisoned}};
  const auto [which, fail_at, forever] = GetParam();
  const FaultCase& c = kCases[which];
  MemoryStorage storage;
  storage.fault = c.fault;
  storage.fail_at = fail_at;
  storage.forever = forever;
  JournalWriter writer(storage, small_options(1 << 16));
  ASSERT_TRUE(writer.begin_segment(1).ok());
  Random random(fail_at + 1);
  std::vector<Sample> samples;
  for (std::size_t group = 0; group < fail_at + 3; ++group) {
    for (int i = 0; i < 4; ++i) {
      Sample sample = random_sample(random, 60);
      const Errc result = writer.append(sample.type, sample.ts_ns, sample.payload);
      ASSERT_EQ(result, group <= fail_at ? Errc::ok : c.first);
      if (result == Errc::ok) samples.push_back(std::move(sample));
    }
    writer.turn(true);
    (void)storage.deliver();
    writer.turn(false);
    ASSERT_EQ(writer.status(), group < fail_at ? Errc::ok : c.first);
  }
  EXPECT_EQ(writer.durable_sequence(), 4 * fail_at);
  const std::uint64_t last = writer.last_sequence();
  const Status synced = writer.sync();
  ASSERT_FALSE(synced.ok());
  EXPECT_EQ(synced.error().code, c.first);
  EXPECT_NE(synced.error().what.find("folder"), std::string::npos);
  const Status closed = writer.close();
  ASSERT_FALSE(closed.ok());
  EXPECT_EQ(closed.error().code, c.first);
  EXPECT_EQ(storage.close_count, 1U) << "the descriptor is given back all the same";
  const Status again = writer.close();
  ASSERT_FALSE(again.ok()) << "closing once more does not make it well";
  EXPECT_EQ(again.error().code, c.first);
  const Status begun = writer.begin_segment(2);
  ASSERT_FALSE(begun.ok());
  EXPECT_EQ(begun.error().code, c.first);
  EXPECT_EQ(writer.append(journal::RecordType::alert, 1, {}), c.first);
  const Status parts = writer.append_parts(journal::RecordType::checkpoint, 1, Bytes(10));
  EXPECT_FALSE(parts.ok());
  writer.turn(true);
  EXPECT_EQ(storage.append_after_failure, 0U);
  EXPECT_EQ(storage.file_count(), 1U);
  EXPECT_EQ(writer.last_sequence(), last);
  EXPECT_EQ(writer.durable_sequence(), 4 * fail_at) << "what failed never counts";
  const Verdict verdict = judge(storage.bytes(), samples);
  EXPECT_FALSE(verdict.invented);
  if (fail_at > 0) {
    EXPECT_EQ(verdict.code, Errc::ok) << verdict.what;
    EXPECT_GE(verdict.count, 4 * fail_at);
  }
}

INSTANTIATE_TEST_SUITE_P(All, JournalFaults,
                         ::testing::Combine(::testing::Range(0, 4), ::testing::Values<std::size_t>(0, 1, 2, 5), ::testing::Bool()));

TEST(JournalFaultsOfFiles, ASegmentThatCannotBeMadeStopsTheJournalWithThePortsWords) {
  MemoryStorage storage;
  JournalWriter writer(storage, small_options());
  ASSERT_TRUE(writer.begin_segment(1).ok());
  ASSERT_EQ(writer.append(journal::RecordType::alert, 1, {}), Errc::ok);
  storage.create_fails = true;
  const Status begun = writer.begin_segment(2);
  ASSERT_FALSE(begun.ok());
  EXPECT_EQ(begun.error().code, Errc::disk_full);
  EXPECT_EQ(begun.error().what, "no room for folder/journal-000002.mtj");
  EXPECT_EQ(writer.durable_sequence(), 1U) << "the segment before is whole";
  EXPECT_EQ(writer.append(journal::RecordType::alert, 1, {}), Errc::disk_full) << "a result, not a crash";
  storage.create_fails = false;
  EXPECT_FALSE(writer.begin_segment(3).ok()) << "someone must decide first";
  EXPECT_FALSE(writer.sync().ok());
  EXPECT_FALSE(writer.close().ok());
}

TEST(JournalFaultsOfFiles, AnExistingSegmentIsNeverOverwritten) {
  MemoryStorage storage;
  JournalWriter first(storage, small_options());
  ASSERT_TRUE(first.begin_segment(1).ok());
  ASSERT_TRUE(first.close().ok());
  JournalWriter second(storage, small_options());
  const Status begun = second.begin_segment(1);
  ASSERT_FALSE(begun.ok());
  EXPECT_EQ(begun.error().code, Errc::exists_already);
}

TEST(JournalFaultsOfFiles, ACloseThatFailsStays) {
  MemoryStorage storage;
  JournalWriter writer(storage, small_options());
  ASSERT_TRUE(writer.begin_segment(1).ok());
  storage.close_fails = true;
  for (int i = 0; i < 2; ++i) {
    const Status closed = writer.close();
    ASSERT_FALSE(closed.ok());
    EXPECT_EQ(closed.error().what, "cannot close folder/journal-000001.mtj");
  }
  EXPECT_FALSE(writer.begin_segment(2).ok());
  EXPECT_EQ(storage.file_count(), 1U);
}

}  // namespace martinet::journal_group_test
