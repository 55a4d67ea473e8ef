// Two slots of a snapshot: which is believed, what is kept, what a crash or a failure leaves.
#include "engine/cold/journal/snapshot_store.hpp"

#include <gtest/gtest.h>

#include "tests/support/fault_disk.hpp"

namespace martinet::snapshot_store_test {

using test::FaultDisk;
using Bytes = FaultDisk::Bytes;

const std::string kPath = "state/bitget-1/snapshot.json";

Bytes bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

struct Store {
  std::unique_ptr<StateFolder> state;
  std::unique_ptr<SnapshotStore> store;
  SnapshotSlots slots;

  explicit Store(FaultDisk& disk, SnapshotFormat format = {}) {
    auto opened = StateFolder::open(disk, {"state", "bitget", "1", 0});
    if (!opened.ok()) return;
    state = std::move(*opened);
    store = std::make_unique<SnapshotStore>(disk, *state, std::move(format));
    slots = store->examine();
  }
  bool settle() { return store != nullptr && store->settle(slots).ok(); }
  bool write(const std::string& body) { return store->write("s", 1, bytes_of(body)).ok(); }
  [[nodiscard]] std::string newest() const {
    return slots.newest ? std::string(reinterpret_cast<const char*>(slots.newest->body.data()), slots.newest->body.size()) : "none";
  }
};

FaultDisk disk_with(int count) {
  FaultDisk disk;
  Store store(disk);
  EXPECT_TRUE(store.settle());
  for (int i = 1; i <= count; ++i) EXPECT_TRUE(store.write("{\"n\":" + std::to_string(i) + "}"));
  return disk;
}

void damage(FaultDisk& disk, const std::string& path) {
  Bytes bytes = *disk.find(path);
  bytes[bytes.size() / 2] ^= std::byte{1};
  disk.put(path, bytes);
}

TEST(SnapshotStore, TheLastTwoAreKept) {
  FaultDisk disk = disk_with(0);
  EXPECT_EQ(Store(disk).slots.finding, SnapshotFinding::lost) << "a process was here and left none";
  FaultDisk fresh;
  EXPECT_EQ(Store(fresh).slots.finding, SnapshotFinding::first_boot);
  disk = disk_with(1);
  {
    Store store(disk);
    EXPECT_EQ(store.slots.finding, SnapshotFinding::newest_only);
    EXPECT_EQ(store.newest(), "{\"n\":1}");
  }
  disk = disk_with(3);
  Store store(disk);
  EXPECT_EQ(store.slots.finding, SnapshotFinding::both_good);
  EXPECT_EQ(store.newest(), "{\"n\":3}");
  EXPECT_EQ(store.slots.newest->head, (SnapshotHead{1, "bitget-1", 3, 1, 1, "s"}));
  const Bytes& file = *disk.find(kPath);
  const std::string text(reinterpret_cast<const char*>(file.data()), file.size());
  EXPECT_EQ(
      text.substr(0, text.find("\"crc32c\"")),
      R"({"format":"martinet-snapshot","version":1,"account":"bitget-1","generation":3,"epoch":1,"journal_sequence":1,"session":"s","size":7,)");
}

TEST(SnapshotStore, NoFlippedBitAndNoCutIsBelieved) {
  const FaultDisk whole = disk_with(2);
  const Bytes file = *whole.find(kPath);
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    Bytes flipped = file;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    const auto decoded = decode_snapshot(flipped, 1, "x");
    ASSERT_FALSE(decoded.ok()) << "bit " << bit;
    ASSERT_TRUE(decoded.error().what.starts_with("x ")) << decoded.error().what;
  }
  for (std::size_t size = 0; size < file.size(); ++size) {
    ASSERT_FALSE(decode_snapshot(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)), 1, "x").ok()) << size;
  }
  Bytes longer = file;
  longer.push_back(std::byte{'\n'});
  EXPECT_FALSE(decode_snapshot(longer, 1, "x").ok());
}

