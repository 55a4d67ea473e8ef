// The bytes of a segment against FORMAT.md, field by field, with a checksum computed here bit by bit.
#include <gtest/gtest.h>

#include "tests/engine/cold/journal/journal_support.hpp"

namespace martinet::journal_format_test {

using journal_test::Bytes;

// CRC-32C as its definition says: reflected, polynomial 0x1EDC6F41, start and end inverted; continued from `seed`.
std::uint32_t slow_crc(const Bytes& bytes, std::size_t from, std::size_t to, std::uint32_t seed) {
  std::uint32_t crc = ~seed;
  for (std::size_t i = from; i < to; ++i) {
    crc ^= std::to_integer<std::uint32_t>(bytes[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
  }
  return ~crc;
}

class Builder {
 public:
  Bytes bytes;
  void number(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
  void text(std::string_view value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(i < value.size() ? static_cast<std::byte>(value[i]) : std::byte{0});
  }
};

void expect_equal(const Bytes& found, const Bytes& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_EQ(found[i], expected[i]) << "byte " << i;
}

TEST(JournalFormat, EveryByteOfATinySegmentIsWhereTheSpecificationSaysItIs) {
  Builder b;
  b.text("MTNJRNL1", 8);
  b.number(2, 4);
  b.number(256, 4);
  b.number(7, 8);  // epoch
  b.number(1, 8);  // segment
  b.number(1, 8);  // first sequence
  b.number(0, 8);  // previous sequence
  b.number(0, 4);  // previous chain
  b.number(0, 4);
  b.number(1000, 8);
  for (std::uint64_t i = 0; i < 32; ++i) b.number(200 + i, 1);
  b.text("build 1.2.3", 64);
  b.text("paper", 64);
  b.text("", 28);
  ASSERT_EQ(b.bytes.size(), 252U);
  b.number(slow_crc(b.bytes, 0, 252, 0), 4);

  std::uint32_t chain = 0;
  const auto record = [&](std::uint64_t sequence, std::uint64_t type, std::int64_t ts_ns, std::string_view payload) {
    const std::size_t begin = b.bytes.size();
    b.number(0x524A544D, 4);
    b.number(payload.size(), 4);
    b.number(sequence, 8);
    b.number(type, 2);
    b.number(1, 2);
    b.number(0, 4);
    b.number(static_cast<std::uint64_t>(ts_ns), 8);
    b.number(static_cast<std::uint64_t>(ts_ns), 8);
    b.text(payload, (payload.size() + 7) / 8 * 8);
    chain = slow_crc(b.bytes, begin, b.bytes.size(), chain);
    b.number(chain, 4);
    b.number(0, 4);
  };
  record(1, 1, 1001, "nine byte");
  record(2, 12, -5, "");
  record(3, 10, 1003, "12345678abcdefgh");

  journal_test::MemoryStorage storage;
  JournalWriter writer(storage, journal_test::small_options(4096));
  ASSERT_TRUE(writer.begin_segment(1000).ok());
  const std::string first = "nine byte", third = "12345678abcdefgh";
  ASSERT_EQ(writer.append(journal::RecordType::session, 1001, std::as_bytes(std::span(first))), Errc::ok);
  ASSERT_EQ(writer.append(journal::RecordType::segment_end, -5, {}), Errc::ok);
  ASSERT_EQ(writer.append(journal::RecordType::equity, 1003, std::as_bytes(std::span(third))), Errc::ok);
  ASSERT_TRUE(writer.close().ok());
  EXPECT_EQ(storage.path(0), "folder/journal-000001.mtj");
  expect_equal(storage.bytes(0), b.bytes);

  // The next segment continues numbers and checksum.
  ASSERT_TRUE(writer.begin_segment(2000).ok());
  ASSERT_EQ(writer.append(journal::RecordType::alert, 2001, std::as_bytes(std::span(first))), Errc::ok);
  ASSERT_TRUE(writer.close().ok());
  b.bytes.clear();
  b.text("MTNJRNL1", 8);
  b.number(2, 4);
  b.number(256, 4);
  b.number(7, 8);
  b.number(2, 8);
  b.number(4, 8);
  b.number(3, 8);
  b.number(chain, 4);
  b.number(0, 4);
  b.number(2000, 8);
  for (std::uint64_t i = 0; i < 32; ++i) b.number(200 + i, 1);
  b.text("build 1.2.3", 64);
  b.text("paper", 64);
  b.text("", 28);
  b.number(slow_crc(b.bytes, 0, 252, 0), 4);
  record(4, 11, 2001, "nine byte");
  EXPECT_EQ(storage.path(1), "folder/journal-000002.mtj");
  expect_equal(storage.bytes(1), b.bytes);
}

TEST(JournalFormat, ALongBuildIdAndAccountAreCutToTheirFields) {
  journal_test::MemoryStorage storage;
  JournalOptions options = journal_test::small_options();
  options.build_id = std::string(64, 'b') + "lost";
  options.account = std::string(200, 'a');
  JournalWriter writer(storage, options);
  ASSERT_TRUE(writer.begin_segment(1).ok());
  ASSERT_TRUE(writer.close().ok());
  const auto reader = JournalReader::from_bytes(storage.bytes(), "segment");
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(std::string(reader->header().build_id.data(), 64), std::string(64, 'b'));
  EXPECT_EQ(std::string(reader->header().account.data(), 64), std::string(64, 'a'));
}

TEST(JournalFormat, NamesOfSegmentsAndTypesAreStable) {
  EXPECT_EQ(segment_name(1), "journal-000001.mtj");
  EXPECT_EQ(segment_name(999'999), "journal-999999.mtj");
  EXPECT_EQ(segment_name(1'000'000), "journal-1000000.mtj");
  EXPECT_EQ(journal::name_of(static_cast<journal::RecordType>(0)), "unknown");
  EXPECT_EQ(journal::name_of(journal::RecordType::session), "session");
  EXPECT_EQ(journal::name_of(static_cast<journal::RecordType>(12)), "segment_end");
  EXPECT_EQ(journal::name_of(static_cast<journal::RecordType>(13)), "unknown");
  EXPECT_EQ(journal::kGroupBytesMax, 1'114'160U) << "FORMAT.md names this number";
}

TEST(JournalFormat, AHeaderThatContradictsItselfIsRefused) {
  const Bytes good = journal_test::segment_of({});
  const auto forged = [&good](std::size_t offset, std::uint64_t value, std::size_t size) {
    Bytes bytes = good;
    std::memcpy(bytes.data() + offset, &value, size);
    const std::uint32_t crc = slow_crc(bytes, 0, 252, 0);
    std::memcpy(bytes.data() + 252, &crc, 4);
    return journal_test::judge(bytes, {}).code;
  };
  EXPECT_EQ(forged(12, 256, 4), Errc::ok) << "the forger works";
  EXPECT_EQ(forged(8, 1, 4), Errc::unknown_version) << "before cycles";
  EXPECT_EQ(forged(8, 3, 4), Errc::unknown_version);
  EXPECT_EQ(forged(12, 264, 4), Errc::corrupted);
  EXPECT_EQ(forged(24, 0, 8), Errc::corrupted);
  EXPECT_EQ(forged(32, 0, 8), Errc::corrupted);
  EXPECT_EQ(forged(32, 2, 8), Errc::corrupted);
  EXPECT_EQ(forged(40, 1, 8), Errc::corrupted);
}

}  // namespace martinet::journal_format_test
