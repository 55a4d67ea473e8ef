#include "engine/hot/signal/registry.hpp"

#include <algorithm>
#include <array>

#include "engine/hot/signal/ema_atr.hpp"
#include "engine/hot/signal/every_bar.hpp"
#include "engine/hot/signal/grid_atr.hpp"
#include "engine/hot/signal/grid_boltrend.hpp"
#include "engine/hot/signal/vwap_rsi.hpp"

namespace martinet {
namespace {

constexpr auto kKinds = std::to_array<const StrategyKind*>({
    &kVwapRsiKind,
    &kGridAtrKind,
    &kGridBoltrendKind,
    &kEmaAtrKind,
    &kEveryBarKind,
});

Status check_instruments(const std::string& owner, const StrategyContext& context) {
  const std::span<const InstrumentId> ids = context.instruments;
  if (ids.empty()) return Error{Errc::config_missing, owner + ": no instrument is given; name at least one"};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] >= context.table->size()) return Error{Errc::config_contradiction, owner + ": an instrument is not in the table"};
    if (std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(i), ids[i]) == ids.begin() + static_cast<std::ptrdiff_t>(i))
      continue;
    return Error{Errc::config_contradiction,
                 owner + ": instrument " + std::string((*context.table)[ids[i]].symbol.view()) + " is given twice; name it once"};
  }
  return {};
}

}  // namespace

std::span<const StrategyKind* const> strategy_kinds() noexcept { return kKinds; }

const StrategyKind* find_strategy_kind(std::string_view kind) noexcept {
  const auto found = std::ranges::find_if(kKinds, [kind](const StrategyKind* row) { return row->name == kind; });
  return found == kKinds.end() ? nullptr : *found;
}

std::span<const ParameterSpec> parameters_of(std::string_view kind) noexcept {
  const StrategyKind* const found = find_strategy_kind(kind);
  return found == nullptr ? std::span<const ParameterSpec>{} : found->parameters;
}

Status check_strategy(std::string_view kind, std::string_view owner, const ParameterSet& parameters) {
  const StrategyKind* const found = find_strategy_kind(kind);
  if (found == nullptr) {
    std::string known;
    for (const StrategyKind* const row : kKinds) known += (known.empty() ? "" : ", ") + std::string(row->name);
    return Error{Errc::config_out_of_bounds, std::string(owner) + ": there is no strategy kind \"" + std::string(kind) + "\"; known are " + known};
  }
  if (Status status = check_parameters(owner, found->parameters, parameters); !status) return status;
  return found->check(owner, parameters);
}

Result<std::unique_ptr<Strategy>> make_strategy(std::string_view kind, const StrategyContext& context) {
  const std::string owner = "strategy " + context.name;
  if (const Status status = check_strategy(kind, owner, context.parameters); !status) return status.error();
  MT_ASSERT(context.table != nullptr);
  MT_ASSERT(context.id < capacity::strategies_max);
  if (const Status status = check_instruments(owner, context); !status) return status.error();
  return find_strategy_kind(kind)->make(context);
}

}  // namespace martinet
