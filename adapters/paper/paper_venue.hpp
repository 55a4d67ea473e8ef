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
#include <memory>
#include <vector>

#include "adapters/paper/account.hpp"
#include "adapters/paper/fixed_ring.hpp"
#include "adapters/paper/lagged_truth.hpp"
#include "adapters/paper/late_queue.hpp"
#include "adapters/paper/market_state.hpp"
#include "adapters/paper/open_orders.hpp"
#include "adapters/paper/paper_config.hpp"
#include "adapters/paper/paper_faults.hpp"
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
  std::uint64_t queries = 0;
  std::uint64_t liquidations = 0;
  std::uint64_t attached = 0;  ///< stops and targets that the venue placed for an entry
  std::uint64_t faults = 0;    ///< messages that a PaperFaults spoiled
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
///   Spot sells are cut in the same way to the whole lots that no other order holds, and are cancelled with insufficient_balance.
/// * close_only: only reduce-only orders and spot sells. halted: nothing; what rests stays but does not fill, trigger or liquidate.
/// * price_band: limit prices, and where market orders (also those a trigger makes) would begin, within it of the mark (else last)
///   price, or filter_price. trigger_orders_max: more waiting orders of an instrument are refused (too_many_orders).
/// * Margin is checked on placement of all that may open, and again when a trigger fires (cancelled, insufficient_balance).
/// * Liquidation (contracts), looked at with every input of an instrument that is held, after its orders have had their chance. Mark
///   is MarketState::value_price. A position whose margin is used up (PaperAccount::margin_used_up) is closed whole: its entries are
///   cancelled, it is filled at the market price or the bankruptcy price, whichever is better for us (what is beyond is the venue's
///   loss), the fee no more than what is left; then its other orders are cancelled. All with Errc::liquidated.
/// * Spot: a commission in base (spot_fee_asset) is taken out of what was bought, rounded up on the quantity grid; what then lies
///   below a lot stays. With stop_locks_asset every open sell locks what it sells; a reduce-only one is cut to what is free.
/// * `accepted` comes for limit (gtc, post_only) and trigger orders, before their fills; market and ioc orders only fill or
///   are rejected or cancelled. `cancelled` carries the unfilled rest in leaves_qty.
/// * Queries travel, wait and are answered like orders, from what is true when they arrive, or was query_lag_ns before. The answer's
///   stamp is that of its making: a venue does not say how old its copy is.
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
    MarketState& market = markets_[tick.instrument];
    if (!market.take(tick)) return;
    if (market.held != 0) value(tick.instrument);
    if (!open_.empty(tick.instrument)) match(tick.instrument, &tick);
    if (market.held != 0) watch_margin(tick.instrument);
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
  /// Exact: take_event at this stamp gives an event. (With faults it may give none, but has then moved on.)
  [[nodiscard]] std::int64_t next_event_ts() const noexcept override {
    const std::int64_t late = late_events_.next_ts();
    if (!events_.empty()) return std::min(events_.front().ts_receive_ns, late);
    if (arrival_next_ns_ == kNever) return late;
    return std::min(std::max(arrival_next_ns_, now_ns_) + config_.event_latency_ns, late);
  }
  [[nodiscard]] bool take_event(std::int64_t now_ns, VenueEvent& event) noexcept override;
  [[nodiscard]] Capabilities capabilities() const noexcept override;

  [[nodiscard]] const PaperAccount& account() const noexcept { return account_; }
  [[nodiscard]] const MarketState& market(InstrumentId instrument) const noexcept { return markets_[instrument]; }
  [[nodiscard]] const PaperCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::size_t open_order_count() const noexcept { return open_.size(); }
  [[nodiscard]] const OpenOrders& open_orders() const noexcept { return open_; }

  /// Spoils messages from now on; nullptr ends that. faults: outlives this or the next call. Not part of a checkpoint.
  void set_faults(PaperFaults* faults) noexcept { faults_ = faults; }

  // What others do to the account, for simulations (others.cpp). All take effect at once, at `now_ns` or the venue's time if later.

  /// The order is gone: by hand, by expiry. told: `cancelled` is sent. False if there is no such order.
  bool remove_order(const OrderKey& key, bool told, std::int64_t now_ns) noexcept;
  /// A market order of somebody else on our account: `filled` events with a key of nobody (intent_id 0, leg close). A sell on spot is
  /// cut to what is free. False if there is no price or nothing to sell.
  bool trade_by_hand(InstrumentId instrument, Side side, Qty qty, std::int64_t now_ns) noexcept;
  /// Money (funding, deposits, withdrawals) or base assets that come or go. Nothing is said.
  void deposit(Money money) noexcept { account_.deposit(money); }
  void deposit_asset(InstrumentId instrument, Qty qty, Price price) noexcept;

  void save(ArchiveWriter& out) const;
  /// fails checkpoint_mismatch: another configuration, table or build; the object must then not be used
  [[nodiscard]] Errc load(ArchiveReader& in);

 private:
  struct Arrival {
    std::int64_t ts_ns = 0;
    OrderRequest request;
  };
  enum class BookState : std::uint8_t { none, building, changing, trusted };
  /// What one order, answer or liquidation gives at most: its fills, each with a stop and a target that follow it, accepted,
  /// triggered, cancelled; and every open order's end, or place in a list.
  static constexpr std::size_t kEventsPerMatch = 3 * capacity::paper_fills_max + 8 + capacity::paper_orders_max;
  static constexpr std::size_t kLateMax = 1 << 20;  ///< of a checkpoint: more is not believed

  // paper_venue.cpp: time and requests
  void advance(std::int64_t until_ns) noexcept;
  [[nodiscard]] Arrival next_arrival(bool& late) noexcept;
  void work_off(const OrderRequest& request) noexcept;
  void place(const OrderRequest& request, bool attached = false) noexcept;
  void cancel(const OrderRequest& request) noexcept;
  void drop(OpenOrders::Slot slot) noexcept;

  // events.cpp: what is said, and what of it arrives
  [[nodiscard]] bool has_event_room() const noexcept { return events_.room() >= kEventsPerMatch + capacity::paper_requests_max; }
  void emit(const PaperOrder& order, VenueEventKind kind, Errc reason = Errc::ok) noexcept;
  void tell(const PaperOrder& order, const VenueEvent& event) noexcept;
  void send(const VenueEvent& event) noexcept;
  [[nodiscard]] VenueEvent event_of(const PaperOrder& order, VenueEventKind kind) const noexcept;
  void reject(const OrderRequest& request, Errc reason) noexcept;
  [[nodiscard]] bool spoil(const OrderRequest& request) noexcept;

  // queries.cpp
  void answer(const OrderRequest& query) noexcept;
  [[nodiscard]] VenueEvent answer_of(const OrderRequest& query, VenueEventKind kind) const noexcept;
  [[nodiscard]] PositionImage position_image(InstrumentId instrument) const noexcept;

  // liquidation.cpp
  void value(InstrumentId instrument) noexcept;
  void watch_margin(InstrumentId instrument) noexcept;
  void liquidate(InstrumentId instrument) noexcept;
  void end_all(InstrumentId instrument, bool entries_only) noexcept;

  // protection.cpp: stops and targets that the venue attaches
  [[nodiscard]] Errc check_plan(const Instrument& instrument, const OrderRequest& entry) const noexcept;
  void follow_fill(const PaperOrder& order, Qty qty) noexcept;
  void attach_leg(const PaperOrder& entry, OrderPurpose leg, Price trigger, Qty qty) noexcept;
  void fit_to_position(const PaperOrder& filled) noexcept;
  [[nodiscard]] bool is_attribute(const OrderRequest& request) const noexcept;
  void replace_attribute(OpenOrders::Slot slot) noexcept;

  // admission.cpp: whether an order is taken
  [[nodiscard]] Errc check(const OrderRequest& request) const noexcept;
  [[nodiscard]] Errc check_market(const Instrument& instrument, const OrderRequest& request) const noexcept;
  [[nodiscard]] Errc check_funds(const PaperOrder& order, Price price) const noexcept;
  [[nodiscard]] bool is_strict(const OrderRequest& request) const noexcept {
    return config_.stop_locks_asset && is_spot(request.instrument);
  }
  [[nodiscard]] Errc nothing_to_reduce(const OrderRequest& request) const noexcept;
  [[nodiscard]] Rate fee_set_aside(const OrderRequest& request) const noexcept;
  [[nodiscard]] bool in_price_band(InstrumentId instrument, Price price) const noexcept;
  [[nodiscard]] bool too_many_triggers(const OrderRequest& request) const noexcept;
  [[nodiscard]] Qty reducible(const OrderRequest& request, Qty own) const noexcept;

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
  void book(PaperOrder& order, VenueEvent& event) noexcept;

  // resting.cpp: what the market does to open orders
  void enter(OpenOrders::Slot slot) noexcept;
  void rest(PaperOrder& order) noexcept;
  void lock(PaperOrder& order) noexcept;
  [[nodiscard]] Qty queue_at(const OrderRequest& request) const noexcept;
  void end(OpenOrders::Slot slot, Errc reason) noexcept;
  void match(InstrumentId instrument, const Tick* tick) noexcept;
  void match_resting(OpenOrders::Slot slot, const Tick* tick) noexcept;
  [[nodiscard]] Qty traded_for(PaperOrder& order, const Tick& trade) const noexcept;
  void fill_resting(OpenOrders::Slot slot, Qty qty) noexcept;
  void trigger(OpenOrders::Slot slot) noexcept;

  // bars_and_books.cpp
  void match_bar(const Candle& candle, bool stops) noexcept;
  void watch_margin_of_bar(const Candle& candle) noexcept;
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
  OpenOrders::Slot cursor_ = OpenOrders::kNone;  ///< the order a match looks at next; drop() keeps it valid
  FixedRing<Arrival> arrivals_;
  FixedRing<VenueEvent> events_;
  LateQueue<OrderRequest> late_arrivals_;
  LateQueue<VenueEvent> late_events_;
  std::unique_ptr<LaggedTruth> lagged_;  ///< only with query_lag_ns > 0
  PaperFaults* faults_ = nullptr;
  PaperAccount account_;
  PaperCounters counters_;
};

}  // namespace martinet
