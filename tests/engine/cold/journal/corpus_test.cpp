// Every input of the journal fuzzer's corpus, replayed.
#include <gtest/gtest.h>

#include <set>

#include "tests/engine/cold/journal/journal_support.hpp"
#include "tests/fuzz/journal_check.hpp"

namespace martinet::journal_corpus_test {

TEST(JournalCorpus, HoldsNothingThatBreaksTheReader) {
  test::JournalCheck check;
  std::size_t inputs = 0, records = 0;
  std::set<Errc> codes;
  for (const auto& entry : std::filesystem::directory_iterator(MARTINET_SOURCE_DIR "/tests/fuzz/corpus/journal")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(check(input), "") << entry.path();
    ++inputs;
    records += check.record_count;
    codes.insert(check.code);
  }
  EXPECT_GE(inputs, 8U);
  EXPECT_GE(records, 20U) << "some inputs are journals";
  EXPECT_TRUE(codes.count(Errc::ok) == 1 && codes.count(Errc::corrupted) == 1 && codes.count(Errc::not_a_journal) == 1)
      << "and some are not";
}

}  // namespace martinet::journal_corpus_test
