#pragma once
// A side of a book, as every venue prints it: [["61800.20","2.507"],["61800.10","0.3"]].
#include "adapters/json/scan.hpp"
#include "engine/base/instrument.hpp"
#include "engine/messages/depth_update.hpp"

namespace martinet::scan {

/// Writes each level where `next()` says (a DepthLevel*, nullptr to stop).
/// out   odd: set where a level's text is odd (see depth_flag::odd_digits)
template <class Next>
[[nodiscard]] MT_INLINE bool levels(Cursor& in, const Instrument& grid, Side side, bool& odd, Next&& next) noexcept {
  if (in.take("[]")) return true;
  if (!in.take("[[\"")) return false;
  const int price_decimals = grid.price_decimals;
  const int qty_decimals = grid.qty_decimals;
  std::uint8_t price_size = 8;  // nearly all prices of a book have the same length
  for (;;) {
    Price price;
    Qty qty;
    std::uint8_t price_digits = 0;
    std::uint8_t qty_digits = 0;
    if (!in.decimal_then("\",\"", price_size, price_decimals, price.v, price_digits, odd)) return false;
    if (!in.decimal(qty_decimals, qty.v, qty_digits, odd)) return false;
    DepthLevel* const level = next();
    if (level == nullptr) return false;
    level->price = price;
    level->qty = qty;
    level->side = side;
    level->price_digits = price_digits;
    level->qty_digits = qty_digits;
    for (std::uint8_t& byte : level->pad) byte = 0;
    if (in.take("\"],[\"")) [[likely]]
      continue;
    return in.take("\"]]");
  }
}

}  // namespace martinet::scan
