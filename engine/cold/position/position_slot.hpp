#pragma once
// Everything the machine knows of one key (instrument, net). Plain data without padding: a checkpoint is its bytes.
//
// The regions are not stored decisions but a summary of these facts (see summary.cpp): after each message the machine compares
// what rests at the venue with what should, and sends the difference. So it does not matter in which order answers arrive.
#include <array>
#include <cstdint>
#include <type_traits>

#include "engine/cold/position/cost_basis.hpp"
#include "engine/cold/position/regions.hpp"
#include "engine/messages/order_intent.hpp"
#include "engine/messages/order_request.hpp"
#include "engine/messages/venue_event.hpp"

namespace martinet {

inline constexpr std::size_t kSlotOrdersMax = 16;  ///< protective and closing orders of one key that may still live
inline constexpr std::size_t kSlotStopsMax = 8;    ///< of them stops: one that covers, and replacements under way
inline constexpr std::size_t kSlotMovesMax = 4;    ///< a covered position's stop is not moved where so many are not gone yet
inline constexpr std::size_t kSlotTargetsMax = 4;
inline constexpr std::size_t kSlotEntriesMax = 4;       ///< entries not known to be done; the gate admits one at a time
inline constexpr std::size_t kSlotEarlyMax = 8;         ///< reduce fills held back until the entry fill that explains them
inline constexpr std::size_t kSlotTradesMax = 128;      ///< trade ids remembered against duplicates
inline constexpr std::uint16_t kAttemptsMax = 256;      ///< OrderKey.attempt has 8 bits
inline constexpr std::uint16_t kStopAttemptsMax = 240;  ///< the rest is left for the stop that a refused close needs
inline constexpr std::uint16_t kMoveAttemptsMax = 200;  ///< no stop is moved beyond: the rest is left for quantity without cover
inline constexpr std::uint16_t kPartAttemptsMax = 128;  ///< no part is closed beyond: the rest is left for the whole

/// What the gate's decision promised about a position. Kept after it is flat, for a fill that arrives late.
struct PositionPlan {
  Area loss_max = 0;            ///< cycles: what the stop may lose (cycle_stop.hpp); 0 = a single position, its stop follows nothing
  std::uint64_t intent_id = 0;  ///< 0 = none
  Price stop_price = kNoPrice;  ///< where the stop should stand now
  Price target_price = kNoPrice;
  std::uint64_t score_bits = 0;  ///< of the double
  Rate stop_rate{};              ///< cycles: of the average entry
  Rate target_rate{};            ///< cycles: the same; 0 = no target
  StrategyId strategy = kNoStrategy;
  Side direction = Side::none;  ///< buy = long
  MarketRegime regime = MarketRegime::unknown;
  bool moved = false;  ///< stop_price is where the strategy moved it to
  std::uint8_t pad[11] = {};

  [[nodiscard]] bool is_cycle() const noexcept { return loss_max != 0; }
};

/// An entry whose outcome is not fully known: the only one of a position, or one leg of a cycle.
struct EntryOrder {
  std::uint64_t intent_id = 0;    ///< of the position; 0 = free
  std::uint64_t request_id = 0;   ///< 0 = its decision has not arrived
  Area cost = 0;                  ///< sum of price x quantity of its fills
  std::int64_t ts_first_ns = 0;   ///< decision or first event
  std::int64_t ts_cancel_ns = 0;  ///< last cancel sent
  Qty qty{};                      ///< 0 = not known yet
  Qty filled{};
  Price reference_price{};  ///< of its decision; 0 = not known yet
  bool seen = false;        ///< the venue has shown it: a refused cancel then proves it dead
  bool cancel_asked = false;
  bool overdue = false;  ///< an answer is late
  Side side = Side::none;
  std::uint8_t attempt = 0;  ///< of its key: the leg's number
  std::uint8_t pad[3] = {};

  [[nodiscard]] OrderKey key() const noexcept { return {.intent_id = intent_id, .leg = OrderPurpose::entry, .attempt = attempt}; }
};

enum class LegState : std::uint8_t {
  free,
  sent,         ///< no answer yet
  unconfirmed,  ///< accepted by one source
  live,
};

/// One stop, target or close that may still live at the venue.
struct LegOrder {
  std::uint64_t intent_id = 0;
  Qty leaves{};
  std::int64_t ts_sent_ns = 0;
  std::int64_t ts_cancel_ns = 0;     ///< last cancel sent
  std::int64_t ts_triggered_ns = 0;  ///< 0 = waiting
  Price price = kNoPrice;            ///< stop and target: where it triggers
  OrderPurpose leg = OrderPurpose::stop;
  std::uint8_t attempt = 0;
  LegState state = LegState::free;
  Side side = Side::none;
  bool cancel_asked = false;
  bool overdue = false;
  bool ghost = false;  ///< accepted after we held it for dead: cancelled, never counted as cover
  bool moved = false;  ///< stop: the strategy moved it here
  bool part = false;   ///< close: of a part only
  std::uint8_t pad[7] = {};

