#include "engine/hot/signal/signal.hpp"

#include <algorithm>
#include <utility>

namespace martinet {
namespace {

constexpr std::uint64_t kTag = 0x32'6c61'6e67'6973ULL;  // "signal2", the layout of this checkpoint

}  // namespace

Signal::Signal(std::vector<std::unique_ptr<Strategy>> strategies, std::size_t instrument_count)
    : strategies_(std::move(strategies)), first_(instrument_count + 1), views_(instrument_count) {
  MT_ASSERT(strategies_.size() <= capacity::strategies_max);
  for (std::size_t i = 0; i < instrument_count; ++i) {
    views_[i].instrument = static_cast<InstrumentId>(i);
    first_[i] = static_cast<std::uint32_t>(routes_.size());
    for (const auto& strategy : strategies_) {
      const std::span<const InstrumentId> own = strategy->instruments();
      if (std::find(own.begin(), own.end(), static_cast<InstrumentId>(i)) == own.end()) continue;
      routes_.push_back(
          {strategy.get(), strategy->bar_mask(static_cast<InstrumentId>(i)), static_cast<std::uint8_t>(strategy->wants_ticks())});
    }
  }
  first_[instrument_count] = static_cast<std::uint32_t>(routes_.size());
}

void Signal::on_position_view(const PositionView& view) noexcept {
  MT_DASSERT(view.instrument < views_.size());
  ++counters_.views;
  PositionView& held = views_[view.instrument];
  if (view.version < held.version) {
    ++counters_.views_stale;
    return;
  }
  held = view;
  for (std::uint32_t i = first_[view.instrument]; i != first_[view.instrument + 1u]; ++i) routes_[i].strategy->on_position(view);
}

bool Signal::wants_ticks(InstrumentId instrument) const noexcept {
  for (std::uint32_t i = first_[instrument]; i != first_[instrument + 1u]; ++i) {
    if (routes_[i].on_tick != 0) return true;
  }
  return false;
}

void Signal::save(ArchiveWriter& archive) const {
  archive.put(kTag);
  archive.put(static_cast<std::uint64_t>(strategies_.size()));
  archive.put(last_intent_id_);
  archive.put(counters_);
  archive.put_span(std::span<const PositionView>(views_));
  for (const auto& strategy : strategies_) {
    const std::string_view kind = strategy->kind();
    archive.put_span(std::span<const char>(kind.data(), kind.size()));
    archive.put_span(std::span<const InstrumentId>(strategy->instruments()));
    archive.put(strategy->counters());
    strategy->save(archive);
  }
}

Errc Signal::load(ArchiveReader& archive) {
  if (!archive.expect(kTag) || !archive.expect(static_cast<std::uint64_t>(strategies_.size())) || !archive.get(last_intent_id_) ||
      !archive.get(counters_) || !archive.get_span(std::span<PositionView>(views_))) {
    return Errc::checkpoint_mismatch;
  }
  for (const auto& strategy : strategies_) {
    std::vector<char> kind;
    std::vector<InstrumentId> instruments;
    if (!archive.get_vector(kind, 64) || !archive.get_vector(instruments, capacity::instruments_max)) return Errc::checkpoint_mismatch;
    const std::string_view found(kind.data(), kind.size());
    if (found != strategy->kind() || !std::ranges::equal(instruments, strategy->instruments())) return Errc::checkpoint_mismatch;
    if (!strategy->load_counters(archive)) return Errc::checkpoint_mismatch;
    if (const Errc error = strategy->load(archive); error != Errc::ok) return error;
  }
  return Errc::ok;
}

}  // namespace martinet
