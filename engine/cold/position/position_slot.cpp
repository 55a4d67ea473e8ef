#include "engine/cold/position/position_slot.hpp"

namespace martinet {

EntryOrder* PositionSlot::find_entry(std::uint64_t intent) noexcept {
  for (EntryOrder& entry : entries) {
    if (entry.intent_id == intent) return &entry;
  }
  return nullptr;
}

LegOrder* PositionSlot::find_order(const OrderKey& key) noexcept {
  for (LegOrder& order : orders) {
    if (order.state != LegState::free && order.key() == key) return &order;
  }
  return nullptr;
}

std::size_t PositionSlot::count_orders(OrderPurpose leg) const noexcept {
  std::size_t count = 0;
  for (const LegOrder& order : orders) count += order.is(leg) ? 1 : 0;
  return count;
}

bool PositionSlot::has_orders() const noexcept {
  for (const LegOrder& order : orders) {
    if (order.state != LegState::free) return true;
  }
  return false;
}

bool PositionSlot::has_entries() const noexcept {
  for (const EntryOrder& entry : entries) {
    if (entry.intent_id != 0) return true;
  }
  return false;
}

std::int64_t PositionSlot::covered_qty() const noexcept {
  std::int64_t covered = 0;
  for (const LegOrder& order : orders) {
    if (order.leg == OrderPurpose::stop && order.state == LegState::live && order.wanted() && order.side == opposite(direction())) {
      covered += order.leaves.v;
    }
  }
  return covered;
}

bool PositionSlot::has_wanted(OrderPurpose leg, std::int64_t qty, bool confirmed) const noexcept {
  for (const LegOrder& order : orders) {
    if (!order.is(leg) || !order.wanted() || order.side != opposite(direction()) || order.leaves.v < qty) continue;
    if (!confirmed || order.state == LegState::live) return true;
  }
  return false;
}

}  // namespace martinet
