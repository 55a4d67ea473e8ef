#pragma once
// `martinet explain ORDER --session DIR`: why there was an order, and what became of it, from tick to fill.
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/decision_probe.hpp"
#include "engine/app/record_words.hpp"
#include "engine/app/session_journal.hpp"

namespace martinet {

struct ExplainOptions {
  std::filesystem::path session;
  std::string order;            ///< "m1-2se0", a venue's order id, "venue:17", an intent's number, "intent:17"
  std::filesystem::path input;  ///< the capture, where it is not where the journal says
  const std::atomic<bool>* interrupted = nullptr;
};

/// What a person may mean by an order.
struct OrderQuery {
  std::optional<OrderKey> key;                             ///< of a client id
  std::uint64_t epoch = 0;                                 ///< of a client id
  std::optional<std::uint64_t> venue_order_id, intent_id;  ///< a plain number is both, the venue's first
};

/// fails unknown_order: the text is none of these
[[nodiscard]] Result<OrderQuery> parse_order_query(const std::string& text);

/// One order of a position, with all that the venue said about it.
struct OrderStory {
  OrderRequest request;
  std::vector<VenueEvent> events;
  std::vector<std::int64_t> cancels;  ///< when its cancels were sent
};

struct GateCheck {
  std::string name;
  enum class Outcome : std::uint8_t { passed, refused, not_reached } outcome = Outcome::passed;
};

/// The checks that the gate makes for such an intent, in their order. Empty for what it only forwards; for `overflow`, which any of them
/// may give, that one alone.
[[nodiscard]] std::vector<GateCheck> checks_of(const GateDecision& decision);

/// A position from its first intent on. Everything but `context` is the journal's word.
struct Explanation {
  std::string session, input;
  std::uint64_t epoch = 0;
  std::optional<OrderKey> asked;           ///< the order that was asked for; empty where it was an intent without one
  std::string found_as;                    ///< "client id", "venue order id", "intent"
  std::string note;                        ///< another meaning that the number has as well
  GateDecision decision;                   ///< the intent behind the order that was asked for, with its verdict
  std::vector<GateDecision> later;         ///< other intents of the same position, in order
  std::optional<DecisionContext> context;  ///< what it was decided on; made once more from the checkpoint before it
  std::string context_missing;             ///< why not, in a sentence
  std::vector<OrderStory> orders;          ///< in the order they were sent
  std::vector<Execution> fills;
  std::vector<std::pair<std::int64_t, journal::AlertRecord>> alerts;  ///< of the instrument, while the position was there
  std::int64_t ts_flat_ns = 0;                                        ///< when the position was flat again; 0 = it is not
  SessionEnding ending = SessionEnding::complete;
  InstrumentTable instruments;
  std::vector<std::string> strategy_names;
  std::vector<std::string> slots;  ///< names, of the intent's instrument
};

/// fails unknown_order: there is none; the sentence says what there is. As SessionJournal, origin_of
[[nodiscard]] Result<Explanation> explain(const ExplainOptions& options);

[[nodiscard]] std::string explanation_text(const Explanation& explanation, bool colour);
[[nodiscard]] std::string explanation_json(const Explanation& explanation);

}  // namespace martinet
