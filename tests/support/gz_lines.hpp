#pragma once
// Lines of a text file, gzipped or not (zlib reads both). For tests only.
#include <zlib.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace martinet::test {

/// Calls each(std::string_view line) for every line, without its end. False if the file cannot be read to its end.
template <class Each>
[[nodiscard]] bool for_each_line(const std::filesystem::path& path, Each&& each) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  std::string pending;
  char block[1 << 16];
  int got = 0;
  while ((got = gzread(file, block, sizeof block)) > 0) {
    std::string_view rest(block, static_cast<std::size_t>(got));
    for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1)) {
      pending.append(rest.substr(0, end));
      each(std::string_view(pending));
      pending.clear();
    }
    pending.append(rest);
  }
  if (!pending.empty()) each(std::string_view(pending));
  return gzclose(file) == Z_OK && got == 0;
}

}  // namespace martinet::test
