#include "engine/cold/position/position_slot.hpp"

namespace martinet {

EntryOrder* PositionSlot::find_entry(const OrderKey& key) noexcept {
  for (EntryOrder& entry : entries) {
    if (entry.intent_id == key.intent_id && entry.attempt == key.attempt) return &entry;
  }
  return nullptr;
}

EntryOrder* PositionSlot::free_entry() noexcept {
  for (EntryOrder& entry : entries) {
    if (entry.intent_id == 0) return &entry;
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

namespace {
bool meant_for(const PositionSlot& slot, const LegOrder& order, OrderPurpose leg, std::int64_t qty, Price price) noexcept {
  return order.is(leg) && order.wanted() && order.side == opposite(slot.direction()) && order.leaves.v >= qty &&
         (!has_price(price) || order.price == price);
}
}  // namespace

const LegOrder* PositionSlot::newest_live(OrderPurpose leg, std::int64_t qty, Price price) const noexcept {
  const LegOrder* newest = nullptr;
  for (const LegOrder& order : orders) {
    if (order.state != LegState::live || !meant_for(*this, order, leg, qty, price)) continue;
    if (newest == nullptr || order.attempt > newest->attempt) newest = &order;
  }
  return newest;
}

bool PositionSlot::cover_under_way(OrderPurpose leg, Price price) const noexcept {
  for (const LegOrder& order : orders) {
    if (order.state != LegState::live && meant_for(*this, order, leg, open_qty(), price)) return true;
  }
  return false;
}

}  // namespace martinet