TEST(SnapshotStore, ADamagedSlotIsKeptApartAndNeverPushesTheGoodOneOut) {
  FaultDisk disk = disk_with(3);
  damage(disk, kPath);
  {
    Store store(disk);
    EXPECT_EQ(store.slots.finding, SnapshotFinding::newest_bad);
    EXPECT_NE(store.slots.problem.find(kPath), std::string::npos);
    EXPECT_EQ(store.newest(), "{\"n\":2}");
    ASSERT_TRUE(store.settle());
    ASSERT_TRUE(store.settle()) << "again: nothing to do";
    EXPECT_NE(disk.find(kPath + ".broken"), nullptr);
    ASSERT_TRUE(store.write("{\"n\":4}"));
    EXPECT_EQ(store.store->generation(), 4U) << "3 is the damaged one's and is not given again";
  }
  {
    Store store(disk);
    EXPECT_EQ(store.slots.finding, SnapshotFinding::both_good);
    EXPECT_EQ(store.newest(), "{\"n\":4}");
  }
  damage(disk, kPath + ".bak");
  {
    Store store(disk);
    EXPECT_EQ(store.slots.finding, SnapshotFinding::older_bad);
    EXPECT_EQ(store.newest(), "{\"n\":4}");
    ASSERT_TRUE(store.settle());
    ASSERT_TRUE(store.write("{\"n\":5}"));
  }
  damage(disk, kPath);
  damage(disk, kPath + ".bak");
  Store store(disk);
  EXPECT_EQ(store.slots.finding, SnapshotFinding::none_good);
  EXPECT_EQ(store.newest(), "none");
}

TEST(SnapshotStore, OthersAndNewerOnesAreTold) {
  const auto finding = [](auto change, std::uint32_t version = 1) {
    FaultDisk disk = disk_with(2);
    auto decoded = decode_snapshot(*disk.find(kPath), 1, "x");
    SnapshotHead head = decoded->head;
    change(head);
    disk.put(kPath, encode_snapshot(head, decoded->body));
    return Store(disk, {version, 1, {}}).slots.finding;
  };
  EXPECT_EQ(finding([](SnapshotHead&) {}), SnapshotFinding::both_good);
  EXPECT_EQ(finding([](SnapshotHead& head) { head.account = "bitget-2"; }), SnapshotFinding::other_account);
  EXPECT_EQ(finding([](SnapshotHead& head) { head.epoch = 2; }), SnapshotFinding::epoch_newer) << "our own epoch: nobody else can have it";
  EXPECT_EQ(finding([](SnapshotHead& head) { head.version = 2; }), SnapshotFinding::newer_version);
  EXPECT_EQ(finding([](SnapshotHead& head) { head.generation = 0; }), SnapshotFinding::both_good)
      << "the newer generation counts, wherever it stands";
  bool unreadable = false;
  for (std::uint64_t n = 1; n < 30; ++n) {
    FaultDisk disk = disk_with(2);
    disk.fault = FaultDisk::Fault::io_failed;
    disk.fault_at = disk.operation_count() + n;
    disk.forever = true;
    const Store store(disk);
    unreadable = unreadable || (store.store != nullptr && store.slots.finding == SnapshotFinding::unreadable);
  }
  EXPECT_TRUE(unreadable);
}

TEST(SnapshotStore, AnOlderVersionIsMigratedStepByStepAndItsOriginalKept) {
  FaultDisk disk = disk_with(2);
  const Bytes original = *disk.find(kPath);
  const auto append = [](const char* text) {
    return [text](std::span<const std::byte> body) -> Result<Bytes> {
      Bytes out(body.begin(), body.end());
      const Bytes more = bytes_of(text);
      out.insert(out.end(), more.begin(), more.end());
      return out;
    };
  };
  const SnapshotFormat format{3, 1, {{2, append("+3")}, {1, append("+2")}}};
  {
    Store store(disk, format);
    ASSERT_EQ(store.slots.finding, SnapshotFinding::both_good);
    ASSERT_TRUE(store.settle());
    const auto body = store.store->migrated(*store.slots.newest);
    ASSERT_TRUE(body.ok());
    EXPECT_TRUE(*body == bytes_of("{\"n\":2}+2+3"));
    ASSERT_TRUE(store.store->migrated(*store.slots.newest).ok()) << "again, after a crash before the next write";
    EXPECT_TRUE(*disk.find(kPath + ".v1.bak") == original);
    ASSERT_TRUE(store.store->write("s", 1, *body).ok());
  }
  EXPECT_EQ(Store(disk, format).slots.newest->head.version, 3U);
  EXPECT_EQ(Store(disk).slots.finding, SnapshotFinding::newer_version) << "the old build refuses it";
  {
    Store later(disk, {4, 4, {}});
    EXPECT_EQ(later.store->migrated(*later.slots.newest).error().code, Errc::unknown_version)
        << "too old for a build that dropped the step";
  }
  Store broken(disk, {4, 3, {{3, [](std::span<const std::byte>) -> Result<Bytes> { return Error{Errc::corrupted, "a step refuses"}; }}}});
  EXPECT_EQ(broken.store->migrated(*broken.slots.newest).error().code, Errc::corrupted);
}

