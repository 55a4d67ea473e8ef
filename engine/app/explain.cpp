#include "engine/app/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "engine/app/assemble.hpp"
#include "engine/app/config_file.hpp"
#include "engine/app/replay.hpp"

namespace martinet {
namespace {

using journal::RecordType;

/// An order or intent of the session that was asked for in words.
struct Target {
  GateDecision decision;
  std::filesystem::path segment;  ///< in which it was decided
  std::optional<OrderKey> key;    ///< of the order that was asked for
  std::uint64_t position = 0;     ///< the intent that opened its position
  std::string found_as, note;
};

/// First way through the journal: which order is meant, and what there is where it is not.
class Search {
 public:
  explicit Search(const OrderQuery& query) : query_(query) {}

  void take(const JournalRecord& record, const std::filesystem::path& segment) {
    if (GateDecision decision; record.type() == RecordType::decision && record.as(decision)) take(decision, segment);
    if (OrderRequest sent; record.type() == RecordType::sent && record.as(sent) && sent.action == OrderAction::place) {
      ++order_count_;
      note_near(sent.key);
    }
    if (VenueEvent event; record.type() == RecordType::venue_event && record.as(event)) {
      if (query_.venue_order_id && event.venue_order_id == *query_.venue_order_id && event.kind != VenueEventKind::cancel_refused)
        by_venue_ = event.key;
      venue_last_ = std::max(venue_last_, event.venue_order_id);
    }
  }

  Result<Target> result(const std::filesystem::path& session, std::uint64_t epoch) const {
    if (query_.key) {
      if (query_.epoch != epoch) {
        return Error{Errc::unknown_order,
                     fmt::format("an order of epoch {} is not in {}: that session is epoch {}, its {} orders are named like {}",
                                 query_.epoch, session.string(), epoch, order_count_, id_text(epoch, query_.key.value()))};
      }
      if (was_sent_) return of_key(*query_.key, "client id", "");
      return nothing(session, epoch, id_text(epoch, *query_.key));
    }
    if (query_.venue_order_id && by_venue_) {
      const bool also = query_.intent_id && by_intent_;
      return of_key(*by_venue_, "venue order id",
                    also ? fmt::format("{0} is the number of an intent as well: intent:{0}", *query_.intent_id) : "");
    }
    if (query_.intent_id && by_intent_) return of_intent();
    return nothing(
        session, epoch,
        fmt::format("{} {}", query_.intent_id ? "intent" : "venue order", query_.intent_id ? *query_.intent_id : *query_.venue_order_id));
  }

 private:
  static std::string id_text(std::uint64_t epoch, const OrderKey& key) { return client_id_text(epoch, key); }

  void take(const GateDecision& decision, const std::filesystem::path& segment) {
    const OrderIntent& intent = decision.intent;
    intent_last_ = std::max(intent_last_, intent.intent_id);
    const bool opens = decision.verdict == Verdict::admitted && intent.action != IntentAction::add_level;
    if (opens) opened_[intent.instrument] = intent.intent_id;
    if (query_.intent_id && intent.intent_id == *query_.intent_id) {
      by_intent_ = {decision, segment};
      const auto open = opened_.find(intent.instrument);
      by_intent_position_ = decision.verdict == Verdict::admitted              ? decision.request.key.intent_id
                            : is_entry(intent.action) || open == opened_.end() ? 0
                                                                               : open->second;
    }
    if (decision.verdict == Verdict::admitted) admitted_[decision.request.key.intent_id].push_back({decision, segment});
  }

  void note_near(const OrderKey& key) {
    if (!query_.key && !query_.intent_id) return;
    if (query_.key && key == *query_.key) was_sent_ = true;
    const std::uint64_t wanted = query_.key ? query_.key->intent_id : *query_.intent_id;
    if (key.intent_id <= wanted) below_ = key;
    if (key.intent_id >= wanted && !above_) above_ = key;
  }

  Result<Target> of_key(const OrderKey& key, std::string found_as, std::string note) const {
    const auto found = admitted_.find(key.intent_id);
    if (found == admitted_.end()) {
      return Error{
          Errc::unknown_order,
          fmt::format(
              "the order belongs to intent {}, whose decision is not in the journal: it was made before the oldest segment there is",
              key.intent_id)};
    }
    const auto& made = found->second;
    const auto own = std::find_if(made.begin(), made.end(), [&](const auto& decided) { return decided.first.request.key == key; });
    const auto& [decision, segment] = own != made.end() ? *own : made.front();
    return Target{decision, segment, key, key.intent_id, std::move(found_as), std::move(note)};
  }

  Result<Target> of_intent() const {
    const auto& [decision, segment] = *by_intent_;
    const bool sent = decision.verdict == Verdict::admitted;
    return Target{decision, segment, sent ? std::optional(decision.request.key) : std::nullopt, by_intent_position_, "intent", ""};
  }

