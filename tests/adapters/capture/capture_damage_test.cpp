// Damaged, foreign and odd files: each is refused with one sentence that names file and byte, and no record that was not written
// ever comes out.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <random>

#include "adapters/capture/capture_format.hpp"
#include "engine/base/crc.hpp"
#include "tests/adapters/capture/capture_test_support.hpp"

namespace martinet::capture_test::damage {

bool refused_well(const Outcome& outcome, const std::filesystem::path& path) {
  return outcome.code != Errc::ok && outcome.what.find(path.string()) == 0 && outcome.what.find('\n') == std::string::npos;
}

TEST(CaptureDamage, EveryTruncationIsSeen) {
  const Folder folder;
  write_small(folder / "whole.cap");
  const std::string whole = read_bytes(folder / "whole.cap");
  const auto cut = folder / "cut.cap";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write_bytes(cut, std::string_view(whole).substr(0, size));
    const Outcome outcome = read_whole(cut);
    EXPECT_EQ(outcome.code, size == 0 ? Errc::empty_file : Errc::truncated) << "cut to " << size << ": " << outcome.what;
    ASSERT_TRUE(refused_well(outcome, cut)) << "cut to " << size << ": " << outcome.what;
  }
}

TEST(CaptureDamage, TruncatedCapturesCanBeReadUpToTheirLastWholeBlock) {
  const Folder folder;
  write_small(folder / "whole.cap");  // blocks of three records and of one
  const std::string whole = read_bytes(folder / "whole.cap");
  const auto cut = folder / "cut.cap";
  std::uint64_t records_before = 0;
  for (std::size_t size = 1; size < whole.size(); ++size) {
    write_bytes(cut, std::string_view(whole).substr(0, size));
    const Outcome outcome = read_whole(cut, {.allow_truncated = true});
    if (outcome.code == Errc::truncated) {
      EXPECT_EQ(records_before, 0U) << "only a cut header cannot be read at all";
      continue;
    }
    ASSERT_EQ(outcome.code, Errc::ok) << "cut to " << size << ": " << outcome.what;
    ASSERT_TRUE(outcome.was_truncated);
    ASSERT_TRUE(outcome.records == 0 || outcome.records == 3 || outcome.records == 4);
    ASSERT_GE(outcome.records, records_before);
    records_before = outcome.records;
  }
  EXPECT_EQ(records_before, 4U);
  const Outcome all = read_whole(folder / "whole.cap", {.allow_truncated = true});
  EXPECT_EQ(all.code, Errc::ok);
  EXPECT_FALSE(all.was_truncated);
}

TEST(CaptureDamage, EveryFlippedBitIsSeen) {
  const Folder folder;
  write_small(folder / "whole.cap");
  const std::string whole = read_bytes(folder / "whole.cap");
  const auto bent = folder / "bent.cap";
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    write_bytes(bent, bytes);
    // A flipped bit is damage, never a missing tail: allowing truncation must not let it through.
    const Outcome outcome = read_blocks(bent, {.allow_truncated = true});
    ASSERT_TRUE(refused_well(outcome, bent)) << "bit " << bit << ": " << outcome.what;
    ASSERT_EQ(outcome.code, bit / 8 < 8 ? Errc::not_a_capture : Errc::corrupted) << "bit " << bit << ": " << outcome.what;
  }
}

