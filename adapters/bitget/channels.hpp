#pragma once
// The vocabulary of Bitget's public channels, as both decoders need it.
#include <array>
#include <cstdint>
#include <string_view>

#include "engine/base/errc.hpp"
#include "engine/base/instrument.hpp"
#include "engine/base/time.hpp"
#include "engine/messages/decoded_frame.hpp"

namespace martinet::bitget {

/// instType of v2; Market::none for anything else.
[[nodiscard]] Market market_of(std::string_view inst_type) noexcept;

/// instType of the v1 protocol ("mc", "sp", and the product types of its REST half).
[[nodiscard]] bool is_v1(std::string_view inst_type) noexcept;

/// How long the bars of a candle channel are.
struct Interval {
  std::int64_t ns = 0;             ///< 0: not known. Months: 0 too, see `month`
  bool month = false;              ///< as long as its calendar month
  std::int64_t day_starts_ns = 0;  ///< months: when its days begin, before 00:00 UTC: 8 h without `utc` (midnight in UTC+8)

  [[nodiscard]] bool known() const noexcept { return ns != 0 || month; }
  [[nodiscard]] std::int64_t length_ns(std::int64_t ts_open_ns) const noexcept;
};

/// in    name: what follows "candle": "1m", "4H", "1Dutc"
[[nodiscard]] Interval interval_of(std::string_view name) noexcept;

/// Trades and candles arrive in one order or the other; out they go oldest first. Equal ends count as newest first for trades,
/// as documented, and as they are for candles.
void order_ticks(DecodedFrame& out) noexcept;
void order_candles(DecodedFrame& out) noexcept;

/// The fields of a ticker row that are read.
enum class TickerField : std::uint8_t { bid, ask, bid_qty, ask_qty, mark, index, ts, none };
inline constexpr std::array<std::string_view, 7> kTickerFieldNames = {"bidPr", "askPr", "bidSz", "askSz", "markPrice", "indexPrice", "ts"};
[[nodiscard]] TickerField ticker_field(std::string_view key) noexcept;

/// A ticker row and the ticks that come of it. A missing, empty or zero price means "not given".
struct TickerRow {
  std::int64_t ts_receive_ns = 0;
  std::int64_t ts_exchange_ns = 0;
  Price bid = kNoPrice, ask = kNoPrice, mark = kNoPrice, index = kNoPrice;
  Qty bid_qty{}, ask_qty{};
  bool sizes = false;  ///< at least one size was given
  InstrumentId instrument = kNoInstrument;

  /// fails as parse_decimal; an empty text is no error and no value
  [[nodiscard]] Errc set(TickerField field, std::string_view text, const Instrument& grid) noexcept;
  /// false: the frame is full
  [[nodiscard]] bool emit(DecodedFrame& out) const noexcept;
};

}  // namespace martinet::bitget
