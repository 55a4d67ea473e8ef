// Goal: both checksums equal their published vectors, a bitwise implementation of the definition, and themselves in pieces.
#include "engine/base/crc.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace martinet::crc_test {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span<const char>(text)); }

/// The definition: one bit at a time, reflected.
std::uint32_t slow(std::uint32_t polynomial, std::span<const std::byte> bytes) {
  std::uint32_t crc = ~0U;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ polynomial : crc >> 1;
  }
  return ~crc;
}

TEST(Crc, MatchesThePublishedVectors) {
  EXPECT_EQ(crc32c(bytes_of("123456789")), 0xE3069283U);
  EXPECT_EQ(crc32_ieee(bytes_of("123456789")), 0xCBF43926U);
  EXPECT_EQ(crc32c({}), 0U);
  EXPECT_EQ(crc32_ieee({}), 0U);
  // RFC 3720, B.4: 32 bytes of zeros, of ones, ascending, descending.
  EXPECT_EQ(crc32c(bytes_of(std::string(32, '\0'))), 0x8A9136AAU);
  EXPECT_EQ(crc32c(bytes_of(std::string(32, '\xFF'))), 0x62A8AB43U);
  std::string ascending(32, '\0'), descending(32, '\0');
  for (std::size_t i = 0; i < 32; ++i) {
    ascending[i] = static_cast<char>(i);
    descending[i] = static_cast<char>(31 - i);
  }
  EXPECT_EQ(crc32c(bytes_of(ascending)), 0x46DD794EU);
  EXPECT_EQ(crc32c(bytes_of(descending)), 0x113FDB5CU);
}

TEST(Crc, MatchesTheDefinitionForEveryLengthAndAlignment) {
  std::mt19937_64 random(3);
  std::string text(300, '\0');
  for (char& c : text) c = static_cast<char>(random());
  for (std::size_t start = 0; start < 9; ++start) {
    for (std::size_t size = 0; size + start <= text.size(); ++size) {
      const auto bytes = bytes_of(text).subspan(start, size);
      ASSERT_EQ(crc32c(bytes), slow(0x82F63B78U, bytes)) << start << ' ' << size;
      ASSERT_EQ(crc32_ieee(bytes), slow(0xEDB88320U, bytes)) << start << ' ' << size;
    }
  }
}

TEST(Crc, ContinuesFromASeed) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const auto first = bytes_of(text).first(cut), second = bytes_of(text).subspan(cut);
    ASSERT_EQ(crc32c(second, crc32c(first)), crc32c(bytes_of(text)));
    ASSERT_EQ(crc32_ieee(second, crc32_ieee(first)), crc32_ieee(bytes_of(text)));
  }
}

TEST(Crc, SeesEveryFlippedBit) {
  std::string text(64, 'a');
  const std::uint32_t castagnoli = crc32c(bytes_of(text)), ieee = crc32_ieee(bytes_of(text));
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_NE(crc32c(bytes_of(text)), castagnoli);
    ASSERT_NE(crc32_ieee(bytes_of(text)), ieee);
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
  }
}

}  // namespace
}  // namespace martinet::crc_test
