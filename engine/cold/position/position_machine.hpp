#pragma once
// The position machine: the sole sender of everything that reduces or protects, and the account.
//
// A key is (instrument, net). A decision of the gate brings the plan of a position to come; its first fill sends a stop (and a
// target), every later fill a larger one, and the smaller is cancelled when the larger is accepted. A grid cycle is one position of
// several entries: its one stop and target follow the average of their fills (cycle_stop.hpp). A strategy may move the stop toward
// profit and close parts. Closing is one reduce-only market order at a time; protection is cancelled last. What goes on at each
// message is in drive.cpp, which regions may follow which in transitions.hpp.
//
// Threads: cold only. Deterministic: the only clock is the stamp of the message in hand; deadlines pass when a Timer says so.
// Cost: bounded work per message, no allocation after construction (about 4 KB an instrument).
//
// Commands carry ts_ns of the message that caused them (VenueEvent: ts_receive_ns) and the highest market sequence seen so far.
// Not here yet: asking the venue (lost outcomes of entries stay unknown, a lost stop ends in a close at its deadline), balance
// venues and stops that lock the asset, hedge keys. Attached stops are not relied upon: every row is sequenced.
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/archive.hpp"
#include "engine/cold/position/account.hpp"
#include "engine/cold/position/outputs.hpp"
#include "engine/cold/position/position_config.hpp"
#include "engine/cold/position/position_slot.hpp"
#include "engine/messages/gate_decision.hpp"
#include "engine/messages/tick.hpp"
#include "engine/messages/timer.hpp"
#include "engine/ports/order_venue.hpp"

namespace martinet {

struct PositionCounters {
  std::uint64_t fills = 0;
  std::uint64_t fills_duplicate = 0;
  std::uint64_t exits_ignored = 0;  ///< not open, not the owner's, or closing already
  std::uint64_t stops_placed = 0;
  std::uint64_t targets_placed = 0;
  std::uint64_t closes_placed = 0;  ///< of the whole
  std::uint64_t parts_placed = 0;
  std::uint64_t parts_refused = 0;       ///< or without an end; not tried again
  std::uint64_t parts_too_small = 0;     ///< below a lot or qty_min: nothing was sent
  std::uint64_t stop_moves = 0;          ///< asked for and taken
  std::uint64_t stop_moves_ignored = 0;  ///< not open, not the owner's, or not toward profit
  std::uint64_t cancels_sent = 0;
  std::uint64_t ghosts_cancelled = 0;  ///< accepted after we held them for dead
  std::uint64_t entries_unfilled = 0;  ///< rejected or cancelled without a fill
  std::array<std::uint64_t, static_cast<std::size_t>(AlertCode::count_)> alerts{};
  bool operator==(const PositionCounters&) const = default;
};

class PositionMachine {
 public:
  /// `instruments` must outlive the machine; ids from its size at construction on are unknown to it.
  PositionMachine(const InstrumentTable& instruments, const PositionConfig& config, Capabilities capabilities);

  // Out has: command(OrderRequest), execution(Execution), position_view(PositionView), guard_view(GuardView), alert(Alert),
  // equity(ts_ns, Money equity, Money balance). Called in this order of kinds, each at most a bounded number of times.