TEST(CaptureDamage, NoRandomDamageGetsThrough) {
  const Folder folder;
  write_small(folder / "whole.cap");
  const std::string whole = read_bytes(folder / "whole.cap");
  const auto bent = folder / "bent.cap";
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 10'000; ++round) {
    std::string bytes = whole;
    const std::size_t at = random() % bytes.size();
    const std::size_t length = 1 + random() % 64;
    switch (random() % 5) {
      case 0:  // noise
        for (std::size_t i = at; i < std::min(at + length, bytes.size()); ++i) bytes[i] = static_cast<char>(random());
        break;
      case 1:  // a hole of zeros
        for (std::size_t i = at; i < std::min(at + length, bytes.size()); ++i) bytes[i] = 0;
        break;
      case 2:
        bytes.erase(at, length);
        break;
      case 3:
        bytes.insert(at, bytes.substr(random() % bytes.size(), length));
        break;
      default:  // a piece of the file elsewhere in the file
        bytes.replace(at, length, bytes.substr(random() % bytes.size(), length));
    }
    if (bytes == whole) continue;
    write_bytes(bent, bytes);
    const Outcome outcome = read_blocks(bent);
    ASSERT_TRUE(bytes.empty() || refused_well(outcome, bent)) << "round " << round << ": " << outcome.what;
  }
}

// Whoever can compute a CRC can make a file whose checksums hold: what such blocks say is still checked.
class Forged {
 public:
  explicit Forged(const std::filesystem::path& path) : path_(path) {
    auto writer = CaptureWriter::create(path, small_header(), {.overwrite = true, .compress = false});
    MT_ASSERT(writer.ok() && writer->tick(2, tick_at(1001)).ok() && writer->raw_frame(0, 1002, "12345").ok() && writer->finish().ok());
    bytes_ = read_bytes(path);
    std::memcpy(&prologue_, bytes_.data(), sizeof prologue_);
    block_at_ = sizeof prologue_ + prologue_.body_bytes;
    std::memcpy(&head_, bytes_.data() + block_at_, sizeof head_);
    record_bytes_ = head_.record_bytes;
  }
  capture::BlockHead& head() { return head_; }
  char* records() { return bytes_.data() + block_at_ + sizeof head_; }
  capture::RecordHead record(std::size_t at) {
    capture::RecordHead record;
    std::memcpy(&record, records() + at, sizeof record);
    return record;
  }
  void set_record(std::size_t at, capture::RecordHead record) { std::memcpy(records() + at, &record, sizeof record); }
  Outcome read() {
    head_.payload_crc = crc32c(std::as_bytes(std::span(records(), std::min<std::size_t>(head_.payload_bytes, record_bytes_))));
    head_.crc = crc_of(head_);
    std::memcpy(bytes_.data() + block_at_, &head_, sizeof head_);
    write_bytes(path_, bytes_);
    return read_whole(path_);
  }

 private:
  std::filesystem::path path_;
  std::string bytes_;
  capture::FilePrologue prologue_;
  capture::BlockHead head_;
  std::size_t block_at_ = 0;
  std::size_t record_bytes_ = 0;
};

constexpr std::size_t kSecond = 80;  // the second record starts behind head and tick

template <class Change>
void expect_corrupted(const char* name, Change&& change) {
  const Folder folder;
  Forged forged(folder / "forged.cap");
  change(forged);
  const Outcome outcome = forged.read();
  EXPECT_EQ(outcome.code, Errc::corrupted) << name << ": " << outcome.what;
  EXPECT_EQ(outcome.records, 0U) << name;
}

template <class Change>
void expect_bad_record(const char* name, std::size_t at, Change&& change) {
  expect_corrupted(name, [&](Forged& forged) {
    capture::RecordHead record = forged.record(at);
    change(record);
    forged.set_record(at, record);
  });
}

