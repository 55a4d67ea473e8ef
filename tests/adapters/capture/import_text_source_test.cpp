#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "adapters/capture/text_source.hpp"
#include "tests/adapters/capture/import_test_support.hpp"

namespace martinet::import_text_source_test {

using import_test::Folder;

std::vector<std::string> lines_of(const std::filesystem::path& path, Errc expected = Errc::ok) {
  std::vector<std::string> lines;
  auto source = TextSource::open(path);
  EXPECT_TRUE(source.ok()) << (source.ok() ? "" : source.error().what);
  if (!source.ok()) return lines;
  for (std::string_view line; source->next(line);) {
    lines.emplace_back(line);
    EXPECT_EQ(source->line_number(), lines.size());
  }
  EXPECT_EQ(source->status().ok() ? Errc::ok : source->status().error().code, expected);
  return lines;
}

TEST(ImportTextSource, GivesTheSameLinesPlainAndCompressed) {
  const Folder folder;
  const std::string text = "one\ntwo\n\nfour";
  const std::vector<std::string> expected = {"one", "two", "", "four"};
  EXPECT_EQ(lines_of(folder.write("a.txt", text)), expected);
  EXPECT_EQ(lines_of(folder.write_gz("a.txt.gz", text)), expected);
  EXPECT_EQ(lines_of(folder.write_gz("named_plain.txt", text)), expected) << "content decides, not the name";
}

TEST(ImportTextSource, LeavesOutByteOrderMarkAndCarriageReturns) {
  const Folder folder;
  EXPECT_EQ(lines_of(folder.write("a", "\xEF\xBB\xBFone\r\ntwo\r\n")), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(lines_of(folder.write("b", "\n")), (std::vector<std::string>{""}));
}

TEST(ImportTextSource, ReadsLinesOfAnyLengthAcrossItsChunks) {
  const Folder folder;
  std::string text;
  std::vector<std::string> expected;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{131'071}, std::size_t{131'072}, std::size_t{131'073}, std::size_t{700'001}}) {
    expected.emplace_back(size, static_cast<char>('a' + size % 26));
    text += expected.back() + "\n";
  }
  EXPECT_EQ(lines_of(folder.write("a", text)), expected);
  EXPECT_EQ(lines_of(folder.write_gz("b", text)), expected);
}

TEST(ImportTextSource, ReadsSeveralGzipMembersAsOneText) {
  const Folder folder;
  folder.write_gz("a.gz", "one\n");
  folder.write_gz("b.gz", "two\n");
  EXPECT_EQ(lines_of(folder.write("c.gz", folder.read("a.gz") + folder.read("b.gz"))), (std::vector<std::string>{"one", "two"}));
}

TEST(ImportTextSource, SaysThatAGzipFileWasCutWhereverItWasCut) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  folder.write_gz("whole.gz", text);
  const std::string whole = folder.read("whole.gz");
  const std::vector<std::string> all = lines_of(folder / "whole.gz");
  for (const std::size_t cut : {whole.size() - 1, whole.size() - 8, whole.size() - 9, whole.size() / 2, std::size_t{40}}) {
    const auto path = folder.write("cut.gz", whole.substr(0, cut));
    auto source = TextSource::open(path);
    if (!source.ok()) {
      EXPECT_EQ(source.error().code, Errc::truncated) << cut;
      continue;
    }
    std::size_t count = 0;
    for (std::string_view line; source->next(line); ++count) ASSERT_EQ(line, all[count]) << "no line is invented; cut " << cut;
    ASSERT_FALSE(source->status().ok()) << cut;
    EXPECT_EQ(source->status().error().code, Errc::truncated) << cut;
    EXPECT_NE(source->status().error().what.find("cut.gz"), std::string::npos);
  }
}

TEST(ImportTextSource, SaysThatAGzipFileIsDamaged) {
  const Folder folder;
  folder.write_gz("whole.gz", std::string(5'000, 'x') + "\n");
  std::string bytes = folder.read("whole.gz");
  bytes[bytes.size() - 6] ^= 1;  // inside the checksum
  const auto opened = TextSource::open(folder.write("bad.gz", bytes));
  ASSERT_FALSE(opened.ok()) << "a file of one chunk is known to be damaged when it is opened";
  EXPECT_EQ(opened.error().code, Errc::corrupted);

  std::string text;
  for (int i = 0; i < 300'000; ++i) text += std::to_string(i * 7919LL) + "\n";
  folder.write_gz("long.gz", text);
  bytes = folder.read("long.gz");
  bytes[bytes.size() - 6] ^= 1;
  lines_of(folder.write("bad_long.gz", bytes), Errc::corrupted);
}

TEST(ImportTextSource, NamesFilesThatCannotBeRead) {
  const Folder folder;
  EXPECT_EQ(TextSource::open(folder / "absent").error().code, Errc::not_found);
  EXPECT_EQ(TextSource::open(folder.write("empty", "")).error().code, Errc::empty_file);
  EXPECT_EQ(TextSource::open(folder.write_gz("empty.gz", "")).error().code, Errc::empty_file);
  std::filesystem::create_directory(folder / "sub");
  EXPECT_EQ(TextSource::open(folder / "sub").error().code, Errc::io_failed);
}

}  // namespace martinet::import_text_source_test
