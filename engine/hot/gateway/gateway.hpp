#pragma once
// The last door before the venue and the first after it: follows every order of ours from request to its end, lets no order
// out twice, passes each thing the venue says on once, and keeps room so that protection always gets through (I7).
#include <cstddef>
#include <cstdint>
#include <utility>

#include "engine/base/archive.hpp"
#include "engine/hot/gateway/in_flight.hpp"
#include "engine/messages/order_request.hpp"
#include "engine/messages/venue_event.hpp"
#include "engine/ports/order_venue.hpp"

namespace martinet {

struct GatewayCounters {
  std::uint64_t placed = 0;              ///< orders handed to the venue
  std::uint64_t cancels = 0;             ///< cancels handed to the venue
  std::uint64_t refused_no_slot = 0;     ///< entries refused here
  std::uint64_t untracked = 0;           ///< protective orders sent although even the reserve was full
  std::uint64_t queries = 0;             ///< questions handed to the venue
  std::uint64_t duplicate_requests = 0;  ///< a key that was sent before; dropped without an event
  std::uint64_t events = 0;              ///< passed on
  std::uint64_t answers = 0;             ///< of these, answers to queries
  std::uint64_t duplicate_events = 0;    ///< said before; dropped
  std::uint64_t late_fills = 0;          ///< new fills of an order that was done; passed on
  std::uint64_t unknown_events = 0;      ///< of a key that is not in the table; passed on
  bool operator==(const GatewayCounters&) const = default;
};

/// Threads: egress only.
///
/// Out is called as
///   out.sent(const OrderRequest&)   before the venue gets a request: the order stream (I2)
///   out.event(const VenueEvent&)    for the position machine
///
/// What it decides:
/// * A `place` whose key is live or among the last in_flight_max done ones is dropped and counted, without an event: an event
///   would speak about the order that exists. A new order has a new attempt number (I5).
/// * Entries may hold two thirds of the slots (rounded down); stop, target and close legs may hold all. An entry without a slot
///   comes back as `rejected` with no_capacity. A protective order without a slot is sent all the same, untracked: its events
///   are then passed on unfiltered.
/// * `accepted` and `triggered` pass once per order, a fill once per trade id (trade id 0 is never a duplicate: the venue gave
///   none). Nothing but new fills and cancel_refused passes once an order is done. A fill with leaves_qty 0, `cancelled` and
///   `rejected` end an order; `rejected` with duplicate_order does not: it says that the venue has the order.
/// * Queries go to the venue as they come: they are no orders, have no key of their own, are never a duplicate and are not part of
///   the order stream (`sent` is not called). What answers them passes on unfiltered and changes nothing here: an answer may be
///   older than what the stream has said, and only the position machine can tell.
/// * An event of an unknown key passes: the position machine is the judge of what it does not own (I9).
class Gateway {
 public:
  /// in  epoch: of the session, makes client ids unique; venue: outlives this; in_flight_max: >= 3
  /// cost the only allocation
  Gateway(std::uint64_t epoch, OrderVenue& venue, std::size_t in_flight_max)
      : epoch_(epoch), venue_(venue), entries_max_(in_flight_max - (in_flight_max + 2) / 3), table_(in_flight_max) {
    MT_ASSERT(in_flight_max >= 3);
  }

  template <class Out>
  void on_request(const OrderRequest& request, Out& out) {
    if (is_query(request.action)) {
      ++counters_.queries;
      venue_.submit(request);
      return;
    }
    if (request.action == OrderAction::cancel) {
      ++counters_.cancels;
      out.sent(request);
      venue_.submit(request);
      return;
    }
    if (table_.find(request.key) != nullptr) {
      ++counters_.duplicate_requests;
      return;
    }
    const bool entry = request.purpose() == OrderPurpose::entry;
    if (entry && entries_live_ >= entries_max_) return refuse(request, out);
    InFlight* const row = table_.add(request.key);
    if (row == nullptr) {
      if (entry) return refuse(request, out);
      ++counters_.untracked;
    } else {
      row->qty = request.qty;
      row->instrument = request.instrument;
      entries_live_ += entry ? 1 : 0;
    }
    ++counters_.placed;
    out.sent(request);
    venue_.submit(request);
  }