TEST(CaptureDamage, BlocksWithGoodChecksumsAndImpossibleContentAreRefused) {
  {
    const Folder folder;
    EXPECT_EQ(Forged(folder / "unchanged.cap").read().code, Errc::ok) << "the forge itself changes nothing";
  }
  expect_corrupted("flags", [](Forged& f) { f.head().flags = 2; });
  expect_corrupted("zstd where there is none", [](Forged& f) { f.head().flags = 1; });
  expect_corrupted("zstd of a smaller payload", [](Forged& f) { f.head().flags = 1, f.head().record_bytes += 8; });
  expect_corrupted("tag", [](Forged& f) { ++f.head().file_tag; });
  expect_corrupted("number", [](Forged& f) { ++f.head().number; });
  expect_corrupted("magic", [](Forged& f) { ++f.head().magic; });
  expect_corrupted("an early end", [](Forged& f) { f.head().magic = capture::kEndMagic; });
  expect_corrupted("one record less", [](Forged& f) { --f.head().record_count; });
  expect_corrupted("one record more", [](Forged& f) { ++f.head().record_count; });
  expect_corrupted("first stamp", [](Forged& f) { --f.head().ts_first_ns; });
  expect_corrupted("last stamp", [](Forged& f) { ++f.head().ts_last_ns; });
  expect_corrupted("too large", [](Forged& f) { f.head().record_bytes = f.head().payload_bytes = capture::kBlockBytesMax + 8; });
  expect_corrupted("unequal sizes", [](Forged& f) { f.head().record_bytes -= 8; });
  expect_bad_record("kind 0", 0, [](capture::RecordHead& r) { r.kind = 0; });
  expect_bad_record("kind 5", 0, [](capture::RecordHead& r) { r.kind = 5; });
  expect_bad_record("stream", kSecond, [](capture::RecordHead& r) { r.stream = 3; });
  expect_bad_record("tick size", 0, [](capture::RecordHead& r) { r.size = 63; });
  expect_bad_record("a frame taken for a tick", kSecond, [](capture::RecordHead& r) { r.kind = 2; });
  expect_bad_record("a tick taken for a candle", 0, [](capture::RecordHead& r) { r.kind = 3; });
  expect_bad_record("beyond the block", kSecond, [](capture::RecordHead& r) { r.size = 9; });
  expect_bad_record("far beyond the block", kSecond, [](capture::RecordHead& r) { r.size = 0xFFFFFFFF; });
  expect_bad_record("short, so that a head's rest is left", kSecond, [](capture::RecordHead& r) { r.size = 0; });
  expect_bad_record("times back", kSecond, [](capture::RecordHead& r) { r.ts_receive_ns = 1000; });
  expect_corrupted("a tick's instrument", [](Forged& f) { f.records()[16 + 56] = 2; });
  expect_corrupted("a tick's kind", [](Forged& f) { f.records()[16 + 58] = 3; });
  expect_corrupted("a tick's side", [](Forged& f) { f.records()[16 + 59] = 3; });
}

TEST(CaptureDamage, HeadersWithGoodChecksumsAndImpossibleContentAreRefused) {
  const Folder folder;
  write_small(folder / "whole.cap");
  const std::string whole = read_bytes(folder / "whole.cap");
  const auto forged_path = folder / "forged.cap";
  capture::FilePrologue prologue;
  std::memcpy(&prologue, whole.data(), sizeof prologue);
  // Every body byte in turn set to 255: many values are legal (a number may be anything), none may crash, and a changed file_tag
  // means that the blocks do not fit any more.
  for (std::size_t i = 0; i < prologue.body_bytes; ++i) {
    std::string bytes = whole;
    bytes[sizeof prologue + i] = static_cast<char>(0xFF);
    if (bytes == whole) continue;
    capture::FilePrologue bent = prologue;
    bent.body_crc = crc32c(std::as_bytes(std::span(bytes)).subspan(sizeof prologue, prologue.body_bytes));
    bent.crc = crc_of(bent);
    std::memcpy(bytes.data(), &bent, sizeof bent);
    write_bytes(forged_path, bytes);
    const Outcome outcome = read_whole(forged_path);
    ASSERT_EQ(outcome.code, Errc::corrupted) << "body byte " << i << ": " << outcome.what;
    ASSERT_EQ(outcome.records, 0U);
  }
}

TEST(CaptureDamage, AnotherVersionIsNamed) {
  const Folder folder;
  write_small(folder / "whole.cap");
  std::string bytes = read_bytes(folder / "whole.cap");
  capture::FilePrologue prologue;
  std::memcpy(&prologue, bytes.data(), sizeof prologue);
  prologue.version = 2;
  prologue.crc = crc_of(prologue);
  std::memcpy(bytes.data(), &prologue, sizeof prologue);
  write_bytes(folder / "newer.cap", bytes);
  const Outcome outcome = read_whole(folder / "newer.cap");
  EXPECT_EQ(outcome.code, Errc::unknown_version);
  EXPECT_NE(outcome.what.find("version 2"), std::string::npos) << outcome.what;
}

