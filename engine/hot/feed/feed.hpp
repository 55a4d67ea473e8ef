#pragma once
// From what the decoders say to what may be trusted. A tick goes on only if nothing speaks against it; everything else is counted by
// reason (feed_counters.hpp). Books are kept whole or not at all.
//
// Rules, in the order they are applied:
//   trade   price and quantity positive; id not seen before; exchange time plausible; price plausible
//   quote   prices positive, quantities too (unless market_unknown_size); bid below ask; update id above the last; no better source
//           has spoken within source_timeout_ns (bookTicker and one-level books, then the full book, then partial books, then
//           ticker summaries); exchange time plausible; its middle plausible
//   mark    price positive; exchange time plausible; plausible after the last mark
//   depth   see book_sync.hpp; checksums where given; a book that is crossed gives no quote, and after crossed_messages_max in a row
//           is given up. Partial books give quotes, and make the book only while no full book is sent
//
// Numbering: every call of on_tick, on_depth, on_candle, on_timer, on_disconnect is one input, numbered 1, 2, 3, ...; what it emits
// carries that number. Receive stamps of inputs do not go back, nor do those of outputs: pieces kept back for a snapshot go out with
// the stamp of the snapshot that released them.
//
// Out is a sink with
//   void tick(const Tick&);  void depth(const DepthUpdate&);  void candle(const Candle&);
//   void stale(InstrumentId);   // nothing to be trusted came for stale_ns; the next trusted tick ends it
//   void resync(InstrumentId);  // fetch a snapshot (Binance) or subscribe again (others); repeated every resync_retry_ns
// A reference it is given is valid during the call. One input emits at most one tick, and two depths more than were kept back.
//
// Threads: one. No clock, no allocation after construction.
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "engine/base/archive.hpp"
#include "engine/base/book.hpp"
#include "engine/base/instrument.hpp"
#include "engine/hot/feed/book_sync.hpp"
#include "engine/hot/feed/depth_buffer.hpp"
#include "engine/hot/feed/exchange_clock.hpp"
#include "engine/hot/feed/feed_config.hpp"
#include "engine/hot/feed/feed_counters.hpp"
#include "engine/hot/feed/price_check.hpp"
#include "engine/hot/feed/trade_ids.hpp"
#include "engine/messages/candle.hpp"
#include "engine/messages/depth_update.hpp"
#include "engine/messages/tick.hpp"
#include "engine/messages/timer.hpp"

namespace martinet {

class Feed {
 public:
  /// Takes its memory here: 48 bytes for each level of each book, 1 KB for each piece kept back, 33 KB of trade ids for each
  /// instrument outside Binance. Copies what it needs of `instruments`.
  Feed(const InstrumentTable& instruments, const FeedConfig& config);

  template <class Out>
  void on_tick(const Tick& decoded, Out& out);
  template <class Out>
  void on_depth(const DepthUpdate& piece, Out& out);
  template <class Out>
  void on_candle(const Candle& candle, Out& out);
  template <class Out>
  void on_timer(const Timer& timer, Out& out);
  /// The connection that carried the instrument's book is gone: trust in it ends now rather than with the next gap.
  template <class Out>
  void on_disconnect(InstrumentId instrument, std::int64_t ts_receive_ns, Out& out);

  [[nodiscard]] std::uint64_t last_sequence() const noexcept { return sequence_; }
  [[nodiscard]] const FeedCounters& counters(InstrumentId instrument) const noexcept { return rows_[instrument].counters; }
  [[nodiscard]] FeedCounters totals() const noexcept;
  [[nodiscard]] const Book& book(InstrumentId instrument) const noexcept { return books_[instrument]; }
  /// The book is complete, in sequence, not crossed, and not in the middle of a message.
  [[nodiscard]] bool book_trusted(InstrumentId instrument) const noexcept { return rows_[instrument].sync.is_trusted(); }
  [[nodiscard]] std::uint64_t book_id(InstrumentId instrument) const noexcept { return rows_[instrument].sync.last_id; }
  /// True until the first trusted live input and after stale_ns without one.
  [[nodiscard]] bool is_stale(InstrumentId instrument) const noexcept { return rows_[instrument].stale != 0; }

