#pragma once
// The exchange core in process: takes orders after a latency, matches them against the trusted market and tells us after
// another. Used by replay and paper trading; the venue simulator and the fault simulation put their skins over it.
//
// Time is the receive axis. A request made at T is matched at T + order_latency against what the market shows then, and its
// events reach us event_latency later. At equal stamps the order comes before the market. No clock, no chance: the same calls
// give the same events.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "adapters/paper/account.hpp"
#include "adapters/paper/fixed_ring.hpp"
#include "adapters/paper/market_state.hpp"
#include "adapters/paper/open_orders.hpp"
#include "adapters/paper/paper_config.hpp"
#include "engine/base/archive.hpp"
#include "engine/base/book.hpp"
#include "engine/base/time.hpp"
#include "engine/messages/candle.hpp"
#include "engine/messages/depth_update.hpp"
#include "engine/messages/tick.hpp"
#include "engine/ports/order_venue.hpp"

namespace martinet {

struct PaperCounters {
  std::uint64_t requests = 0;
  std::uint64_t rejects = 0;
  std::uint64_t fills = 0;
  std::uint64_t triggers = 0;
  std::uint64_t requests_dropped = 0;  ///< refused because too many were on their way
  std::uint64_t deferred = 0;          ///< matches put off because nobody took the events
  bool operator==(const PaperCounters&) const = default;
};

/// Threads: egress only (one thread).
///
/// Matching, as simulated:
/// * Takers walk a trusted book level by level, one fill a level, at most capacity::paper_fills_max - 1 levels; what is beyond the depth
/// fills at
///   the last level's price worsened by `slippage`. Slippage applies nowhere else where there is a book: the walk is the
///   slippage. Without a book the whole quantity fills at the opposite quote, else the last price, else the mark price,
///   worsened by `slippage` and then to the next tick; a limit order never beyond its limit.
/// * Our fills take nothing out of the shared book or from other orders of ours.
/// * A resting limit fills whole when a trade prints beyond its price or the opposite quote reaches it, and by the traded
///   quantity beyond its queue when one prints at its price (not if we know that the aggressor was on the order's own side).
///   The queue is what the book, or the best quote, shows at its price when it comes; only trades shorten it. Where neither
///   shows its price, only a trade beyond it or the opposite quote fills it.
/// * Trigger orders watch MarketState::trigger_reference and fire on touch; a trigger already reached is refused.
/// * Reduce-only orders are cut to the position when they execute: leaves_qty counts from the cut quantity. With nothing to
///   reduce they are cancelled with reduce_only_refused. They are exempt from qty_min and notional_min, so dust can be closed.
///   Spot sells are cut to what is held in the same way, and are cancelled with insufficient_balance.
/// * close_only: only reduce-only orders and spot sells. halted: nothing; what rests stays but does not fill or trigger.
/// * Margin is checked on placement of all that may open, and again when a trigger fires (cancelled, insufficient_balance).
///   Unrealised P&L is not counted and positions are not liquidated.
/// * `accepted` comes for limit (gtc, post_only) and trigger orders, before their fills; market and ioc orders only fill or
///   are rejected or cancelled. `cancelled` carries the unfilled rest in leaves_qty.
class PaperVenue final : public OrderVenue {
 public:
  /// in   instruments: complete, outlives this (rules are read when used). Throws nothing of its own; allocates everything.
  /// cost with use_depth 786 KB for each instrument
  PaperVenue(const InstrumentTable& instruments, const PaperConfig& config);

  // Inputs must come in the order in which the engine sees them; instrument ids are of the table.

  /// cost a few ns while the instrument has no open order
  void on_tick(const Tick& tick) noexcept {
    MT_DASSERT(tick.instrument < markets_.size());
    if (tick.ts_receive_ns >= arrival_next_ns_) advance(tick.ts_receive_ns);
    if (tick.ts_receive_ns > now_ns_) now_ns_ = tick.ts_receive_ns;
    if (!markets_[tick.instrument].take(tick) || open_.empty(tick.instrument)) return;
    match(tick.instrument, &tick);
  }
  /// Maintains the book: whole between `last` and the next `first`, a snapshot or partial starts one, changes before a snapshot
  /// are ignored, `invalidate` ends it. Without use_depth nothing but the time is taken.
  void on_depth(const DepthUpdate& update) noexcept;

  /// A bar of a source that has bars only (ignored once ticks or depth came for the instrument; so are open and past bars).
  /// Stops first, then the rest, in order of arrival, each at its trigger, or at the open if the bar opened beyond it; resting
  /// limits at their price if the bar goes beyond it. Then the close is the last price.
  void on_candle(const Candle& candle) noexcept;

