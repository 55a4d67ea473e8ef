// A checkpoint is the facts of each key, the account and the counters. What is derived from the configuration is compared.
#include <algorithm>

#include "engine/cold/position/position_machine.hpp"

namespace martinet {
namespace {

constexpr std::uint64_t kTag = 0x32'4E'4F'49'54'49'53'4F;  // "OSITION2", little-endian

/// Everything of the configuration, as numbers of one width.
std::array<std::int64_t, 13> numbers_of(const PositionConfig& config) noexcept {
  return {config.initial_balance.v,
          config.stop_retry_ns,
          config.stop_deadline_ns,
          config.stop_watchdog_ns,
          config.close_retry_ns,
          config.close_retry_ns_max,
          config.answer_ns,
          config.guard_ttl_ns,
          config.slippage_guard.v,
          config.leverage,
          config.stop_retries,
          static_cast<std::int64_t>(config.trigger_ref),
          (config.target_enabled ? 1 : 0) + (config.stop_needs_confirmation ? 2 : 0)};
}

// What the code indexes with or asserts. (The journal's checksum stands between a damaged byte and us; this guards against a
// checkpoint of another build that happens to have the same length.)
bool sound(const PositionSlot& slot, std::size_t index) noexcept {
  bool ok = slot.view.instrument == index && slot.early_count <= kSlotEarlyMax && slot.trade_next < kSlotTradesMax;
  ok &= slot.exposure <= Exposure::closing && slot.protection <= Protection::failed && slot.knowledge <= Knowledge::halted;
  for (const std::uint16_t attempt : slot.attempts) ok &= attempt <= kAttemptsMax;
  for (const LegOrder& order : slot.orders) {
    ok &= order.state <= LegState::live && order.leg <= OrderPurpose::close && order.side <= Side::sell && order.leaves.v >= 0;
  }
  return ok;
}

}  // namespace

void PositionMachine::save(ArchiveWriter& writer) const {
  writer.put(kTag);
  writer.put(numbers_of(config_));
  writer.put(static_cast<std::uint64_t>(sizeof(PositionSlot)));
  writer.put_span(std::span<const PositionSlot>(slots_));
  account_.save(writer);
  writer.put(counters_);
  writer.put(sequence_);
  writer.put(guard_);
  writer.put(equity_sent_);
  writer.put(balance_sent_);
  writer.put(latches_);
  writer.put(open_positions_);
}

Errc PositionMachine::load(ArchiveReader& reader) {
  PositionMachine read(instruments_, config_, capabilities_);
  bool ok = reader.expect(kTag) && reader.expect(numbers_of(config_)) && reader.expect(static_cast<std::uint64_t>(sizeof(PositionSlot)));
  ok = ok && slots_.size() == read.slots_.size() && reader.get_span(std::span<PositionSlot>(read.slots_));
  ok = ok && read.account_.load(reader) == Errc::ok;
  ok = ok && reader.get(read.counters_) && reader.get(read.sequence_) && reader.get(read.guard_) && reader.get(read.equity_sent_);
  ok = ok && reader.get(read.balance_sent_) && reader.get(read.latches_) && reader.get(read.open_positions_);
  for (std::size_t i = 0; ok && i < read.slots_.size(); ++i) ok = sound(read.slots_[i], i);
  if (!ok) return Errc::checkpoint_mismatch;
  slots_ = std::move(read.slots_);
  account_ = read.account_;
  counters_ = read.counters_;
  sequence_ = read.sequence_;
  guard_ = read.guard_;
  equity_sent_ = read.equity_sent_;
  balance_sent_ = read.balance_sent_;
  latches_ = read.latches_;
  open_positions_ = read.open_positions_;
  return Errc::ok;
}

}  // namespace martinet