  void save(ArchiveWriter& writer) const;
  /// Into an object made with the same instruments and configuration.
  /// fails checkpoint_mismatch; the object is then of no use
  [[nodiscard]] Errc load(ArchiveReader& reader);

 private:
  // Better sources first. A source is silenced while one before it speaks.
  enum class QuoteSource : std::uint8_t { direct, full_book, partial_book, ticker, count_ };
  static constexpr std::size_t kSources = static_cast<std::size_t>(QuoteSource::count_);
  static constexpr std::int64_t kNotSpoken = std::numeric_limits<std::int64_t>::min() / 2;  // older than any timeout, and no overflow

  struct Top {
    Price bid_price{}, ask_price{};
    Qty bid_qty{}, ask_qty{};
    bool operator==(const Top&) const = default;
  };

  static constexpr std::uint16_t kNoIds = 0xFFFF;
  // In the order of use: a trade touches the first two lines and one line of counters.
  struct alignas(64) Row {
    ExchangeClock clock;
    PriceCheck price;                   // trades and the middle of quotes
    std::int64_t live_ns = kNotSpoken;  // receive stamp of the last trusted live input
    std::uint64_t trade_id = 0;         // Binance: the last one
    std::uint64_t quote_id = 0;
    std::uint16_t ids = kNoIds;  // index in trade_ids_, or kNoIds
    std::uint8_t stale = 1;
    std::uint8_t price_decimals = 0;
    std::uint8_t qty_decimals = 0;
    std::uint8_t pad[3] = {};
    std::int64_t spoken_ns[kSources] = {kNotSpoken, kNotSpoken, kNotSpoken, kNotSpoken};
    std::int64_t quote_ns = kNotSpoken;
    Top quote;  // last one passed on
    PriceCheck mark;
    BookSync sync;
    FeedCounters counters;
    std::uint64_t pad2[(8 - kFeedCounts % 8) % 8] = {};  // whole lines, no hidden bytes: a checkpoint copies rows
  };

  // ticks (below)
  template <class Out>
  void on_trade(Row& row, const Tick& decoded, Out& out);
  template <class Out>
  void on_quote(Row& row, const Tick& decoded, Out& out);
  template <class Out>
  void on_mark(Row& row, const Tick& decoded, Out& out);
  template <class Out>
  void offer_quote(Row& row, Tick& tick, QuoteSource source, Out& out);
  [[nodiscard]] static FeedCount fault_of(const Tick& quote) noexcept;
  [[nodiscard]] bool is_new_trade(Row& row, std::uint64_t id) noexcept;
  [[nodiscard]] bool is_superseded(const Row& row, QuoteSource source, std::int64_t ts_receive_ns) const noexcept;
  [[nodiscard]] bool is_time_good(Row& row, Tick& tick) noexcept;
  [[nodiscard]] bool is_price_good(Row& row, PriceCheck& check, std::int64_t price) noexcept;
  void mark_live(Row& row, std::int64_t ts_receive_ns) noexcept;

  // depth (feed_depth.hpp)
  template <class Out>
  void on_partial(Row& row, const DepthUpdate& piece, Out& out);
  template <class Out>
  void on_snapshot(Row& row, const DepthUpdate& piece, Out& out);
  template <class Out>
  void on_change(Row& row, const DepthUpdate& piece, Out& out);
  template <class Out>
  void begin_change(Row& row, const DepthUpdate& piece, Out& out);
  template <class Out>
  void apply_change(Row& row, const DepthUpdate& piece, Out& out);
  template <class Out>
  void release(Row& row, InstrumentId instrument, std::int64_t ts_receive_ns, std::int64_t& ts_exchange_ns, Out& out);
  template <class Out>
  void finish_message(Row& row, const DepthUpdate& piece, Out& out);
  template <class Out>
  void quote_from_book(Row& row, InstrumentId instrument, std::int64_t ts_receive_ns, std::int64_t ts_exchange_ns, Out& out);
  template <class Out>
  void end_book(Row& row, InstrumentId instrument, std::int64_t ts_receive_ns, BookPhase next, Out& out);
  template <class Out>
  void request(Row& row, InstrumentId instrument, std::int64_t ts_receive_ns, Out& out);
  template <class Out>
  void check_age(Row& row, InstrumentId instrument, std::int64_t ts_ns, Out& out);
  void set_levels(Row& row, const DepthUpdate& piece) noexcept;
  [[nodiscard]] bool is_checksum_good(Row& row, const DepthUpdate& piece) noexcept;
  void keep_back(Row& row, const DepthUpdate& piece) noexcept;
  [[nodiscard]] bool is_top_good(Row& row, const Book& book) noexcept;
  [[nodiscard]] static bool is_sound(const DepthUpdate& piece) noexcept;

