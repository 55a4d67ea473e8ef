#pragma once
// One fill with what it meant for its position: a line of trades.jsonl, a point of the report. Journaled, so that both can be
// derived from the journal alone.
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "engine/messages/order_intent.hpp"
#include "engine/messages/order_request.hpp"

namespace martinet {

enum class ExecutionEvent : std::uint8_t { open, add, reduce, close };

struct Execution {
  std::int64_t ts_ns = 0;              ///< exchange stamp of the fill
  std::uint64_t venue_order_id = 0;
  std::uint64_t trade_id = 0;
  OrderKey key;                        ///< of the order that was filled
  Qty qty{};                           ///< > 0
  Price price{};
  Price entry_price = kNoPrice;        ///< volume-weighted entry of the position after an open or add, before a reduce or close
  Price stop_price = kNoPrice;         ///< of the position's plan
  Price target_price = kNoPrice;
  Money fee{};                         ///< of this fill; paid if positive
  Money pnl_net{};                     ///< reduce, close: price P&L of the closed part minus its share of entry fees minus `fee`; else 0
  Money balance{};                     ///< realised balance after the fill
  double score = 0;
  InstrumentId instrument = kNoInstrument;
  StrategyId strategy = kNoStrategy;
  ExecutionEvent event = ExecutionEvent::open;
  Side direction = Side::none;         ///< of the position: buy = long, sell = short
  Side side = Side::none;              ///< of the order
  MarketRegime regime = MarketRegime::unknown;
  ExitReason exit_reason = ExitReason::none;
  std::uint8_t maker = 0;
  std::uint8_t pad[6] = {};
};
static_assert(sizeof(Execution) == 128 && std::is_trivially_copyable_v<Execution>);

[[nodiscard]] constexpr std::string_view name_of(ExecutionEvent event) noexcept {
  constexpr std::string_view kNames[] = {"open", "add", "reduce", "close"};
  return kNames[static_cast<std::size_t>(event)];
}

}  // namespace martinet
