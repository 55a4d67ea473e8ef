// Segments of a session: their order by number, holes, and whether one continues another.
#include <gtest/gtest.h>

#include "tests/engine/cold/journal/journal_support.hpp"

namespace martinet::journal_segments_test {

using namespace journal_test;

JournalReader read_to_end(Bytes bytes, const std::string& name) {
  auto reader = JournalReader::from_bytes(std::move(bytes), name);
  MT_ASSERT(reader.ok());
  JournalRecord record;
  while (reader->next(record)) {
  }
  return std::move(*reader);
}

std::vector<Bytes> three_segments(std::uint64_t epoch = 7, std::int64_t salt = 0) {
  MemoryStorage storage;
  JournalOptions options = small_options();
  options.epoch = epoch;
  JournalWriter writer(storage, options);
  for (std::int64_t segment = 1; segment <= 3; ++segment) {
    MT_ASSERT(writer.begin_segment(segment).ok());
    for (std::int64_t i = 0; i < 4; ++i)
      MT_ASSERT(writer.append_struct(journal::RecordType::equity, i, journal::EquityRecord{segment + salt, i}) == Errc::ok);
  }
  MT_ASSERT(writer.close().ok());
  return {storage.bytes(0), storage.bytes(1), storage.bytes(2)};
}

TEST(JournalSegments, EachContinuesTheOneBeforeAndNoOther) {
  const std::vector<Bytes> files = three_segments();
  std::vector<JournalReader> readers;
  for (const Bytes& file : files) readers.push_back(read_to_end(file, "segment " + std::to_string(readers.size() + 1)));
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) EXPECT_EQ(readers[i].follows(readers[j]).ok(), i == j + 1) << i << " after " << j;
  }
  EXPECT_EQ(readers[1].header().first_sequence, 5U);
  EXPECT_EQ(readers[1].header().previous_sequence, 4U);
  EXPECT_EQ(readers[1].header().previous_chain, readers[0].chain());
  const Status skipped = readers[2].follows(readers[0]);
  ASSERT_FALSE(skipped.ok());
  EXPECT_EQ(skipped.error().code, Errc::corrupted);
  EXPECT_NE(skipped.error().what.find("segment 3"), std::string::npos);
  EXPECT_NE(skipped.error().what.find("segment 1"), std::string::npos);
}

TEST(JournalSegments, ASegmentDoesNotContinueOneThatLostItsTailOrIsOfAnotherSession) {
  const std::vector<Bytes> files = three_segments(), others = three_segments(8);
  const JournalReader second = read_to_end(files[1], "second");
  Bytes cut = files[0];
  cut.resize(cut.size() - 1);
  EXPECT_FALSE(second.follows(read_to_end(cut, "cut")).ok());
  cut.resize(files[0].size() - journal::record_size(16));
  EXPECT_FALSE(second.follows(read_to_end(cut, "cut cleanly")).ok());
  EXPECT_FALSE(second.follows(read_to_end(others[0], "other epoch")).ok());
  EXPECT_FALSE(second.follows(read_to_end(three_segments(7, 1)[0], "same numbers, other records")).ok());
  EXPECT_TRUE(second.follows(read_to_end(files[0], "whole")).ok());
}

TEST(JournalSegments, AreListedByNumberAndOthersAreLeftOut) {
  const Folder folder;
  for (const std::string name :
       {"journal-999999.mtj", "journal-1000000.mtj", "journal-1000001.mtj", "journal-12.mtj", "journal-.mtj", "journal-00000x.mtj",
        "journal-000001.mtj.bak", "journal.mtj", "xjournal-000001.mtj", "journal-0000000000000000001.mtj", "input.cap"}) {
    (void)folder.write(name, {});
  }
  const auto segments = journal_segments(folder.path());
  ASSERT_TRUE(segments.ok()) << segments.error().what;
  std::vector<std::string> names;
  for (const auto& segment : *segments) names.push_back(segment.filename().string());
  EXPECT_EQ(names, (std::vector<std::string>{"journal-999999.mtj", "journal-1000000.mtj", "journal-1000001.mtj"}));
}

TEST(JournalSegments, AHoleBetweenThemIsNamed) {
  const Folder folder;
  for (const std::uint64_t number : {1ULL, 2ULL, 4ULL}) (void)folder.write(segment_name(number), {});
  const auto segments = journal_segments(folder.path());
  ASSERT_FALSE(segments.ok());
  EXPECT_EQ(segments.error().code, Errc::not_found);
  EXPECT_NE(segments.error().what.find("lacks segment 3"), std::string::npos) << segments.error().what;
}

TEST(JournalSegments, AFolderWithoutAnyIsAnError) {
  const Folder folder;
  EXPECT_EQ(journal_segments(folder.path()).error().code, Errc::not_found);
  EXPECT_EQ(journal_segments(folder.path() / "absent").error().code, Errc::not_found);
  EXPECT_EQ(journal_segments(folder.write("file", {})).error().code, Errc::not_found);
}

}  // namespace martinet::journal_segments_test
