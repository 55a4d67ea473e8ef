#pragma once
// The price behind the market of one symbol: anchor * (1 + deviation), stepped every 10 ms. All state is doubles changed by
// + - * / alone, which every compiler rounds alike.
#include <cstdint>

#include "adapters/capture/synth_random.hpp"
#include "engine/base/time.hpp"

namespace martinet::capture {

inline constexpr std::int64_t kStepNs = 10 * kNanosPerMilli;
inline constexpr double kStepsPerSecond = 100.0;

/// What sort of market it is for some minutes.
struct Regime {
  double volatility;        ///< times the symbol's own
  double trend_per_second;  ///< relative drift of the anchor
  double activity;          ///< times the normal trade rate
  double seconds_mean;      ///< how long it lasts, on average
  std::int64_t weight;      ///< how often it is entered, against the others
};

class PriceProcess {
 public:
  /// volatility: relative, for one second; price: at the start
  PriceProcess(double price, double volatility) noexcept : anchor_(price), volatility_(volatility) {}

  /// One step. `shared` is the normal number that all symbols of the market see in this step.
  void step(Random& random, double shared) noexcept;

  [[nodiscard]] double price() const noexcept { return anchor_ * (1.0 + deviation_); }
  [[nodiscard]] const Regime& regime() const noexcept;
  /// How hard the last step moved, in its usual size; jumps give tens.
  [[nodiscard]] double shock() const noexcept { return shock_; }

 private:
  void change_regime(Random& random) noexcept;
  double jump(Random& random) noexcept;

  double anchor_;
  double deviation_ = 0;
  double pressure_ = 0;  // drift of the deviation, per second
  double volatility_;
  double shock_ = 0;
  std::size_t regime_ = 0;
};

}  // namespace martinet::capture