  /// An admitted entry: the plan of a position to come, or one more leg of the open cycle. Other verdicts only move the market
  /// sequence.
  template <class Out>
  void on_decision(const GateDecision& decision, Out& out) {
    apply_decision(decision);
    outputs_.hand_to(out);
  }
  /// A close request: by the owner while open, or by nobody's strategy (kNoStrategy: operator, kill) whenever not flat.
  /// exit_part closes a part, rounded down to the lot, while open and nothing else is being closed; refused, it is not tried again.
  template <class Out>
  void on_exit(const OrderIntent& intent, Out& out) {
    apply_exit(intent);
    outputs_.hand_to(out);
  }
  /// Moves the stop of the owner's open position to stop_price, rounded to the tick toward the market. Only toward profit: anything
  /// else is counted and nothing is done. Refused by the venue, the old stop stays and the strategy asks again.
  template <class Out>
  void on_stop_move(const OrderIntent& intent, Out& out) {
    apply_stop_move(intent);
    outputs_.hand_to(out);
  }
  template <class Out>
  void on_venue_event(const VenueEvent& event, Out& out) {
    apply_venue_event(event);
    outputs_.hand_to(out);
  }
  /// A trusted tick, sampled as the caller likes.
  template <class Out>
  void on_mark(const Tick& tick, Out& out) {
    apply_mark(tick);
    outputs_.hand_to(out);
  }
  template <class Out>
  void on_timer(const Timer& timer, Out& out) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (!needs_timer(slots_[i])) continue;
      apply_timer(slots_[i], timer.ts_ns);
      outputs_.hand_to(out);
    }
    finish_account(timer.ts_ns);
    outputs_.hand_to(out);
  }
  /// Sets bits of messages/guard_view.hpp `latch`; nothing here clears one. Entries under way are cancelled, stops stay.
  template <class Out>
  void on_latch(std::uint32_t latches, std::int64_t ts_ns, Out& out) {
    latches_ |= latches;
    for (PositionSlot& slot : slots_) {
      cancel_entries(slot, ts_ns);
      outputs_.hand_to(out);
    }
    finish_account(ts_ns);
    outputs_.hand_to(out);
  }

  /// Stamp at which a Timer would find something to do; kNever if none. A timer before it does no harm.
  [[nodiscard]] std::int64_t next_deadline_ns() const noexcept;

  [[nodiscard]] Money balance() const noexcept { return account_.balance(); }
  [[nodiscard]] Money equity() const noexcept { return account_.equity(); }
  [[nodiscard]] Money margin_used() const noexcept { return account_.margin_used(); }
  [[nodiscard]] const StrategyLedger& ledger(StrategyId strategy) const noexcept { return account_.ledger(strategy); }
  [[nodiscard]] const PositionView& position(InstrumentId id) const noexcept { return slots_[id].view; }
  [[nodiscard]] const PositionSlot& slot(InstrumentId id) const noexcept { return slots_[id]; }  ///< tests, diagnosis
  [[nodiscard]] std::size_t open_positions() const noexcept { return open_positions_; }
  [[nodiscard]] const PositionCounters& counters() const noexcept { return counters_; }

  void save(ArchiveWriter& writer) const;
  /// fails checkpoint_mismatch: other configuration, instruments or build; the machine is then unchanged
  [[nodiscard]] Errc load(ArchiveReader& reader);

 private:
  // position_machine.cpp: one per message
  void apply_decision(const GateDecision& decision);
  void apply_exit(const OrderIntent& intent);
  void apply_stop_move(const OrderIntent& intent);
  void apply_venue_event(const VenueEvent& event);
  void apply_mark(const Tick& tick);
  void apply_timer(PositionSlot& slot, std::int64_t ts_ns);
  void close_part(PositionSlot& slot, const OrderIntent& intent);
  static void take_plan(PositionSlot& slot, const GateDecision& decision) noexcept;
  [[nodiscard]] static bool belongs_to_cycle(const PositionSlot& slot, const GateDecision& decision) noexcept;
  void finish(PositionSlot& slot, Cause cause, std::int64_t ts_ns);
  [[nodiscard]] static bool needs_timer(const PositionSlot& slot) noexcept { return slot.exposure != Exposure::flat; }

  // fills.cpp
  void on_entry_fill(PositionSlot& slot, const VenueEvent& event);
  void on_reduce_fill(PositionSlot& slot, const VenueEvent& event);
  void apply_by_sign(PositionSlot& slot, const VenueEvent& event, ExitReason reason);
  void hold_back(PositionSlot& slot, const VenueEvent& event, ExitReason reason);
  void replay_early(PositionSlot& slot);
  void increase(PositionSlot& slot, const VenueEvent& event);
  void follow_average(PositionSlot& slot) noexcept;
  void reduce(PositionSlot& slot, const VenueEvent& event, ExitReason reason);
  void execution(PositionSlot& slot, const VenueEvent& event, Price entry_price, Money pnl_net, ExecutionEvent kind, ExitReason reason);
  void entry_done(PositionSlot& slot, EntryOrder& entry, std::int64_t ts_ns);
  void check_slippage(const PositionSlot& slot, const EntryOrder& entry, std::int64_t ts_ns);
  [[nodiscard]] bool is_duplicate(PositionSlot& slot, const VenueEvent& event) noexcept;

  // order_events.cpp
  void on_entry_event(PositionSlot& slot, const VenueEvent& event);
  void on_order_event(PositionSlot& slot, const VenueEvent& event);
  void on_unlisted_accept(PositionSlot& slot, const VenueEvent& event);
  void on_stop_rejected(PositionSlot& slot, const LegOrder& order, Errc reason, std::int64_t ts_ns);
  void on_move_rejected(PositionSlot& slot, const LegOrder& order, const LegOrder& cover, Errc reason, std::int64_t ts_ns);
  static void retreat(PositionSlot& slot) noexcept;
  void on_close_rejected(PositionSlot& slot, const LegOrder& order, std::int64_t ts_ns);
  void on_order_gone(PositionSlot& slot, const LegOrder& order, std::int64_t ts_ns);
  [[nodiscard]] EntryOrder* open_entry(PositionSlot& slot, const OrderKey& key, std::int64_t ts_ns);
  [[nodiscard]] static bool is_old(const PositionSlot& slot, const OrderKey& key) noexcept;

  // drive.cpp: what should rest at the venue, and the difference
  void drive(PositionSlot& slot, std::int64_t ts_ns);
  void drive_stop(PositionSlot& slot, std::int64_t ts_ns);
  void drive_move(PositionSlot& slot, std::int64_t ts_ns);
  [[nodiscard]] std::int64_t move_deadline_ns(const LegOrder& order) const noexcept;
  void give_up_move(PositionSlot& slot, const LegOrder& cover, std::int64_t ts_ns);
  [[nodiscard]] static bool within_admitted(const PositionSlot& slot, Price stop_price) noexcept;
  void drive_target(PositionSlot& slot, std::int64_t ts_ns);
  void make_room_for_target(PositionSlot& slot, std::int64_t ts_ns);
  void drive_close(PositionSlot& slot, std::int64_t ts_ns);
  void drive_flat(PositionSlot& slot, std::int64_t ts_ns);
  void check_deadlines(PositionSlot& slot, std::int64_t ts_ns);
  void check_answers(PositionSlot& slot, std::int64_t ts_ns);
  [[nodiscard]] static bool cancel_is_due(const PositionSlot& slot, const LegOrder& order) noexcept;
  void start_close(PositionSlot& slot, ExitReason reason) noexcept;
  void cancel_entries(PositionSlot& slot, std::int64_t ts_ns);
  void cancel_order(PositionSlot& slot, LegOrder& order, std::int64_t ts_ns);
  void cancel_others(PositionSlot& slot, const LegOrder& kept, std::int64_t ts_ns);
  void send_cancel(const PositionSlot& slot, const OrderKey& key, Side side, std::int64_t ts_ns);
  void place(PositionSlot& slot, OrderPurpose leg, std::int64_t ts_ns, Qty part = {});
  void halt(PositionSlot& slot, AlertCode code, std::int64_t ts_ns);

  // summary.cpp: facts to regions, views and sums
  void summarise(PositionSlot& slot, Cause cause, std::int64_t ts_ns);
  void settle_flat(PositionSlot& slot) noexcept;
  void revalue(PositionSlot& slot, std::int64_t ts_ns);
  void publish_view(PositionSlot& slot, std::int64_t ts_ns);
  void finish_account(std::int64_t ts_ns);
  void alert(AlertCode code, InstrumentId instrument, std::int64_t ts_ns);
  [[nodiscard]] std::int64_t deadline_of(const PositionSlot& slot) const noexcept;
  [[nodiscard]] std::int64_t stop_deadline_of(const PositionSlot& slot) const noexcept;

  [[nodiscard]] InstrumentId id_of(const PositionSlot& slot) const noexcept { return slot.view.instrument; }
  [[nodiscard]] const Instrument& instrument_of(const PositionSlot& slot) const noexcept { return instruments_[id_of(slot)]; }

  const InstrumentTable& instruments_;
  PositionConfig config_;
  Capabilities capabilities_;
  std::vector<PositionSlot> slots_;
  Account account_;
  PositionCounters counters_;
  std::uint64_t sequence_ = 0;  // highest market sequence seen
  GuardView guard_;             // as last sent
  Money equity_sent_{};
  Money balance_sent_{};
  std::uint32_t latches_ = 0;
  std::uint32_t open_positions_ = 0;
  PositionOutputs outputs_;  // empty between messages
};

}  // namespace martinet
