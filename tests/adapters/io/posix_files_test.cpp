// The files port over real files: what is ours and what is refused, locks across processes, and each step as the port says it.
#include "adapters/io/posix_files.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <thread>

#include "tests/adapters/io/io_support.hpp"

namespace martinet::posix_files_test {

using namespace io_test;

#define MT_SAY(condition) \
  if (!(condition)) return std::string(#condition " does not hold, line ") + std::to_string(__LINE__)

std::string private_folder(const Folder& folder, const char* name) {
  const std::string path = folder / name;
  ::mkdir(path.c_str(), 0700);
  ::chmod(path.c_str(), 0700);
  return path;
}

void write_file(const std::string& path, const std::string& text, mode_t mode) {
  std::ofstream(path, std::ios::binary) << text;
  ::chmod(path.c_str(), mode);
}

TEST(PosixFiles, MakesFilesAndFoldersForTheirOwnerAlone) {
  const Folder folder;
  PosixFiles files;
  ::umask(0);
  ASSERT_TRUE(files.make_folder(folder / "state").ok());
  EXPECT_TRUE(files.make_folder(folder / "state").ok()) << "again: it is there and ours";
  const auto file = files.create_new(folder / "state/a");
  ASSERT_TRUE(file.ok()) << file.error().what;
  struct stat info{};
  ASSERT_EQ(::stat((folder / "state").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700U);
  ASSERT_EQ(::stat((folder / "state/a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
  EXPECT_EQ(files.create_new(folder / "state/a").error().code, Errc::exists_already);
}

TEST(PosixFiles, WritesReadsCutsRenamesRemoves) {
  const Folder folder;
  PosixFiles files;
  const std::string root = private_folder(folder, "f");
  const auto file = files.create_new(root + "/a");
  ASSERT_TRUE(file.ok());
  const Bytes bytes = pattern(1000, 1);
  std::size_t count = 0;
  ASSERT_EQ(files.write(*file, 0, bytes, count), Errc::ok);
  EXPECT_EQ(count, 1000U);
  ASSERT_EQ(files.truncate(*file, 900), Errc::ok);
  ASSERT_EQ(files.sync(*file), Errc::ok);
  std::uint64_t size = 0;
  ASSERT_EQ(files.size(*file, size), Errc::ok);
  EXPECT_EQ(size, 900U);
  Bytes back(2000);
  ASSERT_EQ(files.read(*file, 100, back, count), Errc::ok);
  EXPECT_EQ(count, 800U);
  EXPECT_TRUE(std::equal(bytes.begin() + 100, bytes.begin() + 900, back.begin()));
  ASSERT_EQ(files.read(*file, 900, back, count), Errc::ok);
  EXPECT_EQ(count, 0U) << "the end";
  ASSERT_EQ(files.close(*file), Errc::ok);
  EXPECT_EQ(files.close(*file), Errc::ok) << "again";
  EXPECT_EQ(files.write(*file, 0, bytes, count), Errc::storage_poisoned) << "it is closed";
  ASSERT_TRUE(files.rename(root + "/a", root + "/b").ok());
  ASSERT_TRUE(files.sync_folder(root).ok());
  EXPECT_EQ(*files.list(root), std::vector<std::string>{"b"});
  ASSERT_TRUE(files.remove(root + "/b").ok());
  EXPECT_EQ(files.remove(root + "/b").error().code, Errc::not_found);
  EXPECT_EQ(files.open_to_read(root + "/b").error().code, Errc::not_found);
  EXPECT_EQ(files.rename(root + "/b", root + "/c").error().code, Errc::not_found);
  EXPECT_EQ(files.list(root + "/none").error().code, Errc::not_found);
}

TEST(PosixFiles, RefusesEveryModeThatLetsOthersIn) {
  const Folder folder;
  PosixFiles files;
  const std::string root = private_folder(folder, "f");
  write_file(root + "/a", "x", 0600);
  for (mode_t mode = 0; mode < 01000; ++mode) {
    if ((mode & 0400) == 0) continue;  // not even ours: the system refuses that
    ASSERT_EQ(::chmod((root + "/a").c_str(), mode), 0);
    const auto file = files.open_to_read(root + "/a");
    ASSERT_EQ(file.ok(), (mode & 077) == 0) << std::oct << mode;
    if (file.ok()) {
      ASSERT_EQ(files.close(*file), Errc::ok);
    } else {
      ASSERT_EQ(file.error().code, Errc::unsafe_permissions);
      ASSERT_NE(file.error().what.find(root + "/a"), std::string::npos);
    }
    if ((mode & 0700) != 0700) continue;
    const std::string inner = root + "/inner";
    ::mkdir(inner.c_str(), 0700);
    ASSERT_EQ(::chmod(inner.c_str(), mode), 0);
    ASSERT_EQ(files.make_folder(inner).ok(), (mode & 077) == 0) << std::oct << mode;
    ASSERT_EQ(files.list(inner).ok(), (mode & 077) == 0) << std::oct << mode;
  }
}

TEST(PosixFiles, FollowsNoLinkAndTakesNoPipeForAFile) {
  const Folder folder;
  PosixFiles files;
  const std::string root = private_folder(folder, "f");
  write_file(root + "/real", "x", 0600);
  ASSERT_EQ(::symlink((root + "/real").c_str(), (root + "/link").c_str()), 0);
  ASSERT_EQ(::symlink((root + "/nowhere").c_str(), (root + "/dangling").c_str()), 0);
  ASSERT_EQ(::symlink(root.c_str(), (folder / "folder_link").c_str()), 0);
  ASSERT_EQ(::mkfifo((root + "/pipe").c_str(), 0600), 0);
  for (const char* name : {"/link", "/dangling", "/pipe"}) {
    SCOPED_TRACE(name);
    EXPECT_FALSE(files.open_to_read(root + name).ok());
    EXPECT_FALSE(files.open_to_write(root + name).ok());
    EXPECT_FALSE(files.create_new(root + name).ok());
    EXPECT_FALSE(files.lock(root + name).ok());
  }
  EXPECT_EQ(files.open_to_read(root + "/link").error().code, Errc::unsafe_permissions);
  EXPECT_EQ(files.make_folder(folder / "folder_link").error().code, Errc::unsafe_permissions);
  EXPECT_FALSE(files.list(folder / "folder_link").ok());
  EXPECT_FALSE(std::filesystem::exists(root + "/nowhere")) << "nothing was made through the link";
}

TEST(PosixFiles, ALockNamesItsHolderAndEndsWithIt) {
  const Folder folder;
  const std::string lock = private_folder(folder, "f") + "/lock";
  int ready[2], stop[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(stop), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    PosixFiles files;
    const bool held = files.lock(lock).ok();
    char byte = held ? 'y' : 'n';
    (void)!::write(ready[1], &byte, 1);
    (void)!::read(stop[0], &byte, 1);  // until it is killed
    ::_exit(0);
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  PosixFiles files;
  const auto refused = files.lock(lock);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::held_elsewhere);
  EXPECT_NE(refused.error().what.find("process " + std::to_string(child)), std::string::npos) << refused.error().what;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const auto taken = files.lock(lock);
  ASSERT_TRUE(taken.ok()) << "a dead process holds nothing: " << taken.error().what;
  EXPECT_EQ(PosixFiles().lock(lock).error().code, Errc::held_elsewhere) << "not even the same process twice";
  files.unlock(*taken);
  EXPECT_TRUE(PosixFiles().lock(lock).ok());
  for (const int fd : {ready[0], ready[1], stop[0], stop[1]}) ::close(fd);
}

TEST(PosixFiles, ManyWhoAskAtOnceGetOneHolder) {
  const Folder folder;
  const std::string lock = private_folder(folder, "f") + "/lock";
  std::atomic<int> held{0};
  std::vector<std::thread> threads;
  std::vector<PosixFiles> all(16);
  for (PosixFiles& files : all) threads.emplace_back([&] { held += files.lock(lock).ok() ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(held, 1);
}

TEST(PosixFiles, AFileThatALivingWriterHoldsIsReadButNotWritten) {
  const Folder folder;
  const std::string root = private_folder(folder, "f");
  MT_NEED_RING(storage);
  const auto file = storage.create(root + "/a", 4096);
  ASSERT_TRUE(file.ok());
  PosixFiles files;
  EXPECT_TRUE(files.open_to_read(root + "/a").ok());
  const auto refused = files.open_to_write(root + "/a");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::held_elsewhere);
  ASSERT_TRUE(storage.close(*file, 0).ok());
  EXPECT_TRUE(files.open_to_write(root + "/a").ok());
}

TEST(PosixFiles, ToolsThatOnlyLookMayLookAtCopies) {
  const Folder folder;
  const std::string root = private_folder(folder, "f");
  write_file(root + "/a", "x", 0644);
  ASSERT_EQ(::chmod(root.c_str(), 0755), 0);
  PosixFiles any(FileOwner::anybody), ours;
  EXPECT_TRUE(any.list(root).ok());
  EXPECT_TRUE(any.open_to_read(root + "/a").ok());
  EXPECT_FALSE(ours.list(root).ok());
  EXPECT_FALSE(ours.open_to_read(root + "/a").ok());
  ASSERT_EQ(::symlink((root + "/a").c_str(), (root + "/link").c_str()), 0);
  EXPECT_FALSE(any.open_to_read(root + "/link").ok());
}

TEST(PosixFiles, FailuresOfTheSystemAreAnswers) {
  const Folder folder;
  const std::string root = private_folder(folder, "f");
  EXPECT_EQ(in_child([&root]() -> std::string {
              PosixFiles files;
              const auto file = files.create_new(root + "/a");
              MT_SAY(file.ok());
              limit_file_size(600);
              std::size_t count = 0;
              MT_SAY(files.write(*file, 0, pattern(1000, 1), count) == Errc::ok);
              MT_SAY(count == 600);  // short
              MT_SAY(files.write(*file, 600, pattern(10, 1), count) == Errc::io_failed);
              MT_SAY(files.truncate(*file, 1000) == Errc::io_failed);
              MT_SAY(files.close(*file) == Errc::ok);
              return {};
            }),
            "");
}

TEST(PosixFiles, HoldsSixtyFourFilesAndLeavesNoDescriptorBehind) {
  const Folder folder;
  const std::string root = private_folder(folder, "f");
  const std::size_t before = descriptor_count();
  {
    PosixFiles files;
    std::vector<FileId> open;
    for (std::size_t i = 0; i < PosixFiles::kFilesMax; ++i) {
      const auto file = files.create_new(root + "/" + std::to_string(i));
      ASSERT_TRUE(file.ok());
      open.push_back(*file);
    }
    EXPECT_EQ(files.open_to_read(root + "/0").error().code, Errc::no_capacity);
    ASSERT_EQ(files.close(open[3]), Errc::ok);
    const auto again = files.open_to_read(root + "/0");
    ASSERT_TRUE(again.ok());
    EXPECT_NE(*again, open[3]) << "an id is never another file's";
  }
  EXPECT_EQ(descriptor_count(), before);
}

}  // namespace martinet::posix_files_test
