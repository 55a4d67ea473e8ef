#pragma once
// For the tests of this room: a folder that cleans up after itself, files as bytes, and a child process for tests that change
// limits or descriptors of their process.
#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "adapters/io/uring_storage.hpp"

namespace martinet::io_test {

using Bytes = std::vector<std::byte>;

class Folder {
 public:
  Folder() {
    static std::atomic<int> next{0};
    path_ = std::filesystem::temp_directory_path() / ("martinet_io_" + std::to_string(::getpid()) + "_" + std::to_string(next++));
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const char* name) const { return (path_ / name).string(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline Bytes read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline Bytes pattern(std::size_t size, unsigned seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((i * 31 + seed * 7 + (i >> 8)) | 1);
  return bytes;
}

/// Descriptors of this process; the one that looks is not counted.
inline std::size_t descriptor_count() {
  std::size_t count = 0;
  DIR* const folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count - 3;  // ".", ".." and the folder itself
}

/// The descriptor of the one ring of this process.
inline int ring_descriptor() {
  for (int fd = 3; fd < 256; ++fd) {
    char target[64] = {};
    if (::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, sizeof(target) - 1) > 0 &&
        std::strcmp(target, "anon_inode:[io_uring]") == 0)
      return fd;
  }
  return -1;
}

/// Runs `check` in a child process: what it does to limits, signals and descriptors ends with it. It answers what is wrong, or
/// nothing.
inline std::string in_child(const std::function<std::string()>& check) {
  int pipe_fds[2];
  if (::pipe(pipe_fds) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe_fds[0]);
    const std::string wrong = check();
    const bool told = ::write(pipe_fds[1], wrong.data(), wrong.size()) == static_cast<ssize_t>(wrong.size());
    ::_exit(wrong.empty() && told ? 0 : 1);
  }
  ::close(pipe_fds[1]);
  std::string wrong;
  char buffer[256];
  for (ssize_t n = 0; (n = ::read(pipe_fds[0], buffer, sizeof(buffer))) > 0;) wrong.append(buffer, static_cast<std::size_t>(n));
  ::close(pipe_fds[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (wrong.empty() && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) return "the child ended with status " + std::to_string(status);
  return wrong;
}

/// No file of this process may grow past `bytes`; writing further is an error, not a signal.
inline void limit_file_size(rlim_t bytes) {
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

inline std::vector<Storage::Completion> take_all(UringStorage& storage) {
  storage.drain();
  std::vector<Storage::Completion> all;
  Storage::Completion completion;
  while (storage.poll(completion)) all.push_back(completion);
  return all;
}

}  // namespace martinet::io_test

#define MT_NEED_RING(name)                                         \
  auto name##_made = ::martinet::UringStorage::create_ring();      \
  if (!name##_made.ok()) GTEST_SKIP() << name##_made.error().what; \
  ::martinet::UringStorage& name = **name##_made
