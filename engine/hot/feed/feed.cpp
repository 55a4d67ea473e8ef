#include "engine/hot/feed/feed.hpp"

#include "engine/base/assert.hpp"

namespace martinet {
namespace {

constexpr std::uint32_t kFeedTag = 0x44454546;  // "FEED"
constexpr std::uint32_t kFeedVersion = 1;

std::size_t count_outside_binance(const InstrumentTable& instruments) noexcept {
  std::size_t count = 0;
  for (const Instrument& instrument : instruments) count += instrument.venue != Venue::binance ? 1 : 0;
  return count;
}

}  // namespace

Feed::Feed(const InstrumentTable& instruments, const FeedConfig& config)
    : config_(config),
      rows_(instruments.size()),
      trade_ids_(count_outside_binance(instruments)),
      buffer_(instruments.size(), config.resync_depths_max) {
  MT_ASSERT(config.outlier_confirmations >= 1 && config.time_confirmations >= 1 && config.crossed_messages_max >= 1);
  MT_ASSERT(config.outlier_fraction.v >= 0 && config.time_error_ns_max > 0);
  const std::size_t levels = config.book_levels_max != 0 ? config.book_levels_max : book_levels_for(instruments.size());
  books_.reserve(instruments.size());
  std::uint16_t ids = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Instrument& instrument = instruments[static_cast<InstrumentId>(i)];
    Row& row = rows_[i];
    const bool binance = instrument.venue == Venue::binance;
    row.sync.rest_snapshots = binance ? 1 : 0;
    row.ids = binance ? kNoIds : ids++;
    row.price_decimals = instrument.price_decimals;
    row.qty_decimals = instrument.qty_decimals;
    books_.emplace_back(levels);
  }
}

FeedCounters Feed::totals() const noexcept {
  FeedCounters all = nowhere_;
  for (const Row& row : rows_) all.add(row.counters);
  return all;
}

void Feed::set_levels(Row& row, const DepthUpdate& piece) noexcept {
  Book& book = books_[piece.instrument];
  for (std::size_t i = 0; i < piece.level_count; ++i) {
    const DepthLevel& level = piece.levels[i];
    const Errc code = book.set(level.side, level.price, level.qty, level.price_digits, level.qty_digits);
    if (code != Errc::ok) [[unlikely]]
      row.counters.add(FeedCount::levels_dropped);
  }
  if (piece.has(depth_flag::odd_digits)) row.sync.odd_digits = 1;
}

/// True unless a checksum says that the book is wrong. One that cannot be computed says nothing.
bool Feed::is_checksum_good(Row& row, const DepthUpdate& piece) noexcept {
  if (!piece.has(depth_flag::has_checksum)) return true;
  if (row.sync.odd_digits != 0) {
    row.counters.add(FeedCount::checksums_skipped);
    return true;
  }
  const std::uint32_t ours = books_[piece.instrument].checksum25(row.price_decimals, row.qty_decimals);
  const bool right = static_cast<std::int32_t>(ours) == piece.checksum;
  row.counters.add(right ? FeedCount::checksums_right : FeedCount::checksums_wrong);
  return right;
}

void Feed::keep_back(Row& row, const DepthUpdate& piece) noexcept {
  // Where the snapshot comes in the stream, what came before it is of no use.
  if (row.sync.rest_snapshots == 0) return row.counters.add(FeedCount::depth_unsynced);
  const DepthBuffer::Pushed pushed = buffer_.push(piece);
  row.counters.add(FeedCount::depth_buffered);
  if (pushed.given_up != 0) rows_[pushed.victim].counters.add(FeedCount::buffer_overflows, pushed.given_up);
}

/// False if the book must be given up: crossed or locked for too long, or its best levels may be among those it had to drop.
bool Feed::is_top_good(Row& row, const Book& book) noexcept {
  if (!book.is_top_known(Side::buy) || !book.is_top_known(Side::sell)) {
    row.counters.add(FeedCount::tops_unknown);
    return false;
  }
  if (!book.crossed() && !book.locked()) [[likely]] {
    row.sync.crossed_run = 0;
    return true;
  }
  row.counters.add(book.crossed() ? FeedCount::crossed_books : FeedCount::locked_books);
  return ++row.sync.crossed_run < config_.crossed_messages_max;
}

void Feed::save(ArchiveWriter& writer) const {
  writer.put(kFeedTag);
  writer.put(kFeedVersion);
  writer.put(static_cast<std::uint64_t>(rows_.size()));
  writer.put(sequence_);
  writer.put(nowhere_);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    writer.put(rows_[i]);
    books_[i].save(writer);
  }
  for (const TradeIds& ids : trade_ids_) ids.save(writer);
  buffer_.save(writer);
}

Errc Feed::load(ArchiveReader& reader) {
  static_assert(std::is_trivially_copyable_v<Row> && std::has_unique_object_representations_v<Row>, "rows are copied as bytes");
  const bool head = reader.expect(kFeedTag) && reader.expect(kFeedVersion) && reader.expect(static_cast<std::uint64_t>(rows_.size()));
  if (!head || !reader.get(sequence_) || !reader.get(nowhere_)) return Errc::checkpoint_mismatch;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    Row row;
    if (!reader.get(row)) return Errc::checkpoint_mismatch;
    const Row& made = rows_[i];
    const bool same = row.ids == made.ids && row.sync.rest_snapshots == made.sync.rest_snapshots &&
                      row.price_decimals == made.price_decimals && row.qty_decimals == made.qty_decimals;
    const bool sane = row.sync.phase <= BookPhase::partial && row.sync.verdict <= DepthVerdict::gap;
    if (!same || !sane || books_[i].load(reader) != Errc::ok) return Errc::checkpoint_mismatch;
    rows_[i] = row;
  }
  for (TradeIds& ids : trade_ids_) {
    if (!ids.load(reader)) return Errc::checkpoint_mismatch;
  }
  return buffer_.load(reader) ? Errc::ok : Errc::checkpoint_mismatch;
}

}  // namespace martinet
