#pragma once
// Is this price plausible after the last one? A price too far away is held back; if the next ones agree with it, the market has
// really moved and the new level is taken.
#include <algorithm>
#include <cstdint>

#include "engine/base/instrument.hpp"

namespace martinet {

class PriceCheck {
 public:
  enum class Answer : std::uint8_t { plausible, held_back, jump };

  /// in    price > 0; fraction >= 0; confirmations >= 1
  /// out   held_back: do not use it. jump: it and the `confirmations - 1` before it, all within `fraction` of each other, are far
  ///       from the last trusted price; use it, it is the new level
  [[nodiscard]] Answer see(std::int64_t price, Rate fraction, std::uint32_t confirmations) noexcept {
    if (last_ == 0 || !is_apart(std::min(price, last_), std::max(price, last_), last_, fraction)) [[likely]] {
      last_ = price;
      held_ = 0;
      return Answer::plausible;
    }
    return hold(price, fraction, confirmations);
  }

  [[nodiscard]] std::int64_t last() const noexcept { return last_; }  ///< last trusted price; 0 = none

 private:
  /// high - low > base * fraction
  [[nodiscard]] static bool is_apart(std::int64_t low, std::int64_t high, std::int64_t base, Rate fraction) noexcept {
    return static_cast<__int128>(high - low) * kRateUnit > static_cast<__int128>(base) * fraction.v;
  }

  Answer hold(std::int64_t price, Rate fraction, std::uint32_t confirmations) noexcept {
    const std::int64_t low = held_ == 0 ? price : std::min(low_, price);
    const std::int64_t high = held_ == 0 ? price : std::max(high_, price);
    const bool agrees = !is_apart(low, high, low, fraction);
    low_ = agrees ? low : price;
    high_ = agrees ? high : price;
    held_ = agrees ? held_ + 1 : 1;
    if (held_ < confirmations) return Answer::held_back;
    last_ = price;
    held_ = 0;
    return Answer::jump;
  }

  std::int64_t last_ = 0;
  std::int64_t low_ = 0;  // of the prices held back in a row
  std::int64_t high_ = 0;
  std::uint64_t held_ = 0;
};

}  // namespace martinet
