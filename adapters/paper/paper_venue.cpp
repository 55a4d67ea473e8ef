#include "adapters/paper/paper_venue.hpp"

#include <array>
#include <span>

namespace martinet {
namespace {

constexpr std::uint32_t kTag = 0x32525050;  // "PPR2"

}  // namespace

PaperVenue::PaperVenue(const InstrumentTable& instruments, const PaperConfig& config)
    : instruments_(instruments),
      config_(config),
      markets_(instruments.size()),
      book_states_(instruments.size(), BookState::none),
      open_(instruments.size()),
      arrivals_(capacity::paper_requests_max),
      events_(capacity::paper_events_max),
      account_(instruments, config.initial_balance, MarginTerms{config.leverage, config.margin_mode, config.maintenance_margin}) {
  MT_ASSERT(config.order_latency_ns >= 0);
  MT_ASSERT(config.event_latency_ns >= 0);
  static_assert(capacity::paper_events_max > capacity::paper_requests_max + 2 * kEventsPerMatch, "matching goes on while events wait");
  MT_ASSERT(config.query_lag_ns >= 0);
  if (config.query_lag_ns > 0) lagged_ = std::make_unique<LaggedTruth>(instruments.size(), config.query_lag_ns);
  if (!config.use_depth) return;
  books_.reserve(instruments.size());
  for (std::size_t i = 0; i < instruments.size(); ++i) books_.emplace_back();
}

void PaperVenue::submit(const OrderRequest& request) noexcept {
  ++counters_.requests;
  if (arrivals_.room() == 0) advance(request.ts_ns);
  if (arrivals_.room() == 0) {
    ++counters_.requests_dropped;
    now_ns_ = std::max(now_ns_, request.ts_ns);
    reject(request, Errc::too_many_orders);
    return;
  }
  arrival_last_ns_ = std::max(arrival_last_ns_, request.ts_ns + config_.order_latency_ns);  // requests do not overtake each other
  arrivals_.push({arrival_last_ns_, request});
  arrival_next_ns_ = std::min(arrival_next_ns_, arrival_last_ns_);
}

void PaperVenue::advance(std::int64_t until_ns) noexcept {
  while (arrival_next_ns_ != kNever && arrival_next_ns_ <= until_ns) {
    if (!has_event_room()) {
      ++counters_.deferred;
      return;
    }
    bool late = false;
    const Arrival arrival = next_arrival(late);
    arrival_next_ns_ = std::min(arrivals_.empty() ? kNever : arrivals_.front().ts_ns, late_arrivals_.next_ts());
    now_ns_ = std::max(now_ns_, arrival.ts_ns);
    if (faults_ != nullptr && !late && spoil(arrival.request)) continue;
    work_off(arrival.request);
  }
}

PaperVenue::Arrival PaperVenue::next_arrival(bool& late) noexcept {
  late = arrivals_.empty() || late_arrivals_.next_ts() < arrivals_.front().ts_ns;
  if (late) {
    const std::int64_t ts_ns = late_arrivals_.next_ts();
    return {ts_ns, late_arrivals_.pop()};
  }
  const Arrival arrival = arrivals_.front();
  arrivals_.pop();
  return arrival;
}

void PaperVenue::work_off(const OrderRequest& request) noexcept {
  if (is_query(request.action)) return answer(request);
  request.action == OrderAction::cancel ? cancel(request) : place(request);
}

bool PaperVenue::take_event(std::int64_t now_ns, VenueEvent& event) noexcept {
  if (next_event_ts() > now_ns) return false;
  // Only as far as needed: the market between here and now_ns may still be on its way to us.
  if (events_.empty()) advance(now_ns - config_.event_latency_ns);
  const std::int64_t late_ns = late_events_.next_ts();
  if (!events_.empty() && events_.front().ts_receive_ns <= std::min(late_ns, now_ns)) {
    event = events_.front();
    events_.pop();
    return true;
  }
  if (late_ns <= now_ns && late_ns != kNever) {
    event = late_events_.pop();
    return true;
  }
  MT_ASSERT(faults_ != nullptr);  // every arrival gives at least one event, but for a fault
  return false;
}

void PaperVenue::place(const OrderRequest& request, bool attached) noexcept {
  if (const Errc reason = check(request); reason != Errc::ok) return reject(request, reason);
  PaperOrder order;
  order.request = request;
  order.venue_order_id = ++venue_order_id_;
  order.leaves = request.qty;
  if (request.type == OrderType::market) {
    const Errc cut = cut_to_position(order);
    MT_ASSERT(cut == Errc::ok);  // check() has seen to it
    take(order, kNoPrice);
    MT_ASSERT(order.leaves.v == 0);
    open_.remember_done(done_form(order));
    return;
  }
  order.waiting = is_trigger(request.type) ? 1 : 0;
  order.whole = is_attribute(request) ? 1 : 0;
  order.attached = attached || order.whole != 0 ? 1 : 0;
  if (order.whole != 0) order.leaves = reducible(request, {});
  if (request.reduce_only != 0 && is_strict(request)) {
    const Errc cut = cut_to_position(order);
    MT_ASSERT(cut == Errc::ok);
  }
  if (order.waiting != 0) lock(order);
  const OpenOrders::Slot slot = open_.add(order);
  if (order.waiting != 0 || request.time_in_force != TimeInForce::ioc) emit(order, VenueEventKind::accepted);
  if (order.whole != 0) replace_attribute(slot);
  if (order.waiting == 0) enter(slot);
}

void PaperVenue::cancel(const OrderRequest& request) noexcept {
  const OpenOrders::Slot slot = open_.find(request.key);
  if (slot != OpenOrders::kNone) return end(slot, Errc::ok);
  PaperOrder order;
  order.request = request;
  emit(order, VenueEventKind::cancel_refused, Errc::unknown_order);
}

/// Every way out of the open orders: a match that walks them goes on behind it.
void PaperVenue::drop(OpenOrders::Slot slot) noexcept {
  if (cursor_ == slot) cursor_ = open_.next(slot);
  open_.remove(slot);
}

Capabilities PaperVenue::capabilities() const noexcept {
  Capabilities row;
  row.attach = config_.attach;
  row.trigger_on_mark = true;
  row.reduce_only = true;
  row.balances = instruments_.size() > 0;
  for (const Instrument& instrument : instruments_) row.balances = row.balances && instrument.kind == ContractKind::spot;
  row.shorting = !row.balances;
  row.stop_locks_asset = row.balances && config_.stop_locks_asset;
  return row;
}

void PaperVenue::save(ArchiveWriter& out) const {
  out.put(kTag);
  out.put(static_cast<std::uint64_t>(markets_.size()));
  const auto config = config_form(config_);
  out.put_span(std::span<const std::int64_t>(config));
  out.put(now_ns_);
  out.put(arrival_last_ns_);
  out.put(venue_order_id_);
  out.put(trade_id_);
  out.put(counters_);
  out.put_span(std::span<const MarketState>(markets_));
  out.put_span(std::span<const BookState>(book_states_));
  for (const Book& book : books_) book.save(out);
  open_.save(out);
  arrivals_.save(out);
  events_.save(out);
  account_.save(out);
  late_arrivals_.save(out);
  late_events_.save(out);
  if (lagged_ != nullptr) lagged_->save(out);
}

Errc PaperVenue::load(ArchiveReader& in) {
  std::array<std::int64_t, kConfigNumbers> config{};
  if (!in.expect(kTag) || !in.expect(static_cast<std::uint64_t>(markets_.size())) || !in.get_span(std::span<std::int64_t>(config)) ||
      config != config_form(config_)) {
    return Errc::checkpoint_mismatch;
  }
  if (!in.get(now_ns_) || !in.get(arrival_last_ns_) || !in.get(venue_order_id_) || !in.get(trade_id_) || !in.get(counters_) ||
      !in.get_span(std::span<MarketState>(markets_)) || !in.get_span(std::span<BookState>(book_states_))) {
    return Errc::checkpoint_mismatch;
  }
  for (Book& book : books_) {
    if (const Errc error = book.load(in); error != Errc::ok) return error;
  }
  if (!open_.load(in) || !arrivals_.load(in) || !events_.load(in) || !account_.load(in)) return Errc::checkpoint_mismatch;
  if (!late_arrivals_.load(in, kLateMax) || !late_events_.load(in, kLateMax)) return Errc::checkpoint_mismatch;
  if (lagged_ != nullptr && !lagged_->load(in)) return Errc::checkpoint_mismatch;
  arrival_next_ns_ = std::min(arrivals_.empty() ? kNever : arrivals_.front().ts_ns, late_arrivals_.next_ts());
  return Errc::ok;
}

}  // namespace martinet
