#pragma once
// The second half of feed.hpp: books and the passing of time. Included by it, never alone.
#include <algorithm>

#include "engine/hot/feed/feed.hpp"

namespace martinet {

template <class Out>
void Feed::on_depth(const DepthUpdate& piece, Out& out) {
  ++sequence_;
  if (piece.instrument >= rows_.size()) [[unlikely]]
    return nowhere_.add(FeedCount::unknown_instrument);
  Row& row = rows_[piece.instrument];
  row.counters.add(FeedCount::depths_in);
  if (!is_sound(piece)) [[unlikely]] {
    row.counters.add(FeedCount::bad_depths);
    if (piece.has(depth_flag::partial) || row.sync.phase == BookPhase::partial || !row.sync.is_shown()) return;
    return end_book(row, piece.instrument, std::max(piece.ts_receive_ns, row.sync.ts_receive_ns), BookPhase::waiting, out);
  }
  if (piece.has(depth_flag::partial)) return on_partial(row, piece, out);
  if (piece.has(depth_flag::snapshot)) return on_snapshot(row, piece, out);
  on_change(row, piece, out);
}

template <class Out>
void Feed::on_partial(Row& row, const DepthUpdate& piece, Out& out) {
  BookSync& sync = row.sync;
  if (piece.last_id != 0 && piece.last_id < sync.partial_id) return row.counters.add(FeedCount::duplicate_depths);
  Tick quote;
  std::size_t bids = 0;
  std::size_t asks = 0;
  for (std::size_t i = 0; i < piece.level_count; ++i) {
    const DepthLevel& level = piece.levels[i];
    const bool bid = level.side == Side::buy;
    if (level.qty.v <= 0) return row.counters.add(FeedCount::bad_depths);
    if (bid ? bids++ == 0 || level.price > quote.bid_price : asks++ == 0 || level.price < quote.ask_price) {
      (bid ? quote.bid_price : quote.ask_price) = level.price;
      (bid ? quote.bid_qty : quote.ask_qty) = level.qty;
    }
  }
  sync.partial_id = piece.last_id;
  row.counters.add(FeedCount::partial_depths);
  if (sync.phase == BookPhase::none || sync.phase == BookPhase::partial) {
    Book& book = books_[piece.instrument];
    book.clear();
    set_levels(row, piece);
    sync.phase = BookPhase::partial;
    sync.last_id = piece.last_id;
    sync.ts_receive_ns = piece.ts_receive_ns;
    scratch_ = piece;
    scratch_.flags |= depth_flag::snapshot;
    out.depth(scratch_);
    (void)is_top_good(row, book);  // whatever it says, the next one replaces this
  }
  if (bids == 0 || asks == 0) return row.counters.add(FeedCount::one_sided_quotes);
  quote.ts_receive_ns = piece.ts_receive_ns;
  quote.ts_exchange_ns = piece.ts_exchange_ns;
  quote.instrument = piece.instrument;
  const FeedCount fault = fault_of(quote);
  if (fault != FeedCount::count_) return row.counters.add(fault);
  const bool one_level = bids == 1 && asks == 1;
  if (!one_level) quote.flags = tick_flag::from_book;
  offer_quote(row, quote, one_level ? QuoteSource::direct : QuoteSource::partial_book, out);
}

template <class Out>
void Feed::on_snapshot(Row& row, const DepthUpdate& piece, Out& out) {
  BookSync& sync = row.sync;
  const InstrumentId instrument = piece.instrument;
  if (piece.has(depth_flag::first)) {
    // Beside the stream a snapshot can only be older than a book that is right; in the stream it replaces unless it is a late copy.
    const bool old = sync.phase == BookPhase::live || (sync.phase == BookPhase::bridging && piece.last_id <= sync.last_id);
    if (sync.rest_snapshots != 0 ? old : piece.ts_exchange_ns != 0 && piece.ts_exchange_ns < sync.ts_exchange_ns) {
      return row.counters.add(FeedCount::snapshots_ignored);
    }
    books_[instrument].clear();
    sync.phase = BookPhase::snapshot;
    sync.in_message = 1;
    sync.message_id = piece.last_id;
    sync.ts_requested_ns = piece.ts_receive_ns;
    sync.odd_digits = 0;
  } else if (sync.phase != BookPhase::snapshot || sync.message_id != piece.last_id) {
    return row.counters.add(FeedCount::depth_unsynced);
  }
  set_levels(row, piece);
  if (!piece.has(depth_flag::last)) return out.depth(piece);
  sync.phase = sync.rest_snapshots != 0 ? BookPhase::bridging : BookPhase::live;
  sync.stream_seen = 0;
  sync.last_id = piece.last_id;
  row.counters.add(FeedCount::snapshots);
  finish_message(row, piece, out);
  std::int64_t ts_exchange_ns = piece.has(depth_flag::rest) ? 0 : piece.ts_exchange_ns;
  if (sync.phase == BookPhase::bridging) release(row, instrument, piece.ts_receive_ns, ts_exchange_ns, out);
  quote_from_book(row, instrument, piece.ts_receive_ns, ts_exchange_ns, out);
}

template <class Out>
void Feed::on_change(Row& row, const DepthUpdate& piece, Out& out) {
  BookSync& sync = row.sync;
  if (sync.phase == BookPhase::none || sync.phase == BookPhase::partial) {
    if (sync.phase == BookPhase::none) request(row, piece.instrument, piece.ts_receive_ns, out);
    end_book(row, piece.instrument, piece.ts_receive_ns, BookPhase::waiting, out);
  }
  if (sync.phase == BookPhase::snapshot && sync.rest_snapshots == 0) {
    // In the stream nothing comes between the pieces of a snapshot.
    row.counters.add(FeedCount::gaps);
    end_book(row, piece.instrument, piece.ts_receive_ns, BookPhase::waiting, out);
  }
  if (sync.phase == BookPhase::waiting || sync.phase == BookPhase::snapshot) return keep_back(row, piece);
  begin_change(row, piece, out);
  if (sync.phase == BookPhase::waiting) return keep_back(row, piece);  // what shows the gap may be the first after it
  if (sync.in_message == 0) return row.counters.add(FeedCount::depth_unsynced);
  const bool applied = sync.verdict == DepthVerdict::apply;
  apply_change(row, piece, out);
  if (!piece.has(depth_flag::last)) return;
  if (applied || sync.phase == BookPhase::bridging) quote_from_book(row, piece.instrument, piece.ts_receive_ns, piece.ts_exchange_ns, out);
}

/// A first piece: judges its message. A later one: checks that it belongs to the message under way.
template <class Out>
void Feed::begin_change(Row& row, const DepthUpdate& piece, Out& out) {
  BookSync& sync = row.sync;
  if (!piece.has(depth_flag::first)) {
    if (sync.in_message == 0 || piece.last_id == sync.message_id) return;
  } else if (sync.in_message == 0 || sync.verdict != DepthVerdict::apply) {
    sync.verdict = sync.rest_snapshots != 0 ? judge_beside_rest(sync, piece) : judge_in_stream(sync, piece);
    sync.message_id = piece.last_id;
    sync.in_message = sync.verdict == DepthVerdict::gap ? 0 : 1;
    if (sync.verdict != DepthVerdict::gap) return;
  }
  // A gap, or a message that was half applied when another began.
  row.counters.add(sync.phase == BookPhase::bridging ? FeedCount::snapshots_too_old : FeedCount::gaps);
  end_book(row, piece.instrument, piece.ts_receive_ns, BookPhase::waiting, out);
}

/// One piece of the message under way, by its verdict.
template <class Out>
void Feed::apply_change(Row& row, const DepthUpdate& piece, Out& out) {
  BookSync& sync = row.sync;
  if (sync.verdict != DepthVerdict::apply) {
    if (!piece.has(depth_flag::last)) return;
    sync.in_message = 0;
    if (sync.verdict == DepthVerdict::skip) sync.stream_seen = 1;  // the snapshot is ahead of the stream, so it may be used
    return row.counters.add(sync.verdict == DepthVerdict::skip ? FeedCount::depth_skipped : FeedCount::duplicate_depths);
  }
  set_levels(row, piece);
  if (!piece.has(depth_flag::last)) return out.depth(piece);
  sync.phase = BookPhase::live;
  if (piece.last_id != 0) sync.last_id = piece.last_id;
  row.counters.add(FeedCount::depth_messages);
  finish_message(row, piece, out);
}

/// Applies what was kept back. ts_exchange_ns becomes that of the last message applied.
template <class Out>
void Feed::release(Row& row, InstrumentId instrument, std::int64_t ts_receive_ns, std::int64_t& ts_exchange_ns, Out& out) {
  BookSync& sync = row.sync;
  while (!buffer_.empty(instrument)) {
    DepthUpdate& piece = buffer_.front(instrument);
    piece.ts_receive_ns = ts_receive_ns;
    begin_change(row, piece, out);
    if (!sync.is_shown()) return;  // a gap: the snapshot that will be fetched now may end after this piece
    if (sync.in_message == 0) {
      row.counters.add(FeedCount::depth_unsynced);  // its first piece was given up
    } else {
      if (sync.verdict == DepthVerdict::apply) ts_exchange_ns = piece.ts_exchange_ns;
      apply_change(row, piece, out);
    }
    buffer_.pop(instrument);
    if (!sync.is_shown()) return;
  }
}

/// The last piece of a snapshot or change is in the book: checks it and passes the piece on.
template <class Out>
void Feed::finish_message(Row& row, const DepthUpdate& piece, Out& out) {
  BookSync& sync = row.sync;
  sync.in_message = 0;
  sync.ts_receive_ns = piece.ts_receive_ns;
  sync.ts_exchange_ns = piece.ts_exchange_ns;
  if (!is_checksum_good(row, piece)) return end_book(row, piece.instrument, piece.ts_receive_ns, BookPhase::waiting, out);
  out.depth(piece);
  if (!is_top_good(row, books_[piece.instrument])) end_book(row, piece.instrument, piece.ts_receive_ns, BookPhase::waiting, out);
}

/// Offers the top as a quote if it is new, or has not been said for quote_refresh_ns.
template <class Out>
void Feed::quote_from_book(Row& row, InstrumentId instrument, std::int64_t ts_receive_ns, std::int64_t ts_exchange_ns, Out& out) {
  if (!row.sync.is_trusted()) return;
  const Book& book = books_[instrument];
  if (!book.both_sides()) return row.counters.add(FeedCount::one_sided_quotes);
  const BookLevel& bid = book.best_bid();
  const BookLevel& ask = book.best_ask();
  mark_live(row, ts_receive_ns);
  row.clock.learn(ts_receive_ns, ts_exchange_ns, config_.time_error_ns_max);
  const Top top{bid.price, ask.price, bid.qty, ask.qty};
  if (top == row.quote && ts_receive_ns - row.quote_ns < config_.quote_refresh_ns) {
    row.spoken_ns[static_cast<std::size_t>(QuoteSource::full_book)] = ts_receive_ns;
    return;
  }
  Tick tick;
  tick.ts_receive_ns = ts_receive_ns;
  tick.ts_exchange_ns = ts_exchange_ns;
  tick.bid_price = bid.price;
  tick.ask_price = ask.price;
  tick.bid_qty = bid.qty;
  tick.ask_qty = ask.qty;
  tick.instrument = instrument;
  tick.flags = tick_flag::from_book;
  offer_quote(row, tick, QuoteSource::full_book, out);
}

/// Ends trust in a book and says so if any of it was passed on. next: waiting (a snapshot is asked for) or none.
template <class Out>
void Feed::end_book(Row& row, InstrumentId instrument, std::int64_t ts_receive_ns, BookPhase next, Out& out) {
  BookSync& sync = row.sync;
  const bool shown = sync.is_shown();
  const bool ask = next == BookPhase::waiting && shown;
  books_[instrument].clear();
  sync.phase = next;
  sync.in_message = 0;
  sync.stream_seen = 0;
  sync.crossed_run = 0;
  sync.odd_digits = 0;
  sync.ts_exchange_ns = 0;
  row.spoken_ns[static_cast<std::size_t>(QuoteSource::full_book)] = kNotSpoken;
  if (shown) {
    row.counters.add(FeedCount::invalidations);
    scratch_.ts_receive_ns = ts_receive_ns;
    scratch_.ts_exchange_ns = 0;
    scratch_.first_id = scratch_.last_id = scratch_.previous_id = 0;
    scratch_.checksum = 0;
    scratch_.instrument = instrument;
    scratch_.level_count = 0;
    scratch_.flags = depth_flag::invalidate | depth_flag::first | depth_flag::last;
    out.depth(scratch_);
  }
  if (ask) request(row, instrument, ts_receive_ns, out);
}

template <class Out>
void Feed::request(Row& row, InstrumentId instrument, std::int64_t ts_receive_ns, Out& out) {
  row.sync.ts_requested_ns = ts_receive_ns;
  row.counters.add(FeedCount::resyncs);
  out.resync(instrument);
}

template <class Out>
void Feed::on_timer(const Timer& timer, Out& out) {
  ++sequence_;
  if (!ExchangeClock::in_range(timer.ts_ns)) [[unlikely]]
    return nowhere_.add(FeedCount::bad_times);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    Row& row = rows_[i];
    const auto instrument = static_cast<InstrumentId>(i);
    check_age(row, instrument, timer.ts_ns, out);
    if (row.stale != 0 || timer.ts_ns - row.live_ns <= config_.stale_ns) continue;
    row.stale = 1;
    row.counters.add(FeedCount::stale);
    out.stale(instrument);
  }
}

