// `martinet journal` over the journal of a real replay: whole, torn by a crash, damaged, and held by a living writer.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>

#include "engine/cold/journal/journal_reader.hpp"
#include "tests/engine/cold/telemetry/strict_json.hpp"
#include "tests/whole/whole_support.hpp"

namespace martinet::whole {
namespace journal_command_test {

struct Answer {
  int exit_code = -1;
  std::string out, err;
};

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
  ::chmod(file.c_str(), 0600);
}

Answer martinet(const TemporaryFolder& folder, const std::string& arguments) {
  const std::string command =
      "cd '" + (folder / "").string() + "' && '" MARTINET_BINARY_DIR "/bin/martinet' " + arguments + " >out.txt 2>err.txt </dev/null";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(folder / "out.txt"), text_of(folder / "err.txt")};
}

/// A session "s" of one segment in `folder`.
void make_session(const TemporaryFolder& folder) {
  make_synth(folder, 5, 60 * kNanosPerSecond);
  const Answer replayed = martinet(folder, "replay synth-5.cap --session s");
  ASSERT_EQ(replayed.exit_code, 0) << replayed.err;
}

/// Offset and number of the last record.
std::pair<std::uint64_t, std::uint64_t> last_record(const std::filesystem::path& segment) {
  auto reader = JournalReader::open(segment);
  JournalRecord record;
  while (reader->next(record)) {
  }
  return {record.offset, record.head.sequence};
}

TEST(JournalCommand, AWholeJournalIsVerifiedDumpedAndLeftAlone) {
  const TemporaryFolder folder;
  make_session(folder);
  const auto [offset, sequence] = last_record(folder / "s/journal-000001.mtj");
  const std::string before = text_of(folder / "s/journal-000001.mtj");
  const Answer verified = martinet(folder, "journal verify s");
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_NE(verified.out.find("s: journal, whole"), std::string::npos) << verified.out;
  EXPECT_NE(verified.out.find("(1 to " + std::to_string(sequence) + ")"), std::string::npos) << verified.out;
  EXPECT_EQ(martinet(folder, "journal verify s/journal-000001.mtj").exit_code, 0);
  const Answer text = martinet(folder, "journal dump s");
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(text.out.begin(), text.out.end(), '\n')), sequence);
  const Answer json = martinet(folder, "journal dump s --json");
  std::istringstream lines(json.out);
  std::uint64_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    ASSERT_TRUE(telemetry_test::StrictJson::read(line).has_value()) << line;
    ASSERT_NE(line.find("\"sequence\":" + std::to_string(count + 1) + ","), std::string::npos) << line;
  }
  EXPECT_EQ(count, sequence);
  const Answer head = martinet(folder, "journal dump s/journal-000001.mtj --head 3");
  EXPECT_EQ(std::count(head.out.begin(), head.out.end(), '\n'), 3);
  const Answer repaired = martinet(folder, "journal repair s");
  EXPECT_EQ(repaired.exit_code, 0);
  EXPECT_NE(repaired.out.find("nothing to repair"), std::string::npos);
  EXPECT_TRUE(text_of(folder / "s/journal-000001.mtj") == before);
}

TEST(JournalCommand, ATornTailIsNamedAndCutAndTheOriginalKept) {
  const TemporaryFolder folder;
  make_session(folder);
  const std::filesystem::path segment = folder / "s/journal-000001.mtj";
  const auto [offset, sequence] = last_record(segment);
  std::string torn = text_of(segment);
  torn.resize(torn.size() - 9);
  write(segment, torn);
  write(folder / "s/journal-000002.mtj", std::string(4096, '\0'));
  const Answer verified = martinet(folder, "journal verify s");
  EXPECT_EQ(verified.exit_code, 1);
  EXPECT_NE(verified.out.find("s/journal-000001.mtj is torn at offset " + std::to_string(offset) + ": record " + std::to_string(sequence)),
            std::string::npos)
      << verified.out;
  EXPECT_EQ(martinet(folder, "journal verify s/journal-000001.mtj").exit_code, 1);
  EXPECT_EQ(martinet(folder, "journal dump s").exit_code, 0);
  const Answer dry = martinet(folder, "journal repair s --dry-run");
  EXPECT_EQ(dry.exit_code, 0);
  EXPECT_NE(
      dry.out.find("would keep s/journal-000001.mtj as journal-000001.mtj.broken, then cut it to " + std::to_string(offset) + " bytes"),
      std::string::npos)
      << dry.out;
  EXPECT_NE(dry.out.find("would remove s/journal-000002.mtj"), std::string::npos);
  EXPECT_TRUE(text_of(segment) == torn && std::filesystem::exists(folder / "s/journal-000002.mtj")) << "dry";
  // A living writer holds its segment: nothing is done under its hands.
  const int fd = ::open(segment.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(fd, LOCK_EX | LOCK_NB), 0);
  const Answer held = martinet(folder, "journal repair s");
  EXPECT_EQ(held.exit_code, 7) << held.err;
  EXPECT_NE(held.err.find("a process that lives"), std::string::npos) << held.err;
  EXPECT_TRUE(text_of(segment) == torn);
  ::close(fd);
  const Answer repaired = martinet(folder, "journal repair s");
  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_TRUE(text_of(folder / "s/journal-000001.mtj.broken") == torn);
  EXPECT_EQ(std::filesystem::file_size(segment), offset);
  EXPECT_FALSE(std::filesystem::exists(folder / "s/journal-000002.mtj"));
  EXPECT_EQ(martinet(folder, "journal verify s").exit_code, 0);
  EXPECT_NE(martinet(folder, "journal repair s").out.find("nothing to repair"), std::string::npos);
}

TEST(JournalCommand, DamageIsNamedByFileOffsetAndRecordAndNotRepaired) {
  const TemporaryFolder folder;
  make_session(folder);
  const std::filesystem::path segment = folder / "s/journal-000001.mtj";
  std::string damaged = text_of(segment);
  damaged[256 + 50] = static_cast<char>(damaged[256 + 50] ^ 1);
  write(segment, damaged);
  for (const char* command :
       {"journal verify s", "journal verify s/journal-000001.mtj", "journal dump s", "journal repair s", "journal repair s --dry-run"}) {
    const Answer answer = martinet(folder, command);
    EXPECT_EQ(answer.exit_code, 3) << command;
    EXPECT_NE(answer.err.find("s/journal-000001.mtj is damaged at offset 256: record 1 "), std::string::npos) << answer.err;
    EXPECT_EQ(std::count(answer.err.begin(), answer.err.end(), '\n'), 1);
  }
  EXPECT_TRUE(text_of(segment) == damaged);
  for (const char* command : {"journal verify none", "journal dump none", "journal repair none", "journal verify ."}) {
    EXPECT_EQ(martinet(folder, command).exit_code, 7) << command;
  }
}

}  // namespace journal_command_test
}  // namespace martinet::whole