  [[nodiscard]] OrderKey key() const noexcept { return {.intent_id = intent_id, .leg = leg, .attempt = attempt}; }
  [[nodiscard]] bool is(OrderPurpose purpose) const noexcept { return state != LegState::free && leg == purpose; }
  [[nodiscard]] bool wanted() const noexcept { return !cancel_asked && !ghost; }
};

struct PositionSlot {
  CostBasis basis;
  PositionPlan plan;
  std::array<EntryOrder, kSlotEntriesMax> entries{};
  std::array<LegOrder, kSlotOrdersMax> orders{};
  std::array<VenueEvent, kSlotEarlyMax> early{};
  std::array<ExitReason, kSlotEarlyMax> early_reasons{};
  std::array<std::uint64_t, 4> legs_filled{};          ///< one bit by attempt: entries of this position that have a fill
  std::array<std::uint64_t, kSlotTradesMax> trades{};  ///< ring
  PositionView view;                                   ///< as last sent
  Money unrealised{};
  Money notional{};  ///< |qty| at cost, rounded up
  Money margin{};
  Money trade_pnl{};           ///< net P&L of the position's reduces so far
  Price bid_price = kNoPrice;  ///< last trusted; trade and mark set both
  Price ask_price = kNoPrice;
  Qty target_refused_qty{};               ///< no target is tried again up to this quantity
  std::uint64_t intent_id = 0;            ///< names the position's orders
  std::uint64_t intent_last = 0;          ///< highest seen of an entry; of its attempts: attempt_last
  std::uint64_t request_done = 0;         ///< highest entry request whose outcome is known
  std::int64_t ts_opened_ns = 0;          ///< first fill; 0 = nothing filled since flat
  std::int64_t unprotected_since_ns = 0;  ///< 0 = covered, or nothing to cover
  std::int64_t early_since_ns = 0;
  std::int64_t stop_retry_at_ns = 0;
  std::int64_t stop_vanished_ns = 0;
  std::int64_t close_retry_at_ns = 0;
  std::uint32_t early_count = 0;
  std::uint32_t trade_next = 0;
  std::uint32_t stop_rejects = 0;           ///< in a row
  std::uint32_t close_rejects = 0;          ///< in a row
  std::array<std::uint16_t, 4> attempts{};  ///< next attempt by OrderPurpose
  StrategyId owner = kNoStrategy;
  Exposure exposure = Exposure::flat;
  Protection protection = Protection::none;
  Knowledge knowledge = Knowledge::known;
  ExitReason close_reason = ExitReason::none;
  bool close_wanted = false;
  bool stop_failed = false;    ///< no stop is tried any more
  bool stop_hopeless = false;  ///< the price is through it, or there is no plan to place one by
  bool orphan = false;
  bool halted = false;
  bool overflowed = false;  ///< an amount left 64 bits: the next step halts
  bool turned = false;      ///< an entry was filled against the position: until flat, any fill may be older than that
  std::uint8_t attempt_last = 0;
  std::uint8_t pad[2] = {};

  [[nodiscard]] std::int64_t open_qty() const noexcept { return basis.qty.v < 0 ? -basis.qty.v : basis.qty.v; }
  [[nodiscard]] Side direction() const noexcept { return basis.qty.v > 0 ? Side::buy : basis.qty.v < 0 ? Side::sell : Side::none; }
  [[nodiscard]] EntryOrder* find_entry(const OrderKey& key) noexcept;
  [[nodiscard]] EntryOrder* free_entry() noexcept;
  [[nodiscard]] LegOrder* find_order(const OrderKey& key) noexcept;
  [[nodiscard]] std::size_t count_orders(OrderPurpose leg) const noexcept;
  [[nodiscard]] bool has_orders() const noexcept;
  [[nodiscard]] bool has_entries() const noexcept;
  /// Sum of what confirmed stops on the right side would close.
  [[nodiscard]] std::int64_t covered_qty() const noexcept;
  /// The newest order of the leg that is confirmed, meant to stay, on the right side and of at least `qty`; at `price` if one is
  /// given. Null if none.
  [[nodiscard]] const LegOrder* newest_live(OrderPurpose leg, std::int64_t qty, Price price = kNoPrice) const noexcept;
  /// The same of everything that is open.
  [[nodiscard]] const LegOrder* cover(OrderPurpose leg, Price price = kNoPrice) const noexcept {
    return newest_live(leg, open_qty(), price);
  }
  /// True where an order of the leg, not confirmed yet, would be a cover; at `price` if one is given.
  [[nodiscard]] bool cover_under_way(OrderPurpose leg, Price price = kNoPrice) const noexcept;
  /// A stop can be made from the plan: it has one, and the position goes the plan's way.
  [[nodiscard]] bool stop_possible() const noexcept {
    return plan.intent_id == intent_id && has_price(plan.stop_price) && plan.direction == direction();
  }
  /// The position's decision has not arrived.
  [[nodiscard]] bool planless() const noexcept { return basis.qty.v != 0 && plan.intent_id != intent_id; }
};
static_assert(std::is_trivially_copyable_v<PositionSlot>);
static_assert(std::has_unique_object_representations_v<PositionPlan> && std::has_unique_object_representations_v<EntryOrder> &&
                  std::has_unique_object_representations_v<LegOrder> && std::has_unique_object_representations_v<CostBasis> &&
                  std::has_unique_object_representations_v<VenueEvent>,
              "no padding: equal states have equal checkpoints");
static_assert(std::has_unique_object_representations_v<PositionSlot>);

}  // namespace martinet
