#pragma once
// The market of one synthetic symbol: price, book, trades, bar and day figures, stepped every 10 ms; and the messages a venue
// would push about it, handed to a sink.
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "adapters/capture/synth_book.hpp"
#include "adapters/capture/synth_messages.hpp"
#include "adapters/capture/synth_price.hpp"
#include "adapters/capture/synth_random.hpp"
#include "engine/base/instrument.hpp"

namespace martinet::capture {

/// What makes a symbol itself. A tick is 10^-price_digits, a lot 10^-qty_digits (pricePlace, volumePlace of the venue's contracts).
struct SymbolSpec {
  std::string_view symbol, base;
  int price_digits, qty_digits;
  double price;            ///< where it starts
  double volatility;       ///< relative, of one second
  std::int64_t gap_ticks;  ///< BookShape
  std::int64_t level_lots;
  double spread_ticks;      ///< where the spread reverts to in a normal regime
  std::int64_t trade_lots;  ///< usual size of a trade
};

[[nodiscard]] std::span<const SymbolSpec> symbol_specs() noexcept;
/// The instrument with the venue's rules: grid of two spare digits, minimum one lot and 5 USDT.
[[nodiscard]] Instrument instrument_of(const SymbolSpec& spec);

/// Takes one message; push_ms is the venue's push time.
using SynthSink = std::function<void(std::int64_t push_ms, std::string_view frame)>;

class SynthSymbol {
 public:
  /// number: place among the market's symbols, which spreads their pushes in time
  SynthSymbol(const SymbolSpec& spec, std::uint64_t seed, std::size_t number, double trades_per_second, std::int64_t start_ms);

  /// One step of 10 ms that starts at `ts_ms`, without messages: how the past before the capture is made.
  void step_silent(std::int64_t ts_ms, double shared);
  /// Subscription answers and the first snapshots; `history_bars` closed bars in the candle snapshot.
  void open(std::int64_t ts_ms, std::size_t history_bars, const SynthSink& sink);
  /// One step with its messages.
  void step(std::int64_t ts_ms, double shared, const SynthSink& sink);

 private:
  void move_book(double spread_factor);
  bool trade(std::int64_t ts_ms);
  void roll_bar(std::int64_t ts_ms);
  void push_book(std::int64_t ts_ms, bool snapshot, const SynthSink& sink);
  [[nodiscard]] SynthTicker ticker(std::int64_t ts_ms) const;

  SymbolSpec spec_;
  Random random_;
  PriceProcess price_;
  SynthBook book_;
  SynthMessages messages_;
  std::int64_t number_;
  double base_rate_;       // trades per second without excitement, in a normal regime
  double excitement_ = 0;  // trades per second on top, decaying
  double spread_;          // ticks
  double mark_;            // ticks
  bool last_buy_ = true;
  std::uint64_t trade_id_;
  std::uint64_t seq_;
  SynthCandle bar_;
  std::vector<SynthCandle> closed_;  // the last 500
  std::vector<SynthTrade> recent_;   // newest first, the last 50
  std::vector<SynthTrade> fresh_;    // of the present step, newest first
  std::vector<BookFill> fills_;
  std::vector<BookLevel> told_bids_, told_asks_, bid_changes_, ask_changes_;
  std::int64_t open_24h_, high_24h_, low_24h_, open_utc_, open_interest_, lots_24h_ = 0, turnover_24h_ = 0;
};

}  // namespace martinet::capture