  Error nothing(const std::filesystem::path& session, std::uint64_t epoch, const std::string& wanted) const {
    std::string there =
        fmt::format("there is no {} in {}; it holds {} orders of {} intents", wanted, session.string(), order_count_, intent_last_);
    if (query_.venue_order_id && !query_.intent_id) there += fmt::format(", the venue's numbers go up to {}", venue_last_);
    if (below_ || above_) {
      there += "; the nearest ";
      there += below_ && above_ && !(*below_ == *above_) ? fmt::format("are {} and {}", id_text(epoch, *below_), id_text(epoch, *above_))
                                                         : fmt::format("is {}", id_text(epoch, below_ ? *below_ : *above_));
    }
    return {Errc::unknown_order, there};
  }

  using Decided = std::pair<GateDecision, std::filesystem::path>;
  const OrderQuery& query_;
  std::map<std::uint64_t, std::vector<Decided>> admitted_;  // by the intent that opened the position
  std::map<InstrumentId, std::uint64_t> opened_;
  std::optional<Decided> by_intent_;
  std::uint64_t by_intent_position_ = 0;
  std::optional<OrderKey> by_venue_, below_, above_;
  bool was_sent_ = false;
  std::uint64_t order_count_ = 0, intent_last_ = 0, venue_last_ = 0;
};

/// Second way: everything about one position.
class Collector {
 public:
  Collector(const Target& target, Explanation& out) : target_(target), out_(out), instrument_(target.decision.intent.instrument) {}

  void take(const JournalRecord& record) {
    if (target_.position == 0) return;
    switch (record.type()) {
      case RecordType::decision:
        if (GateDecision decision; record.as(decision)) take(decision);
        break;
      case RecordType::sent:
        if (OrderRequest sent; record.as(sent) && sent.key.intent_id == target_.position) take(sent);
        break;
      case RecordType::venue_event:
        if (VenueEvent event; record.as(event) && event.key.intent_id == target_.position) take(event);
        break;
      case RecordType::execution:
        if (Execution fill; record.as(fill) && is_of_position(fill)) {
          out_.fills.push_back(fill);
          was_open_ = true;
        }
        break;
      case RecordType::position:
        if (PositionView view; record.as(view) && view.instrument == instrument_ && view.exposure == Exposure::flat && is_there_ &&
                               view.covers_request >= request_id_) {
          if (was_open_) out_.ts_flat_ns = view.ts_ns;
          is_there_ = false;
        }
        break;
      case RecordType::alert:
        if (journal::AlertRecord alert; record.as(alert) && is_there_ && alert.instrument == instrument_)
          out_.alerts.emplace_back(record.head.t_wall_ns, alert);
        break;
      default:
        break;
    }
  }

 private:
  void take(const GateDecision& decision) {
    const OrderIntent& intent = decision.intent;
    if (intent.intent_id == target_.position) {
      is_there_ = true;
      request_id_ = decision.request.request_id;
    }
    const bool of_it = decision.verdict == Verdict::admitted
                           ? decision.request.key.intent_id == target_.position
                           : is_there_ && intent.instrument == instrument_ && intent.strategy == target_.decision.intent.strategy;
    if (of_it && intent.intent_id != target_.decision.intent.intent_id) out_.later.push_back(decision);
  }
  /// A liquidation is the venue's own order, of no intent.
  [[nodiscard]] bool is_of_position(const Execution& fill) const noexcept {
    return fill.key.intent_id == target_.position || (fill.key.intent_id == 0 && is_there_ && fill.instrument == instrument_);
  }
  void take(const OrderRequest& sent) {
    if (sent.action == OrderAction::place) out_.orders.push_back({sent, {}, {}});
    for (OrderStory& story : out_.orders) {
      if (sent.action == OrderAction::cancel && story.request.key == sent.key) story.cancels.push_back(sent.ts_ns);
    }
  }
  void take(const VenueEvent& event) {
    for (OrderStory& story : out_.orders) {
      if (story.request.key == event.key) story.events.push_back(event);
    }
  }