TEST(SnapshotStore, WhatIsTooLargeOrFencedIsNotWritten) {
  FaultDisk disk = disk_with(2);
  Store store(disk);
  ASSERT_TRUE(store.settle());
  EXPECT_EQ(store.store->write("s", 1, Bytes(kSnapshotBytesMax)).error().code, Errc::frame_too_large);
  EXPECT_EQ(store.store->write("a/b", 1, bytes_of("{}")).error().code, Errc::usage);
  EXPECT_EQ(store.store->write(std::string(129, 'a'), 1, bytes_of("{}")).error().code, Errc::usage);
  const Bytes before = *disk.find(kPath);
  const std::string taken_over = "martinet-epoch 1 9 ";
  disk.put("state/bitget-1/epoch", bytes_of(taken_over));
  EXPECT_FALSE(store.write("{}")) << "an epoch file that we cannot read is no permission";
  EXPECT_TRUE(*disk.find(kPath) == before);
}

// Every power cut at every operation of three writes, with every set of what was not synced: the newest that was acknowledged or a
// later one is found, never anything else; and so it is when recovering is cut as well.
TEST(SnapshotStore, EveryCutLeavesTheLastAcknowledgedOrItsSuccessor) {
  std::size_t states = 0;
  const FaultDisk begin = disk_with(1);
  for (const bool damaged : {false, true}) {
    for (std::uint64_t at = 1; at < 80; ++at) {
      for (const bool after : {false, true}) {
        FaultDisk disk = begin;
        if (damaged) disk.put(kPath + ".bak", bytes_of("damaged"));
        disk.crash_at = disk.operation_count() + at;
        disk.crash_after = after;
        Store store(disk);
        int acknowledged = 1, tried = 1;
        if (store.settle()) {
          for (int n = 2; n <= 3; ++n) {
            tried = n;
            if (store.write("{\"n\":" + std::to_string(n) + "}")) acknowledged = n;
          }
        }
        const std::size_t count = disk.volatile_count();
        ASSERT_LE(count, 12U);
        for (std::size_t mask = 0; mask < std::size_t{1} << count; ++mask, ++states) {
          std::vector<bool> kept(count);
          for (std::size_t i = 0; i < count; ++i) kept[i] = (mask >> i & 1) != 0;
          FaultDisk next = disk.after_power_cut(kept);
          Store found(next);
          ASSERT_NE(found.store, nullptr);
          ASSERT_TRUE(found.slots.newest) << "operation " << at << " mask " << mask << " " << name_of(found.slots.finding);
          const int n = found.newest()[5] - '0';
          ASSERT_TRUE(n >= acknowledged && n <= std::max(tried, 1)) << n << " " << acknowledged << " " << tried;
          ASSERT_TRUE(found.settle() && found.write("{\"n\":9}"));
          ASSERT_EQ(found.store->examine().finding == SnapshotFinding::both_good ||
                        found.store->examine().finding == SnapshotFinding::epoch_newer,
                    true);
        }
      }
    }
  }
  std::printf("snapshot slots: %zu states of the disk\n", states);
  EXPECT_GT(states, 400U);
}

TEST(SnapshotStore, EveryFailureLeavesAGoodSlotAndTheNextWriteSucceeds) {
  for (const FaultDisk::Fault fault :
       {FaultDisk::Fault::io_failed, FaultDisk::Fault::disk_full, FaultDisk::Fault::interrupted, FaultDisk::Fault::short_write}) {
    for (const bool forever : {false, true}) {
      for (std::uint64_t at = 1; at < 25; ++at) {
        SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault)) + " at " + std::to_string(at) + (forever ? " forever" : ""));
        FaultDisk disk = disk_with(2);
        Store store(disk);
        ASSERT_TRUE(store.settle());
        disk.fault = fault;
        disk.fault_at = disk.operation_count() + at;
        disk.forever = forever;
        const bool said = store.write("{\"n\":3}");
        disk.fault = FaultDisk::Fault::none;
        const FaultDisk kept = disk.after_power_cut(std::vector<bool>(disk.volatile_count(), true));
        FaultDisk lost = disk.after_power_cut(std::vector<bool>(disk.volatile_count(), false));
        Store found(lost);
        ASSERT_TRUE(found.slots.newest);
        ASSERT_TRUE(found.newest() == "{\"n\":3}" || (!said && found.newest() == "{\"n\":2}"));
        ASSERT_TRUE(store.write("{\"n\":4}"));
        ASSERT_EQ(disk.sync_after_failed_sync(), 0U);
      }
    }
  }
}

}  // namespace martinet::snapshot_store_test
