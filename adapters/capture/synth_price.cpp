#include "adapters/capture/synth_price.hpp"

#include <array>
#include <cstddef>

namespace martinet::capture {
namespace {

// Durations of minutes, so that an hour shows every kind. Trends of 0.1 % a minute move the anchor for good; pressure pushes the
// deviation one way for some minutes, and the deviation reverts within five: so there are trends to follow and excursions to fade.
constexpr std::array<Regime, 6> kRegimes = {{
    {1.0, 0.0, 1.0, 300, 4},      // ranging
    {0.5, 0.0, 0.5, 240, 3},      // quiet
    {1.0, 1.2e-5, 1.4, 200, 2},   // up
    {1.0, -1.2e-5, 1.4, 200, 2},  // down
    {2.2, 2.0e-5, 2.5, 60, 1},    // rally
    {2.2, -2.2e-5, 2.5, 60, 1},   // sell-off
}};
constexpr double kReversionPerSecond = 1.0 / 300.0;
constexpr double kPressureLossPerSecond = 1.0 / 240.0;
// Pressure has a usual size of 1/8 of the volatility (relative drift per second): 1/8 * sqrt(2 * 0.01 s / 240 s) for each step.
constexpr double kPressureNoise = 0.00114;
constexpr double kAnchorShare = 0.25;  // of each move that stays
constexpr double kSharedShare = 0.6;   // correlation of the symbols' steps is its square
constexpr double kOwnShare = 0.8;      // sqrt(1 - 0.6^2)
constexpr double kJumpsPerSecond = 1.0 / 900.0;
constexpr double kSqrtStep = 0.1;  // sqrt(1 step / 1 s)

}  // namespace

const Regime& PriceProcess::regime() const noexcept { return kRegimes[regime_]; }

void PriceProcess::change_regime(Random& random) noexcept {
  std::int64_t all = 0;
  for (const Regime& regime : kRegimes) all += regime.weight;
  std::int64_t drawn = random.below(all);
  for (regime_ = 0; drawn >= kRegimes[regime_].weight; ++regime_) drawn -= kRegimes[regime_].weight;
}

// Relative size of a jump in this step, mostly 0: 10 to 40 times the volatility of a second, either way.
double PriceProcess::jump(Random& random) noexcept {
  if (!random.chance(kJumpsPerSecond / kStepsPerSecond * regime().activity)) return 0.0;
  const double size = volatility_ * (10.0 + 30.0 * random.unit() * random.unit());
  return random.chance(0.5) ? size : -size;
}

void PriceProcess::step(Random& random, double shared) noexcept {
  if (random.chance(1.0 / (regime().seconds_mean * kStepsPerSecond))) change_regime(random);
  const double usual = volatility_ * regime().volatility * kSqrtStep;
  const double leap = jump(random);
  const double move = usual * (kSharedShare * shared + kOwnShare * random.normal()) + leap;
  shock_ = (move < 0 ? -move : move) / usual;
  anchor_ *= 1.0 + kAnchorShare * move + regime().trend_per_second / kStepsPerSecond;
  pressure_ +=
      volatility_ * regime().volatility * kPressureNoise * random.normal() - pressure_ * (kPressureLossPerSecond / kStepsPerSecond);
  deviation_ += (1.0 - kAnchorShare) * move + pressure_ / kStepsPerSecond - deviation_ * (kReversionPerSecond / kStepsPerSecond);
}

}  // namespace martinet::capture
