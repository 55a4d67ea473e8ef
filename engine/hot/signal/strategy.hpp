#pragma once
// A strategy looks at one instrument's indicators and says what it wants. It decides on closed bars (or, where asked, on every
// tick), keeps its own state per instrument, and never sees an order: what becomes of an intent comes back as a PositionView.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/archive.hpp"
#include "engine/base/assert.hpp"
#include "engine/base/capacity.hpp"
#include "engine/messages/indicator_frame.hpp"
#include "engine/messages/order_intent.hpp"
#include "engine/messages/position_view.hpp"

namespace martinet {

/// The intents one strategy makes of one frame.
class IntentList {
 public:
  static constexpr std::size_t kCapacity = 4;

  /// A fresh intent to fill in; valid until clear(). Stamps, sequence, instrument, strategy and intent_id are set by the stage.
  [[nodiscard]] OrderIntent& add() noexcept {
    MT_ASSERT(count_ < kCapacity);
    intents_[count_] = OrderIntent{};
    return intents_[count_++];
  }
  void clear() noexcept { count_ = 0; }
  [[nodiscard]] std::span<OrderIntent> span() noexcept { return {intents_.data(), count_}; }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }

 private:
  std::array<OrderIntent, kCapacity> intents_{};
  std::size_t count_ = 0;
};

/// Why a strategy did what it did, as counts.
struct StrategyCounters {
  std::uint64_t decisions = 0;         ///< frames it was asked about
  std::uint64_t not_warm = 0;          ///< of these: an indicator had no value yet
  std::uint64_t cooling_down = 0;      ///< of these: no entry because of a cooldown
  std::uint64_t missing_features = 0;  ///< of these: held because a model's feature had no finite value
  std::uint64_t unpriceable = 0;       ///< entries given up: a stop or target that is not positive or not a tick away
  std::uint64_t entries_long = 0;
  std::uint64_t entries_short = 0;
  std::uint64_t exits = 0;
  bool operator==(const StrategyCounters&) const = default;
};

/// Threads: strategy only. No method of the hot part allocates, throws or reads a clock.
class Strategy {
 public:
  Strategy(StrategyId id, std::string name, std::span<const InstrumentId> instruments);
  Strategy(const Strategy&) = delete;
  Strategy& operator=(const Strategy&) = delete;
  virtual ~Strategy();

  /// Decides. Called for its own instruments only, and only where bar_mask() or wants_ticks() asks for it.
  /// in    position: the last view of frame.instrument (flat, version 0, before the first)
  virtual void on_frame(const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept = 0;
  /// A new view of one of its instruments; views of an older version do not come.
  virtual void on_position(const PositionView&) noexcept {}
  virtual void save(ArchiveWriter& archive) const = 0;
  /// fails checkpoint_mismatch; the strategy must then not be used
  [[nodiscard]] virtual Errc load(ArchiveReader& archive) = 0;
  [[nodiscard]] virtual std::string_view kind() const noexcept = 0;

  [[nodiscard]] StrategyId id() const noexcept { return id_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::span<const InstrumentId> instruments() const noexcept { return instruments_; }
  /// Bits of IndicatorFrame.closed_mask it decides on, for one of its instruments.
  [[nodiscard]] std::uint8_t bar_mask(InstrumentId instrument) const noexcept { return bar_masks_[local(instrument)]; }
  [[nodiscard]] bool wants_ticks() const noexcept { return wants_ticks_; }  ///< decides on frames with on_tick = 1 as well
  [[nodiscard]] const StrategyCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] bool load_counters(ArchiveReader& archive) noexcept { return archive.get(counters_); }

 protected:
  /// Index of `instrument` in instruments().
  [[nodiscard]] std::size_t local(InstrumentId instrument) const noexcept {
    MT_DASSERT(instrument < local_.size() && local_[instrument] != kNoInstrument);
    return local_[instrument];
  }
  [[nodiscard]] bool owns(const PositionView& position) const noexcept {
    return position.exposure != Exposure::flat && position.owner == id_;
  }

  std::vector<std::uint8_t> bar_masks_;  ///< one per instrument, 0 until the constructor of the strategy sets it
  bool wants_ticks_ = false;
  StrategyCounters counters_;

 private:
  StrategyId id_;
  std::string name_;
  std::vector<InstrumentId> instruments_;
  std::array<std::uint16_t, capacity::instruments_max> local_{};
};

}  // namespace martinet
