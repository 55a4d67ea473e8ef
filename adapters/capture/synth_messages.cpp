#include "adapters/capture/synth_messages.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/crc.hpp"
#include "engine/base/time.hpp"

namespace martinet::capture {
namespace {

constexpr std::int64_t kHoursMs = kNanosPerHour / kNanosPerMilli;

// value * 10^-digits with exactly `digits` decimals; |value| < 10^18.
void append_decimal(std::string& out, std::int64_t value, int digits) {
  std::array<char, 32> buffer;
  auto at = buffer.end();
  std::uint64_t rest = static_cast<std::uint64_t>(value < 0 ? -value : value);
  for (int place = 0; rest != 0 || place <= digits; ++place, rest /= 10) {
    if (place == digits && digits != 0) *--at = '.';
    *--at = static_cast<char>('0' + rest % 10);
  }
  if (value < 0) *--at = '-';
  out.append(at, buffer.end());
}

}  // namespace

void SynthCandle::trade(std::int64_t ticks, std::int64_t lots_traded) noexcept {
  // A bar without trades stands at the last close; its first trade opens it.
  if (lots == 0) open = high = low = ticks;
  high = std::max(high, ticks);
  low = std::min(low, ticks);
  close = ticks;
  lots += lots_traded;
  turnover += ticks * lots_traded;
}

SynthMessages::SynthMessages(std::string symbol, int price_digits, int qty_digits)
    : symbol_(std::move(symbol)), price_digits_(price_digits), qty_digits_(qty_digits) {}

void SynthMessages::integer(std::int64_t value) { append_decimal(text_, value, 0); }
void SynthMessages::decimal(std::int64_t value, int digits) { append_decimal(text_, value, digits); }

void SynthMessages::field(std::string_view name, std::int64_t value, int digits) {
  text_.append("\"").append(name).append("\":\"");
  decimal(value, digits);
  text_.append("\",");
}

std::string_view SynthMessages::subscribed(std::string_view channel) {
  text_.assign(R"({"event":"subscribe","arg":{"instType":"USDT-FUTURES","channel":")").append(channel);
  text_.append(R"(","instId":")").append(symbol_).append("\"}}");
  return text_;
}

void SynthMessages::start(bool snapshot, std::string_view channel) {
  text_.assign(snapshot ? R"({"action":"snapshot")" : R"({"action":"update")");
  text_.append(R"(,"arg":{"instType":"USDT-FUTURES","channel":")").append(channel);
  text_.append(R"(","instId":")").append(symbol_).append(R"("},"data":[)");
}

std::string_view SynthMessages::finish(std::int64_t push_ms) {
  text_.append(R"(],"ts":)");
  integer(push_ms);
  text_.append("}");
  return text_;
}

void SynthMessages::levels(std::string_view name, std::span<const BookLevel> levels) {
  text_.append("\"").append(name).append("\":[");
  for (std::size_t i = 0; i < levels.size(); ++i) {
    text_.append(i == 0 ? "[\"" : ",[\"");
    decimal(levels[i].ticks, price_digits_);
    text_.append("\",\"");
    // As the venue writes a deleted level: a bare 0.
    decimal(levels[i].lots, levels[i].lots == 0 ? 0 : qty_digits_);
    text_.append("\"]");
  }
  text_.append("],");
}

// bid1p:bid1q:ask1p:ask1q:bid2p:.. of the best 25, a missing level skipped (venue reference section 12.4).
std::int32_t SynthMessages::checksum(std::span<const BookLevel> bids, std::span<const BookLevel> asks) {
  sum_text_.clear();
  const auto add = [this](std::span<const BookLevel> side, std::size_t i) {
    if (i >= side.size()) return;
    append_decimal(sum_text_, side[i].ticks, price_digits_);
    sum_text_.push_back(':');
    append_decimal(sum_text_, side[i].lots, qty_digits_);
    sum_text_.push_back(':');
  };
  for (std::size_t i = 0; i < 25; ++i) {
    add(bids, i);
    add(asks, i);
  }
  MT_ASSERT(!sum_text_.empty());
  sum_text_.pop_back();
  return static_cast<std::int32_t>(crc32_ieee(std::as_bytes(std::span(sum_text_))));
}

std::string_view SynthMessages::books(const SynthBookPush& push, std::int64_t push_ms) {
  start(push.snapshot, "books");
  text_.append("{");
  levels("asks", push.asks);
  levels("bids", push.bids);
  text_.append("\"checksum\":");
  integer(checksum(push.best_bids, push.best_asks));
  text_.append(",\"seq\":");
  integer(static_cast<std::int64_t>(push.seq));
  text_.append(",\"pseq\":");
  integer(static_cast<std::int64_t>(push.previous_seq));
  text_.append(",\"ts\":\"");
  integer(push.ts_ms);
  text_.append("\"}");
  return finish(push_ms);
}

std::string_view SynthMessages::trades(bool snapshot, std::span<const SynthTrade> trades, std::int64_t push_ms) {
  start(snapshot, "trade");
  for (std::size_t i = 0; i < trades.size(); ++i) {
    const SynthTrade& trade = trades[i];
    text_.append(i == 0 ? "{" : ",{");
    field("ts", trade.ts_ms, 0);
    field("price", trade.ticks, price_digits_);
    field("size", trade.lots, qty_digits_);
    text_.append(trade.buy ? R"("side":"buy",)" : R"("side":"sell",)");
    text_.append("\"tradeId\":\"");
    integer(static_cast<std::int64_t>(trade.id));
    text_.append("\"}");
  }
  return finish(push_ms);
}

std::string_view SynthMessages::ticker(const SynthTicker& t, std::int64_t push_ms) {
  start(true, "ticker");
  text_.append(R"({"instId":")").append(symbol_).append("\",");
  field("lastPr", t.last, price_digits_);
  field("bidPr", t.bid.ticks, price_digits_);
  field("askPr", t.ask.ticks, price_digits_);
  field("bidSz", t.bid.lots, qty_digits_);
  field("askSz", t.ask.lots, qty_digits_);
  field("open24h", t.open_24h, price_digits_);
  field("high24h", t.high_24h, price_digits_);
  field("low24h", t.low_24h, price_digits_);
  field("change24h", (t.last - t.open_24h) * 100'000 / t.open_24h, 5);
  text_.append(R"("fundingRate":"0.0001",)");
  field("nextFundingTime", (t.ts_ms / (8 * kHoursMs) + 1) * 8 * kHoursMs, 0);
  field("markPrice", t.mark, price_digits_);
  field("indexPrice", t.index, price_digits_);
  field("holdingAmount", t.open_interest, qty_digits_);
  field("baseVolume", t.lots_24h, qty_digits_);
  field("quoteVolume", t.turnover_24h, price_digits_ + qty_digits_);
  field("openUtc", t.open_utc, price_digits_);
  text_.append(R"("symbolType":"1","symbol":")").append(symbol_).append(R"(","deliveryPrice":"0","ts":")");
  integer(t.ts_ms);
  text_.append("\"}");
  return finish(push_ms);
}

std::string_view SynthMessages::candles(bool snapshot, std::span<const SynthCandle> rows, std::int64_t push_ms) {
  start(snapshot, "candle1m");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const SynthCandle& row = rows[i];
    text_.append(i == 0 ? "[\"" : ",[\"");
    integer(row.open_ms);
    for (const std::int64_t ticks : {row.open, row.high, row.low, row.close}) {
      text_.append("\",\"");
      decimal(ticks, price_digits_);
    }
    text_.append("\",\"");
    decimal(row.lots, qty_digits_);
    for (int copy = 0; copy < 2; ++copy) {  // quote volume, USDT volume
      text_.append("\",\"");
      decimal(row.turnover, price_digits_ + qty_digits_);
    }
    text_.append("\"]");
  }
  return finish(push_ms);
}

}  // namespace martinet::capture
