#include "engine/hot/feed/depth_buffer.hpp"

#include <algorithm>
#include <cstring>

#include "engine/base/assert.hpp"

namespace martinet {
namespace {

constexpr std::uint32_t kBufferTag = 0x46554244;  // "DBUF"
constexpr std::size_t kHeadBytes = offsetof(DepthUpdate, levels);

/// Copies the head and the levels that are set: half a cache line for a typical change instead of 1 KB.
void copy_piece(const DepthUpdate& from, DepthUpdate& to) noexcept {
  const std::size_t levels = std::min<std::size_t>(from.level_count, capacity::depth_levels_max);
  std::memcpy(static_cast<void*>(&to), &from, kHeadBytes + levels * sizeof(DepthLevel));
}

}  // namespace

DepthBuffer::DepthBuffer(std::size_t instruments, std::size_t pieces_max) : nodes_(pieces_max), chains_(instruments) {
  MT_ASSERT(pieces_max >= 1 && pieces_max < kNone);
  reset();
}

void DepthBuffer::reset() noexcept {
  std::ranges::fill(chains_, Chain{});
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) nodes_[i].next = i + 1 < nodes_.size() ? i + 1 : kNone;
  free_ = 0;
}

DepthBuffer::Pushed DepthBuffer::push(const DepthUpdate& piece) noexcept {
  Pushed pushed;
  if (free_ == kNone) {
    pushed.victim = longest();
    pushed.given_up = clear(pushed.victim);
  }
  const std::uint32_t at = free_;
  MT_DASSERT(at != kNone);
  free_ = nodes_[at].next;
  copy_piece(piece, nodes_[at].piece);
  nodes_[at].next = kNone;
  Chain& chain = chains_[piece.instrument];
  (chain.size == 0 ? chain.head : nodes_[chain.tail].next) = at;
  chain.tail = at;
  ++chain.size;
  return pushed;
}

void DepthBuffer::pop(InstrumentId instrument) noexcept {
  Chain& chain = chains_[instrument];
  MT_DASSERT(chain.size > 0);
  const std::uint32_t at = chain.head;
  chain.head = nodes_[at].next;
  --chain.size;
  nodes_[at].next = free_;
  free_ = at;
}

std::size_t DepthBuffer::clear(InstrumentId instrument) noexcept {
  Chain& chain = chains_[instrument];
  const std::size_t size = chain.size;
  if (size == 0) return 0;
  nodes_[chain.tail].next = free_;
  free_ = chain.head;
  chain = Chain{};
  return size;
}

InstrumentId DepthBuffer::longest() const noexcept {
  const auto it = std::ranges::max_element(chains_, {}, &Chain::size);
  return static_cast<InstrumentId>(it - chains_.begin());
}

void DepthBuffer::save(ArchiveWriter& writer) const {
  writer.put(kBufferTag);
  for (const Chain& chain : chains_) {
    writer.put(static_cast<std::uint64_t>(chain.size));
    std::uint32_t at = chain.head;
    for (std::size_t i = 0; i < chain.size; ++i, at = nodes_[at].next) {
      const DepthUpdate& piece = nodes_[at].piece;
      const auto bytes = std::as_bytes(std::span(&piece, 1));
      writer.put(piece.level_count);
      writer.put_bytes(bytes.first(kHeadBytes + piece.level_count * sizeof(DepthLevel)));
    }
  }
}

bool DepthBuffer::load(ArchiveReader& reader) noexcept {
  reset();
  if (!reader.expect(kBufferTag)) return false;
  DepthUpdate piece;
  std::size_t total = 0;
  for (std::size_t i = 0; i < chains_.size(); ++i) {
    std::uint64_t size = 0;
    bool good = reader.get(size) && size <= nodes_.size() - total;
    for (std::uint64_t n = 0; good && n < size; ++n) {
      std::uint16_t levels = 0;
      std::array<std::byte, kHeadBytes> head;
      good = reader.get(levels) && levels <= capacity::depth_levels_max && reader.get(head);
      if (!good) break;
      std::memcpy(static_cast<void*>(&piece), head.data(), kHeadBytes);
      for (std::size_t k = 0; good && k < levels; ++k) good = reader.get(piece.levels[k]);
      good = good && piece.level_count == levels && piece.instrument == i;
      if (good) push(piece);
    }
    if (!good) {
      reset();
      return false;
    }
    total += static_cast<std::size_t>(size);
  }
  return true;
}

}  // namespace martinet
