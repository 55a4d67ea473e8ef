#pragma once
// Two checksums: CRC-32C (Castagnoli) guards our own files, CRC-32 (IEEE 802.3) is what Bitget computes over its books.
#include <cstddef>
#include <cstdint>
#include <span>

namespace martinet {

/// CRC-32C of `bytes`, continuing from `seed` (0 to start): crc32c(b, crc32c(a)) == crc32c(a+b). Uses SSE4.2 where built for it.
/// Check value: "123456789" -> 0xE3069283 (RFC 3720 B.4 uses the same polynomial).
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed = 0) noexcept;

/// CRC-32 (IEEE) of `bytes`, continuing from `seed`. Check value: "123456789" -> 0xCBF43926.
[[nodiscard]] std::uint32_t crc32_ieee(std::span<const std::byte> bytes, std::uint32_t seed = 0) noexcept;

/// CRC-32 of a+b from the CRCs of its parts: crc32_ieee(a+b) == crc32_ieee_join(crc32_ieee(a), crc32_ieee(b), size of b).
/// in    size_b: 0 .. kCrcJoinBytesMax
/// cost  four table loads; the tables (4 KB for each size) are made before main()
/// from  the CRC of a message followed by n zero bytes is a linear map of its CRC (zlib's crc32_combine uses the same fact)
inline constexpr std::size_t kCrcJoinBytesMax = 63;
[[nodiscard]] std::uint32_t crc32_ieee_join(std::uint32_t crc_a, std::uint32_t crc_b, std::size_t size_b) noexcept;

}  // namespace martinet