  FeedConfig config_;
  std::uint64_t sequence_ = 0;
  std::vector<Row> rows_;
  std::vector<TradeIds> trade_ids_;
  std::vector<Book> books_;
  DepthBuffer buffer_;
  DepthUpdate scratch_;   // a partial book on its way out as a snapshot; an invalidation
  FeedCounters nowhere_;  // inputs without an instrument
};

// ---- ticks ----------------------------------------------------------------------------------------------------------

template <class Out>
void Feed::on_tick(const Tick& decoded, Out& out) {
  ++sequence_;
  if (decoded.instrument >= rows_.size()) [[unlikely]]
    return nowhere_.add(FeedCount::unknown_instrument);
  Row& row = rows_[decoded.instrument];
  row.counters.add(FeedCount::ticks_in);
  if (!ExchangeClock::in_range(decoded.ts_receive_ns)) [[unlikely]]
    return row.counters.add(FeedCount::bad_times);
  switch (decoded.kind) {
    case TickKind::trade:
      return on_trade(row, decoded, out);
    case TickKind::quote:
      return on_quote(row, decoded, out);
    case TickKind::mark:
      return on_mark(row, decoded, out);
  }
  row.counters.add(FeedCount::bad_tick);
}

template <class Out>
void Feed::on_trade(Row& row, const Tick& decoded, Out& out) {
  if (decoded.price().v <= 0) [[unlikely]]
    return row.counters.add(FeedCount::bad_price);
  if (decoded.qty().v <= 0) [[unlikely]]
    return row.counters.add(FeedCount::bad_qty);
  if (!is_new_trade(row, decoded.sequence)) return row.counters.add(FeedCount::duplicate_trades);
  Tick tick = decoded;
  const bool history = (tick.flags & tick_flag::history) != 0;
  // A past trade says nothing about how far the clocks are apart now.
  if (!history && !is_time_good(row, tick)) return;
  if (!is_price_good(row, row.price, tick.price().v)) return;
  row.counters.add(history ? FeedCount::history_trades : FeedCount::trades);
  if (!history) mark_live(row, tick.ts_receive_ns);
  tick.sequence = sequence_;
  out.tick(tick);
}

template <class Out>
void Feed::on_quote(Row& row, const Tick& decoded, Out& out) {
  const FeedCount fault = fault_of(decoded);
  if (fault != FeedCount::count_) [[unlikely]]
    return row.counters.add(fault);
  const QuoteSource source = (decoded.flags & tick_flag::from_ticker) != 0 ? QuoteSource::ticker : QuoteSource::direct;
  if (source == QuoteSource::direct && decoded.sequence != 0) {
    if (decoded.sequence <= row.quote_id) return row.counters.add(FeedCount::duplicate_quotes);
    row.quote_id = decoded.sequence;
  }
  Tick tick = decoded;
  offer_quote(row, tick, source, out);
}

template <class Out>
void Feed::offer_quote(Row& row, Tick& tick, QuoteSource source, Out& out) {
  if (is_superseded(row, source, tick.ts_receive_ns)) return row.counters.add(FeedCount::superseded_quotes);
  if (!is_time_good(row, tick)) return;
  if (!is_price_good(row, row.price, tick.bid_price.v + (tick.ask_price.v - tick.bid_price.v) / 2)) return;
  row.counters.add(FeedCount::quotes);
  if ((tick.flags & tick_flag::from_book) != 0) row.counters.add(FeedCount::book_quotes);
  mark_live(row, tick.ts_receive_ns);
  row.spoken_ns[static_cast<std::size_t>(source)] = tick.ts_receive_ns;
  row.quote = {tick.bid_price, tick.ask_price, tick.bid_qty, tick.ask_qty};
  row.quote_ns = tick.ts_receive_ns;
  tick.sequence = sequence_;
  out.tick(tick);
}

template <class Out>
void Feed::on_mark(Row& row, const Tick& decoded, Out& out) {
  if (decoded.price().v <= 0) [[unlikely]]
    return row.counters.add(FeedCount::bad_price);
  Tick tick = decoded;
  if (tick.ask_price.v <= 0) tick.ask_price = kNoPrice;  // venues send an index of "0" where there is none
  if (!is_time_good(row, tick) || !is_price_good(row, row.mark, tick.price().v)) return;
  row.counters.add(FeedCount::marks);
  tick.sequence = sequence_;
  out.tick(tick);
}

template <class Out>
void Feed::on_candle(const Candle& candle, Out& out) {
  ++sequence_;
  if (candle.instrument >= rows_.size()) [[unlikely]]
    return nowhere_.add(FeedCount::unknown_instrument);
  Row& row = rows_[candle.instrument];
  row.counters.add(FeedCount::candles_in);
  const bool prices = candle.low.v > 0 && candle.low <= candle.open && candle.low <= candle.close && candle.open <= candle.high &&
                      candle.close <= candle.high;
  if (!prices || candle.volume.v < 0 || candle.interval_ns <= 0) [[unlikely]]
    return row.counters.add(FeedCount::bad_candles);
  row.counters.add(FeedCount::candles);
  out.candle(candle);
}

/// Why this quote cannot be right by itself; count_ if nothing is wrong.
inline FeedCount Feed::fault_of(const Tick& quote) noexcept {
  if (quote.bid_price.v <= 0 || quote.ask_price.v <= 0) return FeedCount::bad_price;
  const std::int64_t least = (quote.flags & tick_flag::market_unknown_size) != 0 ? 0 : 1;
  if (quote.bid_qty.v < least || quote.ask_qty.v < least) return FeedCount::bad_qty;
  if (quote.bid_price < quote.ask_price) [[likely]]
    return FeedCount::count_;
  return quote.bid_price == quote.ask_price ? FeedCount::locked_quotes : FeedCount::crossed_quotes;
}

/// Id 0 is a trade without an id: always new.
inline bool Feed::is_new_trade(Row& row, std::uint64_t id) noexcept {
  if (id == 0) return true;
  if (row.ids != kNoIds) return trade_ids_[row.ids].note(id);
  if (id <= row.trade_id) return false;
  row.trade_id = id;
  return true;
}

inline bool Feed::is_superseded(const Row& row, QuoteSource source, std::int64_t ts_receive_ns) const noexcept {
  for (std::size_t better = 0; better < static_cast<std::size_t>(source); ++better) {
    if (ts_receive_ns - row.spoken_ns[better] <= config_.source_timeout_ns) return true;
  }
  return false;
}

/// Checks the exchange stamp or estimates it; false: refused and counted.
inline bool Feed::is_time_good(Row& row, Tick& tick) noexcept {
  const auto answer = row.clock.resolve(tick.ts_receive_ns, tick.ts_exchange_ns, config_.time_error_ns_max, config_.time_confirmations);
  if (answer == ExchangeClock::Answer::given) [[likely]]
    return true;
  if (answer == ExchangeClock::Answer::refused) {
    row.counters.add(FeedCount::bad_times);
    return false;
  }
  row.counters.add(FeedCount::times_estimated);
  tick.flags |= tick_flag::exchange_time_estimated;
  return true;
}

/// False: held back and counted.
inline bool Feed::is_price_good(Row& row, PriceCheck& check, std::int64_t price) noexcept {
  const auto answer = check.see(price, config_.outlier_fraction, config_.outlier_confirmations);
  if (answer == PriceCheck::Answer::plausible) [[likely]]
    return true;
  row.counters.add(answer == PriceCheck::Answer::jump ? FeedCount::jumps : FeedCount::outliers);
  return answer == PriceCheck::Answer::jump;
}

inline void Feed::mark_live(Row& row, std::int64_t ts_receive_ns) noexcept {
  row.live_ns = ts_receive_ns;
  row.stale = 0;
}

}  // namespace martinet

#include "engine/hot/feed/feed_depth.hpp"  // IWYU pragma: export
