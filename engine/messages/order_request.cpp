#include "engine/messages/order_request.hpp"

#include <charconv>
#include <cstring>

#include "engine/base/assert.hpp"

namespace martinet {

std::array<std::byte, kOrderStreamBytes> order_stream_form(const OrderRequest& request) noexcept {
  std::array<std::byte, kOrderStreamBytes> form{};
  std::size_t at = 0;
  const auto put = [&form, &at](auto value) {
    std::memcpy(form.data() + at, &value, sizeof(value));  // little-endian: the only byte order we build for
    at += sizeof(value);
  };
  put(request.ts_ns);
  put(request.sequence);
  put(request.request_id);
  put(request.key.intent_id);
  put(request.key.leg);
  put(request.key.attempt);
  put(request.qty.v);
  put(request.price.v);
  put(request.trigger_price.v);
  put(request.stop_price.v);
  put(request.target_price.v);
  put(request.instrument);
  put(request.strategy);
  put(request.action);
  put(request.type);
  put(request.side);
  put(request.time_in_force);
  put(request.trigger_ref);
  put(request.reduce_only);
  MT_ASSERT(at == kOrderStreamBytes);
  return form;
}

std::string_view client_id(std::uint64_t epoch, const OrderKey& key, std::array<char, 32>& buffer) noexcept {
  char* p = buffer.data();
  char* const end = p + buffer.size();
  *p++ = 'm';
  p = std::to_chars(p, end, epoch, 36).ptr;
  *p++ = '-';
  p = std::to_chars(p, end, key.intent_id, 36).ptr;
  *p++ = "estc"[static_cast<std::size_t>(key.leg)];
  p = std::to_chars(p, end, key.attempt, 36).ptr;
  return {buffer.data(), static_cast<std::size_t>(p - buffer.data())};
}

std::string_view name_of(OrderPurpose purpose) noexcept {
  constexpr std::string_view kNames[] = {"entry", "stop", "target", "close"};
  return kNames[static_cast<std::size_t>(purpose)];
}
std::string_view name_of(OrderType type) noexcept {
  constexpr std::string_view kNames[] = {"market", "limit", "stop_market", "take_profit_market", "take_profit_limit"};
  return kNames[static_cast<std::size_t>(type)];
}
std::string_view name_of(Side side) noexcept {
  constexpr std::string_view kNames[] = {"none", "buy", "sell"};
  return kNames[static_cast<std::size_t>(side)];
}

}  // namespace martinet
