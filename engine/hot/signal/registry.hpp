#pragma once
// The strategies of this process by name: those of the build (one line each in registry.cpp) and those that were registered when the
// configuration was read, before any strategy is made. README.md is about how to write one. Cold code.
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/instrument.hpp"
#include "engine/hot/model/model.hpp"
#include "engine/hot/signal/parameter.hpp"
#include "engine/hot/signal/strategy.hpp"
#include "engine/messages/indicator_request.hpp"

namespace martinet {

/// Gives the slot of a request in the frames of request.instrument, adding it to the indicator plan if it is not there.
using SlotResolver = std::function<Result<std::uint16_t>(const IndicatorRequest&)>;
/// Gives the bit (0..7) of a bar timeframe in the closed_mask of an instrument's frames. Asked after the slots of that instrument.
using TimeframeResolver = std::function<Result<std::uint8_t>(InstrumentId instrument, std::int64_t timeframe_ns)>;
/// Gives the model of a file, the same object to everyone who names the same file. `path` as the configuration has it: absolute, or from
/// the folder of the configuration file.
using ModelResolver = std::function<Result<std::shared_ptr<const Model>>(std::string_view path)>;

/// What a strategy is made of. Everything is used during make_strategy only, nothing of it is kept by reference (a model is shared).
struct StrategyContext {
  StrategyId id = 0;
  std::string name;                           ///< of this instance, from the configuration
  std::span<const InstrumentId> instruments;  ///< it trades these; at least one, each once
  const InstrumentTable* table = nullptr;
  ParameterSet parameters;
  SlotResolver slot_of;
  TimeframeResolver timeframe_bit_of;
  ModelResolver model_of;
};

/// One kind of strategy, as the registry knows it.
struct StrategyKind {
  std::string_view name;
  std::string_view doc;  ///< one sentence
  std::span<const ParameterSpec> parameters;
  /// Values that are each in bounds but contradict each other: fails config_contradiction, naming the parameter.
  Status (*check)(std::string_view owner, const ParameterSet& checked);
  Result<std::unique_ptr<Strategy>> (*make)(const StrategyContext& context);
};

/// All kinds: of the build in their order there, then the registered ones in the order they came. Valid until the next registration.
[[nodiscard]] std::span<const StrategyKind* const> strategy_kinds() noexcept;

/// Adds a kind that is not of this build. Not for two threads at a time, nor while another reads the registry: it is done when the
/// configuration is read.
/// in    kind: must live as long as the process, with everything its table points to
/// fails config_contradiction (a kind of that name is known already), no_capacity (capacity::strategy_kinds_max),
///       plugin_refused (check_kind); nothing is added then
[[nodiscard]] Status register_strategy_kind(const StrategyKind& kind);

/// What the configuration of every strategy has besides its parameters.
inline constexpr std::array<std::string_view, 4> kKeysOfEveryStrategy = {"kind", "name", "instruments", "capital_fraction"};

/// Whether a kind's table can be worked with: names of lower-case letters, digits and '_', each once, none of those every strategy has;
/// every default of its own type and in its bounds; both functions there.
/// fails plugin_refused
[[nodiscard]] Status check_kind(const StrategyKind& kind);

[[nodiscard]] const StrategyKind* find_strategy_kind(std::string_view kind) noexcept;  ///< or nullptr

/// The parameter table of a kind; empty if there is no such kind.
[[nodiscard]] std::span<const ParameterSpec> parameters_of(std::string_view kind) noexcept;

/// Checks the parameters of a strategy without making one.
/// in    owner: begins the path in errors ("strategy[0]" gives "strategy[0].oversold must be below overbought")
/// fails config_out_of_bounds (no such kind, value), config_unknown_key, config_wrong_type, config_contradiction
[[nodiscard]] Status check_strategy(std::string_view kind, std::string_view owner, const ParameterSet& parameters);

/// Makes a strategy, asking the resolvers for every slot and timeframe it needs.
/// fails as check_strategy; config_missing (no instruments), config_contradiction (an instrument twice or not in the table; shorting
///       on a spot instrument; a model that does not fit the parameters), and whatever a resolver fails with
[[nodiscard]] Result<std::unique_ptr<Strategy>> make_strategy(std::string_view kind, const StrategyContext& context);

}  // namespace martinet
