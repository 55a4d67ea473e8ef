// Whole files over single steps: every step fails once, fails from then on, or is the last before the power goes.
#include "engine/cold/journal/file_steps.hpp"

#include <gtest/gtest.h>

#include "tests/support/fault_disk.hpp"

namespace martinet::file_steps_test {

using test::FaultDisk;
using Bytes = FaultDisk::Bytes;

Bytes filled(std::size_t size, unsigned value) { return Bytes(size, static_cast<std::byte>(value)); }

FaultDisk disk_with_old() {
  FaultDisk disk;
  disk.put_folder("f");
  disk.put("f/a", filled(700, 1));
  return disk;
}

TEST(FileSteps, ReplaceIsOldOrNewAfterEveryCutAndNewOnceItWasSaid) {
  std::size_t states = 0;
  for (std::uint64_t at = 1; at < 40; ++at) {
    for (const bool after : {false, true}) {
      FaultDisk disk = disk_with_old();
      disk.crash_at = at;
      disk.crash_after = after;
      const bool said = replace_whole(disk, "f/a", filled(1300, 2)).ok();
      ASSERT_EQ(said, !disk.is_dead());
      const std::size_t count = disk.volatile_count();
      ASSERT_LE(count, 8U);
      for (std::size_t mask = 0; mask < std::size_t{1} << count; ++mask, ++states) {
        std::vector<bool> kept(count);
        for (std::size_t i = 0; i < count; ++i) kept[i] = (mask >> i & 1) != 0;
        const FaultDisk next = disk.after_power_cut(kept);
        ASSERT_NE(next.find("f/a"), nullptr) << "operation " << at;
        const bool is_new = *next.find("f/a") == filled(1300, 2);
        ASSERT_TRUE(is_new || *next.find("f/a") == filled(700, 1)) << "operation " << at << " mask " << mask;
        ASSERT_TRUE(is_new || !said);
      }
    }
  }
  EXPECT_GT(states, 100U);
}

TEST(FileSteps, EveryFailureIsSaidOrOvercome) {
  for (const FaultDisk::Fault fault :
       {FaultDisk::Fault::io_failed, FaultDisk::Fault::disk_full, FaultDisk::Fault::interrupted, FaultDisk::Fault::short_write}) {
    for (const bool forever : {false, true}) {
      for (std::uint64_t at = 1; at < 12; ++at) {
        SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault)) + " at " + std::to_string(at) + (forever ? " forever" : ""));
        FaultDisk disk = disk_with_old();
        disk.fault = fault;
        disk.fault_at = at;
        disk.forever = forever;
        const Status done = replace_whole(disk, "f/a", filled(1300, 2));
        if (fault == FaultDisk::Fault::short_write || !disk.fault_was_met()) {
          EXPECT_TRUE(done.ok());
        }
        if (done.ok()) {
          EXPECT_TRUE(*disk.find("f/a") == filled(1300, 2));
        } else {
          EXPECT_NE(done.error().what.find("f"), std::string::npos);
          EXPECT_NE(done.error().code, Errc::interrupted);
        }
        EXPECT_EQ(disk.sync_after_failed_sync(), 0U) << "a failed sync is never asked again";
        disk.fault = FaultDisk::Fault::none;
        EXPECT_TRUE(replace_whole(disk, "f/a", filled(10, 3)).ok()) << "what a failure left behind is in nobody's way";
      }
    }
  }
}

TEST(FileSteps, ReadingGivesTheWholeFileOrAnError) {
  FaultDisk disk = disk_with_old();
  EXPECT_TRUE(*read_whole(disk, "f/a", 700) == filled(700, 1));
  EXPECT_EQ(read_whole(disk, "f/a", 699).error().code, Errc::frame_too_large);
  EXPECT_EQ(read_whole(disk, "f/b", 700).error().code, Errc::not_found);
  disk.put("f/empty", {});
  EXPECT_TRUE(read_whole(disk, "f/empty", 10)->empty());
  for (const FaultDisk::Fault fault : {FaultDisk::Fault::io_failed, FaultDisk::Fault::interrupted, FaultDisk::Fault::short_write}) {
    for (const bool forever : {false, true}) {
      for (std::uint64_t n = 1; n < 5; ++n) {
        disk.fault = fault;
        disk.fault_at = disk.operation_count() + n;
        disk.forever = forever;
        const auto bytes = read_whole(disk, "f/a", 700);
        disk.fault = FaultDisk::Fault::none;
        if (bytes.ok()) {
          EXPECT_TRUE(*bytes == filled(700, 1));
        } else {
          EXPECT_EQ(bytes.error().code, Errc::io_failed);
        }
      }
    }
  }
}

TEST(FileSteps, WhatIsSetAsideNeverReplacesWhatWasSetAsideBefore) {
  FaultDisk disk = disk_with_old();
  ASSERT_TRUE(set_aside(disk, "f/a").ok());
  disk.put("f/a", filled(5, 2));
  ASSERT_TRUE(set_aside(disk, "f/a").ok());
  disk.put("f/a", filled(6, 3));
  ASSERT_TRUE(set_aside(disk, "f/a").ok());
  ASSERT_TRUE(set_aside(disk, "f/a").ok()) << "nothing there";
  EXPECT_EQ(disk.find("f/a.broken")->size(), 700U);
  EXPECT_EQ(disk.find("f/a.broken-2")->size(), 5U);
  EXPECT_EQ(disk.find("f/a.broken-3")->size(), 6U);
  EXPECT_EQ(disk.find("f/a"), nullptr);
}

}  // namespace martinet::file_steps_test
