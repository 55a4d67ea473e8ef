// Every input of the corpora of the configuration and capture fuzzers, replayed: what they once found stays found.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "tests/fuzz/capture_check.hpp"
#include "tests/fuzz/config_check.hpp"

namespace martinet::corpus_test {

std::map<std::string, std::string> inputs_of(const std::string& name) {
  std::map<std::string, std::string> inputs;
  for (const auto& entry : std::filesystem::directory_iterator(MARTINET_SOURCE_DIR "/tests/fuzz/corpus/" + name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    inputs[entry.path().filename().string()] = {std::istreambuf_iterator<char>(file), {}};
  }
  return inputs;
}

TEST(ConfigCorpus, EveryTextLoadsOrIsRefusedInOneSentence) {
  test::ConfigCheck check;
  std::map<Errc, std::size_t> codes;
  for (const auto& [name, input] : inputs_of("config")) {
    EXPECT_EQ(check(input), "") << name;
    EXPECT_EQ(check.code == Errc::ok, name.starts_with("good")) << name << ": " << name_of(check.code);
    ++codes[check.code];
  }
  for (const Errc code : {Errc::ok, Errc::config_syntax, Errc::config_unknown_key, Errc::config_wrong_type, Errc::config_out_of_bounds,
                          Errc::config_missing, Errc::config_contradiction}) {
    EXPECT_GE(codes[code], 1U) << name_of(code);
  }
}

TEST(CaptureCorpus, HoldsNothingThatBreaksTheReader) {
  test::CaptureCheck check;
  std::map<Errc, std::size_t> codes;
  std::uint64_t records = 0;
  for (const auto& [name, input] : inputs_of("capture")) {
    EXPECT_EQ(check(input), "") << name;
    records += check.record_count;
    ++codes[check.code];
  }
  EXPECT_GE(records, 20U) << "some inputs are captures";
  for (const Errc code : {Errc::ok, Errc::corrupted, Errc::truncated, Errc::not_a_capture}) EXPECT_GE(codes[code], 1U) << name_of(code);
}

}  // namespace martinet::corpus_test
