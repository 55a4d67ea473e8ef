#pragma once
// What a worker does when a turn of its crank found nothing to do.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace martinet {

enum class IdleMode : std::uint8_t {
  spin,   ///< burns its core for the shortest reaction; refused where hot threads outnumber cores
  yield,  ///< spins a little, then gives the core away each time
  park,   ///< spins, yields, then sleeps up to 50 microseconds
};

/// Threads: belongs to one worker. `yields` and `parks` are what the worker's counters report.
class Idle {
 public:
  explicit Idle(IdleMode mode) noexcept : mode_(mode) {}

  void reset() noexcept { rounds_ = 0; }

  /// One idle step; each in a row goes one step further than the last.
  void step() noexcept {
    ++rounds_;
    if (mode_ == IdleMode::spin || rounds_ <= kSpinRounds) {
      _mm_pause();
      return;
    }
    if (mode_ == IdleMode::yield || rounds_ <= kSpinRounds + kYieldRounds) {
      ++yields_;
      give_core_away();
      return;
    }
    ++parks_;
    sleep_a_little();
  }

  [[nodiscard]] std::uint64_t yields() const noexcept { return yields_; }
  [[nodiscard]] std::uint64_t parks() const noexcept { return parks_; }

 private:
  static constexpr std::uint32_t kSpinRounds = 64;  // about 2 microseconds of PAUSE on Zen and Skylake
  static constexpr std::uint32_t kYieldRounds = 256;
  static void give_core_away() noexcept;
  static void sleep_a_little() noexcept;

  IdleMode mode_;
  std::uint32_t rounds_ = 0;
  std::uint64_t yields_ = 0;
  std::uint64_t parks_ = 0;
};

/// The mode that is right for `thread_count` hot threads on `core_count` cores: a spinning thread without a core of its own keeps the
/// one it waits for from running, so there `spin` becomes `yield`.
[[nodiscard]] constexpr IdleMode fitting_idle(IdleMode wanted, std::size_t thread_count, std::size_t core_count) noexcept {
  return wanted == IdleMode::spin && thread_count > core_count ? IdleMode::yield : wanted;
}

[[nodiscard]] constexpr std::string_view name_of(IdleMode mode) noexcept {
  constexpr std::string_view kNames[] = {"spin", "yield", "park"};
  return kNames[static_cast<std::size_t>(mode)];
}

}  // namespace martinet
