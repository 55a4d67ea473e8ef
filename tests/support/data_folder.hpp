#pragma once
// Where the real captures lie. Tests that need them skip with a printed reason when they are not there.
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace martinet::test {

/// MARTINET_DATA if set, else shared/data beside the checkout; nothing if that folder does not exist.
inline std::optional<std::filesystem::path> data_folder() {
  const char* const given = std::getenv("MARTINET_DATA");
  const std::filesystem::path folder = given != nullptr ? given : MARTINET_SOURCE_DIR "/../shared/data";
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) return std::nullopt;
  return folder;
}

}  // namespace martinet::test

#define MT_NEED_DATA(folder)                                                                  \
  const auto folder##_found = ::martinet::test::data_folder();                                \
  if (!folder##_found) GTEST_SKIP() << "no captures: set MARTINET_DATA or put them in ../shared/data"; \
  const std::filesystem::path folder = *folder##_found
