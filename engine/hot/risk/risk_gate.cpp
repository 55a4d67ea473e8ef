#include "engine/hot/risk/risk_gate.hpp"

namespace martinet {
namespace {

constexpr std::uint64_t kTag = 0x32'6b73'6972ULL;  // "risk2", the layout of this checkpoint

Terms terms_of(const Instrument& instrument, const RiskConfig& config) noexcept {
  Terms terms;
  terms.value_num = instrument.value_num;
  terms.value_den = instrument.value_den;
  terms.tick_size = instrument.rules.tick_size;
  terms.lot_size = instrument.rules.lot_size;
  terms.qty_min = instrument.rules.qty_min;
  terms.qty_max = instrument.rules.qty_max;
  terms.notional_min = instrument.rules.notional_min;
  terms.leverage = instrument.kind == ContractKind::spot ? 1 : config.leverage;
  terms.kind = instrument.kind;
  terms.status = instrument.rules.status;
  return terms;
}

// floor(money * fraction): a budget is never overstated. Where the money is not positive entries are refused before it is used.
Money part_of(Money money, Rate fraction) noexcept {
  if (money.v <= 0) return {0};
  if (fraction.v == kRateUnit) return money;
  return {
      static_cast<std::int64_t>(static_cast<sizing::Wide>(sizing::plain(money.v)) * sizing::plain(fraction.v) / sizing::plain(kRateUnit))};
}

void make_shares(RiskState& state) noexcept {
  const RiskConfig& config = state.config;
  const Money whole = part_of(state.sizing_base(), config.risk_fraction);
  for (std::size_t i = 0; i < state.shares.size(); ++i) {
    const Rate fraction = config.capital_fraction[i];
    Share& share = state.shares[i];
    share.capital = part_of(state.guard.equity, fraction);
    share.risk_budget = fraction.v == kRateUnit ? whole : part_of(part_of(state.sizing_base(), fraction), config.risk_fraction);
  }
}

Money margin_of_view(const PositionView& view, const Terms& terms) noexcept {
  if (view.notional.v <= 0) return {0};
  return {static_cast<std::int64_t>(sizing::divide_up(sizing::plain(view.notional.v), sizing::plain(terms.leverage)))};
}

}  // namespace

RiskGate::RiskGate(const InstrumentTable& table, const RiskConfig& config) {
  MT_ASSERT(check(config).ok());
  state_.config = config;
  state_.terms.reserve(table.size());
  for (const Instrument& instrument : table) state_.terms.push_back(terms_of(instrument, config));
  state_.holdings.resize(table.size());
  state_.cycles.resize(table.size());
}

void RiskGate::on_position_view(const PositionView& view) noexcept {
  MT_ASSERT(view.instrument < state_.holdings.size());
  Holding& holding = state_.holdings[view.instrument];
  if (view.version < holding.version) {
    ++counters_.views_stale;
    return;
  }
  state_.count(holding, -1);
  holding.version = view.version;
  holding.covers_request = view.covers_request;
  holding.qty = view.qty;
  holding.notional.v = view.notional.v > 0 ? view.notional.v : 0;
  holding.margin = margin_of_view(view, state_.terms[view.instrument]);
  holding.owner = view.owner;
  holding.exposure = view.exposure;
  holding.legs_filled = view.legs_filled;
  if (holding.reserved() && view.covers_request >= holding.reserved_request) {
    holding.reserved_request = 0;
    ++counters_.released;
    if (holding.has_cycle == 0) {
      holding.reserved_margin = {};
      holding.reserver = kNoStrategy;
    }
  }
  if (holding.has_cycle != 0) settle_cycle(holding, state_.cycles[view.instrument]);
  state_.count(holding, +1);
}

void RiskGate::on_guard_view(const GuardView& view) noexcept {
  if (state_.has_guard && view.version < state_.guard.version) {
    ++counters_.guards_stale;
    return;
  }
  state_.guard = view;
  state_.has_guard = true;
  make_shares(state_);
}

void RiskGate::on_instrument_update(const Instrument& instrument) noexcept {
  MT_ASSERT(instrument.id < state_.terms.size());
  MT_ASSERT(instrument.rules.tick_size.v > 0);
  MT_ASSERT(instrument.rules.lot_size.v > 0);
  MT_ASSERT(instrument.value_den > 0);
  state_.terms[instrument.id] = terms_of(instrument, state_.config);
}

void RiskGate::save_config(ArchiveWriter& archive) const {
  const RiskConfig& c = state_.config;
  archive.put(c.risk_fraction);
  archive.put(c.max_order_notional);
  archive.put(c.price_collar);
  archive.put(c.tick_age_ns_max);
  archive.put(c.taker_fee);
  archive.put(c.slippage_allowance);
  archive.put(c.fixed_base);
  archive.put(c.max_open_positions);
  archive.put(c.leverage);
  archive.put(c.in_flight_max);
  archive.put(c.sizing_base);
  archive.put(c.cap_size);
  archive.put(c.capital_fraction);
}

bool RiskGate::expect_config(ArchiveReader& archive) const {
  const RiskConfig& c = state_.config;
  return archive.expect(c.risk_fraction) && archive.expect(c.max_order_notional) && archive.expect(c.price_collar) &&
         archive.expect(c.tick_age_ns_max) && archive.expect(c.taker_fee) && archive.expect(c.slippage_allowance) &&
         archive.expect(c.fixed_base) && archive.expect(c.max_open_positions) && archive.expect(c.leverage) &&
         archive.expect(c.in_flight_max) && archive.expect(c.sizing_base) && archive.expect(c.cap_size) &&
         archive.expect(c.capital_fraction);
}

void RiskGate::save(ArchiveWriter& archive) const {
  archive.put(kTag);
  save_config(archive);
  archive.put_span(std::span<const Terms>(state_.terms));
  archive.put(state_.guard);
  archive.put(state_.has_guard);
  archive.put(state_.killed);
  archive.put(state_.last_request_id);
  archive.put_span(std::span<const Holding>(state_.holdings));
  archive.put_span(std::span<const Cycle>(state_.cycles));
  archive.put_span(std::span<const LastTick>(state_.ticks));
  archive.put(counters_);
}

Errc RiskGate::load(ArchiveReader& archive) {
  if (!archive.expect(kTag) || !expect_config(archive)) return Errc::checkpoint_mismatch;
  const bool read = archive.get_span(std::span<Terms>(state_.terms)) && archive.get(state_.guard) && archive.get(state_.has_guard) &&
                    archive.get(state_.killed) && archive.get(state_.last_request_id) &&
                    archive.get_span(std::span<Holding>(state_.holdings)) && archive.get_span(std::span<Cycle>(state_.cycles)) &&
                    archive.get_span(std::span<LastTick>(state_.ticks)) && archive.get(counters_);
  if (!read) return Errc::checkpoint_mismatch;
  // Sums and budgets are functions of what was read; making them anew leaves nothing to disagree.
  state_.occupied_count = state_.reserved_count = state_.reserved_flat_count = 0;
  state_.margin_positions = state_.margin_reserved = 0;
  state_.shares = {};
  for (const Holding& holding : state_.holdings) state_.count(holding, +1);
  if (state_.has_guard) make_shares(state_);
  return Errc::ok;
}

}  // namespace martinet
