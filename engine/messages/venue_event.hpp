#pragma once
// What a venue says about one of our orders. Decoded by the adapter, matched by the gateway, acted on by the position machine.
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "engine/base/errc.hpp"
#include "engine/base/fixed_point.hpp"
#include "engine/messages/order_request.hpp"

namespace martinet {

enum class VenueEventKind : std::uint8_t {
  accepted,       ///< resting, or a trigger order waiting
  rejected,       ///< proven not accepted; `reason` says why
  filled,         ///< one execution: fill_* are set; leaves_qty 0 means the order is done
  cancelled,      ///< done, unfilled rest given up
  cancel_refused, ///< the order to cancel is not there (any more)
  triggered,      ///< a waiting trigger order has become a live one
  liquidated,     ///< the venue closed the position for want of margin: fill_* as in `filled`; key {0, close, 0}, an order of nobody;
                  ///< leaves_qty is what is left of the position. Orders it took away come as `cancelled` with Errc::liquidated
  // Answers to queries: what the venue says is true at ts_exchange_ns. Not news of one order.
  order_open,       ///< of a query: resting or waiting; leaves_qty, side, fill_qty so far, fill_price = its trigger (else limit) price
  order_done,       ///< of a query: known and over; fill_qty is all that it filled
  order_unknown,    ///< of a query: the venue does not know the key (now: it may be late)
  orders_end,       ///< of a query: the list is complete; trade_id says how many order_open there were
  position_report,  ///< of a query: fill_qty is the position (+ long, - short), fill_price its entry price or kNoPrice
  query_failed,     ///< of a query: no answer to be had (`reason`); proves nothing
};
[[nodiscard]] constexpr bool is_answer(VenueEventKind kind) noexcept { return kind >= VenueEventKind::order_open; }

struct VenueEvent {
  std::int64_t ts_exchange_ns = 0;
  std::int64_t ts_receive_ns = 0;     ///< when it reaches us
  std::uint64_t venue_order_id = 0;
  std::uint64_t trade_id = 0;         ///< filled: unique per venue and instrument
  OrderKey key;
  Price fill_price{};
  Qty fill_qty{};
  Qty leaves_qty{};
  Money fee{};                        ///< paid if positive
  InstrumentId instrument = kNoInstrument;
  StrategyId strategy = kNoStrategy;
  VenueEventKind kind = VenueEventKind::accepted;
  Errc reason = Errc::ok;
  Side side = Side::none;             ///< of the order
  std::uint8_t maker = 0;             ///< filled: 1 = our order was resting
  std::uint64_t query_id = 0;         ///< answers: OrderRequest.request_id of the query; filled: what fee_qty() reads; else 0

  /// filled: commission taken out of what was bought (base asset, on the quantity grid), worth `fee`; 0 where it was taken in money.
  [[nodiscard]] constexpr Qty fee_qty() const noexcept {
    return {kind == VenueEventKind::filled ? static_cast<std::int64_t>(query_id) : 0};
  }
  constexpr void set_fee_qty(Qty qty) noexcept { query_id = static_cast<std::uint64_t>(qty.v); }
};
static_assert(sizeof(VenueEvent) == 96 && std::is_trivially_copyable_v<VenueEvent>);

[[nodiscard]] constexpr std::string_view name_of(VenueEventKind kind) noexcept {
  constexpr std::string_view kNames[] = {"accepted", "rejected", "filled", "cancelled", "cancel_refused", "triggered", "liquidated",
                                         "order_open", "order_done", "order_unknown", "orders_end", "position_report", "query_failed"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace martinet
