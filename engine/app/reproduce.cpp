#include "engine/app/reproduce.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/app/assemble.hpp"
#include "engine/app/build_info.hpp"
#include "engine/app/config_file.hpp"
#include "engine/app/config_keys.hpp"
#include "engine/app/replay.hpp"
#include "engine/app/session_comparison.hpp"
#include "engine/app/session_folder.hpp"
#include "engine/app/strategy_config.hpp"

namespace martinet {
namespace {

/// Every key with its value, those of strategies too, in a form that can be compared.
std::map<std::string, std::string> values_of(const EngineConfig& config) {
  std::map<std::string, std::string> values;
  for (const ConfigKey& key : config_keys()) values[key.path] = to_toml(key.get(config));
  for (std::size_t i = 0; i < config.strategies.size(); ++i) {
    const std::string prefix = fmt::format("strategy[{}].", i);
    values[prefix + "kind"] = to_toml(ConfigValue(config.strategies[i].kind));
    EngineConfig staged;
    staged.strategies.push_back(config.strategies[i]);
    const Result<std::vector<ConfigKey>> keys = strategy_keys(config.strategies[i].kind);
    if (!keys) continue;
    for (const ConfigKey& key : *keys) values[prefix + key.path] = to_toml(key.get(staged));
  }
  return values;
}

std::vector<std::string> changes_between(const EngineConfig& recorded, const EngineConfig& now) {
  std::vector<std::string> changes;
  const auto before = values_of(recorded);
  const auto after = values_of(now);
  for (const auto& [path, value] : before) {
    const auto found = after.find(path);
    if (found == after.end()) {
      changes.push_back(fmt::format("{}: {} recorded, nothing now", path, value));
    } else if (found->second != value) {
      changes.push_back(fmt::format("{}: {} recorded, {} now", path, value, found->second));
    }
  }
  for (const auto& [path, value] : after) {
    if (before.find(path) == before.end()) changes.push_back(fmt::format("{}: nothing recorded, {} now", path, value));
  }
  return changes;
}

/// What a run of the session needs: what its journal says, where the caller did not say otherwise.
struct Plan {
  EngineConfig config;
  ReplayOptions run;
  SegmentOrigin origin;
};

Error with_hint(const Error& error, std::string_view hint) { return {error.code, fmt::format("{}; {}", error.what, hint)}; }

Status choose_config(const ReproduceOptions& options, Plan& plan, Reproduction& out) {
  const std::string name = "the configuration in " + plan.origin.segment.string();
  Result<EngineConfig> recorded = parse_config(plan.origin.config_text, name);
  if (!recorded && !options.config) {
    // Loading a plugin is running its code: a journal's word is not enough for that, a configuration file of ours is.
    return with_hint(recorded.error(), "give the configuration the session was made with, by --config");
  }
  plan.config = options.config ? *options.config : *recorded;
  if (recorded) out.layout_recorded = recorded->pipeline.layout;
  if (options.config && recorded) out.config_changes = changes_between(*recorded, *options.config);
  if (!options.config) plan.config.source = plan.origin.path_of("config").string();  // where the paths of models begin
  if (options.layout) plan.config.pipeline.layout = *options.layout;
  out.layout_made = plan.config.pipeline.layout;
  return {};
}

/// Reads the whole journal: it must check before anything is compared with it.
Result<SessionJournal> read_through(const std::filesystem::path& session) {
  Result<SessionJournal> journal = SessionJournal::open(session);
  if (!journal) return journal.error();
  JournalRecord record;
  while (journal->next(record)) {
  }
  if (!journal->status()) return journal->status().error();
  return journal;
}

Status name_things(Plan& plan, Reproduction& out) {
  const InstrumentTable& instruments = plan.origin.instruments;
  const Result<Assembly> assembly = assemble(plan.config, instruments);
  if (!assembly) return assembly.error();
  for (const auto& strategy : assembly->strategies) out.strategy_names.push_back(strategy->name());
  for (const Instrument& instrument : instruments) out.slots.push_back(slot_names(assembly->plan, instruments, instrument.id));
  out.instruments = instruments;
  // A session that begins at the beginning needs no checkpoint: so another build, model or configuration can be held against it.
  const bool from_the_beginning = plan.origin.header.segment == 1 && !plan.origin.words.contains("resumed");
  if (!from_the_beginning) plan.run.resume = plan.origin.segment;
  // Another model or plugin under the same name is another session, whatever the configuration says.
  const std::vector<std::string> now = made_with(plan.config, assembly->models);
  for (const std::string& line : plan.origin.made_with) {
    if (std::find(now.begin(), now.end(), line) == now.end()) out.config_changes.push_back(line + " recorded, not now");
  }
  for (const std::string& line : now) {
    const auto& recorded = plan.origin.made_with;
    if (std::find(recorded.begin(), recorded.end(), line) == recorded.end()) out.config_changes.push_back(line + " now");
  }
  return {};
}

}  // namespace

Result<Reproduction> reproduce(const ReproduceOptions& options) {
  Result<SessionJournal> whole = read_through(options.session);
  if (!whole) return whole.error();
  Plan plan;
  Reproduction out;
  Result<SegmentOrigin> origin = origin_of(whole->segments().front());
  if (!origin) return origin.error();
  plan.origin = std::move(*origin);
  if (const Status chosen = choose_config(options, plan, out); !chosen) return chosen.error();
  plan.run.capture = options.input.empty() ? plan.origin.path_of("input") : options.input;
  if (plan.run.capture.empty()) {
    return Error{Errc::config_missing, plan.origin.segment.string() + " does not name the capture it was made from; give it with --input"};
  }
  out.session = options.session.string();
  out.input = plan.run.capture.string();
  out.build_recorded = plan.origin.build_id();
  out.build_made = build_id();
  out.epoch = plan.origin.header.epoch;
  out.ending = whole->ending_text();
  out.is_prefix = whole->ending() != SessionEnding::complete;
  if (const Status named = name_things(plan, out); !named) return named.error();

  Result<SessionJournal> orders = SessionJournal::open(options.session);
  if (!orders) return orders.error();
  Result<SessionJournal> others = SessionJournal::open(options.session);
  if (!others) return others.error();
  DecisionProbe probe(plan.origin.instruments.size());
  SessionComparison comparison(std::move(*orders), std::move(*others), probe);
  plan.run.allow_truncated = true;  // how far the session went stands in its journal
  plan.run.epoch = out.epoch;
  plan.run.progress = options.progress;
  plan.run.interrupted = options.interrupted;
  plan.run.probe = &probe;
  plan.run.enough = &comparison.enough();
  plan.run.on_record = [&comparison](journal::RecordType type, std::int64_t ts_ns, std::span<const std::byte> payload) {
    comparison.hear(type, ts_ns, payload);
  };
  if (whole->ending() == SessionEnding::complete) plan.run.records_max = whole->totals().records;

  const Result<ReplayOutcome> outcome = replay(plan.config, plan.run);
  if (!outcome && !comparison.decided()) {
    if (outcome.error().code == Errc::not_found)
      return with_hint(outcome.error(), "the session was made from it; give it with --input where it is elsewhere now");
    return outcome.error();
  }
  if (outcome && outcome->was_interrupted) return Error{Errc::interrupted, "interrupted before the session was made once more"};
  comparison.run_ended();
  comparison.report(out);
  return out;
}

}  // namespace martinet
