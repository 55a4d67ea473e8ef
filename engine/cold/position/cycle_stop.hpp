#pragma once
// Where the one stop and the one target of a grid cycle stand: a fraction away from the volume-weighted average of its fills. The
// stop never stands so far away that the quantity held could lose more at it than was admitted. Exact: an average is a fraction
// (cost / quantity), and only the result is rounded, to the tick, toward the average.
#include "engine/base/instrument.hpp"
#include "engine/cold/position/cost_basis.hpp"

namespace martinet {

/// What a cycle may lose at its stop, as an area (price grid x quantity grid; an instrument's money is proportional to it):
/// level_count x leg_qty x worst_average x stop_rate, rounded down. Positive.
/// fails 0: a factor is not positive, the rate is not below 1, or the product leaves 128 bits
[[nodiscard]] Area admitted_loss(int level_count, Qty leg_qty, Price worst_average, Rate stop_rate) noexcept;

/// Of `loss_max`, what may still be lost at a stop: losses that the position has realised by parts are spent, gains are not added.
[[nodiscard]] Area loss_left(const CostBasis& basis, Area loss_max) noexcept;

/// What the open quantity loses out at `price`; negative where it gains.
[[nodiscard]] Area loss_at(const CostBasis& basis, Price price) noexcept;

/// The stop: average x (1 - rate) for a long, x (1 + rate) for a short, moved nearer where loss_at would pass `loss_most`.
/// in    basis not flat; 0 < rate < 1; loss_most >= 0
/// fails kNoPrice: the basis has no positive average, or the result leaves the range of prices
[[nodiscard]] Price stop_of_average(const InstrumentRules& rules, const CostBasis& basis, Rate rate, Area loss_most) noexcept;

/// The target: average x (1 + rate) for a long, x (1 - rate) for a short; at least on the winning side of the average.
/// in, fails as stop_of_average
[[nodiscard]] Price target_of_average(const InstrumentRules& rules, const CostBasis& basis, Rate rate) noexcept;

}  // namespace martinet