TEST(CaptureDamage, BytesAfterTheEndAndBlocksOfOtherCapturesAreRefused) {
  const Folder folder;
  write_small(folder / "a.cap");
  const std::string a = read_bytes(folder / "a.cap");
  write_bytes(folder / "more.cap", a + "x");
  EXPECT_EQ(read_whole(folder / "more.cap").code, Errc::corrupted);
  write_bytes(folder / "twice.cap", a + a);
  EXPECT_EQ(read_whole(folder / "twice.cap").code, Errc::corrupted);
  // The same records under another note: headers of equal length, blocks of equal sizes.
  CaptureHeader header = small_header();
  header.note.back() = '!';
  auto writer = CaptureWriter::create(folder / "b.cap", header);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(writer->finish().ok());
  const std::string b = read_bytes(folder / "b.cap");
  capture::FilePrologue prologue;
  std::memcpy(&prologue, b.data(), sizeof prologue);
  const std::size_t body_end = sizeof prologue + prologue.body_bytes;
  write_bytes(folder / "spliced.cap", b.substr(0, body_end) + a.substr(body_end));
  EXPECT_EQ(read_whole(folder / "spliced.cap").code, Errc::corrupted);
}

TEST(CaptureDamage, ForeignFilesAreNamedAsSuch) {
  const Folder folder;
  const std::pair<std::string, const char*> cases[] = {{std::string("\x1F\x8B\x08\0\0\0\0\0\0\3 gz", 13), "gzip"},
                                                       {"{\"a\":1}", "JSON"},
                                                       {"1649290077582363800 {\"event\":\"subscribe\"}\n", "text"},
                                                       {"ts_us,bid,ask\n1,2,3\n", "text"},
                                                       {std::string(5000, '\0'), "martinet import, synth or run"},
                                                       {"MTNCAP02", "not a martinet capture"},
                                                       {"X", "text"}};
  for (const auto& [bytes, word] : cases) {
    write_bytes(folder / "foreign", bytes);
    const Outcome outcome = read_whole(folder / "foreign");
    EXPECT_EQ(outcome.code, Errc::not_a_capture) << bytes;
    EXPECT_NE(outcome.what.find(word), std::string::npos) << outcome.what;
  }
}

TEST(CaptureDamage, FoldersPipesAndMissingFilesAreNamedAsSuch) {
  const Folder folder;
  EXPECT_EQ(read_whole(folder.path()).code, Errc::not_a_capture);
  EXPECT_EQ(read_whole(folder / "missing.cap").code, Errc::not_found);
  write_bytes(folder / "file", "x");
  EXPECT_EQ(read_whole(folder / "file/x.cap").code, Errc::io_failed);
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_whole(folder / "pipe").code, Errc::not_a_capture) << "and it does not wait for a writer";
  EXPECT_EQ(read_whole("").code, Errc::not_found);
}

TEST(CaptureDamage, AnUnreadableFileIsNamedAsSuch) {
  const Folder folder;
  write_small(folder / "a.cap");
  ASSERT_EQ(::chmod((folder / "a.cap").c_str(), 0), 0);
  const bool root = ::geteuid() == 0;  // whom no mode stops: become somebody else for a moment
  if (root && ::seteuid(65534) != 0) GTEST_SKIP() << "cannot become another user to try an unreadable file";
  const Outcome outcome = read_whole(folder / "a.cap");
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  EXPECT_EQ(outcome.code, Errc::io_failed);
  EXPECT_NE(outcome.what.find("Permission denied"), std::string::npos) << outcome.what;
}

}  // namespace martinet::capture_test::damage
