#include "adapters/paper/open_orders.hpp"

namespace martinet {

OpenOrders::OpenOrders(std::size_t instrument_count)
    : nodes_(capacity::paper_orders_max),
      free_(capacity::paper_orders_max),
      lists_(instrument_count),
      keys_(capacity::paper_orders_max + capacity::paper_done_keys_max),
      done_(capacity::paper_done_keys_max) {
  clear();
}

void OpenOrders::clear() noexcept {
  free_.clear();
  for (std::size_t i = 0; i < nodes_.size(); ++i) free_.push(static_cast<Slot>(i));
  for (List& list : lists_) list = {};
  keys_.clear();
  done_.clear();
}

OpenOrders::Slot OpenOrders::find(const OrderKey& key) const noexcept {
  const Slot* slot = keys_.find(key);
  return slot == nullptr ? kNone : *slot;
}

OpenOrders::Slot OpenOrders::add(const PaperOrder& order) noexcept {
  const Slot slot = free_.front();
  free_.pop();
  List& list = lists_[order.request.instrument];
  nodes_[slot] = {order, list.last, kNone};
  (list.last == kNone ? list.first : nodes_[list.last].next) = slot;
  list.last = slot;
  const bool inserted = keys_.insert(order.request.key, slot);
  MT_ASSERT(inserted);
  return slot;
}

void OpenOrders::remove(Slot slot) noexcept {
  const Node& node = nodes_[slot];
  List& list = lists_[node.order.request.instrument];
  (node.previous == kNone ? list.first : nodes_[node.previous].next) = node.next;
  (node.next == kNone ? list.last : nodes_[node.next].previous) = node.previous;
  keys_.erase(node.order.request.key);
  free_.push(slot);
  remember_done(node.order.request.key);
}

void OpenOrders::remember_done(const OrderKey& key) noexcept {
  if (done_.room() == 0) {
    keys_.erase(done_.front());
    done_.pop();
  }
  const bool inserted = keys_.insert(key, kNone);
  MT_ASSERT(inserted);
  done_.push(key);
}

void OpenOrders::save(ArchiveWriter& out) const {
  out.put(static_cast<std::uint64_t>(size()));
  for (const List& list : lists_) {
    for (Slot slot = list.first; slot != kNone; slot = nodes_[slot].next) out.put(nodes_[slot].order);
  }
  done_.save(out);
}

bool OpenOrders::load(ArchiveReader& in) {
  clear();
  std::uint64_t count = 0;
  if (!in.get(count) || count > nodes_.size()) return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    PaperOrder order;
    if (!in.get(order) || order.request.instrument >= lists_.size() || is_known(order.request.key)) return false;
    add(order);
  }
  FixedRing<OrderKey> done(capacity::paper_done_keys_max);
  if (!done.load(in)) return false;
  for (; !done.empty(); done.pop()) {
    if (is_known(done.front())) return false;
    remember_done(done.front());
  }
  return true;
}

}  // namespace martinet
