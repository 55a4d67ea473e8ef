#pragma once
// Two runs of one session, record by record: the one in the journal and the one being made. Decisions and orders are one stream, all
// else another: each is compared until it parts.
#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>

#include "adapters/net/sha256.hpp"
#include "engine/app/decision_probe.hpp"
#include "engine/app/reproduce.hpp"
#include "engine/app/session_journal.hpp"

namespace martinet {

/// What the journal has of one stream, in order.
class RecordedStream {
 public:
  RecordedStream(SessionJournal journal, bool of_orders) : journal_(std::move(journal)), of_orders_(of_orders) { advance(); }
  /// The next one; null at the end or a failure.
  [[nodiscard]] const SideRecord* next() const noexcept { return next_ ? &*next_ : nullptr; }
  void advance();
  [[nodiscard]] const SessionJournal& journal() const noexcept { return journal_; }

 private:
  SessionJournal journal_;
  bool of_orders_;
  std::optional<SideRecord> next_;
};

/// Threads: as the tap and the probe of a replay in lock step.
class SessionComparison {
 public:
  /// in  journals of the same folder, both at their beginning; the probe listens to the same run
  SessionComparison(SessionJournal orders, SessionJournal others, DecisionProbe& probe);

  void hear(journal::RecordType type, std::int64_t ts_ns, std::span<const std::byte> payload);
  /// The run has come to its end by itself: what the journal has beyond it is a difference.
  void run_ended();
  /// Set when nothing more is to be learned.
  [[nodiscard]] const std::atomic<bool>& enough() const noexcept { return enough_; }
  /// True if everything the journal has was made, or the streams have parted.
  [[nodiscard]] bool decided() const noexcept { return orders_.settled() && others_.settled(); }

  void report(Reproduction& out) const;

 private:
  struct Side {
    RecordedStream recorded;
    std::uint64_t same = 0;
    bool over = false;  // the journal has ended before its session did: nothing more to compare
    std::optional<Divergence> part;
    [[nodiscard]] bool settled() const noexcept { return over || part || recorded.next() == nullptr; }
  };

  void compare(Side& side, bool of_orders, const SideRecord& made);
  void accept(const SideRecord& record);
  void part_orders(const SideRecord* made);
  void watch_next() noexcept;
  [[nodiscard]] std::optional<GateDecision> decision_of(const SideRecord& record) const;

  Side orders_;
  Side others_;
  DecisionProbe& probe_;
  Sha256 stream_;
  std::uint64_t order_count_ = 0;
  std::deque<GateDecision> decisions_;  // the last ones, the same on both sides
  bool awaits_order_ = false;           // parted, and the next order of the run is still to come
  std::atomic<bool> enough_{false};
};

}  // namespace martinet
