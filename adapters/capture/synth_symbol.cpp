#include "adapters/capture/synth_symbol.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "engine/base/assert.hpp"
#include "engine/base/decimal.hpp"

namespace martinet::capture {
namespace {

// Cadences in steps of 10 ms; books 150 ms, ticker and candles as the venue reference gives them (sections 12.1, 12.3, 12.4).
constexpr std::int64_t kBookMoveSteps = 5;
constexpr std::int64_t kBookPushSteps = 15;
constexpr std::int64_t kTickerSteps = 25;
constexpr std::int64_t kCandleSteps = 100;
constexpr std::int64_t kStepMs = kStepNs / kNanosPerMilli;
constexpr std::int64_t kMinuteMs = kNanosPerMinute / kNanosPerMilli;

// Trades excite trades (a Hawkes process): each adds 1.5/s that decays by 3 % a step, so every trade brings half another one on
// average and the mean rate is twice the base rate.
constexpr double kExcitementKept = 0.97;
constexpr double kExcitementPerTrade = 1.5;
constexpr double kExcitementMax = 60.0;

constexpr std::size_t kRecentTrades = 50;
constexpr std::size_t kClosedBars = 500;

// pricePlace, volumePlace as of 2024; prices of August 2024; the rest is chosen to look alive.
constexpr std::array<SymbolSpec, 3> kSpecs = {{
    {"BTCUSDT", "BTC", 1, 4, 61'000.0, 1.2e-4, 8, 8'000, 3.0, 60},
    {"ETHUSDT", "ETH", 2, 2, 2'700.0, 1.5e-4, 5, 1'500, 2.0, 40},
    {"SOLUSDT", "SOL", 3, 1, 140.0, 2.0e-4, 4, 600, 3.0, 50},
}};

double to_double(std::int64_t value) noexcept { return static_cast<double>(value); }
std::int64_t nearest(double value) noexcept { return static_cast<std::int64_t>(value + 0.5); }  // value >= 0

double start_ticks(const SymbolSpec& spec) noexcept { return spec.price * to_double(pow10_i64(spec.price_digits)); }

}  // namespace

std::span<const SymbolSpec> symbol_specs() noexcept { return kSpecs; }

Instrument instrument_of(const SymbolSpec& spec) {
  Instrument row;
  MT_ASSERT(row.symbol.assign(spec.symbol) && row.base.assign(spec.base) && row.quote.assign("USDT") && row.settle.assign("USDT"));
  row.venue = Venue::bitget;
  row.market = Market::usdt_futures;
  row.kind = ContractKind::linear;
  row.price_decimals = static_cast<std::uint8_t>(spec.price_digits + 2);
  row.qty_decimals = static_cast<std::uint8_t>(spec.qty_digits + 2);
  row.rules.tick_size = {100};
  row.rules.lot_size = {100};
  row.rules.qty_min = {100};
  row.rules.notional_min = {5 * kMoneyUnit};
  MT_ASSERT(set_linear_value(row) == Errc::ok);
  return row;
}

SynthSymbol::SynthSymbol(const SymbolSpec& spec, std::uint64_t seed, std::size_t number, double trades_per_second, std::int64_t start_ms)
    : spec_(spec),
      random_(seed),
      price_(start_ticks(spec), spec.volatility),
      book_({spec.gap_ticks, spec.level_lots}),
      messages_(std::string(spec.symbol), spec.price_digits, spec.qty_digits),
      number_(static_cast<std::int64_t>(number)),
      base_rate_(trades_per_second * 0.5),
      spread_(spec.spread_ticks),
      mark_(start_ticks(spec)),
      // Beyond 2^53, as the venue's are: a decoder that goes through doubles is found out.
      trade_id_(1'200'000'000'000'000'001ULL + (static_cast<std::uint64_t>(number) << 48)),
      seq_(1'100'000'000'000'000'001ULL + (static_cast<std::uint64_t>(number) << 48)) {
  const std::int64_t ticks = nearest(start_ticks(spec));
  bar_ = {start_ms, ticks, ticks, ticks, ticks, 0, 0};
  open_24h_ = high_24h_ = low_24h_ = open_utc_ = ticks;
  open_interest_ = spec.level_lots * 5'000;
  move_book(1.0);
}

// The book goes where the price is, with a spread that reverts to its usual width.
void SynthSymbol::move_book(double spread_factor) {
  spread_ += 0.1 * (spec_.spread_ticks * spread_factor - spread_) + 0.3 * random_.normal();
  spread_ = std::clamp(spread_, 1.0, 20.0 * spec_.spread_ticks);
  const double mid = price_.price();
  const std::int64_t bid = static_cast<std::int64_t>(mid - 0.5 * spread_);
  book_.follow(bid, bid + nearest(spread_), random_);
  mark_ += 0.02 * (mid - mark_);
}

// One market order, perhaps: clustered in time, in the direction of the price behind the book, and of the order before.
bool SynthSymbol::trade(std::int64_t ts_ms) {
  fresh_.clear();
  excitement_ = excitement_ * kExcitementKept + (price_.shock() > 3.0 ? price_.shock() - 3.0 : 0.0);
  excitement_ = std::min(excitement_, kExcitementMax);
  const double rate = base_rate_ * price_.regime().activity + excitement_;
  if (!random_.chance(rate / kStepsPerSecond)) return false;
  excitement_ += kExcitementPerTrade;
  const double mid = 0.5 * to_double(book_.bids().front().ticks + book_.asks().front().ticks);
  const double pull = std::clamp((price_.price() - mid) / spread_, -1.0, 1.0);
  const bool buy = random_.chance(0.5 + 0.25 * pull + (last_buy_ ? 0.15 : -0.15));
  last_buy_ = buy;
  // Heavy-tailed sizes: half of them below a half, one in fifty above seven times the usual one.
  const std::int64_t lots = 1 + static_cast<std::int64_t>(to_double(spec_.trade_lots) * 0.25 / (0.02 + random_.unit()));
  book_.take(buy, lots, fills_);
  const std::int64_t traded_ms = ts_ms + random_.below(4);
  for (const BookFill& fill : fills_) {
    fresh_.insert(fresh_.begin(), {traded_ms, trade_id_++, fill.ticks, fill.lots, buy});
    bar_.trade(fill.ticks, fill.lots);
    high_24h_ = std::max(high_24h_, fill.ticks);
    low_24h_ = std::min(low_24h_, fill.ticks);
    lots_24h_ += fill.lots;
    turnover_24h_ += fill.ticks * fill.lots;
    open_interest_ += random_.chance(0.5) ? fill.lots / 2 : -(fill.lots / 2);
  }
  recent_.insert(recent_.begin(), fresh_.begin(), fresh_.end());
  if (recent_.size() > kRecentTrades) recent_.resize(kRecentTrades);
  return true;
}

void SynthSymbol::roll_bar(std::int64_t ts_ms) {
  closed_.push_back(bar_);
  if (closed_.size() > kClosedBars) closed_.erase(closed_.begin());
  bar_ = {ts_ms, bar_.close, bar_.close, bar_.close, bar_.close, 0, 0};
}

void SynthSymbol::step_silent(std::int64_t ts_ms, double shared) {
  if (ts_ms >= bar_.open_ms + kMinuteMs) roll_bar(ts_ms);
  price_.step(random_, shared);
  if (ts_ms / kStepMs % kBookMoveSteps == 0) move_book(price_.regime().volatility);
  trade(ts_ms);
}

SynthTicker SynthSymbol::ticker(std::int64_t ts_ms) const {
  SynthTicker t;
  t.ts_ms = ts_ms;
  t.last = bar_.close;
  t.open_24h = open_24h_;
  t.high_24h = high_24h_;
  t.low_24h = low_24h_;
  t.open_utc = open_utc_;
  t.mark = nearest(mark_);
  t.index = nearest(mark_ * 1.0003);
  t.bid = book_.bids().front();
  t.ask = book_.asks().front();
  t.open_interest = open_interest_;
  t.lots_24h = lots_24h_;
  t.turnover_24h = turnover_24h_;
  return t;
}

void SynthSymbol::push_book(std::int64_t ts_ms, bool snapshot, const SynthSink& sink) {
  if (snapshot) {
    told_bids_.clear();
    told_asks_.clear();
  }
  book_changes(told_bids_, book_.bids(), true, bid_changes_);
  book_changes(told_asks_, book_.asks(), false, ask_changes_);
  if (bid_changes_.empty() && ask_changes_.empty()) return;
  const std::uint64_t previous = snapshot ? 0 : seq_;
  seq_ += 1 + static_cast<std::uint64_t>(random_.below(20));
  told_bids_ = book_.bids();
  told_asks_ = book_.asks();
  sink(ts_ms + 2, messages_.books({snapshot, bid_changes_, ask_changes_, told_bids_, told_asks_, seq_, previous, ts_ms}, ts_ms + 2));
}

void SynthSymbol::open(std::int64_t ts_ms, std::size_t history_bars, const SynthSink& sink) {
  if (ts_ms >= bar_.open_ms + kMinuteMs) roll_bar(ts_ms);
  for (const std::string_view channel : {"books", "candle1m", "trade", "ticker"}) sink(ts_ms, messages_.subscribed(channel));
  push_book(ts_ms, true, sink);
  if (!recent_.empty()) sink(ts_ms, messages_.trades(true, recent_, ts_ms));
  sink(ts_ms, messages_.ticker(ticker(ts_ms), ts_ms));
  std::vector<SynthCandle> rows(closed_.end() - static_cast<std::ptrdiff_t>(std::min(history_bars, closed_.size())), closed_.end());
  rows.push_back(bar_);
  sink(ts_ms, messages_.candles(true, rows, ts_ms));
}

void SynthSymbol::step(std::int64_t ts_ms, double shared, const SynthSink& sink) {
  const std::int64_t number = ts_ms / kStepMs;
  if (ts_ms >= bar_.open_ms + kMinuteMs) {
    // The last word on the bar that ends here: its row then equals the trades of its minute.
    sink(ts_ms, messages_.candles(false, {&bar_, 1}, ts_ms));
    roll_bar(ts_ms);
  }
  price_.step(random_, shared);
  if (number % kBookMoveSteps == 0) move_book(price_.regime().volatility);
  if (trade(ts_ms)) sink(ts_ms + 4, messages_.trades(false, fresh_, ts_ms + 4));
  if (number % kBookPushSteps == number_ * 4 % kBookPushSteps) push_book(ts_ms + 5, false, sink);
  if (number % kTickerSteps == number_ * 7 % kTickerSteps) sink(ts_ms + 8, messages_.ticker(ticker(ts_ms + 7), ts_ms + 8));
  if (number % kCandleSteps == (30 + number_ * 10) % kCandleSteps) sink(ts_ms + 9, messages_.candles(false, {&bar_, 1}, ts_ms + 9));
}

}  // namespace martinet::capture