  template <class Out>
  void on_venue_event(const VenueEvent& event, Out& out) {
    if (is_answer(event.kind)) {
      ++counters_.answers;
      ++counters_.events;
      out.event(event);
      return;
    }
    InFlight* const row = table_.find(event.key);
    if (row == nullptr) {
      ++counters_.unknown_events;
    } else if (!note(*row, event)) {
      ++counters_.duplicate_events;
      return;
    }
    ++counters_.events;
    out.event(event);
  }

  [[nodiscard]] const GatewayCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::size_t live_count() const noexcept { return table_.live_count(); }
  [[nodiscard]] std::size_t entries_live() const noexcept { return entries_live_; }
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }

  void save(ArchiveWriter& out) const {
    out.put(kTag);
    out.put(counters_);
    out.put(static_cast<std::uint64_t>(entries_live_));
    table_.save(out);
  }
  /// fails checkpoint_mismatch: another in_flight_max or not a gateway's checkpoint; the object must then not be used
  [[nodiscard]] Errc load(ArchiveReader& in) {
    std::uint64_t entries_live = 0;
    if (!in.expect(kTag) || !in.get(counters_) || !in.get(entries_live)) return Errc::checkpoint_mismatch;
    entries_live_ = static_cast<std::size_t>(entries_live);
    return table_.load(in);
  }

 private:
  static constexpr std::uint32_t kTag = 0x32574754;  // "TGW2"

  template <class Out>
  void refuse(const OrderRequest& request, Out& out) {
    ++counters_.refused_no_slot;
    VenueEvent event;
    event.ts_exchange_ns = event.ts_receive_ns = request.ts_ns;
    event.key = request.key;
    event.leaves_qty = request.qty;
    event.instrument = request.instrument;
    event.strategy = request.strategy;
    event.side = request.side;
    event.kind = VenueEventKind::rejected;
    event.reason = Errc::no_capacity;
    ++counters_.events;
    out.event(event);
  }

  /// Takes the event into the row; false if it says nothing new.
  bool note(InFlight& row, const VenueEvent& event) noexcept {
    if (event.kind == VenueEventKind::cancel_refused || event.kind == VenueEventKind::liquidated) return true;  // end no order of ours
    if (event.kind == VenueEventKind::filled) return note_fill(row, event);
    // A venue that refuses a duplicate says that it has the order: that ends nothing.
    if (event.kind == VenueEventKind::rejected && event.reason == Errc::duplicate_order) return true;
    if (row.done != 0) return false;
    if (event.venue_order_id != 0) row.venue_order_id = event.venue_order_id;
    switch (event.kind) {
      case VenueEventKind::accepted:
        return std::exchange(row.accepted, std::uint8_t{1}) == 0;
      case VenueEventKind::triggered:
        return std::exchange(row.triggered, std::uint8_t{1}) == 0;
      default:
        finish(row);
        return true;
    }
  }
  bool note_fill(InFlight& row, const VenueEvent& event) noexcept {
    if (event.trade_id != 0 && row.has_trade(event.trade_id)) return false;
    row.note_trade(event.trade_id);
    row.filled_qty = row.filled_qty + event.fill_qty;
    row.venue_order_id = event.venue_order_id;
    if (row.done != 0) {
      ++counters_.late_fills;
    } else if (event.leaves_qty.v == 0) {
      finish(row);
    }
    return true;
  }
  void finish(InFlight& row) noexcept {
    entries_live_ -= row.key.leg == OrderPurpose::entry ? 1 : 0;
    table_.finish(row);
  }

  std::uint64_t epoch_;
  OrderVenue& venue_;
  std::size_t entries_max_;
  std::size_t entries_live_ = 0;
  InFlightTable table_;
  GatewayCounters counters_;
};

}  // namespace martinet
