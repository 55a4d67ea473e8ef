#pragma once
// What the first pass learns about a symbol: how fine and how large its numbers are, from which its grid follows.
#include <algorithm>
#include <string>
#include <string_view>

#include "adapters/capture/import_number.hpp"
#include "engine/base/decimal.hpp"
#include "engine/base/instrument.hpp"

namespace martinet::importing {

struct SymbolNeeds {
  Venue venue = Venue::none;
  Market market = Market::none;
  std::string symbol;
  int price_decimals = -1;      ///< finest price of a trade, quote, book or bar, trailing zeros trimmed; -1 = none seen
  int price_decimals_any = -1;  ///< the same with mark, index and ticker prices, which may be finer than the tick
  int qty_decimals = -1;
  int price_integers = 0;  ///< most digits before the point
  int qty_integers = 0;

  /// Venue text; what is not a plain decimal is left for the decoder to refuse.
  void see_price(std::string_view text) noexcept { price_decimals = std::max(price_decimals, see_reference(text)); }
  int see_reference(std::string_view text) noexcept { return see(text, price_decimals_any, price_integers); }
  void see_qty(std::string_view text) noexcept { see(text, qty_decimals, qty_integers); }

  void see_price(ImportNumber number) noexcept {
    price_decimals = std::max(price_decimals, decimals_of(number));
    price_decimals_any = std::max(price_decimals_any, price_decimals);
    price_integers = std::max(price_integers, integer_digits_of(number));
  }
  /// Zero says nothing about the lot: files write it where a size was not recorded.
  void see_qty(ImportNumber number) noexcept {
    if (number.units == 0) return;
    qty_decimals = std::max(qty_decimals, decimals_of(number));
    qty_integers = std::max(qty_integers, integer_digits_of(number));
  }

  /// A quantity in other units than orders (a count of price changes): its size matters to the grid, its decimals not to the lot.
  void see_count(ImportNumber number) noexcept { qty_integers = std::max(qty_integers, integer_digits_of(number)); }

  void merge(const SymbolNeeds& other) noexcept {
    price_decimals = std::max(price_decimals, other.price_decimals);
    price_decimals_any = std::max(price_decimals_any, other.price_decimals_any);
    qty_decimals = std::max(qty_decimals, other.qty_decimals);
    price_integers = std::max(price_integers, other.price_integers);
    qty_integers = std::max(qty_integers, other.qty_integers);
  }

 private:
  static int see(std::string_view text, int& decimals, int& integers) noexcept {
    const int needed = decimals_needed(text);
    if (needed < 0 || needed > kDecimalsMax) return -1;
    std::size_t begin = text[0] == '-' ? 1 : 0;
    const std::size_t point = std::min(text.find('.'), text.size());
    while (begin < point && text[begin] == '0') ++begin;
    decimals = std::max(decimals, needed);
    integers = std::max(integers, static_cast<int>(point - begin));
    return needed;
  }
};

}  // namespace martinet::importing
