#include "adapters/binance/channels.hpp"

#include "adapters/json/number_text.hpp"
#include "engine/base/time.hpp"

namespace martinet::binance {

DepthKind depth_kind_of(std::string_view stream) noexcept {
  const std::size_t at = stream.find('@');
  if (at == std::string_view::npos) return DepthKind::unnamed;
  std::string_view name = stream.substr(at + 1);
  name = name.substr(0, name.find('@'));  // the rest is a speed: @100ms
  if (name == "depth") return DepthKind::diff;
  if (name == "depth5" || name == "depth10" || name == "depth20") return DepthKind::partial;
  return name == "depthSnapshot" ? DepthKind::rest : DepthKind::unnamed;
}

StreamSymbol::StreamSymbol(std::string_view stream) noexcept {
  constexpr std::size_t kSymbolBytesMax = 24;
  const std::string_view symbol = stream.substr(0, stream.find('@'));
  if (symbol.size() > kSymbolBytesMax) return;
  for (const char c : symbol) bytes[size++] = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::int64_t interval_ns_of(std::string_view name, std::int64_t ts_open_ns) noexcept {
  struct Row {
    std::string_view name;
    std::int64_t ns;
  };
  constexpr std::array<Row, 15> kRows = {{{"1s", kNanosPerSecond},
                                          {"1m", kNanosPerMinute},
                                          {"3m", 3 * kNanosPerMinute},
                                          {"5m", 5 * kNanosPerMinute},
                                          {"15m", 15 * kNanosPerMinute},
                                          {"30m", 30 * kNanosPerMinute},
                                          {"1h", kNanosPerHour},
                                          {"2h", 2 * kNanosPerHour},
                                          {"4h", 4 * kNanosPerHour},
                                          {"6h", 6 * kNanosPerHour},
                                          {"8h", 8 * kNanosPerHour},
                                          {"12h", 12 * kNanosPerHour},
                                          {"1d", kNanosPerDay},
                                          {"3d", 3 * kNanosPerDay},
                                          {"1w", 7 * kNanosPerDay}}};
  for (const Row& row : kRows) {
    if (row.name == name) return row.ns;
  }
  return name == "1M" ? next_month_ns(ts_open_ns) - ts_open_ns : 0;
}

}  // namespace martinet::binance
