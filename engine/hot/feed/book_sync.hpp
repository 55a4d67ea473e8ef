#pragma once
// Where an instrument's book stands, and whether a message continues it: the sequence rules of the venues, without the book.
//   none ──change──► waiting ──snapshot──► snapshot ──its last piece──► bridging ──first change that continues it──► live
//   any gap, wrong checksum, or age leads back to waiting. Where the snapshot comes in the stream itself (all but Binance) there is
//   nothing to bridge: it ends in live. partial: only the best levels are subscribed, whole each time; there is no sequence.
#include <cstdint>

#include "engine/messages/depth_update.hpp"

namespace martinet {

enum class BookPhase : std::uint8_t { none, waiting, snapshot, bridging, live, partial };

enum class DepthVerdict : std::uint8_t {
  apply,
  skip,       ///< older than the snapshot
  duplicate,  ///< applied before
  gap,        ///< something between is missing
};

struct BookSync {
  std::uint64_t last_id = 0;         ///< id the book stands at
  std::uint64_t message_id = 0;      ///< last_id of the message under way
  std::uint64_t partial_id = 0;      ///< of the last partial book
  std::int64_t ts_exchange_ns = 0;   ///< of the last message applied; 0 = none given
  std::int64_t ts_receive_ns = 0;    ///< of the last message applied
  std::int64_t ts_requested_ns = 0;  ///< when the snapshot was asked for, or began to come
  std::uint32_t crossed_run = 0;     ///< messages in a row that left the book crossed or locked
  BookPhase phase = BookPhase::none;
  DepthVerdict verdict = DepthVerdict::apply;  ///< of the message under way
  std::uint8_t in_message = 0;                 ///< between a first and a last piece
  std::uint8_t stream_seen = 0;                ///< bridging: the snapshot was compared with the stream and is not behind it
  std::uint8_t odd_digits = 0;                 ///< a level's text cannot be rebuilt: no checksum until the next snapshot
  std::uint8_t rest_snapshots = 0;             ///< 1 = Binance: the snapshot is a REST answer beside the stream
  std::uint8_t pad[6] = {};

  /// May the book be believed, going by the sequence?
  [[nodiscard]] bool is_trusted() const noexcept {
    const bool synced = phase == BookPhase::live || phase == BookPhase::partial || (phase == BookPhase::bridging && stream_seen != 0);
    return synced && in_message == 0 && crossed_run == 0;
  }
  /// Has anything of this book been passed on?
  [[nodiscard]] bool is_shown() const noexcept { return phase >= BookPhase::snapshot; }
};
static_assert(sizeof(BookSync) == 64);

/// Binance: does this change continue the book? Spot: U is at most u of the previous plus one. Futures (they send pu): pu is u of
/// the previous. The first change after a snapshot may begin before the snapshot ends; on futures, ids are shared by all symbols,
/// so a snapshot may lie between pu and U: then nothing of this symbol is missing either, though U <= lastUpdateId does not hold.
/// from  Binance, "How to manage a local order book correctly" (spot, futures)
[[nodiscard]] inline DepthVerdict judge_beside_rest(const BookSync& sync, const DepthUpdate& change) noexcept {
  const bool futures = change.has(depth_flag::has_previous);
  if (sync.phase == BookPhase::bridging) {
    if (futures ? change.last_id < sync.last_id : change.last_id <= sync.last_id) return DepthVerdict::skip;
    if (futures) return change.previous_id <= sync.last_id ? DepthVerdict::apply : DepthVerdict::gap;
  } else {
    if (change.last_id <= sync.last_id) return DepthVerdict::duplicate;
    if (futures) return change.previous_id == sync.last_id ? DepthVerdict::apply : DepthVerdict::gap;
  }
  const bool hole = change.first_id > sync.last_id && change.first_id - sync.last_id > 1;
  return hole ? DepthVerdict::gap : DepthVerdict::apply;
}

/// Bitget and sources like it: ids rise and name their predecessor where they are sent at all. Without ids only the exchange stamp
/// shows an old message (the checksum shows a missing one).
[[nodiscard]] inline DepthVerdict judge_in_stream(const BookSync& sync, const DepthUpdate& change) noexcept {
  if (change.last_id != 0 && change.last_id <= sync.last_id) return DepthVerdict::duplicate;
  const bool named = change.has(depth_flag::has_previous) && change.previous_id != 0;
  if (named && change.previous_id != sync.last_id) return DepthVerdict::gap;
  const bool old = change.ts_exchange_ns != 0 && change.ts_exchange_ns < sync.ts_exchange_ns;
  return old ? DepthVerdict::gap : DepthVerdict::apply;
}

}  // namespace martinet
