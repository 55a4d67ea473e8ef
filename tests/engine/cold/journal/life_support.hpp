#pragma once
// A process that lives on a state folder, for the tests that kill it: boots, recovers, checks what it finds against what it was told
// before, and goes on writing. Its memory of all lives is `Witness`; the disk is the other witness.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/crc.hpp"
#include "engine/cold/journal/file_steps.hpp"
#include "engine/cold/journal/journal_writer.hpp"
#include "engine/cold/journal/recovery.hpp"

namespace martinet::journal_life {

/// What all lives together wrote and were told.
struct Witness {
  std::vector<std::vector<std::byte>> attempted;  ///< payload of record 1, 2, 3... as last written under that number
  std::uint64_t acknowledged = 0;                 ///< every record up to it was said to be durable
  std::uint64_t snapshot_acknowledged = 0;        ///< journal_sequence of the last snapshot that was said to be
  bool has_snapshot = false;
  std::uint64_t epoch = 0;  ///< the highest that was used
};

/// State after the records 1..sequence: what a snapshot holds of them.
inline std::string body_of(const Witness& witness, std::uint64_t sequence) {
  std::uint32_t sum = 0;
  for (std::uint64_t i = 0; i < sequence; ++i) sum = crc32c(witness.attempted[static_cast<std::size_t>(i)], sum);
  return "{\"sequence\":" + std::to_string(sequence) + ",\"sum\":" + std::to_string(sum) + "}";
}

inline std::vector<std::byte> bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

/// Deterministic payload: other bytes in another life, so that an old record is never taken for a new one.
inline std::vector<std::byte> payload_of(std::uint64_t sequence, std::uint64_t epoch, std::size_t size) {
  std::vector<std::byte> payload(size);
  for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::byte>(sequence * 37 + epoch * 11 + i * (i % 7 == 3 ? 0 : 1));
  return payload;
}

class Life {
 public:
  Life(Storage& storage, Files& files, Witness& witness, std::string root)
      : storage_(storage), files_(files), witness_(witness), root_(std::move(root)) {}

  /// What is wrong with what was found (a violation of an invariant), or nothing. `stopped()` tells whether an operation failed.
  std::string boot() {
    auto state = StateFolder::open(files_, {root_ + "/state", "paper", "1", 0});
    if (!state) return stop();
    state_ = std::move(*state);
    if (state_->epoch() <= witness_.epoch) return "epoch " + std::to_string(state_->epoch()) + " was used before";
    witness_.epoch = state_->epoch();
    store_ = std::make_unique<SnapshotStore>(files_, *state_, SnapshotFormat{});
    const RecoveryOptions options{root_ + "/sessions", "", false};
    const RecoveryPlan plan = plan_recovery(files_, *state_, *store_, options);
    // Only where nothing was ever promised may there be nothing to begin with.
    const bool allowed = !witness_.has_snapshot && witness_.acknowledged == 0;
    Result<Recovered> recovered = carry_out(files_, *store_, plan, allowed);
    if (!recovered && allowed && plan.outcome == RecoveryOutcome::venue_only) return stop();
    if (!recovered)
      return plan.outcome == RecoveryOutcome::refuse || plan.outcome == RecoveryOutcome::venue_only ? refused(plan.sentence) : stop();
    recovered_ = std::move(*recovered);
    return check_found(allowed);
  }

  /// Begins this life's session behind what was recovered.
  void begin(std::uint64_t reserve) {
    if (stopped_) return;
    const std::string name = "e" + std::to_string(state_->epoch()), sessions = root_ + "/sessions";
    if (recovered_.outcome == RecoveryOutcome::first_boot || recovered_.outcome == RecoveryOutcome::venue_only) {
      if (!write_snapshot("", 0)) return;
    }
    for (const std::string& folder : {sessions, sessions + "/" + name}) {
      if (!files_.make_folder(folder).ok() || !files_.sync_folder(folder_of(folder)).ok()) return (void)stop();
    }
    JournalOptions journal;
    journal.folder = sessions + "/" + name;
    journal.epoch = state_->epoch();
    journal.account = state_->account();
    journal.segment_reserve_bytes = reserve;
    journal.low_water_bytes = 0;
    journal.resume = recovered_.end;
    writer_ = std::make_unique<JournalWriter>(storage_, journal);
    if (!writer_->begin_segment(1).ok() || !writer_->sync().ok()) return (void)stop();
    session_ = name;
    (void)write_snapshot(name, writer_->durable_sequence());
  }

