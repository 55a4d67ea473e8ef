#include "engine/hot/signal/registry.hpp"

#include <algorithm>
#include <array>

namespace martinet {

// The kinds of this build: one line each, in the order they are shown.
#define MT_STRATEGY_KINDS(X) \
  X(kVwapRsiKind)            \
  X(kGridAtrKind)            \
  X(kGridBoltrendKind)       \
  X(kEmaAtrKind)             \
  X(kModelSignalKind)        \
  X(kEveryBarKind)

#define MT_DECLARE(kind) extern const StrategyKind kind;
MT_STRATEGY_KINDS(MT_DECLARE)
#undef MT_DECLARE

namespace {

#define MT_ADDRESS(kind) &kind,
constexpr std::array kOfThisBuild = {MT_STRATEGY_KINDS(MT_ADDRESS)};
#undef MT_ADDRESS
static_assert(kOfThisBuild.size() <= capacity::strategy_kinds_max);

/// The kinds of this build, then the registered ones.
class Kinds {
 public:
  constexpr Kinds() { std::ranges::copy(kOfThisBuild, rows_.begin()); }
  [[nodiscard]] bool is_full() const noexcept { return count_ == rows_.size(); }
  void add(const StrategyKind& kind) noexcept { rows_[count_++] = &kind; }
  [[nodiscard]] std::span<const StrategyKind* const> rows() const noexcept { return {rows_.data(), count_}; }

 private:
  std::array<const StrategyKind*, capacity::strategy_kinds_max> rows_{};
  std::size_t count_ = kOfThisBuild.size();
};

constinit Kinds g_kinds;

std::string known_kinds() {
  std::string known;
  for (const StrategyKind* const row : strategy_kinds()) known += (known.empty() ? "" : ", ") + std::string(row->name);
  return known;
}

// Letters, digits and '_', beginning with a letter: what TOML takes as a bare key and reports show as it is.
bool is_name(std::string_view name) noexcept {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && name.size() <= 48 && is_letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

bool has_own_type(const ParameterSpec& spec) noexcept {
  switch (spec.type) {
    case ParameterType::boolean:
      return std::holds_alternative<bool>(spec.fallback);
    case ParameterType::integer:
      return std::holds_alternative<std::int64_t>(spec.fallback);
    case ParameterType::number:
      return std::holds_alternative<double>(spec.fallback);
    case ParameterType::choice:
    case ParameterType::timeframe:
    case ParameterType::text:
      return std::holds_alternative<std::string_view>(spec.fallback);
  }
  return false;
}

ParameterValue fallback_of(const ParameterSpec& spec) {
  if (const auto* const text = std::get_if<std::string_view>(&spec.fallback)) return std::string(*text);
  if (const auto* const number = std::get_if<double>(&spec.fallback)) return *number;
  if (const auto* const integer = std::get_if<std::int64_t>(&spec.fallback)) return *integer;
  return std::get<bool>(spec.fallback);
}

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

std::span<const StrategyKind* const> strategy_kinds() noexcept { return g_kinds.rows(); }

const StrategyKind* find_strategy_kind(std::string_view kind) noexcept {
  const auto kinds = strategy_kinds();
  const auto found = std::ranges::find_if(kinds, [kind](const StrategyKind* row) { return row->name == kind; });
  return found == kinds.end() ? nullptr : *found;
}

Status check_kind(const StrategyKind& kind) {
  const auto refused = [](std::string what) -> Status { return Error{Errc::plugin_refused, std::move(what)}; };
  if (!is_name(kind.name))
    return refused("a strategy kind is named by small letters, digits and '_', beginning with a letter, at most 48 of them");
  const std::string owner = "strategy kind " + std::string(kind.name);
  if (kind.doc.empty()) return refused(owner + " has no doc; give it one sentence");
  if (kind.check == nullptr || kind.make == nullptr) return refused(owner + " has no check or no make function");
  ParameterSet fallbacks;
  for (const ParameterSpec& spec : kind.parameters) {
    if (!is_name(spec.name))
      return refused(owner + " has a parameter without a name, or with one that is not small letters, digits and '_'");
    const std::string subject = owner + ": parameter " + std::string(spec.name);
    if (std::ranges::find(kKeysOfEveryStrategy, spec.name) != kKeysOfEveryStrategy.end())
      return refused(subject + " has a name that every strategy uses");
    if (fallbacks.find(spec.name) != nullptr) return refused(subject + " is there twice");
    if (!has_own_type(spec)) return refused(subject + " has a default that is not of its type");
    fallbacks.set(spec.name, fallback_of(spec));
  }
  if (const Status held = check_parameters(owner, kind.parameters, fallbacks); !held)
    return refused("a default is not allowed: " + held.error().what);
  // A value that has no default worth having (a file) may be missing.
  if (const Status sound = kind.check(owner, {}); !sound && sound.error().code != Errc::config_missing)
    return refused("the defaults contradict each other: " + sound.error().what);
  return {};
}

Status register_strategy_kind(const StrategyKind& kind) {
  if (const Status sound = check_kind(kind); !sound) return sound;
  if (find_strategy_kind(kind.name) != nullptr) {
    return Error{Errc::config_contradiction, "there is a strategy kind " + std::string(kind.name) + " already; known are " + known_kinds() +
                                                 "; give the new one another name"};
  }
  if (g_kinds.is_full()) {
    return Error{Errc::no_capacity, "strategy kind " + std::string(kind.name) + " is one too many; at most " +
                                        std::to_string(capacity::strategy_kinds_max) + " can be known, leave some out"};
  }
  g_kinds.add(kind);
  return {};
}

std::span<const ParameterSpec> parameters_of(std::string_view kind) noexcept {
  const StrategyKind* const found = find_strategy_kind(kind);
  return found == nullptr ? std::span<const ParameterSpec>{} : found->parameters;
}

Status check_strategy(std::string_view kind, std::string_view owner, const ParameterSet& parameters) {
  const StrategyKind* const found = find_strategy_kind(kind);
  if (found == nullptr) {
    return Error{Errc::config_out_of_bounds,
                 std::string(owner) + ": there is no strategy kind \"" + std::string(kind) + "\"; known are " + known_kinds()};
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
