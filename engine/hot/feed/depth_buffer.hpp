#pragma once
// Pieces of books kept back until a snapshot comes: one pool for all instruments, a first-in first-out chain for each. When the
// pool is full the longest chain is given up, so that one busy instrument does not starve the others; what its snapshot then
// misses shows as a gap in the sequence.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/archive.hpp"
#include "engine/base/fixed_point.hpp"
#include "engine/messages/depth_update.hpp"

namespace martinet {

class DepthBuffer {
 public:
  /// Takes pieces_max KB. pieces_max >= 1.
  DepthBuffer(std::size_t instruments, std::size_t pieces_max);

  struct Pushed {
    InstrumentId victim = kNoInstrument;  ///< whose pieces were given up, if any (may be the pushing instrument)
    std::size_t given_up = 0;
  };
  /// Appends a copy to its instrument's chain.
  Pushed push(const DepthUpdate& piece) noexcept;

  [[nodiscard]] std::size_t size(InstrumentId instrument) const noexcept { return chains_[instrument].size; }
  [[nodiscard]] bool empty(InstrumentId instrument) const noexcept { return chains_[instrument].size == 0; }
  /// Oldest piece; not empty. Valid until it is popped; the caller may change it.
  [[nodiscard]] DepthUpdate& front(InstrumentId instrument) noexcept { return nodes_[chains_[instrument].head].piece; }
  void pop(InstrumentId instrument) noexcept;
  std::size_t clear(InstrumentId instrument) noexcept;  ///< gives up a chain; returns how many pieces it had

  void save(ArchiveWriter& writer) const;
  [[nodiscard]] bool load(ArchiveReader& reader) noexcept;  ///< false: does not fit; the buffer is then empty

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  struct Node {
    DepthUpdate piece;
    std::uint32_t next = kNone;
  };
  struct Chain {
    std::uint32_t head = kNone;
    std::uint32_t tail = kNone;
    std::size_t size = 0;
  };
  [[nodiscard]] InstrumentId longest() const noexcept;
  void reset() noexcept;

  std::vector<Node> nodes_;
  std::vector<Chain> chains_;
  std::uint32_t free_ = kNone;
};

}  // namespace martinet
