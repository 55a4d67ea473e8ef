#include "engine/app/session_recorder.hpp"

#include <algorithm>
#include <utility>

namespace martinet {

SessionRecorder::SessionRecorder(const InstrumentTable& instruments, Money initial_balance, JournalWriter* journal, RecordTap tap)
    : journal_(journal), tap_(std::move(tap)), prices_(instruments.size()), peak_(initial_balance) {
  for (std::size_t i = 0; i < prices_.size(); ++i) prices_[i].instrument = static_cast<InstrumentId>(i);
}

template <class T>
void SessionRecorder::write(journal::RecordType type, std::int64_t ts_ns, const T& value) noexcept {
  if (tap_) tap_(type, ts_ns, std::as_bytes(std::span<const T, 1>(&value, 1)));
  if (journal_ == nullptr) return;
  Errc result = journal_->append_struct(type, ts_ns, value);
  if (result == Errc::lane_full) {  // replay outruns the disk: wait for it, a record is never dropped
    result = journal_->sync().ok() ? journal_->append_struct(type, ts_ns, value) : journal_->status();
  }
  if (result != Errc::ok && journal_status_ == Errc::ok) journal_status_ = result;
}

void SessionRecorder::decision(const GateDecision& decision) { write(journal::RecordType::decision, decision.intent.ts_receive_ns, decision); }

void SessionRecorder::mark(const Tick& tick) {
  const Price price = tick.kind == TickKind::quote ? Price{tick.bid_price.v / 2 + tick.ask_price.v / 2} : tick.price();
  prices_[tick.instrument].price.add(tick.ts_receive_ns, price.v);
}

void SessionRecorder::sent(const OrderRequest& request) {
  ++request_count_;
  stream_.update(order_stream_form(request));
  write(journal::RecordType::sent, request.ts_ns, request);
}

void SessionRecorder::venue_event(const VenueEvent& event) { write(journal::RecordType::venue_event, event.ts_receive_ns, event); }

void SessionRecorder::execution(const Execution& execution, std::int64_t ts_ns) {
  ++fill_count_;
  fees_ = fees_ + execution.fee;
  if (journal_ == nullptr) executions_.push_back(execution);
  write(journal::RecordType::execution, ts_ns, execution);
}

void SessionRecorder::position(const PositionView& view) { write(journal::RecordType::position, view.ts_ns, view); }

void SessionRecorder::equity(std::int64_t ts_ns, Money equity, Money balance) {
  equity_.add(ts_ns, equity.v);
  peak_ = std::max(peak_, equity);
  const Money fall = peak_ - equity;
  max_drawdown_ = std::max(max_drawdown_, fall);
  if (peak_.v > 0) max_drawdown_fraction_ = std::max(max_drawdown_fraction_, static_cast<double>(fall.v) / static_cast<double>(peak_.v));
  write(journal::RecordType::equity, ts_ns, journal::EquityRecord{equity.v, balance.v});
}

void SessionRecorder::alert(std::int64_t ts_ns, std::uint32_t code, InstrumentId instrument) {
  write(journal::RecordType::alert, ts_ns, journal::AlertRecord{code, instrument});
}

void SessionRecorder::turn_done() {
  if (journal_ == nullptr) return;
  journal_->turn(false);
  if (journal_->status() != Errc::ok && journal_status_ == Errc::ok) journal_status_ = journal_->status();
}

void SessionRecorder::save(ArchiveWriter& out) const {
  out.put(request_count_);
  out.put(fill_count_);
  out.put(fees_);
  out.put(peak_);
  out.put(max_drawdown_);
  out.put(max_drawdown_fraction_);
}

Errc SessionRecorder::load(ArchiveReader& in) {
  const bool ok = in.get(request_count_) && in.get(fill_count_) && in.get(fees_) && in.get(peak_) && in.get(max_drawdown_) && in.get(max_drawdown_fraction_);
  return ok ? Errc::ok : Errc::checkpoint_mismatch;
}

}  // namespace martinet
