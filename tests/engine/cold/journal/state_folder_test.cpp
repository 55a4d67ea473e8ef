// One writer per account, and an epoch that never repeats: over the simulated disk for faults and power cuts, over real files for
// modes and locks.
#include "engine/cold/journal/state_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "adapters/io/posix_files.hpp"
#include "tests/engine/cold/journal/journal_support.hpp"
#include "tests/support/fault_disk.hpp"

namespace martinet::state_folder_test {

using test::FaultDisk;

StateFolderOptions options(std::uint64_t floor = 0) { return {"state", "bitget", "12345", floor}; }

std::uint64_t epoch_after_open(Files& files, std::uint64_t floor = 0) {
  const auto folder = StateFolder::open(files, options(floor));
  EXPECT_TRUE(folder.ok()) << folder.error().what;
  return folder.ok() ? (*folder)->epoch() : 0;
}

FaultDisk::Bytes bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

TEST(StateFolder, TheEpochCountsUpWithEveryOpening) {
  FaultDisk disk;
  for (std::uint64_t epoch = 1; epoch < 12; ++epoch) EXPECT_EQ(epoch_after_open(disk), epoch);
  const auto folder = StateFolder::open(disk, options());
  EXPECT_EQ((*folder)->previous_epoch(), 11U);
  EXPECT_EQ((*folder)->path(), "state/bitget-12345");
  EXPECT_EQ((*folder)->account(), "bitget-12345");
}

TEST(StateFolder, AnEpochIsDurableBeforeItIsUsedAndNeverRepeats) {
  std::size_t states = 0;
  for (std::uint64_t at = 1; at < 60; ++at) {
    for (const bool after : {false, true}) {
      FaultDisk disk;
      ASSERT_EQ(epoch_after_open(disk), 1U);
      disk.crash_at = disk.operation_count() + at;
      disk.crash_after = after;
      std::uint64_t used = 1;
      for (int i = 0; i < 2; ++i) {
        if (const auto folder = StateFolder::open(disk, options()); folder.ok()) used = (*folder)->epoch();
      }
      const std::size_t count = disk.volatile_count();
      ASSERT_LE(count, 10U);
      for (std::size_t mask = 0; mask < std::size_t{1} << count; ++mask, ++states) {
        std::vector<bool> kept(count);
        for (std::size_t i = 0; i < count; ++i) kept[i] = (mask >> i & 1) != 0;
        FaultDisk next = disk.after_power_cut(kept);
        ASSERT_GT(epoch_after_open(next), used) << "operation " << at << " mask " << mask;
      }
    }
  }
  EXPECT_GT(states, 150U);
}

TEST(StateFolder, AFailureOfAnyStepIsAnErrorAndTheEpochStillNeverRepeats) {
  for (const FaultDisk::Fault fault :
       {FaultDisk::Fault::io_failed, FaultDisk::Fault::disk_full, FaultDisk::Fault::interrupted, FaultDisk::Fault::short_write}) {
    for (std::uint64_t at = 1; at < 30; ++at) {
      FaultDisk disk;
      ASSERT_EQ(epoch_after_open(disk), 1U);
      disk.fault = fault;
      disk.fault_at = disk.operation_count() + at;
      std::uint64_t used = 1;
      if (const auto folder = StateFolder::open(disk, options()); folder.ok()) {
        used = (*folder)->epoch();
      } else {
        ASSERT_FALSE(folder.error().what.empty());
      }
      disk.fault = FaultDisk::Fault::none;
      ASSERT_GT(epoch_after_open(disk), used);
      ASSERT_EQ(disk.sync_after_failed_sync(), 0U);
    }
  }
}

TEST(StateFolder, ASecondOneIsRefusedUntilTheFirstIsGone) {
  FaultDisk disk;
  auto first = StateFolder::open(disk, options());
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(StateFolder::open(disk, options()).error().code, Errc::held_elsewhere);
  EXPECT_TRUE(StateFolder::open(disk, {"state", "bitget", "999", 0}).ok()) << "another account";
  first->reset();
  EXPECT_EQ(epoch_after_open(disk), 2U) << "the refused one has taken no epoch";
}

TEST(StateFolder, AnOlderEpochFencesItselfForGood) {
  FaultDisk disk;
  const auto folder = StateFolder::open(disk, options());
  ASSERT_TRUE((*folder)->check_epoch().ok());
  const FaultDisk::Bytes ours = *disk.find("state/bitget-12345/epoch");
  FaultDisk other = disk.after_power_cut({});  // the same folder on another host, where our lock does not reach
  ASSERT_EQ(epoch_after_open(other), 2U);
  disk.put("state/bitget-12345/epoch", *other.find("state/bitget-12345/epoch"));
  const Status fenced = (*folder)->check_epoch();
  ASSERT_FALSE(fenced.ok());
  EXPECT_EQ(fenced.error().code, Errc::fenced);
  EXPECT_NE(fenced.error().what.find("of epoch 2 now, we are 1"), std::string::npos) << fenced.error().what;
  disk.put("state/bitget-12345/epoch", ours);
  EXPECT_EQ((*folder)->check_epoch().error().code, Errc::fenced) << "it does not come back";
}

TEST(StateFolder, AnEpochThatIsLostOrDamagedNeedsAnOperator) {
  const auto opened = [](const std::string& text, std::uint64_t floor, bool other_file) {
    FaultDisk disk;
    disk.put_folder("state");
    disk.put_folder("state/bitget-12345");
    if (text != "none") disk.put("state/bitget-12345/epoch", bytes_of(text));
    if (other_file) disk.put("state/bitget-12345/snapshot.json", bytes_of("{}"));
    const auto folder = StateFolder::open(disk, options(floor));
    return std::pair(folder.ok() ? Errc::ok : folder.error().code, folder.ok() ? (*folder)->epoch() : 0);
  };
  FaultDisk disk;
  ASSERT_EQ(epoch_after_open(disk), 1U);
  const FaultDisk::Bytes& sound = *disk.find("state/bitget-12345/epoch");
  const std::string text(reinterpret_cast<const char*>(sound.data()), sound.size());
  EXPECT_EQ(opened(text, 0, true), std::pair(Errc::ok, std::uint64_t{2}));
  EXPECT_EQ(opened("none", 0, false), std::pair(Errc::ok, std::uint64_t{1})) << "a new folder";
  EXPECT_EQ(opened("none", 0, true).first, Errc::needs_operator) << "it was used before";
  EXPECT_EQ(opened("none", 41, true), std::pair(Errc::ok, std::uint64_t{42}));
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const Errc code = opened(flipped, 0, true).first;
    EXPECT_TRUE(code == Errc::needs_operator || code == Errc::unknown_version) << "bit " << bit;
  }
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_NE(opened(text.substr(0, size), 0, true).first, Errc::ok) << size;
  EXPECT_EQ(opened("x" + text, 41, true), std::pair(Errc::ok, std::uint64_t{42})) << "with an operator's word it goes on";
  EXPECT_EQ(opened(text, 41, true), std::pair(Errc::ok, std::uint64_t{42}));
  EXPECT_EQ(opened(text, UINT64_MAX, true).first, Errc::usage);
}

