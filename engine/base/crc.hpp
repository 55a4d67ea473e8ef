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

}  // namespace martinet