/// The book's own deadlines: without a message for too long it is given up, and a snapshot that does not come is asked for again.
template <class Out>
void Feed::check_age(Row& row, InstrumentId instrument, std::int64_t ts_ns, Out& out) {
  BookSync& sync = row.sync;
  switch (sync.phase) {
    case BookPhase::none:
      return;
    case BookPhase::waiting:
      if (ts_ns - sync.ts_requested_ns >= config_.resync_retry_ns) request(row, instrument, ts_ns, out);
      return;
    case BookPhase::snapshot:
      if (ts_ns - sync.ts_requested_ns >= config_.resync_retry_ns) end_book(row, instrument, ts_ns, BookPhase::waiting, out);
      return;
    case BookPhase::bridging:
    case BookPhase::live:
    case BookPhase::partial:
      break;
  }
  if (ts_ns - sync.ts_receive_ns <= config_.book_stale_ns) return;
  row.counters.add(FeedCount::stale_books);
  end_book(row, instrument, ts_ns, sync.phase == BookPhase::partial ? BookPhase::none : BookPhase::waiting, out);
}

template <class Out>
void Feed::on_disconnect(InstrumentId instrument, std::int64_t ts_receive_ns, Out& out) {
  ++sequence_;
  if (instrument >= rows_.size() || !ExchangeClock::in_range(ts_receive_ns)) [[unlikely]] {
    return nowhere_.add(FeedCount::unknown_instrument);
  }
  Row& row = rows_[instrument];
  if (row.sync.rest_snapshots != 0) row.counters.add(FeedCount::depth_unsynced, buffer_.clear(instrument));
  const bool full = row.sync.phase != BookPhase::none && row.sync.phase != BookPhase::partial;
  end_book(row, instrument, ts_receive_ns, full ? BookPhase::waiting : BookPhase::none, out);
}

/// A piece that may enter: its levels are in bounds and name a side and a price.
inline bool Feed::is_sound(const DepthUpdate& piece) noexcept {
  constexpr std::uint16_t kWhole = depth_flag::first | depth_flag::last;
  if (piece.level_count > capacity::depth_levels_max || !ExchangeClock::in_range(piece.ts_receive_ns)) return false;
  if (piece.has(depth_flag::partial) && (piece.flags & kWhole) != kWhole) return false;
  if (piece.has(depth_flag::invalidate)) return false;
  for (std::size_t i = 0; i < piece.level_count; ++i) {
    const DepthLevel& level = piece.levels[i];
    const bool sided = level.side == Side::buy || level.side == Side::sell;
    if (!sided || level.price.v <= 0 || level.qty.v < 0) return false;
  }
  return true;
}

}  // namespace martinet