TEST(StateFolder, NamesThatAreNoFileNamesAreRefused) {
  FaultDisk disk;
  for (const char* account : {"", "..", "a/b", "a-b", "a b", "a\nb"}) {
    EXPECT_EQ(StateFolder::open(disk, {"state", "bitget", account, 0}).error().code, Errc::usage) << account;
    EXPECT_EQ(StateFolder::open(disk, {"state", account, "1", 0}).error().code, Errc::usage) << account;
  }
  EXPECT_EQ(StateFolder::open(disk, {"state", "bitget", std::string(60, '1'), 0}).error().code, Errc::usage);
  EXPECT_TRUE(StateFolder::open(disk, {"state", "bitget", std::string(57, '1'), 0}).ok());
  EXPECT_EQ(disk.everything().size(), 2U) << "lock and epoch of the good one";
}

TEST(StateFolder, OnRealFilesModesLinksAndASecondProcessAreRefused) {
  const journal_test::Folder temporary;
  PosixFiles files;
  StateFolderOptions real = options();
  real.root = (temporary.path() / "state").string();
  {
    const auto first = StateFolder::open(files, real);
    ASSERT_TRUE(first.ok()) << first.error().what;
    PosixFiles others;
    const auto second = StateFolder::open(others, real);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, Errc::held_elsewhere);
    EXPECT_NE(second.error().what.find("process " + std::to_string(::getpid())), std::string::npos) << second.error().what;
  }
  const std::string path = real.root + "/bitget-12345";
  struct stat info{};
  for (const char* name : {"", "/lock", "/epoch"}) {
    ASSERT_EQ(::stat((path + name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, *name == '\0' ? 0700U : 0600U) << name;
  }
  ASSERT_EQ(::chmod((path + "/epoch").c_str(), 0640), 0);
  EXPECT_EQ(StateFolder::open(files, real).error().code, Errc::unsafe_permissions);
  ASSERT_EQ(::chmod((path + "/epoch").c_str(), 0600), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0750), 0);
  EXPECT_EQ(StateFolder::open(files, real).error().code, Errc::unsafe_permissions);
  ASSERT_EQ(::chmod(path.c_str(), 0700), 0);
  const auto again = StateFolder::open(files, real);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->epoch(), 2U);
}

}  // namespace martinet::state_folder_test
