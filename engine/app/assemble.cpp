#include "engine/app/assemble.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/app/model_file.hpp"
#include "engine/hot/signal/registry.hpp"

namespace martinet {
namespace {

std::string symbols_of(const InstrumentTable& instruments) {
  std::vector<std::string> symbols;
  for (const Instrument& instrument : instruments) symbols.emplace_back(instrument.symbol.view());
  return fmt::format("{}", fmt::join(symbols, ", "));
}

Result<std::vector<InstrumentId>> instruments_of(const StrategyConfig& strategy, const InstrumentTable& instruments) {
  std::vector<InstrumentId> ids;
  for (const std::string& symbol : strategy.instruments) {
    bool found = false;
    for (const Instrument& instrument : instruments) {
      // "*" leaves out what cannot be traded; a symbol that was named is taken at its word and refused by the gate.
      const bool wanted = symbol == "*" ? instrument.kind != ContractKind::inverse : instrument.symbol.view() == symbol;
      if (!wanted) continue;
      found = true;
      if (std::find(ids.begin(), ids.end(), instrument.id) == ids.end()) ids.push_back(instrument.id);
    }
    if (!found && symbol != "*") {
      return Error{Errc::config_missing, fmt::format("strategy {} trades {}, which the input does not have; it has: {}", strategy.name, symbol, symbols_of(instruments))};
    }
  }
  return ids;
}

}  // namespace

Result<Assembly> assemble(const EngineConfig& config, const InstrumentTable& instruments) {
  Assembly assembly{IndicatorPlan(instruments.size()), {}, {}};
  ModelFiles models(std::filesystem::path(config.source).parent_path());
  for (const StrategyConfig& strategy : config.strategies) {
    const Result<std::vector<InstrumentId>> ids = instruments_of(strategy, instruments);
    if (!ids) return ids.error();
    if (ids->empty()) continue;  // "*" where nothing in the input can be traded
    StrategyContext context;
    context.id = static_cast<StrategyId>(assembly.strategies.size());
    context.name = strategy.name;
    context.instruments = *ids;
    context.table = &instruments;
    context.parameters = strategy.parameters;
    context.slot_of = [&plan = assembly.plan](const IndicatorRequest& request) { return plan.slot(request); };
    context.timeframe_bit_of = [&plan = assembly.plan](InstrumentId instrument, std::int64_t timeframe_ns) -> Result<std::uint8_t> {
      const std::uint8_t bit = plan.timeframe_bit(instrument, timeframe_ns);
      if (bit == kNoTimeframe) return Error{Errc::config_contradiction, "a strategy decides on bars of " + timeframe_name(timeframe_ns) + " but asks for no indicator on them"};
      return bit;
    };
    context.model_of = [&](std::string_view path) {
      Result<std::shared_ptr<const Model>> model = models.get(path);
      if (model) assembly.models.push_back({strategy.name, (*model)->card().name, (*model)->card().version, (*model)->card().sha256});
      return model;
    };
    Result<std::unique_ptr<Strategy>> made = make_strategy(strategy.kind, context);
    if (!made) return made.error();
    if ((*made)->wants_ticks()) {
      for (const InstrumentId id : *ids) {
        if (const Status asked = assembly.plan.want_ticks(id); !asked) return asked.error();
      }
    }
    assembly.strategies.push_back(std::move(*made));
  }
  return assembly;
}

}  // namespace martinet
