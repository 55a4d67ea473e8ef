#pragma once
// The vocabulary of Binance's streams, as both decoders need it.
#include <array>
#include <cstdint>
#include <string_view>

namespace martinet::binance {

/// "btcusdt@depth20@100ms" -> depth of the kind that its name tells.
enum class DepthKind : std::uint8_t {
  unnamed,  ///< no stream name, or one that says nothing about depth
  diff,     ///< depth, depth@100ms
  partial,  ///< depth5, depth10, depth20
  rest,     ///< depthSnapshot: how recorders wrap a REST answer
};
[[nodiscard]] DepthKind depth_kind_of(std::string_view stream) noexcept;

/// The symbol of a stream name, in upper case as in messages: "btcusd_perp@trade" -> BTCUSD_PERP. Empty if longer than 24.
/// out   buffer: 32 bytes are readable for SymbolCache
struct StreamSymbol {
  explicit StreamSymbol(std::string_view stream) noexcept;
  [[nodiscard]] std::string_view view() const noexcept { return {bytes.data(), size}; }
  std::array<char, 32> bytes{};
  unsigned size = 0;
};

/// How long the bars of a kline interval ("1m", "8h", "1M") are; 0 if it is not known. Months are as long as their calendar month.
[[nodiscard]] std::int64_t interval_ns_of(std::string_view name, std::int64_t ts_open_ns) noexcept;

}  // namespace martinet::binance
