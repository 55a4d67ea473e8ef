// Room that is reserved ahead: the next segment's file, and the mark below which entries stop while protection goes on.
#include <gtest/gtest.h>

#include "engine/cold/journal/journal_scan.hpp"
#include "engine/cold/journal/journal_writer.hpp"
#include "tests/support/fault_disk.hpp"

namespace martinet::journal_reserve_test {

using test::FaultDisk;

JournalOptions options(std::uint64_t reserve, std::uint64_t low_water) {
  JournalOptions made;
  made.folder = "f";
  made.account = "a";
  made.segment_reserve_bytes = reserve;
  made.low_water_bytes = low_water;
  return made;
}

FaultDisk disk_of(std::uint64_t capacity) {
  FaultDisk disk;
  disk.put_folder("f");
  disk.capacity_bytes = capacity;
  return disk;
}

bool append(JournalWriter& writer) {
  return writer.append_struct(journal::RecordType::alert, 1, journal::AlertRecord{}) == Errc::ok && writer.sync().ok();
}

TEST(JournalReserve, OnAFullDiskEntriesStopWhileProtectionStillHasRoom) {
  FaultDisk disk = disk_of(4096);
  JournalWriter writer(disk, options(4096, 1024));
  EXPECT_FALSE(writer.takes_entries()) << "nothing is open";
  ASSERT_TRUE(writer.begin_segment(1).ok());
  EXPECT_TRUE(writer.takes_entries());
  const Status prepared = writer.prepare_next();
  ASSERT_FALSE(prepared.ok());
  EXPECT_EQ(prepared.error().code, Errc::disk_full);
  EXPECT_EQ(writer.status(), Errc::ok) << "the segment under way is not touched by that";
  const std::size_t record = journal::record_size(8);
  std::size_t used = 256;
  for (; writer.takes_entries(); used += record) ASSERT_TRUE(append(writer));
  EXPECT_GT(used + 1024, 4096U);
  EXPECT_LE(used - record + 1024, 4096U) << "not one record early";
  std::size_t protective = 0;
  for (; used + record <= 4096; used += record, ++protective) ASSERT_TRUE(append(writer)) << "what is reserved can be written";
  EXPECT_GE(protective, 1024 / record - 1);
  EXPECT_FALSE(append(writer)) << "and behind it the disk is full";
  EXPECT_EQ(writer.status(), Errc::disk_full);
  EXPECT_FALSE(writer.takes_entries());
}

TEST(JournalReserve, APreparedSegmentNeedsNoRoomWhenItBegins) {
  FaultDisk disk = disk_of(8192);
  JournalWriter writer(disk, options(4096, 1024));
  ASSERT_TRUE(writer.begin_segment(1).ok());
  ASSERT_TRUE(writer.prepare_next().ok());
  ASSERT_TRUE(writer.prepare_next().ok()) << "again: nothing to do";
  for (std::size_t used = 256; used + 56 <= 4096; used += 56) ASSERT_TRUE(append(writer));
  EXPECT_TRUE(writer.takes_entries()) << "the prepared one counts";
  disk.capacity_bytes = 0;
  ASSERT_TRUE(writer.begin_segment(2).ok());
  ASSERT_TRUE(append(writer));
  EXPECT_EQ(writer.segment_count(), 2U);
  ASSERT_TRUE(writer.close().ok());
  const JournalScan scan = scan_journal(disk, {"f", "a", UINT64_MAX});
  EXPECT_EQ(scan.finding, JournalFinding::whole) << scan.sentence;
  EXPECT_EQ(scan.end.sequence, writer.last_sequence());
  EXPECT_EQ(scan.end, writer.end());
}

TEST(JournalReserve, AJournalThatFailedTakesNoEntries) {
  FaultDisk disk = disk_of(UINT64_MAX);
  JournalWriter writer(disk, options(1 << 16, 1024));
  ASSERT_TRUE(writer.begin_segment(1).ok());
  ASSERT_TRUE(append(writer));
  ASSERT_TRUE(writer.takes_entries());
  disk.fault = FaultDisk::Fault::io_failed;
  disk.fault_at = disk.operation_count() + 2;  // the sync of the next record
  EXPECT_FALSE(append(writer));
  EXPECT_FALSE(writer.takes_entries());
  EXPECT_EQ(writer.durable_sequence(), 1U);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(append(writer));
  EXPECT_EQ(writer.prepare_next().error().code, Errc::io_failed);
  EXPECT_EQ(disk.sync_after_failed_sync(), 0U);
}

TEST(JournalReserve, ASegmentGoesOnFromWhereAnotherProcessEnded) {
  FaultDisk disk = disk_of(UINT64_MAX);
  JournalOptions first = options(0, 0);
  first.epoch = 3;
  journal::JournalPoint end;
  {
    JournalWriter writer(disk, first);
    ASSERT_TRUE(writer.begin_segment(1).ok());
    ASSERT_TRUE(append(writer) && append(writer) && writer.close().ok());
    end = writer.end();
  }
  JournalOptions second = options(0, 0);
  second.epoch = 4;
  second.resume = end;
  JournalWriter writer(disk, second);
  EXPECT_EQ(writer.durable_sequence(), 2U) << "what was recovered is durable";
  ASSERT_TRUE(writer.begin_segment(1).ok());
  std::uint64_t sequence = 0;
  ASSERT_EQ(writer.append(journal::RecordType::alert, 1, {}, &sequence), Errc::ok);
  EXPECT_EQ(sequence, 3U);
  ASSERT_TRUE(writer.close().ok());
  const JournalScan scan = scan_journal(disk, {"f", "a", UINT64_MAX});
  EXPECT_EQ(scan.finding, JournalFinding::whole) << scan.sentence;
  EXPECT_EQ(scan.segments.size(), 2U);
  EXPECT_EQ(scan.end.sequence, 3U);
}

}  // namespace martinet::journal_reserve_test
