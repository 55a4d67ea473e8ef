#include "engine/base/crc.hpp"

#include <array>
#include <cstring>
#ifdef __SSE4_2__
#include <nmmintrin.h>
#endif

namespace martinet {
namespace {

// Slicing by eight: table[k][b] is the CRC of byte b followed by k zero bytes.
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables make_tables(std::uint32_t reflected_polynomial) {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? reflected_polynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t previous = tables[k - 1][byte];
      tables[k][byte] = (previous >> 8) ^ tables[0][previous & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kIeee = make_tables(0xEDB88320U);

std::uint32_t update(const Tables& tables, std::uint32_t crc, std::span<const std::byte> bytes) noexcept {
  const std::byte* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, p += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, 8);
    word ^= crc;
    crc = 0;
    for (std::size_t k = 0; k < 8; ++k) crc ^= tables[7 - k][(word >> (8 * k)) & 0xFF];
  }
  for (; left > 0; --left, ++p) crc = (crc >> 8) ^ tables[0][(crc ^ std::to_integer<std::uint32_t>(*p)) & 0xFF];
  return crc;
}

/// shift[n]: what n zero bytes do to a CRC, byte by byte of it.
struct JoinTables {
  std::array<std::array<std::array<std::uint32_t, 256>, 4>, kCrcJoinBytesMax + 1> shift;

  JoinTables() noexcept {
    for (std::size_t k = 0; k < 4; ++k) {
      for (std::uint32_t byte = 0; byte < 256; ++byte) shift[0][k][byte] = byte << (8 * k);
    }
    for (std::size_t n = 1; n <= kCrcJoinBytesMax; ++n) {
      for (std::size_t k = 0; k < 4; ++k) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
          const std::uint32_t before = shift[n - 1][k][byte];
          shift[n][k][byte] = (before >> 8) ^ kIeee[0][before & 0xFF];
        }
      }
    }
  }
};
const JoinTables kJoin;

}  // namespace

std::uint32_t crc32_ieee_join(std::uint32_t crc_a, std::uint32_t crc_b, std::size_t size_b) noexcept {
  const auto& shift = kJoin.shift[size_b];
  return shift[0][crc_a & 0xFF] ^ shift[1][(crc_a >> 8) & 0xFF] ^ shift[2][(crc_a >> 16) & 0xFF] ^ shift[3][crc_a >> 24] ^ crc_b;
}

std::uint32_t crc32_ieee(std::span<const std::byte> bytes, std::uint32_t seed) noexcept { return ~update(kIeee, ~seed, bytes); }

#ifdef __SSE4_2__
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
  std::uint64_t crc = ~seed;
  const std::byte* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, p += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  for (; left > 0; --left, ++p) crc = _mm_crc32_u8(static_cast<std::uint32_t>(crc), std::to_integer<unsigned char>(*p));
  return ~static_cast<std::uint32_t>(crc);
}
#else
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
  static constexpr Tables kCastagnoli = make_tables(0x82F63B78U);
  return ~update(kCastagnoli, ~seed, bytes);
}
#endif

}  // namespace martinet
