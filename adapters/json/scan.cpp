#include "adapters/json/scan.hpp"

namespace martinet::scan::detail {

alignas(64) const std::array<std::array<char, 32>, 6> kSame = [] {
  std::array<std::array<char, 32>, 6> table{};
  table[kZeroCharacter].fill('0');
  table[kNine].fill(9);
  table[kQuote].fill('"');
  table[kDot].fill('.');
  table[kSpace].fill(' ');
  table[kBackslash].fill('\\');
  return table;
}();

}  // namespace martinet::scan::detail
