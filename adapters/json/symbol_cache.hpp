#pragma once
// Symbol text in a frame to instrument, without hashing every byte: a small direct-mapped memory of what was found before, in
// front of the instrument table. Only symbols of plain characters are remembered, so a hit also proves that the text between its
// quotes is valid JSON.
#include <immintrin.h>

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "engine/base/instrument.hpp"

namespace martinet {

class SymbolCache {
 public:
  /// The instrument, or kNoInstrument (unknown, longer than 24 characters, or not plain: let the general decoder look).
  /// in    text: `size` bytes of symbol; 32 bytes must be readable
  [[nodiscard]] InstrumentId find(const InstrumentTable& table, Venue venue, Market market, const char* text, unsigned size) noexcept {
    if (size == 0 || size > kSymbolBytesMax) return kNoInstrument;
    const __m256i mask = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kMask.data() + 32 - size));
    const __m256i symbol = _mm256_and_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(text)), mask);
    Entry& entry = entries_[slot_of(symbol, market)];
    const __m256i known = _mm256_load_si256(reinterpret_cast<const __m256i*>(entry.text.data()));
    const __m256i difference = _mm256_xor_si256(known, symbol);
    if (_mm256_testz_si256(difference, difference) != 0 && entry.market == market && entry.size == size) [[likely]]
      return entry.id;
    return look_up(table, venue, market, {text, size}, entry);
  }

 private:
  static constexpr unsigned kSymbolBytesMax = 24;
  static constexpr unsigned kEntries = 64;
  struct alignas(64) Entry {
    std::array<char, 32> text{};  // zero-padded, so that the size must be compared, too: a NUL in a frame is no padding
    InstrumentId id = kNoInstrument;
    Market market = Market::none;
    std::uint8_t size = 0;
  };
  static constexpr std::array<unsigned char, 64> kMask = [] {
    std::array<unsigned char, 64> mask{};
    for (std::size_t i = 0; i < 32; ++i) mask[i] = 0xFF;
    return mask;
  }();

  static unsigned slot_of(__m256i symbol, Market market) noexcept {
    const auto low = static_cast<std::uint64_t>(_mm256_extract_epi64(symbol, 0));
    const auto high = static_cast<std::uint64_t>(_mm256_extract_epi64(symbol, 1));
    // Multiplicative hashing with 2^64 / golden ratio (Knuth, TAOCP 3, 6.4): the upper bits depend on all of them.
    return static_cast<unsigned>(((low ^ std::rotl(high, 29) ^ static_cast<std::uint64_t>(market)) * 0x9E3779B97F4A7C15ULL) >> 58);
  }

  [[gnu::noinline]] static InstrumentId look_up(const InstrumentTable& table, Venue venue, Market market, std::string_view symbol,
                                                Entry& entry) noexcept {
    for (const char c : symbol) {
      const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
      if (!plain) return kNoInstrument;
    }
    const InstrumentId id = table.find(venue, market, symbol);
    if (id == kNoInstrument) return id;
    entry = Entry{};
    for (std::size_t i = 0; i < symbol.size(); ++i) entry.text[i] = symbol[i];
    entry.id = id;
    entry.market = market;
    entry.size = static_cast<std::uint8_t>(symbol.size());
    return id;
  }

  std::array<Entry, kEntries> entries_{};
};

}  // namespace martinet
