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
  done_first_ = done_count_ = 0;
}

OpenOrders::Slot OpenOrders::find(const OrderKey& key) const noexcept {
  const std::uint32_t* at = keys_.find(key);
  return at == nullptr || (*at & kDone) != 0 ? kNone : static_cast<Slot>(*at);
}

const DoneOrder* OpenOrders::find_done(const OrderKey& key) const noexcept {
  const std::uint32_t* at = keys_.find(key);
  return at == nullptr || (*at & kDone) == 0 ? nullptr : &done_[*at & ~kDone];
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
  remember_done(done_form(node.order));
}

void OpenOrders::remember_done(const DoneOrder& order) noexcept {
  if (done_count_ == done_.size()) {
    keys_.erase(done_[done_first_].key);
    done_first_ = (done_first_ + 1) % done_.size();
    --done_count_;
  }
  const std::size_t at = (done_first_ + done_count_++) % done_.size();
  done_[at] = order;
  const bool inserted = keys_.insert(order.key, kDone | static_cast<std::uint32_t>(at));
  MT_ASSERT(inserted);
}

void OpenOrders::save(ArchiveWriter& out) const {
  out.put(static_cast<std::uint64_t>(size()));
  for (const List& list : lists_) {
    for (Slot slot = list.first; slot != kNone; slot = nodes_[slot].next) out.put(nodes_[slot].order);
  }
  out.put(static_cast<std::uint64_t>(done_count_));
  for (std::size_t i = 0; i < done_count_; ++i) out.put(done_[(done_first_ + i) % done_.size()]);
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
  if (!in.get(count) || count > done_.size()) return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    DoneOrder order;
    if (!in.get(order) || is_known(order.key)) return false;
    remember_done(order);
  }
  return true;
}

}  // namespace martinet