  /// Asserts that events are taken: with paper_requests_max requests unanswered, refusals must still find room.
  void submit(const OrderRequest& request) noexcept override;
  /// Exact: take_event at this stamp gives an event.
  [[nodiscard]] std::int64_t next_event_ts() const noexcept override {
    if (!events_.empty()) return events_.front().ts_receive_ns;
    if (arrivals_.empty()) return kNever;
    return std::max(arrival_next_ns_, now_ns_) + config_.event_latency_ns;
  }
  [[nodiscard]] bool take_event(std::int64_t now_ns, VenueEvent& event) noexcept override;
  [[nodiscard]] Capabilities capabilities() const noexcept override;

  [[nodiscard]] const PaperAccount& account() const noexcept { return account_; }
  [[nodiscard]] const MarketState& market(InstrumentId instrument) const noexcept { return markets_[instrument]; }
  [[nodiscard]] const PaperCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::size_t open_order_count() const noexcept { return open_.size(); }

  void save(ArchiveWriter& out) const;
  /// fails checkpoint_mismatch: another configuration, table or build; the object must then not be used
  [[nodiscard]] Errc load(ArchiveReader& in);

 private:
  struct Arrival {
    std::int64_t ts_ns = 0;
    OrderRequest request;
  };
  enum class BookState : std::uint8_t { none, building, changing, trusted };
  static constexpr std::size_t kEventsPerMatch = capacity::paper_fills_max + 4;  ///< accepted, triggered, fills, cancelled

  // paper_venue.cpp: time, requests, events
  void advance(std::int64_t until_ns) noexcept;
  void place(const OrderRequest& request) noexcept;
  void cancel(const OrderRequest& request) noexcept;
  [[nodiscard]] bool has_event_room() const noexcept { return events_.room() >= kEventsPerMatch + capacity::paper_requests_max; }
  void emit(const PaperOrder& order, VenueEventKind kind, Errc reason = Errc::ok) noexcept;
  [[nodiscard]] VenueEvent event_of(const PaperOrder& order, VenueEventKind kind) const noexcept;
  void reject(const OrderRequest& request, Errc reason) noexcept;

  // admission.cpp: whether an order is taken
  [[nodiscard]] Errc check(const OrderRequest& request) const noexcept;
  [[nodiscard]] Errc check_market(const Instrument& instrument, const OrderRequest& request) const noexcept;
  [[nodiscard]] Errc check_funds(const OrderRequest& request, Price price, Qty qty) const noexcept;

  // execution.cpp: fills
  [[nodiscard]] bool has_book(InstrumentId instrument, Side side) const noexcept;
  [[nodiscard]] Price best(InstrumentId instrument, Side side) const noexcept;
  [[nodiscard]] Price taker_price(InstrumentId instrument, Side side) const noexcept;
  [[nodiscard]] Price worsened(InstrumentId instrument, Side side, Price price) const noexcept;
  [[nodiscard]] bool is_spot(InstrumentId instrument) const noexcept { return instruments_[instrument].kind == ContractKind::spot; }
  [[nodiscard]] Errc cut_to_position(PaperOrder& order) noexcept;
  void shrink(PaperOrder& order, Qty by) noexcept;
  void take(PaperOrder& order, Price limit) noexcept;
  void take_from_book(PaperOrder& order, Price limit) noexcept;
  void fill(PaperOrder& order, Price price, Qty qty, bool maker) noexcept;

  // resting.cpp: what the market does to open orders
  void enter(OpenOrders::Slot slot) noexcept;
  void rest(PaperOrder& order) noexcept;
  [[nodiscard]] Qty queue_at(const OrderRequest& request) const noexcept;
  void end(OpenOrders::Slot slot, Errc reason) noexcept;
  void match(InstrumentId instrument, const Tick* tick) noexcept;
  void match_resting(OpenOrders::Slot slot, const Tick* tick) noexcept;
  [[nodiscard]] Qty traded_for(PaperOrder& order, const Tick& trade) const noexcept;
  void fill_resting(OpenOrders::Slot slot, Qty qty) noexcept;
  void trigger(OpenOrders::Slot slot) noexcept;

  // bars_and_books.cpp
  void match_bar(const Candle& candle, bool stops) noexcept;
  void apply(const DepthUpdate& update) noexcept;

  const InstrumentTable& instruments_;
  PaperConfig config_;
  std::int64_t now_ns_ = std::numeric_limits<std::int64_t>::min();  ///< the venue's time; never goes back
  std::int64_t arrival_next_ns_ = kNever;                           ///< stamp of arrivals_.front()
  std::int64_t arrival_last_ns_ = std::numeric_limits<std::int64_t>::min();
  std::uint64_t venue_order_id_ = 0;
  std::uint64_t trade_id_ = 0;
  std::vector<MarketState> markets_;
  std::vector<Book> books_;  ///< by instrument; empty without use_depth
  std::vector<BookState> book_states_;
  OpenOrders open_;
  FixedRing<Arrival> arrivals_;
  FixedRing<VenueEvent> events_;
  PaperAccount account_;
  PaperCounters counters_;
};

}  // namespace martinet
