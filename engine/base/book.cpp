#include "engine/base/book.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "engine/base/assert.hpp"
#include "engine/base/crc.hpp"
#include "engine/base/decimal.hpp"

namespace martinet {
namespace {

constexpr std::uint32_t kBookTag = 0x4B4F4F42;  // "BOOK"
constexpr std::size_t kChecksumLevels = 25;
constexpr std::size_t kNumberBytesMax = 24;

/// ":price:qty" as the venue printed it.
class LevelText {
 public:
  LevelText(const BookLevel& level, int price_decimals, int qty_decimals) noexcept {
    add(level.price.v, price_decimals, level.price_digits);
    add(level.qty.v, qty_decimals, level.qty_digits);
  }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return std::as_bytes(std::span(bytes_.data(), size_)); }

 private:
  void add(std::int64_t value, int decimals, int digits) noexcept {
    std::array<char, kNumberBytesMax> buffer;
    const std::string_view text = format_decimal(value, decimals, std::min(digits, decimals), buffer);
    bytes_[size_++] = ':';
    std::memcpy(bytes_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  std::array<char, 2 * (kNumberBytesMax + 1)> bytes_;
  std::size_t size_ = 0;
};
static_assert(2 * (kNumberBytesMax + 1) <= kCrcJoinBytesMax);

/// The CRC of what was joined so far. The whole text has no ':' before its first number.
class JoinedCrc {
 public:
  void add(BookLevel& level, int price_decimals, int qty_decimals) noexcept {
    if (is_empty_) {
      is_empty_ = false;
      crc_ = crc32_ieee(LevelText(level, price_decimals, qty_decimals).bytes().subspan(1));
      return;
    }
    if (level.text_size == 0) {
      const LevelText text(level, price_decimals, qty_decimals);
      level.text_crc = crc32_ieee(text.bytes());
      level.text_size = static_cast<std::uint8_t>(text.bytes().size());
    }
    crc_ = crc32_ieee_join(crc_, level.text_crc, level.text_size);
  }
  [[nodiscard]] std::uint32_t crc() const noexcept { return crc_; }

 private:
  std::uint32_t crc_ = 0;
  bool is_empty_ = true;
};

}  // namespace

Book::Book(std::size_t levels_max) {
  MT_ASSERT(levels_max >= 1);
  bids_.levels.resize(levels_max);
  asks_.levels.resize(levels_max);
  asks_.sign = -1;
}

void Book::clear() noexcept {
  bids_.clear();
  asks_.clear();
}

void Book::Half::clear() noexcept {
  count = 0;
  dropped = 0;
  dropped_key = 0;
}

void Book::Half::erase(std::size_t at) noexcept {
  std::memmove(levels.data() + at, levels.data() + at + 1, (count - at - 1) * sizeof(BookLevel));
  --count;
}

void Book::Half::note_dropped(std::int64_t key) noexcept {
  dropped_key = dropped == 0 ? key : std::max(dropped_key, key);
  ++dropped;
}

Errc Book::Half::insert(std::size_t at, const BookLevel& level) noexcept {
  if (count < levels.size()) {
    std::memmove(levels.data() + at + 1, levels.data() + at, (count - at) * sizeof(BookLevel));
    levels[at] = level;
    ++count;
    return Errc::ok;
  }
  if (at == 0) {
    note_dropped(sign * level.price.v);
    return Errc::no_capacity;
  }
  note_dropped(key_at(0));
  std::memmove(levels.data(), levels.data() + 1, (at - 1) * sizeof(BookLevel));
  levels[at - 1] = level;
  return Errc::no_capacity;
}

Qty Book::qty_at(Side side, Price price) const noexcept {
  const Half& half = of(side);
  const std::size_t at = half.lower_bound(half.sign * price.v);
  return at < half.count && half.levels[at].price == price ? half.levels[at].qty : Qty{};
}

bool Book::is_top_known(Side side) const noexcept {
  const Half& half = of(side);
  if (half.dropped == 0) return true;
  return half.count != 0 && half.key_at(half.count - 1) > half.dropped_key;
}

std::uint32_t Book::checksum25(int price_decimals, int qty_decimals) noexcept {
  JoinedCrc joined;
  for (std::size_t i = 0; i < kChecksumLevels; ++i) {
    if (i < bids_.count) joined.add(bids_.levels[bids_.count - 1 - i], price_decimals, qty_decimals);
    if (i < asks_.count) joined.add(asks_.levels[asks_.count - 1 - i], price_decimals, qty_decimals);
  }
  return joined.crc();
}

void Book::Half::save(ArchiveWriter& writer) const {
  writer.put(static_cast<std::uint64_t>(count));
  writer.put_span(std::span<const BookLevel>(levels.data(), count));
  writer.put(dropped);
  writer.put(dropped_key);
}

bool Book::Half::load(ArchiveReader& reader) noexcept {
  std::uint64_t found = 0;
  if (!reader.get(found) || found > levels.size()) return false;
  if (!reader.get_span(std::span(levels.data(), static_cast<std::size_t>(found)))) return false;
  if (!reader.get(dropped) || !reader.get(dropped_key)) return false;
  count = static_cast<std::size_t>(found);
  for (std::size_t i = 0; i < count; ++i) {
    if (levels[i].qty.v <= 0 || levels[i].price == kNoPrice || levels[i].text_size > kCrcJoinBytesMax) return false;
    if (i > 0 && key_at(i - 1) >= key_at(i)) return false;
  }
  return true;
}

void Book::save(ArchiveWriter& writer) const {
  writer.put(kBookTag);
  bids_.save(writer);
  asks_.save(writer);
}

Errc Book::load(ArchiveReader& reader) noexcept {
  clear();
  if (reader.expect(kBookTag) && bids_.load(reader) && asks_.load(reader)) return Errc::ok;
  clear();
  return Errc::checkpoint_mismatch;
}

bool Book::operator==(const Book& other) const noexcept {
  return std::ranges::equal(levels(Side::buy), other.levels(Side::buy)) && std::ranges::equal(levels(Side::sell), other.levels(Side::sell));
}

}  // namespace martinet
