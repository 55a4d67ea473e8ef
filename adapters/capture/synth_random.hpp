#pragma once
// Random numbers of our own, so that a seed means the same market everywhere: xoshiro256** 1.0 by Blackman and Vigna, seeded by
// splitmix64 (both public domain, prng.di.unimi.it). Doubles come by + - * alone.
#include <array>
#include <cstdint>

namespace martinet::capture {

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept {
    for (std::uint64_t& word : state_) {
      seed += 0x9E3779B97F4A7C15ULL;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
      word = z ^ (z >> 31);
    }
  }

  std::uint64_t bits() noexcept {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  /// 0 <= x < 1, in steps of 2^-53.
  double unit() noexcept { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

  /// 0 .. bound-1; bound > 0 and small against 2^64, so the modulo's bias does not matter here.
  std::int64_t below(std::int64_t bound) noexcept { return static_cast<std::int64_t>(bits() % static_cast<std::uint64_t>(bound)); }

  bool chance(double probability) noexcept { return unit() < probability; }

  /// Nearly normal, mean 0, variance 1, within +-6: twelve uniform numbers of 21 bits (Irwin-Hall).
  double normal() noexcept {
    constexpr std::uint64_t kMask = (1U << 21) - 1;
    std::uint64_t sum = 0;
    for (int i = 0; i < 4; ++i) {
      const std::uint64_t word = bits();
      sum += (word & kMask) + ((word >> 21) & kMask) + ((word >> 42) & kMask);
    }
    return static_cast<double>(sum) * 0x1.0p-21 - 6.0;
  }

 private:
  static constexpr std::uint64_t rotate(std::uint64_t x, int k) noexcept { return (x << k) | (x >> (64 - k)); }
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace martinet::capture
