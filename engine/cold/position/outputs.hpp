#pragma once
// What one step of the position machine says, in fixed space: the .cpp core fills it, the template wrapper hands it on.
#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/assert.hpp"
#include "engine/cold/position/alert.hpp"
#include "engine/messages/execution.hpp"
#include "engine/messages/guard_view.hpp"
#include "engine/messages/order_request.hpp"
#include "engine/messages/position_view.hpp"

namespace martinet {

/// A list that never allocates. Its bound is an argument about the machine, so passing it is our error.
template <class T, std::size_t N>
class FixedList {
 public:
  void push(const T& value) noexcept {
    MT_ASSERT(count_ < N);
    values_[count_++] = value;
  }
  void clear() noexcept { count_ = 0; }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] const T* begin() const noexcept { return values_.data(); }
  [[nodiscard]] const T* end() const noexcept { return values_.data() + count_; }

 private:
  std::size_t count_ = 0;
  std::array<T, N> values_{};
};

struct PositionOutputs {
  FixedList<OrderRequest, 64> commands;  ///< one key: 16 orders and 4 entries to cancel, twice at most, and three to place
  FixedList<Execution, 24> executions;   ///< one fill (two where it turns the position) and eight held back
  FixedList<Alert, 32> alerts;
  PositionView view;
  GuardView guard;
  Money equity{};
  Money balance{};
  std::int64_t ts_ns = 0;
  bool has_view = false;
  bool has_guard = false;
  bool has_equity = false;

  void clear() noexcept {
    commands.clear();
    executions.clear();
    alerts.clear();
    has_view = has_guard = has_equity = false;
  }

  /// Commands first: they protect. Then what happened, what is true now, and what the account is worth.
  template <class Out>
  void hand_to(Out& out) {
    for (const OrderRequest& command : commands) out.command(command);
    for (const Execution& execution : executions) out.execution(execution);
    if (has_view) out.position_view(view);
    if (has_equity) out.equity(ts_ns, equity, balance);
    if (has_guard) out.guard_view(guard);
    for (const Alert& alert : alerts) out.alert(alert);
    clear();
  }
};

}  // namespace martinet
