#pragma once
// Which trades have been seen. Binance numbers them upwards, so one number is enough. Elsewhere ids are only unique (and those of
// a snapshot of past trades may run the other way), so the last ones are remembered: at least kWindow, at most twice as many.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/archive.hpp"

namespace martinet {

class TradeIds {
 public:
  /// A snapshot of past trades has 50 to 500 of them; all of one and as many live ones again are remembered.
  static constexpr std::size_t kWindow = 1024;

  /// Notes the id; false if it was there already. id != 0.
  /// cost  two short probes in tables half full at most; every kWindow ids one table of 16 KB is cleared
  [[nodiscard]] bool note(std::uint64_t id) noexcept {
    if (contains(tables_[1 - young_], id)) return false;
    std::uint64_t& slot = find(tables_[young_], id);
    if (slot == id) return false;
    slot = id;
    if (++count_ == kWindow) turn();
    return true;
  }

  void save(ArchiveWriter& writer) const {
    for (const Table& table : tables_) writer.put_span(std::span<const std::uint64_t>(table));
    writer.put(young_);
    writer.put(count_);
  }
  [[nodiscard]] bool load(ArchiveReader& reader) noexcept {
    for (Table& table : tables_) {
      if (!reader.get_span(std::span<std::uint64_t>(table))) return false;
    }
    return reader.get(young_) && reader.get(count_) && young_ < tables_.size() && is_sound();
  }

 private:
  static constexpr std::size_t kSlots = 2 * kWindow;
  using Table = std::array<std::uint64_t, kSlots>;  // 0 = free; linear probing

  [[nodiscard]] static std::size_t home_of(std::uint64_t id) noexcept {
    return static_cast<std::size_t>((id * 0x9E3779B97F4A7C15ULL) >> 32) % kSlots;  // Fibonacci hashing: 2^64 / golden ratio
  }
  [[nodiscard]] static std::uint64_t& find(Table& table, std::uint64_t id) noexcept {
    std::size_t slot = home_of(id);
    while (table[slot] != 0 && table[slot] != id) slot = (slot + 1) % kSlots;
    return table[slot];
  }
  [[nodiscard]] static bool contains(Table& table, std::uint64_t id) noexcept { return find(table, id) == id; }

  void turn() noexcept {
    young_ = 1 - young_;
    tables_[young_].fill(0);
    count_ = 0;
  }
  /// A table without a free slot would be probed for ever.
  [[nodiscard]] bool is_sound() const noexcept {
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      std::size_t used = 0;
      for (const std::uint64_t id : tables_[i]) used += id != 0 ? 1 : 0;
      if (i == young_ ? used != count_ || used >= kWindow : used > kWindow) return false;
    }
    return true;
  }

  std::array<Table, 2> tables_{};
  std::uint64_t young_ = 0;
  std::uint64_t count_ = 0;  // in the young table
};

}  // namespace martinet
