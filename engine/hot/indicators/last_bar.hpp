#pragma once
// The last closed bar itself as values.
#include <array>

#include "engine/hot/indicators/bar.hpp"

namespace martinet {

class LastBar {
 public:
  static constexpr std::size_t kOutputs = 5;  ///< open, high, low, close, volume
  void on_bar(const Bar& bar) noexcept {
    values_ = {bar.open, bar.high, bar.low, bar.close, bar.volume};
    seen_ = 1;
  }
  [[nodiscard]] bool ready(std::size_t) const noexcept { return seen_ != 0; }
  [[nodiscard]] double value(std::size_t output) const noexcept { return values_[output]; }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.values_, self.seen_);
  }

 private:
  std::array<double, kOutputs> values_{};
  std::uint64_t seen_ = 0;
};

}  // namespace martinet
