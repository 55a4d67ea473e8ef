#pragma once
// What leaves the engine: place an order, cancel one, or ask the venue what is true. Entries come from the gate, everything else from
// the position machine; both travel as this one struct, on lanes of their own.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "engine/base/fixed_point.hpp"

namespace martinet {

/// A query carries its number in request_id; every event that answers it carries the same in query_id.
enum class OrderAction : std::uint8_t {
  place,
  cancel,
  query_order,     ///< what became of `key`: order_open, order_done or order_unknown
  query_orders,    ///< open orders of `instrument`: an order_open each, then orders_end
  query_position,  ///< of `instrument`: position_report
};
[[nodiscard]] constexpr bool is_query(OrderAction action) noexcept { return action >= OrderAction::query_order; }
enum class OrderPurpose : std::uint8_t { entry, stop, target, close };
/// stop_market and take_profit_* wait at the venue until `trigger_ref` reaches trigger_price.
enum class OrderType : std::uint8_t { market, limit, stop_market, take_profit_market, take_profit_limit };
enum class TimeInForce : std::uint8_t { gtc, ioc, post_only };
enum class TriggerRef : std::uint8_t { last, mark };

/// Names one order of ours for good: the epoch of the session makes it unique across sessions. The client id a venue sees is a
/// function of epoch and key, so that a lost answer can be asked for again.
struct OrderKey {
  std::uint64_t intent_id = 0;  ///< the intent that opened the position the order belongs to; 0 = none
  OrderPurpose leg = OrderPurpose::entry;
  std::uint8_t attempt = 0;     ///< 0 first; what must be a new order counts up
  std::uint8_t pad[6] = {};
  constexpr bool operator==(const OrderKey&) const = default;
};
static_assert(sizeof(OrderKey) == 16);

/// For tables keyed by OrderKey (engine/base/fixed_map.hpp). Multiplier: 2^64 / golden ratio, the usual Fibonacci hashing.
struct OrderKeyHash {
  constexpr std::uint64_t operator()(const OrderKey& key) const noexcept {
    const std::uint64_t mixed = key.intent_id ^ (static_cast<std::uint64_t>(key.leg) << 56) ^ (static_cast<std::uint64_t>(key.attempt) << 48);
    return (mixed * 0x9E3779B97F4A7C15ULL) >> 20;
  }
};

struct OrderRequest {
  std::int64_t ts_ns = 0;           ///< stamp of the input that caused it (receive axis)
  std::uint64_t sequence = 0;       ///< number of the last market input before it
  std::uint64_t request_id = 0;     ///< entries: 1, 2, 3.. from the gate (PositionView.covers_request refers to it); place and cancel of the machine: 0; queries: their number
  OrderKey key;                     ///< the order to place or to cancel
  Qty qty{};                        ///< place: on the lot grid, > 0
  Price price = kNoPrice;           ///< limit price
  Price trigger_price = kNoPrice;   ///< stop and take-profit kinds
  Price stop_price = kNoPrice;      ///< entries: the plan, for venues that attach protection to the entry
  Price target_price = kNoPrice;
  InstrumentId instrument = kNoInstrument;
  StrategyId strategy = kNoStrategy;
  OrderAction action = OrderAction::place;
  OrderType type = OrderType::market;
  Side side = Side::none;
  TimeInForce time_in_force = TimeInForce::gtc;
  TriggerRef trigger_ref = TriggerRef::last;
  std::uint8_t reduce_only = 0;
  std::uint8_t pad[6] = {};

  [[nodiscard]] constexpr OrderPurpose purpose() const noexcept { return key.leg; }
};
static_assert(sizeof(OrderRequest) == 96 && std::is_trivially_copyable_v<OrderRequest>);

/// The order stream (invariant I2): every request the gateway hands to the venue, in order, each in this form: all fields above
/// in their order, little-endian, without padding. 84 bytes.
inline constexpr std::size_t kOrderStreamBytes = 84;
[[nodiscard]] std::array<std::byte, kOrderStreamBytes> order_stream_form(const OrderRequest& request) noexcept;

/// The id a venue sees: "m<epoch>-<intent><e|s|t|c><attempt>", numbers in base 36 lower case, at most 32 of [a-z0-9-]
/// (Bitget's safe set, venue reference section 8.1).
/// out   buffer; returns the text inside it
[[nodiscard]] std::string_view client_id(std::uint64_t epoch, const OrderKey& key, std::array<char, 32>& buffer) noexcept;

[[nodiscard]] std::string_view name_of(OrderPurpose purpose) noexcept;
[[nodiscard]] std::string_view name_of(OrderType type) noexcept;
[[nodiscard]] std::string_view name_of(Side side) noexcept;

}  // namespace martinet