  const Target& target_;
  Explanation& out_;
  InstrumentId instrument_;
  bool is_there_ = false;  // from its first intent until it is flat again
  bool was_open_ = false;
  std::uint64_t request_id_ = 0;
};

template <class Take>
Result<SessionEnding> walk(const std::filesystem::path& session, Take&& take) {
  Result<SessionJournal> journal = SessionJournal::open(session);
  if (!journal) return journal.error();
  JournalRecord record;
  while (journal->next(record)) take(record, journal->segment());
  if (!journal->status()) return journal->status().error();
  return journal->ending();
}

/// The input, the frame and what the gate knew: made once more from the last checkpoint before the decision.
Status recompute(const ExplainOptions& options, const Target& target, const SegmentOrigin& origin, Explanation& out) {
  Result<EngineConfig> config = parse_config(origin.config_text, "the configuration in " + origin.segment.string());
  if (!config) return config.error();
  config->source = origin.path_of("config").string();
  config->pipeline.layout = Layout::fused;
  config->pipeline.cpus.clear();
  const Result<Assembly> assembly = assemble(*config, origin.instruments);
  if (!assembly) return assembly.error();
  for (const auto& strategy : assembly->strategies) out.strategy_names.push_back(strategy->name());
  const OrderIntent& intent = target.decision.intent;
  out.slots = slot_names(assembly->plan, origin.instruments, intent.instrument);
  out.input = (options.input.empty() ? origin.path_of("input") : options.input).string();
  if (out.input.empty()) return Error{Errc::config_missing, "the journal names no capture; give it with --input"};

  DecisionProbe probe(origin.instruments.size());
  std::atomic<bool> enough{false};
  bool same = false;
  ReplayOptions run;
  run.capture = out.input;
  run.resume = origin.segment;
  run.allow_truncated = true;
  run.epoch = origin.header.epoch;
  run.probe = &probe;
  run.enough = &enough;
  run.interrupted = options.interrupted;
  run.on_record = [&](RecordType type, std::int64_t, std::span<const std::byte> payload) {
    GateDecision made;
    if (enough.load(std::memory_order_relaxed) || type != RecordType::decision || payload.size() != sizeof(made)) return;
    std::memcpy(&made, payload.data(), sizeof(made));
    if (made.intent.intent_id < intent.intent_id) return;
    enough.store(true, std::memory_order_relaxed);
    same = std::memcmp(&made, &target.decision, sizeof(made)) == 0;
    if (const DecisionContext* context = probe.of(intent.intent_id); context != nullptr) out.context = *context;
  };
  const Result<ReplayOutcome> outcome = replay(*config, run);
  if (!outcome && !out.context) return outcome.error();
  if (!out.context)
    return Error{Errc::diverged,
                 fmt::format("{} made once more from {} has no intent {}", options.session.string(), out.input, intent.intent_id)};
  if (!same)
    return Error{
        Errc::diverged,
        fmt::format(
            "the decision made once more from {} is another than the journal's; `martinet replay --session {}` shows where they part",
            out.input, options.session.string())};
  return {};
}

}  // namespace

std::vector<GateCheck> checks_of(const GateDecision& decision) {
  const Verdict verdict = decision.verdict;
  if (!is_entry(decision.intent.action) || verdict >= Verdict::count_ || verdict == Verdict::exit_forwarded ||
      verdict == Verdict::stop_forwarded)
    return {};
  if (verdict == Verdict::overflow) return {{std::string(name_of(verdict)), GateCheck::Outcome::refused}};
  const bool is_level = decision.intent.action == IntentAction::add_level;
  // A further level has been through these with its cycle.
  constexpr Verdict kOfTheCycle[] = {
      Verdict::contract_unsupported, Verdict::short_unsupported, Verdict::symbol_owned, Verdict::max_positions,
      Verdict::stop_missing,         Verdict::stop_too_near,     Verdict::size_zero,    Verdict::max_order_notional,
      Verdict::free_margin,          Verdict::strategy_capital};
  std::vector<GateCheck> checks;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Verdict::count_); ++i) {
    const auto check = static_cast<Verdict>(i);
    if (check == Verdict::admitted || check == Verdict::exit_forwarded || check == Verdict::stop_forwarded || check == Verdict::overflow)
      continue;
    const bool of_levels = check == Verdict::cycle_not_open || check == Verdict::cycle_exceeded;
    const bool applies = is_level ? std::find(std::begin(kOfTheCycle), std::end(kOfTheCycle), check) == std::end(kOfTheCycle) : !of_levels;
    if (!applies && check != verdict) continue;
    const bool before = verdict == Verdict::admitted || check < verdict;
    checks.push_back({std::string(name_of(check)), check == verdict ? GateCheck::Outcome::refused
                                                   : before         ? GateCheck::Outcome::passed
                                                                    : GateCheck::Outcome::not_reached});
  }
  return checks;
}

Result<Explanation> explain(const ExplainOptions& options) {
  const Result<OrderQuery> query = parse_order_query(options.order);
  if (!query) return query.error();
  Search search(*query);
  const Result<SessionEnding> ending =
      walk(options.session, [&](const JournalRecord& record, const std::filesystem::path& segment) { search.take(record, segment); });
  if (!ending) return ending.error();
  const Result<std::vector<std::filesystem::path>> segments = journal_segments(options.session);
  if (!segments) return segments.error();
  const Result<SegmentOrigin> first = origin_of(segments->front());
  if (!first) return first.error();
  const Result<Target> target = search.result(options.session, first->header.epoch);
  if (!target) return target.error();
  const Result<SegmentOrigin> origin = origin_of(target->segment);
  if (!origin) return origin.error();

  Explanation out;
  out.session = options.session.string();
  out.epoch = first->header.epoch;
  out.asked = target->key;
  out.found_as = target->found_as;
  out.note = target->note;
  out.decision = target->decision;
  out.ending = *ending;
  out.instruments = origin->instruments;
  Collector collector(*target, out);
  const Result<SessionEnding> again =
      walk(options.session, [&](const JournalRecord& record, const std::filesystem::path&) { collector.take(record); });
  if (!again) return again.error();
  if (const Status made = recompute(options, *target, *origin, out); !made) out.context_missing = made.error().what;
  return out;
}

}  // namespace martinet
