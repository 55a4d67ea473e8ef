// Real failures of real files: a limit on file size gives short and failed writes, a stolen descriptor breaks the ring. Each test
// runs in a child process, which the limit dies with.
#include <fcntl.h>

#include "tests/adapters/io/io_support.hpp"

namespace martinet::uring_failure_test {

using namespace io_test;

#define MT_SAY(condition) \
  if (!(condition)) return std::string(#condition " does not hold, line ") + std::to_string(__LINE__)

TEST(UringFailure, AWriteThatFailsPoisonsItsFileAndNoOther) {
  if (auto ring = UringStorage::create_ring(); !ring.ok()) GTEST_SKIP() << ring.error().what;
  const Folder folder;
  EXPECT_EQ(in_child([&folder]() -> std::string {
              auto made = UringStorage::create_ring();
              UringStorage& storage = **made;
              const auto bad = storage.create(folder / "bad", 0), good = storage.create(folder / "good", 0);
              MT_SAY(bad.ok() && good.ok());
              MT_SAY(storage.append(*bad, 0, pattern(4096, 1), true, 1) == Errc::ok);
              MT_SAY(take_all(storage).at(0).status == Errc::ok);
              limit_file_size(4096);
              MT_SAY(storage.append(*bad, 4096, pattern(100, 2), true, 2) == Errc::ok);
              storage.drain();
              // The failure is known although nobody has polled: nothing more is written.
              MT_SAY(storage.append(*bad, 0, pattern(100, 3), true, 3) == Errc::storage_poisoned);
              const auto done = take_all(storage);
              MT_SAY(done.size() == 1 && done[0].tag == 2 && done[0].status == Errc::io_failed);
              MT_SAY(storage.append(*bad, 0, pattern(100, 3), true, 3) == Errc::storage_poisoned);
              MT_SAY(storage.append(*good, 0, pattern(100, 4), true, 4) == Errc::ok);
              MT_SAY(take_all(storage).at(0).status == Errc::ok);
              const Status closed = storage.close(*bad, 100);
              MT_SAY(!closed.ok() && closed.error().code == Errc::storage_poisoned);
              MT_SAY(storage.close(*good, 100).ok());
              return {};
            }),
            "");
  EXPECT_TRUE(read_bytes(folder / "bad") == pattern(4096, 1)) << "as the failure left it: neither cut nor written again";
  EXPECT_TRUE(read_bytes(folder / "good") == pattern(100, 4));
}

TEST(UringFailure, AWriteThatIsOnlyPartlyPossibleIsAFailure) {
  if (auto ring = UringStorage::create_ring(); !ring.ok()) GTEST_SKIP() << ring.error().what;
  const Folder folder;
  EXPECT_EQ(in_child([&folder]() -> std::string {
              auto made = UringStorage::create_ring();
              const auto file = (*made)->create(folder / "a", 0);
              MT_SAY(file.ok());
              limit_file_size(5000);
              MT_SAY((*made)->append(*file, 0, pattern(9000, 1), true, 7) == Errc::ok);
              const auto done = take_all(**made);
              MT_SAY(done.size() == 1 && done[0].tag == 7 && done[0].status == Errc::io_failed);
              return {};
            }),
            "");
  const Bytes whole = pattern(9000, 1);
  EXPECT_TRUE(read_bytes(folder / "a") == Bytes(whole.begin(), whole.begin() + 5000)) << "a prefix, and nothing else";
}

TEST(UringFailure, AShortWriteIsContinuedWhereItStopped) {
  if (auto ring = UringStorage::create_ring(); !ring.ok()) GTEST_SKIP() << ring.error().what;
  const Folder folder;
  EXPECT_EQ(in_child([&folder]() -> std::string {
              auto made = UringStorage::create_ring();
              UringStorage& storage = **made;
              const auto file = storage.create(folder / "a", 0);
              MT_SAY(file.ok());
              limit_file_size(5000);
              MT_SAY(storage.append(*file, 0, pattern(9000, 1), true, 7) == Errc::ok);
              // The kernel has stopped at the limit; until its completion is looked at the limit is raised.
              for (int i = 0; i < 2000 && std::filesystem::file_size(folder / "a") < 5000; ++i) ::usleep(1000);
              ::usleep(50'000);
              limit_file_size(RLIM_INFINITY);
              const std::uint64_t enters = storage.ring_enters();
              const auto done = take_all(storage);
              MT_SAY(done.size() == 1 && done[0].tag == 7 && done[0].status == Errc::ok);
              MT_SAY(storage.ring_enters() > enters);  // the rest was queued anew
              MT_SAY(storage.close(*file, 9000).ok());
              return {};
            }),
            "");
  EXPECT_TRUE(read_bytes(folder / "a") == pattern(9000, 1));
}

TEST(UringFailure, AReserveThatIsRefusedLeavesNeitherFileNorDescriptor) {
  if (auto ring = UringStorage::create_ring(); !ring.ok()) GTEST_SKIP() << ring.error().what;
  const Folder folder;
  EXPECT_EQ(in_child([&folder]() -> std::string {
              auto made = UringStorage::create_ring();
              const std::size_t before = descriptor_count();
              limit_file_size(5000);
              const auto file = (*made)->create(folder / "a", 6000);
              MT_SAY(!file.ok() && file.error().code == Errc::io_failed);
              MT_SAY(file.error().what.find("6000") != std::string::npos);
              MT_SAY(descriptor_count() == before);
              return {};
            }),
            "");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(UringFailure, WithoutDescriptorsNothingIsLeftBehind) {
  if (auto ring = UringStorage::create_ring(); !ring.ok()) GTEST_SKIP() << ring.error().what;
  const Folder folder;
  EXPECT_EQ(in_child([&folder]() -> std::string {
              auto made = UringStorage::create_ring();
              std::vector<int> all;
              for (int fd = 0; (fd = ::open("/dev/null", O_RDONLY)) >= 0;) all.push_back(fd);
              MT_SAY(!(*made)->create(folder / "a", 0).ok());  // no descriptor for the file
              ::close(all.back());
              const auto second = (*made)->create(folder / "b", 0);  // one for the file, none for its folder
              MT_SAY(!second.ok() && second.error().code == Errc::io_failed);
              MT_SAY(::open("/dev/null", O_RDONLY) >= 0);  // it was given back
              return {};
            }),
            "");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(UringFailure, AFullDiskIsSaidToBeOne) {
  if (auto ring = UringStorage::create_ring(); !ring.ok()) GTEST_SKIP() << ring.error().what;
  const Folder folder;
  // /dev/full stands in for the disk: the descriptor under the ring is exchanged for it.
  EXPECT_EQ(in_child([&folder]() -> std::string {
              auto made = UringStorage::create_ring();
              UringStorage& storage = **made;
              const auto file = storage.create(folder / "a", 0);
              MT_SAY(file.ok());
              const int full = ::open("/dev/full", O_WRONLY);
              MT_SAY(full >= 0);
              const int target = full - 1;  // descriptors are given lowest first: the file is the one before
              MT_SAY(::dup2(full, target) == target);
              MT_SAY(storage.append(*file, 0, pattern(100, 1), true, 1) == Errc::ok);
              const auto done = take_all(storage);
              MT_SAY(done.size() == 1 && done[0].tag == 1 && done[0].status == Errc::disk_full);
              MT_SAY(storage.append(*file, 0, pattern(100, 1), true, 3) == Errc::storage_poisoned);
              return {};
            }),
            "");
}

TEST(UringFailure, ASyncThatFailsIsAFailureThoughTheWriteWentWell) {
  if (auto ring = UringStorage::create_ring(); !ring.ok()) GTEST_SKIP() << ring.error().what;
  const Folder folder;
  // /dev/null takes every write and cannot be synced.
  EXPECT_EQ(in_child([&folder]() -> std::string {
              auto made = UringStorage::create_ring();
              UringStorage& storage = **made;
              const auto file = storage.create(folder / "a", 0);
              MT_SAY(file.ok());
              const int null = ::open("/dev/null", O_WRONLY);
              MT_SAY(null >= 0 && ::dup2(null, null - 1) == null - 1);
              MT_SAY(storage.append(*file, 0, pattern(100, 1), false, 1) == Errc::ok);
              MT_SAY(take_all(storage).at(0).status == Errc::ok);  // without a sync all is well
              MT_SAY(storage.append(*file, 0, pattern(100, 1), true, 2) == Errc::ok);
              const auto done = take_all(storage);
              MT_SAY(done.size() == 1 && done[0].tag == 2 && done[0].status == Errc::io_failed);
              MT_SAY(storage.append(*file, 0, pattern(100, 1), true, 3) == Errc::storage_poisoned);
              return {};
            }),
            "");
}

TEST(UringFailure, AFailureThatNobodyHasLookedAtStopsTheNextWrite) {
  if (auto ring = UringStorage::create_ring(); !ring.ok()) GTEST_SKIP() << ring.error().what;
  const Folder folder;
  EXPECT_EQ(in_child([&folder]() -> std::string {
              auto made = UringStorage::create_ring();
              UringStorage& storage = **made;
              const auto file = storage.create(folder / "a", 0);
              MT_SAY(file.ok());
              limit_file_size(100);
              MT_SAY(storage.append(*file, 200, pattern(100, 1), true, 1) == Errc::ok);
              Errc second = Errc::ok;
              std::uint64_t taken = 1;  // until the failure is there, appends within the limit may still be taken
              for (; taken < 16 && second == Errc::ok; ++taken) {
                ::usleep(20'000);
                second = storage.append(*file, 0, pattern(10, 1), true, 1 + taken);
              }
              MT_SAY(second == Errc::storage_poisoned);
              MT_SAY(taken < 16);
              return {};
            }),
            "");
}

TEST(UringFailure, ARingThatBreaksFailsEverythingAndHangsNowhere) {
  if (auto ring = UringStorage::create_ring(); !ring.ok()) GTEST_SKIP() << ring.error().what;
  const Folder folder;
  EXPECT_EQ(in_child([&folder]() -> std::string {
              auto made = UringStorage::create_ring();
              UringStorage& storage = **made;
              const auto a = storage.create(folder / "a", 0), b = storage.create(folder / "b", 0);
              MT_SAY(a.ok() && b.ok());
              const int ring = ring_descriptor();
              const int null = ::open("/dev/null", O_RDWR);
              MT_SAY(ring >= 0 && null >= 0);
              MT_SAY(::dup2(null, ring) == ring);
              MT_SAY(storage.append(*a, 0, pattern(100, 1), true, 1) == Errc::ok);
              MT_SAY(storage.append(*a, 100, pattern(100, 1), true, 2) == Errc::storage_poisoned);
              MT_SAY(storage.append(*b, 0, pattern(100, 1), true, 3) == Errc::storage_poisoned);
              const auto done = take_all(storage);
              MT_SAY(done.size() == 1 && done[0].tag == 1 && done[0].status == Errc::io_failed);
              MT_SAY(take_all(storage).empty());
              MT_SAY(!storage.close(*a, 0).ok());
              return {};
            }),
            "");
}

TEST(UringFailure, WithoutARingTheSentenceSaysWhatIsNeeded) {
  EXPECT_EQ(in_child([]() -> std::string {
              rlimit none{0, 0};
              ::setrlimit(RLIMIT_NOFILE, &none);  // no descriptor, no ring
              const auto made = UringStorage::create_ring();
              MT_SAY(!made.ok() && made.error().code == Errc::kernel_too_old);
              MT_SAY(made.error().what.find("Linux 6") != std::string::npos);
              return {};
            }),
            "");
}

#undef MT_SAY

}  // namespace martinet::uring_failure_test