  /// One step of a script: a, b, c, d append 8, 300, 1200, 5000 bytes; k commit; t turn; r rotate; p prepare the next; s snapshot; z close.
  void step(char what) {
    if (stopped_) return;
    bool good = true;
    switch (what) {
      case 'a':
        good = append(8);
        break;
      case 'b':
        good = append(300);
        break;
      case 'c':
        good = append(1200);
        break;
      case 'd':
        good = append(5000);
        break;
      case 'k':
        good = writer_->sync().ok();
        break;
      case 't':
        writer_->turn(true);
        good = writer_->status() == Errc::ok;
        break;
      case 'r':
        good = writer_->begin_segment(1).ok();
        break;
      case 'p':
        (void)writer_->prepare_next();
        break;
      case 's':
        (void)write_snapshot(session_, writer_->durable_sequence());
        break;
      default:
        good = writer_->close().ok();
        break;
    }
    // Heard before the failure or not: what the writer calls durable is what others were told.
    witness_.acknowledged = std::max(witness_.acknowledged, writer_->durable_sequence());
    if (!good) (void)stop();
  }

  [[nodiscard]] bool stopped() const noexcept { return stopped_; }
  [[nodiscard]] const Recovered& recovered() const noexcept { return recovered_; }
  [[nodiscard]] JournalWriter* writer() noexcept { return writer_.get(); }

 private:
  std::string stop() {
    stopped_ = true;
    return {};
  }
  // A disk that fails while it is looked at is no verdict on what is on it.
  std::string refused(const std::string& sentence) {
    stopped_ = true;
    return sentence.find("(simulated)") != std::string::npos || sentence.find("cannot read") != std::string::npos ? ""
                                                                                                                  : "refused: " + sentence;
  }

  bool append(std::size_t size) {
    const std::uint64_t sequence = writer_->last_sequence() + 1;
    auto payload = payload_of(sequence, state_->epoch(), size);
    if (writer_->append(journal::RecordType::alert, 1, payload) != Errc::ok) return false;
    witness_.attempted.resize(static_cast<std::size_t>(sequence - 1));
    witness_.attempted.push_back(std::move(payload));
    return true;
  }

  bool write_snapshot(const std::string& session, std::uint64_t sequence) {
    if (!store_->write(session, sequence, bytes_of(body_of(witness_, sequence))).ok()) {
      (void)stop();
      return false;
    }
    witness_.has_snapshot = true;
    witness_.snapshot_acknowledged = std::max(witness_.snapshot_acknowledged, sequence);
    return true;
  }

  std::string check_found(bool allowed) {
    const std::uint64_t end = recovered_.end.sequence;
    if (end < witness_.acknowledged)
      return "record " + std::to_string(witness_.acknowledged) + " was acknowledged, the journal ends with " + std::to_string(end);
    if (end > witness_.attempted.size()) return "record " + std::to_string(end) + " was never written";
    if (!recovered_.snapshot) {
      if (allowed) witness_.attempted.clear();
      return allowed ? "" : "the snapshot is gone";
    }
    if (recovered_.replay_after < witness_.snapshot_acknowledged) return "a newer snapshot was acknowledged";
    if (recovered_.snapshot->body != bytes_of(body_of(witness_, recovered_.replay_after)))
      return "the snapshot is not of the records before it";
    std::uint64_t next = recovered_.replay_after + 1;
    std::string wrong;
    const Status replayed = replay_records(files_, recovered_, [&](const JournalRecord& record) {
      const auto& expected = witness_.attempted[static_cast<std::size_t>(record.head.sequence - 1)];
      const bool same =
          record.head.sequence == next && std::equal(record.payload.begin(), record.payload.end(), expected.begin(), expected.end());
      if (!same) wrong = "record " + std::to_string(record.head.sequence) + " is not what was written";
      ++next;
    });
    if (!replayed) return stop();
    if (!wrong.empty()) return wrong;
    if (next != end + 1) return "records are missing before " + std::to_string(end);
    // From here on what was found counts as promised: the process acts on it.
    witness_.acknowledged = end;
    witness_.attempted.resize(static_cast<std::size_t>(end));
    return {};
  }

  Storage& storage_;
  Files& files_;
  Witness& witness_;
  std::string root_;
  std::unique_ptr<StateFolder> state_;
  std::unique_ptr<SnapshotStore> store_;
  std::unique_ptr<JournalWriter> writer_;
  Recovered recovered_;
  std::string session_;
  bool stopped_ = false;
};

}  // namespace martinet::journal_life
