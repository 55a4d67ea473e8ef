#include "adapters/paper/lagged_truth.hpp"

#include <span>

namespace martinet {

LaggedTruth::LaggedTruth(std::size_t instrument_count, std::int64_t lag_ns)
    : lag_ns_(lag_ns), orders_(instrument_count), positions_(instrument_count), changes_(capacity::paper_changes_max) {}

void LaggedTruth::note(std::int64_t now_ns, const PaperOrder& order, bool done, const PositionImage& position) noexcept {
  push({now_ns, order, position, done ? What::done : What::open, {}});
}

void LaggedTruth::note_position(std::int64_t now_ns, InstrumentId instrument, const PositionImage& position) noexcept {
  Change change;
  change.ts_ns = now_ns;
  change.order.request.instrument = instrument;
  change.position = position;
  push(change);
}

void LaggedTruth::push(const Change& change) noexcept {
  if (changes_.room() == 0) {
    apply(changes_.front());
    changes_.pop();
  }
  changes_.push(change);
}

void LaggedTruth::catch_up(std::int64_t now_ns) noexcept {
  while (!changes_.empty() && changes_.front().ts_ns <= now_ns - lag_ns_) {
    apply(changes_.front());
    changes_.pop();
  }
}

void LaggedTruth::apply(const Change& change) noexcept {
  const PaperOrder& order = change.order;
  positions_[order.request.instrument] = change.position;
  if (change.what == What::position) return;
  const OpenOrders::Slot slot = orders_.find(order.request.key);
  if (slot != OpenOrders::kNone) {
    orders_[slot] = order;
    if (change.what == What::done) orders_.remove(slot);
  } else if (!orders_.is_known(order.request.key)) {
    if (change.what == What::done) {
      orders_.remember_done(done_form(order));
    } else {
      MT_ASSERT(!orders_.full());  // it is the venue of a while ago, which had room
      orders_.add(order);
    }
  }
}

void LaggedTruth::save(ArchiveWriter& out) const {
  orders_.save(out);
  out.put_span(std::span<const PositionImage>(positions_));
  changes_.save(out);
}

bool LaggedTruth::load(ArchiveReader& in) {
  return orders_.load(in) && in.get_span(std::span<PositionImage>(positions_)) && changes_.load(in);
}

}  // namespace martinet
