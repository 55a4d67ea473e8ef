#pragma once
// The numbers money is made of. A price or a quantity is an integer on its instrument's decimal grid; money is an integer
// number of 1e-8 of the account currency. Products of two of them pass through 128 bits (see money.hpp).
#include <compare>
#include <cstdint>
#include <limits>

namespace martinet {

struct Price {
  std::int64_t v = 0;  ///< units of 10^-instrument.price_decimals
  constexpr auto operator<=>(const Price&) const = default;
};

struct Qty {
  std::int64_t v = 0;  ///< units of 10^-instrument.qty_decimals; signed where it is a position (+ long, - short)
  constexpr auto operator<=>(const Qty&) const = default;
};

struct Money {
  std::int64_t v = 0;  ///< units of 1e-8 of the account currency
  constexpr auto operator<=>(const Money&) const = default;
};

inline constexpr std::int64_t kMoneyUnit = 100'000'000;  ///< one unit of account currency
inline constexpr int kMoneyDecimals = 8;

/// "Nothing here": a price that was not given (no stop, market order). No price on a grid has this value.
inline constexpr Price kNoPrice{std::numeric_limits<std::int64_t>::min()};

constexpr bool has_price(Price price) noexcept { return price != kNoPrice; }

constexpr Price operator+(Price a, Price b) noexcept { return {a.v + b.v}; }
constexpr Price operator-(Price a, Price b) noexcept { return {a.v - b.v}; }
constexpr Qty operator+(Qty a, Qty b) noexcept { return {a.v + b.v}; }
constexpr Qty operator-(Qty a, Qty b) noexcept { return {a.v - b.v}; }
constexpr Qty operator-(Qty a) noexcept { return {-a.v}; }
constexpr Money operator+(Money a, Money b) noexcept { return {a.v + b.v}; }
constexpr Money operator-(Money a, Money b) noexcept { return {a.v - b.v}; }
constexpr Money operator-(Money a) noexcept { return {-a.v}; }
constexpr Qty abs(Qty a) noexcept { return a.v < 0 ? Qty{-a.v} : a; }

enum class Side : std::uint8_t { none = 0, buy = 1, sell = 2 };

constexpr Side opposite(Side side) noexcept {
  return side == Side::buy ? Side::sell : side == Side::sell ? Side::buy : Side::none;
}

/// Index of an instrument in the InstrumentTable of its session: 0 .. capacity::instruments_max-1.
using InstrumentId = std::uint16_t;
inline constexpr InstrumentId kNoInstrument = 0xFFFF;

/// Index of a configured strategy: 0 .. capacity::strategies_max-1.
using StrategyId = std::uint16_t;
inline constexpr StrategyId kNoStrategy = 0xFFFF;

}  // namespace martinet
