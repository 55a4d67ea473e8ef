// Every input of the fuzzer's corpus, replayed: what it once found stays found.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/decoder_check.hpp"

namespace martinet::fuzz_corpus_test {

TEST(DecoderCorpus, AgreesOnEveryInput) {
  test::DecoderCheck check;
  std::size_t inputs = 0, fast = 0;
  for (const auto& entry : std::filesystem::directory_iterator(MARTINET_SOURCE_DIR "/tests/fuzz/corpus/decoder")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(input.empty()) << entry.path();
    EXPECT_EQ(check(input), "") << entry.path();
    ++inputs;
    fast += check.fast_ok ? 1 : 0;
  }
  std::printf("decoder corpus: %zu inputs, %zu taken by the fast path\n", inputs, fast);
  EXPECT_GE(inputs, 40U);
  EXPECT_GE(fast, 30U);
  EXPECT_LT(fast, inputs) << "some inputs are there for the slow path";
}

}  // namespace martinet::fuzz_corpus_test
