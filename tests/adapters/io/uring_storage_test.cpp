// The storage port over real files: what is written, in which order it completes, and what closing leaves.
#include <fcntl.h>

#include "tests/adapters/io/io_support.hpp"

namespace martinet::uring_storage_test {

using namespace io_test;

TEST(UringStorage, MakesAFileOfItsReserveThatOnlyItsOwnerReads) {
  const Folder folder;
  MT_NEED_RING(storage);
  ::umask(0);
  const auto file = storage.create(folder / "a", 10'000);
  ASSERT_TRUE(file.ok()) << file.error().what;
  struct stat info{};
  ASSERT_EQ(::stat((folder / "a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
  EXPECT_EQ(info.st_size, 10'000);
  EXPECT_GE(info.st_blocks * 512, 10'000) << "reserved, not a hole";
  EXPECT_TRUE(read_bytes(folder / "a") == Bytes(10'000));
  const auto none = storage.create(folder / "b", 0);
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(std::filesystem::file_size(folder / "b"), 0U);
}

TEST(UringStorage, WritesWhatItIsGivenWhereItIsTold) {
  const Folder folder;
  MT_NEED_RING(storage);
  const auto file = storage.create(folder / "a", 4096);
  ASSERT_TRUE(file.ok());
  Bytes first = pattern(1000, 1);
  const Bytes second = pattern(5000, 2);
  ASSERT_EQ(storage.append(*file, 0, first, true, 11), Errc::ok);
  std::fill(first.begin(), first.end(), std::byte{0xEE});  // copied before it returned
  ASSERT_EQ(storage.append(*file, 1000, second, false, 12), Errc::ok);
  const auto done = take_all(storage);
  ASSERT_EQ(done.size(), 2U);
  for (const auto& completion : done) {
    EXPECT_EQ(completion.status, Errc::ok);
    EXPECT_TRUE(completion.tag == 11 || completion.tag == 12);
  }
  EXPECT_NE(done[0].tag, done[1].tag);
  ASSERT_TRUE(storage.close(*file, 6000).ok());
  Bytes expected = pattern(1000, 1);
  expected.insert(expected.end(), second.begin(), second.end());
  EXPECT_TRUE(read_bytes(folder / "a") == expected);
  EXPECT_TRUE(storage.close(*file, 6000).ok()) << "closing again changes nothing";
  EXPECT_EQ(storage.append(*file, 0, first, true, 13), Errc::storage_poisoned) << "it is closed";
}

TEST(UringStorage, ClosingCutsTheReserveThatWasNotUsed) {
  const Folder folder;
  MT_NEED_RING(storage);
  const auto file = storage.create(folder / "a", 1 << 20);
  ASSERT_TRUE(file.ok());
  ASSERT_EQ(storage.append(*file, 0, pattern(777, 3), true, 1), Errc::ok);
  ASSERT_TRUE(storage.close(*file, 777).ok()) << "and waits for what is under way";
  EXPECT_TRUE(read_bytes(folder / "a") == pattern(777, 3));
  Storage::Completion completion;
  ASSERT_TRUE(storage.poll(completion)) << "its completion is still there";
  EXPECT_EQ(completion.tag, 1U);
  EXPECT_EQ(completion.status, Errc::ok);
}

TEST(UringStorage, RefusesAFileThatExistsAndLeavesItAlone) {
  const Folder folder;
  MT_NEED_RING(storage);
  std::ofstream(folder / "a") << "precious";
  const std::size_t before = descriptor_count();
  const auto file = storage.create(folder / "a", 100);
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, Errc::exists_already);
  EXPECT_NE(file.error().what.find(folder / "a"), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(folder / "a"), 8U);
  EXPECT_EQ(descriptor_count(), before);
}

TEST(UringStorage, AFailedCreationLeavesNeitherFileNorDescriptor) {
  const Folder folder;
  MT_NEED_RING(storage);
  const std::size_t before = descriptor_count();
  const auto absent = storage.create(folder / "absent/a", 100);
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().code, Errc::io_failed);
  const auto huge = storage.create(folder / "huge", std::uint64_t{1} << 60);  // more than any disk here
  ASSERT_FALSE(huge.ok());
  EXPECT_TRUE(huge.error().code == Errc::disk_full || huge.error().code == Errc::io_failed);
  const auto negative = storage.create(folder / "negative", ~std::uint64_t{0});
  ASSERT_FALSE(negative.ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_EQ(descriptor_count(), before);
  EXPECT_TRUE(storage.create(folder / "a", 100).ok()) << "and it does not stand in the way of the next";
}

TEST(UringStorage, HoldsSixteenAppendsThenSaysSo) {
  const Folder folder;
  MT_NEED_RING(storage);
  const auto file = storage.create(folder / "a", 0);
  ASSERT_TRUE(file.ok());
  for (std::uint64_t i = 0; i < 16; ++i)
    ASSERT_EQ(storage.append(*file, i * 100, pattern(100, static_cast<unsigned>(i)), true, i), Errc::ok) << i;
  EXPECT_EQ(storage.append(*file, 1600, pattern(100, 16), true, 16), Errc::lane_full);
  storage.drain();
  EXPECT_EQ(storage.append(*file, 1600, pattern(100, 16), true, 16), Errc::lane_full) << "completions that nobody took hold their places";
  Storage::Completion completion;
  ASSERT_TRUE(storage.poll(completion));
  EXPECT_EQ(storage.append(*file, 1600, pattern(100, 16), true, 16), Errc::ok);
  std::vector<std::uint64_t> tags{completion.tag};
  for (const auto& done : take_all(storage)) {
    EXPECT_EQ(done.status, Errc::ok);
    tags.push_back(done.tag);
  }
  EXPECT_EQ(tags.back(), 16U) << "the last to be queued is the last to be taken";
  std::sort(tags.begin(), tags.end());
  ASSERT_EQ(tags.size(), 17U);
  for (std::uint64_t i = 0; i < 17; ++i) EXPECT_EQ(tags[i], i);
  ASSERT_TRUE(storage.close(*file, 1700).ok());
  Bytes expected;
  for (unsigned i = 0; i < 17; ++i) {
    const Bytes part = pattern(100, i);
    expected.insert(expected.end(), part.begin(), part.end());
  }
  EXPECT_TRUE(read_bytes(folder / "a") == expected) << "the refused append wrote nothing, the others all";
}

TEST(UringStorage, TakesTheLargestAppendAndRefusesALarger) {
  const Folder folder;
  MT_NEED_RING(storage);
  const auto file = storage.create(folder / "a", 0);
  ASSERT_TRUE(file.ok());
  const Bytes large = pattern(UringStorage::kSlotBytes, 5);
  ASSERT_EQ(storage.append(*file, 0, large, true, 1), Errc::ok);
  EXPECT_EQ(storage.append(*file, 0, pattern(UringStorage::kSlotBytes + 1, 5), true, 2), Errc::frame_too_large);
  const auto done = take_all(storage);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].status, Errc::ok);
  ASSERT_TRUE(storage.close(*file, large.size()).ok());
  EXPECT_TRUE(read_bytes(folder / "a") == large);
}

TEST(UringStorage, AnEmptyAppendIsOnlyASync) {
  const Folder folder;
  MT_NEED_RING(storage);
  const auto file = storage.create(folder / "a", 0);
  ASSERT_TRUE(file.ok());
  ASSERT_EQ(storage.append(*file, 0, {}, true, 1), Errc::ok);
  ASSERT_EQ(storage.append(*file, 0, {}, false, 2), Errc::ok);
  const auto done = take_all(storage);
  ASSERT_EQ(done.size(), 2U);
  for (const auto& completion : done) EXPECT_EQ(completion.status, Errc::ok);
}

TEST(UringStorage, WritesTwoFilesAtOnce) {
  const Folder folder;
  MT_NEED_RING(storage);
  const auto a = storage.create(folder / "a", 1000), b = storage.create(folder / "b", 0);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_NE(*a, *b);
  for (std::uint64_t i = 0; i < 8; ++i) {
    ASSERT_EQ(storage.append(*a, i * 50, pattern(50, static_cast<unsigned>(i)), true, i), Errc::ok);
    ASSERT_EQ(storage.append(*b, i * 60, pattern(60, static_cast<unsigned>(100 + i)), i % 2 == 0, 100 + i), Errc::ok);
  }
  EXPECT_EQ(take_all(storage).size(), 16U);
  ASSERT_TRUE(storage.close(*a, 400).ok());
  ASSERT_EQ(storage.append(*b, 480, pattern(60, 108), true, 108), Errc::ok) << "the other is still open";
  ASSERT_TRUE(storage.close(*b, 540).ok());
  Bytes in_a, in_b;
  for (unsigned i = 0; i < 9; ++i) {
    const Bytes part_a = pattern(50, i), part_b = pattern(60, 100 + i);
    if (i < 8) in_a.insert(in_a.end(), part_a.begin(), part_a.end());
    in_b.insert(in_b.end(), part_b.begin(), part_b.end());
  }
  EXPECT_TRUE(read_bytes(folder / "a") == in_a);
  EXPECT_TRUE(read_bytes(folder / "b") == in_b);
}

TEST(UringStorage, HoldsSixtyFourFilesAndAClosedOnesIdIsNeverAnothers) {
  const Folder folder;
  MT_NEED_RING(storage);
  const auto name = [](int i) { return std::to_string(i); };
  std::vector<FileId> ids;
  for (int i = 0; i < 64; ++i) {
    const auto file = storage.create(folder / name(i).c_str(), 0);
    ASSERT_TRUE(file.ok()) << i;
    ids.push_back(*file);
  }
  const auto refused = storage.create(folder / "one more", 0);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::no_capacity);
  EXPECT_FALSE(std::filesystem::exists(folder / "one more"));
  ASSERT_TRUE(storage.close(ids[7], 0).ok());
  const auto next = storage.create(folder / "one more", 0);
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(std::count(ids.begin(), ids.end(), *next), 0);
  EXPECT_EQ(storage.append(ids[7], 0, pattern(10, 1), true, 1), Errc::storage_poisoned);
  EXPECT_EQ(storage.append(*next, 0, pattern(10, 1), true, 1), Errc::ok);
  EXPECT_TRUE(storage.close(ids[7], 0).ok());
  ASSERT_TRUE(storage.close(*next, 10).ok());
  EXPECT_EQ(std::filesystem::file_size(folder / "one more"), 10U);
  EXPECT_EQ(std::filesystem::file_size(folder / "7"), 0U);
}

TEST(UringStorage, CountsItsCallsOfTheRing) {
  const Folder folder;
  MT_NEED_RING(storage);
  const auto file = storage.create(folder / "a", 0);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(storage.ring_enters(), 0U);
  ASSERT_EQ(storage.append(*file, 0, pattern(10, 1), true, 1), Errc::ok);
  EXPECT_EQ(storage.ring_enters(), 1U) << "write and sync in one";
}

TEST(UringStorage, LeavesNoDescriptorBehind) {
  const Folder folder;
  const std::size_t before = descriptor_count();
  {
    MT_NEED_RING(storage);
    const auto file = storage.create(folder / "a", 100);
    ASSERT_TRUE(file.ok());
    ASSERT_EQ(storage.append(*file, 0, pattern(10, 1), true, 1), Errc::ok);
  }
  EXPECT_EQ(descriptor_count(), before);
  EXPECT_EQ(std::filesystem::file_size(folder / "a"), 100U) << "not closed: the reserve stays";
}

}  // namespace martinet::uring_storage_test
