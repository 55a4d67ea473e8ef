#pragma once
// What the simulated venue knows about one instrument besides its book.
#include <cstdint>

#include "engine/messages/order_request.hpp"
#include "engine/messages/tick.hpp"

namespace martinet {

/// Prices are kNoPrice until seen.
struct MarketState {
  Price last = kNoPrice;  ///< last trade, or close of the last bar where there are bars only
  Price mark = kNoPrice;
  Price bid = kNoPrice;  ///< best quote
  Price ask = kNoPrice;
  Qty bid_qty{};  ///< 0 = not known
  Qty ask_qty{};
  std::uint8_t streamed = 0;         ///< ticks or depth were seen: bars of this instrument are no news
  std::uint8_t quote_from_book = 0;  ///< the quote falls with the book it came from
  std::uint8_t held = 0;             ///< a position of a contract: its margin is watched
  std::uint8_t pad[5] = {};

  /// Takes a tick in. False if it changes nothing here (past trades of a snapshot).
  bool take(const Tick& tick) noexcept {
    if ((tick.flags & tick_flag::history) != 0) return false;
    streamed = 1;
    switch (tick.kind) {
      case TickKind::quote:
        bid = tick.bid_price;
        ask = tick.ask_price;
        bid_qty = tick.bid_qty;
        ask_qty = tick.ask_qty;
        quote_from_book = (tick.flags & tick_flag::from_book) != 0 ? 1 : 0;
        break;
      case TickKind::trade:
        last = tick.price();
        break;
      case TickKind::mark:
        mark = tick.price();
        break;
    }
    return true;
  }
  void drop_quote_of_book() noexcept {
    if (quote_from_book == 0) return;
    bid = ask = kNoPrice;
    bid_qty = ask_qty = {};
  }
  void set_bar_price(Price price) noexcept { last = price; }

  /// What a trigger order watches: the mark price if it asks for it and there is one, else the last price; where only quotes
  /// are known (a feed of bid and ask) the price it would trade at: the bid to sell, the ask to buy.
  [[nodiscard]] Price trigger_reference(Side side, TriggerRef ref) const noexcept {
    if (ref == TriggerRef::mark && has_price(mark)) return mark;
    if (has_price(last)) return last;
    return side == Side::buy ? ask : bid;
  }
  /// What a position is valued at: the mark price, else the last price, else what it could be closed at.
  [[nodiscard]] Price value_price(bool is_long) const noexcept {
    if (has_price(mark)) return mark;
    if (has_price(last)) return last;
    return is_long ? bid : ask;
  }
};
static_assert(sizeof(MarketState) == 56);

/// True if a waiting order with this trigger fires at `reference` (touching is enough). A stop fires as the market moves
/// against its side's holder (sell: down), a take-profit the other way.
[[nodiscard]] constexpr bool fires(OrderType type, Side side, Price trigger, Price reference) noexcept {
  if (!has_price(reference)) return false;
  const bool on_fall = (type == OrderType::stop_market) == (side == Side::sell);
  return on_fall ? reference <= trigger : reference >= trigger;
}

[[nodiscard]] constexpr bool is_trigger(OrderType type) noexcept {
  return type == OrderType::stop_market || type == OrderType::take_profit_market || type == OrderType::take_profit_limit;
}

/// `limit` would trade with an order standing at `opposite`.
[[nodiscard]] constexpr bool crosses(Side side, Price limit, Price opposite) noexcept {
  return has_price(opposite) && (side == Side::buy ? opposite <= limit : opposite >= limit);
}

}  // namespace martinet
