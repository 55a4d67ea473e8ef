#pragma once
// Helpers of the indicator tests: instruments, requests, seeded bars and trades, a sink that keeps frames.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "engine/hot/indicators/indicators.hpp"

namespace martinet::test {

inline constexpr std::int64_t kStart_ns = 1'722'470'400'000'000'000;  // 2024-08-01 00:00:00 UTC

inline InstrumentTable make_table(std::size_t count, int price_decimals = 4, int qty_decimals = 5) {
  InstrumentTable table;
  for (std::size_t i = 0; i < count; ++i) {
    Instrument instrument;
    instrument.symbol.assign("SYM" + std::to_string(i));
    instrument.venue = Venue::binance;
    instrument.market = Market::usdm;
    instrument.price_decimals = static_cast<std::uint8_t>(price_decimals);
    instrument.qty_decimals = static_cast<std::uint8_t>(qty_decimals);
    EXPECT_TRUE(table.add(instrument).ok());
  }
  return table;
}

inline IndicatorRequest request(IndicatorKind kind, std::int64_t timeframe_ns, std::array<std::int32_t, 3> period = {}, double factor = 0,
                                InstrumentId instrument = 0, InstrumentId other = kNoInstrument) {
  return {.timeframe_ns = timeframe_ns, .factor = factor, .period = period, .instrument = instrument, .other = other, .kind = kind};
}

/// One request of every kind but correlation, on one timeframe.
inline std::vector<IndicatorRequest> every_kind(std::int64_t timeframe_ns, InstrumentId instrument = 0) {
  std::vector<IndicatorRequest> all;
  for (std::size_t i = 0; i < static_cast<std::size_t>(IndicatorKind::count_); ++i) {
    const auto kind = static_cast<IndicatorKind>(i);
    std::array<std::int32_t, 3> period = {14, 0, 0};
    if (kind == IndicatorKind::correlation) continue;
    if (kind == IndicatorKind::macd || kind == IndicatorKind::macd_signal || kind == IndicatorKind::macd_histogram) period = {12, 26, 9};
    if (kind == IndicatorKind::stochrsi_k || kind == IndicatorKind::stochrsi_d) period = {14, 13, 3};
    if (kind == IndicatorKind::historical_volatility || kind == IndicatorKind::historical_volatility_z) period = {20, 30, 0};
    if (kind == IndicatorKind::natr_rank) period = {14, 40, 0};
    all.push_back(request(kind, timeframe_ns, period, 2.0, instrument));
  }
  return all;
}

inline std::uint16_t must_slot(IndicatorPlan& plan, const IndicatorRequest& asked) {
  const auto slot = plan.slot(asked);
  EXPECT_TRUE(slot.ok()) << (slot.ok() ? "" : slot.error().what);
  return slot.ok() ? *slot : kNoSlot;
}

struct KeepFrames {
  std::vector<IndicatorFrame> frames;
  void frame(const IndicatorFrame& frame) { frames.push_back(frame); }
};

inline bool same_bits(const IndicatorFrame& a, const IndicatorFrame& b) { return std::memcmp(&a, &b, sizeof a) == 0; }

inline Tick trade(std::int64_t ts_exchange_ns, std::int64_t price, std::int64_t qty, InstrumentId instrument = 0) {
  Tick tick;
  tick.ts_exchange_ns = ts_exchange_ns;
  tick.ts_receive_ns = ts_exchange_ns < kNever / 2 ? ts_exchange_ns + 5'000'000 : ts_exchange_ns;
  tick.bid_price = {price};
  tick.ask_price = kNoPrice;
  tick.bid_qty = {qty};
  tick.instrument = instrument;
  tick.kind = TickKind::trade;
  return tick;
}

inline Tick quote(std::int64_t ts_exchange_ns, std::int64_t bid, std::int64_t ask, InstrumentId instrument = 0) {
  Tick tick = trade(ts_exchange_ns, bid, 10, instrument);
  tick.ask_price = {ask};
  tick.ask_qty = {10};
  tick.kind = TickKind::quote;
  return tick;
}

/// A walk of trades: bursts, pauses of up to some minutes, equal prices, small steps back in time. sequence 1, 2, 3..
inline std::vector<Tick> random_trades(std::uint64_t seed, std::size_t count, std::size_t instruments = 1, double back_share = 0.02) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  std::vector<std::int64_t> price(instruments, 600'000'000);
  std::vector<Tick> ticks;
  std::int64_t ts_ns = kStart_ns + 12'345'678;
  for (std::size_t i = 0; i < count; ++i) {
    const double kind = unit(random);
    const double span_ns = kind < 0.002 ? 400e9 : kind < 0.05 ? 20e9 : kind < 0.5 ? 1e9 : 1e7;
    ts_ns += static_cast<std::int64_t>(unit(random) * span_ns);
    const std::size_t which = random() % instruments;
    if (unit(random) < 0.8) price[which] += static_cast<std::int64_t>((unit(random) - 0.5) * 400'000);
    const std::int64_t back_ns = unit(random) < back_share ? static_cast<std::int64_t>(unit(random) * 90e9) : 0;
    Tick tick = trade(ts_ns - back_ns, price[which], static_cast<std::int64_t>(random() % 5'000'000), static_cast<InstrumentId>(which));
    tick.ts_receive_ns = ts_ns + 5'000'000 + static_cast<std::int64_t>(unit(random) * 40e6);
    tick.sequence = i + 1;
    ticks.push_back(tick);
  }
  return ticks;
}

/// Bars of a walk on a grid of cents with regimes: trends, flat stretches, silent (zero volume) stretches, jumps of 30 %.
inline std::vector<Bar> random_bars(std::uint64_t seed, std::size_t count, std::int64_t timeframe_ns = kNanosPerMinute) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  std::vector<Bar> bars;
  std::int64_t cents = 6'000'000;
  std::int64_t ts_ns = kStart_ns;
  int flat_left = 0;
  int silent_left = 0;
  for (std::size_t i = 0; i < count; ++i, ts_ns += timeframe_ns) {
    if (unit(random) < 0.01) flat_left = static_cast<int>(unit(random) * 45);
    if (unit(random) < 0.01) silent_left = static_cast<int>(unit(random) * 30);
    const std::int64_t open = cents;
    std::int64_t high = open;
    std::int64_t low = open;
    if (flat_left > 0) {
      --flat_left;
    } else {
      cents += static_cast<std::int64_t>((unit(random) - 0.5) * 20'000);
      if (unit(random) < 0.003) cents = static_cast<std::int64_t>(static_cast<double>(cents) * (unit(random) < 0.5 ? 0.7 : 1.3));
      cents = std::max<std::int64_t>(cents, 10'000);
      high = std::max(open, cents) + static_cast<std::int64_t>(unit(random) * 3'000);
      low = std::min(open, cents) - static_cast<std::int64_t>(unit(random) * 3'000);
    }
    double volume = static_cast<double>(static_cast<std::int64_t>(unit(random) * 1e6)) / 1e3;
    if (silent_left > 0) {
      --silent_left;
      volume = 0;
    }
    const auto to_price = [](std::int64_t value) { return static_cast<double>(value) / 100.0; };
    bars.push_back({ts_ns, to_price(open), to_price(high), to_price(low), to_price(cents), volume});
  }
  return bars;
}

}  // namespace martinet::test
