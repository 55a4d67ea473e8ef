#pragma once
// The text of Bitget v2 public messages for one symbol (venue reference sections 11 and 12): the field order of frames captured in
// 2024, with the later `seq` and `pseq` beside the older `checksum`. Each call returns a view that is valid until the next call.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/capture/synth_book.hpp"

namespace martinet::capture {

struct SynthTrade {
  std::int64_t ts_ms = 0;
  std::uint64_t id = 0;
  std::int64_t ticks = 0;
  std::int64_t lots = 0;
  bool buy = false;  ///< the aggressor
};

struct SynthCandle {
  std::int64_t open_ms = 0;
  std::int64_t open = 0, high = 0, low = 0, close = 0;  ///< ticks
  std::int64_t lots = 0;
  std::int64_t turnover = 0;  ///< sum of ticks * lots
  void trade(std::int64_t ticks, std::int64_t lots_traded) noexcept;
};

struct SynthTicker {
  std::int64_t ts_ms = 0;
  std::int64_t last = 0, open_24h = 0, high_24h = 0, low_24h = 0, open_utc = 0, mark = 0, index = 0;  ///< ticks
  BookLevel bid, ask;
  std::int64_t open_interest = 0, lots_24h = 0, turnover_24h = 0;
};

struct SynthBookPush {
  bool snapshot = false;
  std::span<const BookLevel> bids, asks;            ///< what the message carries
  std::span<const BookLevel> best_bids, best_asks;  ///< the whole book after it, for the checksum
  std::uint64_t seq = 0, previous_seq = 0;
  std::int64_t ts_ms = 0;
};

class SynthMessages {
 public:
  /// digits: decimals of a tick and of a lot, which are powers of ten
  SynthMessages(std::string symbol, int price_digits, int qty_digits);

  std::string_view subscribed(std::string_view channel);
  std::string_view books(const SynthBookPush& push, std::int64_t push_ms);
  /// trades: newest first
  std::string_view trades(bool snapshot, std::span<const SynthTrade> trades, std::int64_t push_ms);
  std::string_view ticker(const SynthTicker& ticker, std::int64_t push_ms);
  /// rows: oldest first
  std::string_view candles(bool snapshot, std::span<const SynthCandle> rows, std::int64_t push_ms);

 private:
  void start(bool snapshot, std::string_view channel);
  std::string_view finish(std::int64_t push_ms);
  void integer(std::int64_t value);
  void decimal(std::int64_t value, int digits);
  void field(std::string_view name, std::int64_t value, int digits);  // "name":"decimal",
  void levels(std::string_view name, std::span<const BookLevel> levels);
  std::int32_t checksum(std::span<const BookLevel> bids, std::span<const BookLevel> asks);

  std::string symbol_;
  int price_digits_;
  int qty_digits_;
  std::string text_;
  std::string sum_text_;
};

}  // namespace martinet::capture
