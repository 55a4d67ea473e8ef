#pragma once
// Writes the levels of one venue message into a DecodedFrame, in pieces of capacity::depth_levels_max. What is said of the whole
// message (ids, times, flags) may come after the levels on the wire, so it is written at the end, to every piece.
#include <cstdint>

#include "engine/base/instrument.hpp"
#include "engine/messages/decoded_frame.hpp"

namespace martinet {

/// What all pieces of one message share. `flags` without first and last.
struct DepthHead {
  std::int64_t ts_receive_ns = 0;
  std::int64_t ts_exchange_ns = 0;
  std::uint64_t first_id = 0;
  std::uint64_t last_id = 0;
  std::uint64_t previous_id = 0;
  std::int32_t checksum = 0;
  InstrumentId instrument = kNoInstrument;
  std::uint16_t flags = 0;
};

class DepthWriter {
 public:
  /// Starts a message behind the depths that `out` already holds.
  explicit DepthWriter(DecodedFrame& out) noexcept : out_(out), begin_(out.depth_count) {}

  /// Where the next level goes: the caller sets every field of it. nullptr: more pieces than a frame may hold.
  /// (A level built elsewhere and copied here costs a stall: wide loads of what was just stored in parts.)
  [[nodiscard]] DepthLevel* next() noexcept {
    if (count_ == capacity::depth_levels_max || piece_ == nullptr) [[unlikely]] {
      if (!open()) return nullptr;
    }
    return &piece_->levels[count_++];
  }
  [[nodiscard]] bool push(const DepthLevel& level) noexcept {
    DepthLevel* const to = next();
    if (to == nullptr) return false;
    *to = level;
    return true;
  }

  /// Sets heads and counts; a message without levels becomes one piece without levels.
  [[nodiscard]] bool finish(const DepthHead& head) noexcept {
    if (piece_ == nullptr && !open()) return false;
    piece_->level_count = static_cast<std::uint16_t>(count_);
    const std::uint32_t end = out_.depth_count + opened_;
    for (std::uint32_t i = begin_; i < end; ++i) {
      DepthUpdate& piece = out_.depths[i];
      piece.ts_receive_ns = head.ts_receive_ns;
      piece.ts_exchange_ns = head.ts_exchange_ns;
      piece.first_id = head.first_id;
      piece.last_id = head.last_id;
      piece.previous_id = head.previous_id;
      piece.checksum = head.checksum;
      piece.instrument = head.instrument;
      piece.flags = static_cast<std::uint16_t>(head.flags | (i == begin_ ? depth_flag::first : 0) | (i + 1 == end ? depth_flag::last : 0));
      for (std::uint8_t& byte : piece.pad) byte = 0;
    }
    out_.depth_count = end;
    return true;
  }

 private:
  bool open() noexcept {
    if (piece_ != nullptr) piece_->level_count = static_cast<std::uint16_t>(count_);
    if (begin_ + opened_ == capacity::decoded_depths_max) return false;
    piece_ = &out_.depths[begin_ + opened_++];
    count_ = 0;
    return true;
  }

  DecodedFrame& out_;
  DepthUpdate* piece_ = nullptr;
  std::size_t count_ = 0;  // levels in piece_
  std::uint32_t begin_;
  std::uint32_t opened_ = 0;
};

}  // namespace martinet
