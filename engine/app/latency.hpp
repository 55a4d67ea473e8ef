#pragma once
// Where the time goes: one histogram per stage, in TSC cycles, each written by the one thread that runs the stage. Only every n-th
// input is timed, so that measuring costs the others one branch.
#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "engine/base/histogram.hpp"
#include "engine/runtime/tsc_clock.hpp"

namespace martinet {

/// In data order. A stage's time is its own: what it calls downstream on the same thread is taken off.
enum class Stage : std::uint8_t {
  decode,      ///< bytes to decoded messages, one frame
  feed,        ///< decoded to trusted, and handing on
  venue,       ///< the paper venue looking at the market
  indicators,
  signal,
  risk,
  gateway,
  input,       ///< one input from its entry until the hot path is done with it
  order,       ///< bytes of a tick (trade, quote, ticker) or candle in until its OrderRequest is at the gateway's door
  order_depth, ///< the same for the bytes of a book message, all its levels applied and its checksum verified
  count_
};

[[nodiscard]] constexpr std::string_view name_of(Stage stage) noexcept {
  constexpr std::string_view kNames[] = {"decode", "feed", "venue", "indicators", "signal", "risk", "gateway", "input", "order", "order_depth"};
  return kNames[static_cast<std::size_t>(stage)];
}
inline constexpr std::size_t kStageCount = static_cast<std::size_t>(Stage::count_);

/// Per thread: whether the input in hand is timed, and what was spent further down.
struct Stopwatch {
  bool on = false;
  std::uint64_t nested_cycles = 0;
};

class LatencyBook {
 public:
  /// Runs `work`; records its own cycles under `stage` if the watch is on.
  template <class Work>
  void time(Stage stage, Stopwatch& watch, Work&& work) noexcept {
    if (!watch.on) {
      work();
      return;
    }
    const std::uint64_t outer = watch.nested_cycles;
    watch.nested_cycles = 0;
    const std::uint64_t start = tsc_now();
    work();
    const std::uint64_t total = tsc_now() - start;
    record(stage, total > watch.nested_cycles ? total - watch.nested_cycles : 0);
    watch.nested_cycles = outer + total;
  }

  void record(Stage stage, std::uint64_t cycles) noexcept { histograms_[static_cast<std::size_t>(stage)].record(cycles); }

  /// Threads: ingress writes the origin of input `sequence`, egress looks it up when an order comes of it.
  void set_origin(std::uint64_t sequence, std::uint64_t cycles, Stage stage) noexcept {
    Origin& origin = origins_[sequence % kOrigins];
    origin.stage.store(stage, std::memory_order_relaxed);
    origin.cycles.store(cycles, std::memory_order_relaxed);
    origin.sequence.store(sequence, std::memory_order_release);
  }
  void record_order(std::uint64_t sequence) noexcept {
    const Origin& origin = origins_[sequence % kOrigins];
    if (origin.sequence.load(std::memory_order_acquire) != sequence) return;  // not timed, or long ago
    record(origin.stage.load(std::memory_order_relaxed), tsc_now() - origin.cycles.load(std::memory_order_relaxed));
  }

  /// Valid when the threads have stopped.
  [[nodiscard]] const Histogram& of(Stage stage) const noexcept { return histograms_[static_cast<std::size_t>(stage)]; }
  void merge(Stage stage, const Histogram& other) noexcept { histograms_[static_cast<std::size_t>(stage)].merge(other); }
  void clear() noexcept {
    for (Histogram& histogram : histograms_) histogram.clear();
  }

 private:
  static constexpr std::size_t kOrigins = 1024;
  struct Origin {
    std::atomic<std::uint64_t> sequence{0};
    std::atomic<std::uint64_t> cycles{0};
    std::atomic<Stage> stage{Stage::order};
  };
  std::array<Histogram, kStageCount> histograms_{};
  std::array<Origin, kOrigins> origins_{};
};

}  // namespace martinet
