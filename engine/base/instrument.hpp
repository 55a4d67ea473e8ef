#pragma once
// What is traded: its grid (fixed for the life of a record), its rules (versioned, on that grid) and what a move is worth.
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/capacity.hpp"
#include "engine/base/fixed_point.hpp"
#include "engine/base/result.hpp"

namespace martinet {

enum class Venue : std::uint8_t { none, bitget, binance, mt5, file };

/// Which of a venue's markets a symbol belongs to: the same symbol stands for other things in each.
enum class Market : std::uint8_t { none, spot, usdm, coinm, usdt_futures, coin_futures, usdc_futures, cfd };

/// inverse contracts (settled in the base coin) carry market data only: the gate refuses entries on them.
enum class ContractKind : std::uint8_t { spot, linear, inverse, cfd };

enum class TradingStatus : std::uint8_t { trading, close_only, halted };

/// Fixed text inside a plain struct, zero-padded.
template <std::size_t N>
struct Text {
  std::array<char, N> bytes{};
  [[nodiscard]] constexpr std::string_view view() const noexcept {
    std::size_t n = 0;
    while (n < N && bytes[n] != '\0') ++n;
    return {bytes.data(), n};
  }
  /// fails: false if `text` is longer than N; the text is then unchanged
  constexpr bool assign(std::string_view text) noexcept {
    if (text.size() > N) return false;
    bytes = {};
    for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = text[i];
    return true;
  }
  constexpr bool operator==(const Text&) const = default;
};

/// Rules a venue may change while we run. All on the instrument's grid.
struct InstrumentRules {
  std::uint32_t version = 1;
  TradingStatus status = TradingStatus::trading;
  std::uint8_t pad[3] = {};
  Price tick_size{1};     ///< prices are multiples of it; > 0
  Qty lot_size{1};        ///< quantities are multiples of it; > 0
  Qty qty_min{1};         ///< > 0
  Qty qty_max{0};         ///< 0 = no limit
  Money notional_min{0};  ///< 0 = no limit
  bool operator==(const InstrumentRules&) const = default;
};

struct Instrument {
  Text<24> symbol;           ///< as the venue writes it: "BTCUSDT"
  Text<12> base;             ///< "BTC"; may be empty where unknown
  Text<12> quote;            ///< "USDT"
  Text<12> settle;           ///< what P&L is paid in
  InstrumentId id = kNoInstrument;
  Venue venue = Venue::none;
  Market market = Market::none;
  ContractKind kind = ContractKind::spot;
  std::uint8_t price_decimals = 0;  ///< decimals of the price grid: the venue's plus two spare
  std::uint8_t qty_decimals = 0;    ///< decimals of the quantity grid
  std::uint8_t rules_assumed = 0;   ///< 1 = no venue document at hand: rules are the finest decimals seen
  std::uint64_t value_num = 1;      ///< money (1e-8) of one price grid unit times one qty grid unit is value_num / value_den
  std::uint64_t value_den = 1;
  InstrumentRules rules;
  bool operator==(const Instrument&) const = default;
};

/// Sets value_num/value_den for a linear contract or spot: price times quantity, in the quote asset.
/// fails number_too_large if the grid is so fine that the ratio does not fit
[[nodiscard]] Errc set_linear_value(Instrument& instrument) noexcept;

/// Money of a price distance (or a price) times a quantity; exact in 128 bits, rounded in the named direction (down = toward
/// minus infinity). Signs multiply.
/// fails overflow
[[nodiscard]] Errc money_of_down(const Instrument& instrument, Price distance, Qty qty, Money& out) noexcept;
[[nodiscard]] Errc money_of_up(const Instrument& instrument, Price distance, Qty qty, Money& out) noexcept;

/// A rate (fee, slippage, fraction of equity) in units of 1e-8: 0.0006 is {60'000}.
struct Rate {
  std::int64_t v = 0;
  constexpr auto operator<=>(const Rate&) const = default;
};
inline constexpr std::int64_t kRateUnit = 100'000'000;
inline constexpr int kRateDecimals = 8;

/// money * rate, rounded away from zero (a fee is never understated).
/// fails overflow
[[nodiscard]] Errc fee_of_up(Money money, Rate rate, Money& out) noexcept;

/// value * numerator / denominator in 128 bits, rounded down (toward minus infinity).
/// fails overflow; denominator > 0
[[nodiscard]] Errc mul_div_down(std::int64_t value, std::int64_t numerator, std::int64_t denominator, std::int64_t& out) noexcept;
[[nodiscard]] Errc mul_div_up(std::int64_t value, std::int64_t numerator, std::int64_t denominator, std::int64_t& out) noexcept;

/// Nearest multiples of the instrument's tick or lot, in the named direction; prices and quantities >= 0.
[[nodiscard]] constexpr Price tick_down(const InstrumentRules& rules, Price price) noexcept {
  return {price.v - price.v % rules.tick_size.v};
}
[[nodiscard]] constexpr Price tick_up(const InstrumentRules& rules, Price price) noexcept {
  const std::int64_t rest = price.v % rules.tick_size.v;
  return {rest == 0 ? price.v : price.v + rules.tick_size.v - rest};
}
[[nodiscard]] constexpr Qty lot_down(const InstrumentRules& rules, Qty qty) noexcept {
  return {qty.v - qty.v % rules.lot_size.v};
}

/// The instruments of a session, id = index. Built cold, then read by every thread; never changed while they run.
/// cost  find: one probe of an open-addressed table, no allocation
class InstrumentTable {
 public:
  InstrumentTable();

  /// Adds and gives the id. A (venue, market, symbol) that is there already gives its id unchanged.
  /// fails too_many_instruments, number_too_large, bad_number (tick or lot not positive)
  Result<InstrumentId> add(Instrument instrument);

  [[nodiscard]] InstrumentId find(Venue venue, Market market, std::string_view symbol) const noexcept;  ///< or kNoInstrument
  [[nodiscard]] const Instrument& operator[](InstrumentId id) const noexcept { return rows_[id]; }
  [[nodiscard]] Instrument& mutable_row(InstrumentId id) noexcept { return rows_[id]; }
  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
  [[nodiscard]] auto begin() const noexcept { return rows_.begin(); }
  [[nodiscard]] auto end() const noexcept { return rows_.end(); }

 private:
  static constexpr std::size_t kSlots = 4 * capacity::instruments_max;
  std::vector<Instrument> rows_;
  std::array<InstrumentId, kSlots> slots_{};
};

[[nodiscard]] std::string_view name_of(Venue venue) noexcept;
[[nodiscard]] std::string_view name_of(Market market) noexcept;
[[nodiscard]] std::string_view name_of(ContractKind kind) noexcept;

}  // namespace martinet
