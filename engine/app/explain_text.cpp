// An order's story in words: for a person at night, and as JSON.
#include <fmt/format.h>

#include <algorithm>

#include "engine/app/explain.hpp"
#include "engine/base/decimal.hpp"
#include "engine/cold/position/alert.hpp"
#include "engine/cold/telemetry/json_text.hpp"
#include "engine/cold/telemetry/text_table.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet {
namespace {

std::string_view word_of(GateCheck::Outcome outcome) {
  constexpr std::string_view kNames[] = {"passed", "REFUSED", "not reached"};
  return kNames[static_cast<std::size_t>(outcome)];
}

std::string alert_word(const journal::AlertRecord& alert) {
  return alert.code < static_cast<std::uint32_t>(AlertCode::count_) ? std::string(name_of(static_cast<AlertCode>(alert.code)))
                                                                    : fmt::format("unknown ({})", alert.code);
}

std::string since(std::int64_t from_ns, std::int64_t to_ns) {
  // Unsigned: the stamps of a journal may be anything.
  const std::uint64_t ahead = static_cast<std::uint64_t>(to_ns) - static_cast<std::uint64_t>(from_ns);
  return to_ns < from_ns ? fmt::format("{} before", words::latency(0 - ahead)) : fmt::format("+{}", words::latency(ahead));
}

// The amounts of a journal may be anything.
Money sum(Money a, Money b) { return {static_cast<std::int64_t>(static_cast<std::uint64_t>(a.v) + static_cast<std::uint64_t>(b.v))}; }

/// What is worked out of the journal's facts, for both forms.
struct Outcome {
  Money pnl{}, fees{};
  bool has_closed = false;
  std::int64_t first_fill_ns = 0;     ///< when the first fill of an entry reached us; 0 = none
  const OrderStory* stop = nullptr;   ///< the first stop that the venue accepted
  std::int64_t stop_ns = 0;           ///< when its acceptance reached us
  const OrderStory* cover = nullptr;  ///< the first of them that covered all that was filled by then
  std::int64_t cover_ns = 0;
};

/// What of the entries had reached us by then.
std::int64_t filled_by(const Explanation& e, std::int64_t ts_ns) {
  std::uint64_t filled = 0;  // unsigned: the quantities of a journal may be anything
  for (const OrderStory& story : e.orders) {
    for (const VenueEvent& event : story.events) {
      const bool counts =
          story.request.key.leg == OrderPurpose::entry && event.kind == VenueEventKind::filled && event.ts_receive_ns <= ts_ns;
      filled += counts ? static_cast<std::uint64_t>(event.fill_qty.v) : 0;
    }
  }
  return static_cast<std::int64_t>(filled);
}

Outcome outcome_of(const Explanation& e) {
  Outcome out;
  for (const Execution& fill : e.fills) {
    out.pnl = sum(out.pnl, fill.pnl_net);
    out.fees = sum(out.fees, fill.fee);
    out.has_closed = out.has_closed || fill.event == ExecutionEvent::close || fill.event == ExecutionEvent::reduce;
  }
  for (const OrderStory& story : e.orders) {
    for (const VenueEvent& event : story.events) {
      if (story.request.key.leg == OrderPurpose::entry && event.kind == VenueEventKind::filled && out.first_fill_ns == 0)
        out.first_fill_ns = event.ts_receive_ns;
      if (story.request.key.leg != OrderPurpose::stop || event.kind != VenueEventKind::accepted) continue;
      if (out.stop == nullptr) {
        out.stop = &story;
        out.stop_ns = event.ts_receive_ns;
      }
      if (out.cover == nullptr && story.request.qty.v >= filled_by(e, event.ts_receive_ns)) {
        out.cover = &story;
        out.cover_ns = event.ts_receive_ns;
      }
    }
  }
  return out;
}

class Writer {
 public:
  Writer(const Explanation& e, bool colour)
      : e_(e), words_(e.instruments, e.strategy_names, e.epoch), colour_(colour), id_(e.decision.intent.instrument) {}

  std::string text() {
    head();
    tick();
    indicators();
    fields("Intent", words_.intent(e_.decision.intent));
    gate();
    orders();
    fills();
    protection();
    rest();
    return std::move(out_);
  }

 private:
  void section(std::string_view title) { out_ += fmt::format("\n{}\n", inked(title, Ink::bold, colour_)); }
  void line(std::string_view name, const std::string& value) { out_ += fmt::format("  {:<14} {}\n", name, printable(value)); }
  void fields(std::string_view title, const Fields& fields) {
    section(title);
    for (const auto& [name, value] : fields) line(name, value);
  }

  void head() {
    const OrderIntent& intent = e_.decision.intent;
    const std::string name = e_.asked ? client_id_text(e_.epoch, *e_.asked) : fmt::format("intent {}", intent.intent_id);
    out_ += inked(fmt::format("{}: {} {} by {}, {}", name, e_.asked ? martinet::word_of(e_.asked->leg) : martinet::word_of(intent.action),
                              words_.symbol(id_), words_.strategy(intent.strategy), martinet::word_of(e_.decision.verdict)),
                  Ink::bold, colour_);
    out_ += "\n";
    line("session", e_.session);
    line("found by", e_.found_as);
    if (!e_.note.empty()) line("", e_.note);
    if (e_.ending == SessionEnding::torn) line("journal", "torn: a crash cut its last records; what follows them is not known");
    if (e_.ending == SessionEnding::open) line("journal", "not closed: what comes after its last record is not known");
    line("times", "UTC");
  }

  void tick() {
    section("Tick");
    line("input", fmt::format("{} {}", words::count(e_.decision.intent.sequence), utc_exact(e_.decision.intent.ts_receive_ns)));
    if (!e_.context) {
      out_ += fmt::format("  not made once more: {}\n", printable(e_.context_missing));
      return;
    }
    const ProbedInput& input = e_.context->input;
    if (input.kind == InputKind::tick) line("", words_.tick(input.tick));
    if (input.kind == InputKind::candle) line("", words_.candle(input.candle));
    if (input.kind == InputKind::timer) line("", "a timer: time itself closed the bar");
    if (input.ts_exchange_ns != 0)
      line("at the venue",
           fmt::format("{}, received {}", utc_exact(input.ts_exchange_ns), since(input.ts_exchange_ns, input.ts_receive_ns)));
    if (!e_.context_missing.empty()) line("CAUTION", e_.context_missing);
  }

  void indicators() {
    if (!e_.context) return;
    section(fmt::format("Indicators of {}, made once more from the capture", words_.symbol(id_)));
    TextTable table(colour_);
    table.row({"last price", words_.price(id_, e_.context->frame.last_price)});
    for (auto& [name, value] : frame_words(e_.context->frame, e_.slots)) table.row({name, value});
    out_ += table.str();
  }

  void gate() {
    const std::vector<GateCheck> checks = checks_of(e_.decision);
    section(fmt::format("Gate: {}", martinet::word_of(e_.decision.verdict)));
    if (e_.context) {
      const GateFacts& facts = e_.context->gate;
      if (facts.has_guard) {
        line("account", fmt::format("equity {}, balance {}, margin used {}, positions {}", words::money(facts.guard.equity),
                                    words::money(facts.guard.balance), words::money(facts.guard.margin_used), facts.positions_worst));
        line("facts stand", fmt::format("from {} to {}{}", utc_exact(facts.guard.ts_ns), utc_exact(facts.guard.ts_expires_ns),
                                        facts.guard.latches != 0 ? fmt::format(", latches {:#x}", facts.guard.latches) : ""));
      }
      if (facts.last.price.v > 0) {
        line("last price", fmt::format("{}, {} old", words_.price(id_, facts.last.price),
                                       words::duration(e_.decision.intent.ts_receive_ns - facts.last.ts_receive_ns)));
      }
    }
    if (checks.empty()) line("", "no check: what reduces or protects always passes, to the position machine");
    for (const GateCheck& check : checks) {
      const Ink ink = check.outcome == GateCheck::Outcome::refused       ? Ink::bad
                      : check.outcome == GateCheck::Outcome::not_reached ? Ink::dim
                                                                         : Ink::plain;
      out_ += fmt::format("  {} {}\n", inked(fmt::format("{:<22}", check.name), ink, colour_), word_of(check.outcome));
    }
  }

  void orders() {
    section(fmt::format("Orders of the position: {}", e_.orders.size()));
    if (e_.orders.empty()) line("", "none was sent");
    for (const OrderStory& story : e_.orders) {
      const OrderRequest& r = story.request;
      const bool asked = e_.asked && *e_.asked == r.key;
      out_ += fmt::format("  {} {}{}\n", inked(client_id_text(e_.epoch, r.key), Ink::bold, colour_),
                          words_.line(journal::RecordType::sent, std::as_bytes(std::span<const OrderRequest, 1>(&r, 1))),
                          asked ? "   <- asked for" : "");
      out_ += fmt::format("    {:<14} {}  input {}, request {}\n", "sent", utc_exact(r.ts_ns), words::count(r.sequence), r.request_id);
      if (has_price(r.stop_price))
        out_ += fmt::format("    {:<14} stop {} target {}\n", "plan", words_.price(r.instrument, r.stop_price),
                            words_.price(r.instrument, r.target_price));
      std::size_t cancels = 0;
      for (const VenueEvent& event : story.events) {
        for (; cancels < story.cancels.size() && story.cancels[cancels] < event.ts_receive_ns; ++cancels)
          cancel(story, story.cancels[cancels]);
        venue(r, event);
      }
      for (; cancels < story.cancels.size(); ++cancels) cancel(story, story.cancels[cancels]);
      if (story.events.empty()) out_ += "    no word of the venue in the journal\n";
    }
  }

  void cancel(const OrderStory& story, std::int64_t ts_ns) {
    out_ += fmt::format("    {:<14} {}  {}\n", "cancel sent", utc_exact(ts_ns), since(story.request.ts_ns, ts_ns));
  }

  void venue(const OrderRequest& request, const VenueEvent& event) {
    std::string what;
    if (event.kind == VenueEventKind::filled) {
      what = fmt::format("  {} at {} fee {} leaves {}{}", words_.qty(event.instrument, event.fill_qty),
                         words_.price(event.instrument, event.fill_price), words::money(event.fee),
                         words_.qty(event.instrument, event.leaves_qty), event.maker != 0 ? " maker" : "");
    }
    if (event.reason != Errc::ok) what += fmt::format("  ({})", martinet::word_of(event.reason));
    out_ +=
        fmt::format("    {:<14} {}  {}{}  venue order {}, at the venue {}\n", martinet::word_of(event.kind), utc_exact(event.ts_receive_ns),
                    since(request.ts_ns, event.ts_receive_ns), what, event.venue_order_id, utc_exact(event.ts_exchange_ns));
  }

  void fills() {
    section(fmt::format("Fills: {}", e_.fills.size()));
    if (e_.fills.empty()) {
      line("", "none");
      return;
    }
    TextTable table(colour_);
    table.row({"at the venue", "order", "event", "side", "qty", "price", "fee", "P&L net", "reason"}, Ink::dim);
    for (const Execution& f : e_.fills) {
      const bool closes = f.event == ExecutionEvent::close || f.event == ExecutionEvent::reduce;
      table.row({utc_exact(f.ts_ns), client_id_text(e_.epoch, f.key), martinet::word_of(f.event), martinet::word_of(f.side),
                 words_.qty(f.instrument, f.qty), words_.price(f.instrument, f.price), words::money(f.fee),
                 closes ? words::money(f.pnl_net) : "-", closes ? martinet::word_of(f.exit_reason) : "-"});
    }
    out_ += table.str();
  }

  void protection() {
    const Outcome outcome = outcome_of(e_);
    if (outcome.first_fill_ns == 0) return;
    section("Protection");
    line("first fill", utc_exact(outcome.first_fill_ns));
    if (outcome.stop == nullptr) {
      line("stop", "NONE that the venue accepted, as far as the journal goes");
      return;
    }
    const OrderRequest& stop = outcome.stop->request;
    line("stop", fmt::format("{} at {} for {}", client_id_text(e_.epoch, stop.key), words_.price(stop.instrument, stop.trigger_price),
                             words_.qty(stop.instrument, stop.qty)));
    line("sent", fmt::format("{}  {} after the fill", utc_exact(stop.ts_ns), since(outcome.first_fill_ns, stop.ts_ns)));
    line("confirmed", fmt::format("{}  {} after the fill: so long the position had no stop at the venue", utc_exact(outcome.stop_ns),
                                  since(outcome.first_fill_ns, outcome.stop_ns)));
    const auto seen = std::ranges::find(outcome.stop->events, VenueEventKind::order_open, &VenueEvent::kind);
    if (seen != outcome.stop->events.end()) {
      line("seen open", fmt::format("{}  {} after the fill, in an answer of the venue's list: a second source",
                                    utc_exact(seen->ts_receive_ns), since(outcome.first_fill_ns, seen->ts_receive_ns)));
    }
    if (outcome.cover == nullptr) {
      line("whole cover", "NONE: no single stop covered all that was filled");
    } else if (outcome.cover != outcome.stop) {
      const OrderRequest& cover = outcome.cover->request;
      line("whole cover",
           fmt::format("{} for {}, {}  {} after the fill", client_id_text(e_.epoch, cover.key), words_.qty(cover.instrument, cover.qty),
                       utc_exact(outcome.cover_ns), since(outcome.first_fill_ns, outcome.cover_ns)));
    }
  }

  void rest() {
    if (!e_.later.empty()) {
      section("Other intents while it was there");
      for (const GateDecision& d : e_.later) {
        out_ += fmt::format("  {}  intent {} {} {} {}\n", utc_exact(d.intent.ts_receive_ns), d.intent.intent_id,
                            martinet::word_of(d.intent.action),
                            d.intent.action == IntentAction::exit ? martinet::word_of(d.intent.exit_reason)
                                                                  : "stop " + words_.price(d.intent.instrument, d.intent.stop_price),
                            martinet::word_of(d.verdict));
      }
    }
    if (!e_.alerts.empty()) {
      section("Alerts");
      for (const auto& [ts_ns, alert] : e_.alerts) out_ += fmt::format("  {}  {}\n", utc_exact(ts_ns), alert_word(alert));
    }
    const Outcome outcome = outcome_of(e_);
    section("Result");
    line("P&L net", outcome.has_closed ? words::money(outcome.pnl) : "nothing closed yet");
    line("fees", words::money(outcome.fees));
    line("position", e_.ts_flat_ns != 0 ? "flat since " + utc_exact(e_.ts_flat_ns)
                     : e_.fills.empty() ? "never opened"
                                        : "still open at the end of the journal");
  }

  const Explanation& e_;
  RecordWords words_;
  bool colour_;
  InstrumentId id_;
  std::string out_;
};

void put_fields(JsonText& json, const Fields& fields) {
  json.begin_object();
  for (const auto& [name, value] : fields) json.key(name).text(value);
  json.end_object();
}

void put_context(JsonText& json, const Explanation& e, const RecordWords& words) {
  json.key("context");
  if (!e.context) {
    json.null();
    return;
  }
  const DecisionContext& c = *e.context;
  json.begin_object();
  json.key("input").begin_object();
  json.key("number").count(c.input.sequence);
  json.key("ts_receive_ns").integer(c.input.ts_receive_ns);
  json.key("ts_exchange_ns").integer(c.input.ts_exchange_ns);
  if (c.input.kind == InputKind::tick) json.key("tick").text(words.tick(c.input.tick));
  if (c.input.kind == InputKind::candle) json.key("candle").text(words.candle(c.input.candle));
  json.end_object();
  json.key("indicators").begin_object();
  for (std::size_t i = 0; i < e.slots.size(); ++i) {
    json.key(e.slots[i]);
    c.frame.warm(i) ? json.number(c.frame.slots[i]) : json.null();
  }
  json.end_object();
  json.key("account").begin_object();
  json.key("equity").money(c.gate.guard.equity);
  json.key("balance").money(c.gate.guard.balance);
  json.key("margin_used").money(c.gate.guard.margin_used);
  json.key("latches").count(c.gate.guard.latches);
  json.key("last_price").text(words.price(c.intent.instrument, c.gate.last.price));
  json.end_object();
  json.end_object();
}

void put_orders(JsonText& json, const Explanation& e, const RecordWords& words) {
  json.key("orders").begin_array();
  for (const OrderStory& story : e.orders) {
    json.begin_object();
    json.key("client_id").text(client_id_text(e.epoch, story.request.key));
    json.key("sent_ns").integer(story.request.ts_ns);
    json.key("request");
    put_fields(json, words.request(story.request));
    json.key("cancels_sent_ns").begin_array();
    for (const std::int64_t ts_ns : story.cancels) json.integer(ts_ns);
    json.end_array();
    json.key("events").begin_array();
    for (const VenueEvent& event : story.events) {
      json.begin_object();
      json.key("ts_receive_ns").integer(event.ts_receive_ns);
      json.key("ts_exchange_ns").integer(event.ts_exchange_ns);
      json.key("latency_ns").integer(event.ts_receive_ns - story.request.ts_ns);
      json.key("event");
      put_fields(json, words.event(event));
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

void put_outcome(JsonText& json, const Explanation& e, const RecordWords& words) {
  const Outcome outcome = outcome_of(e);
  json.key("fills").begin_array();
  for (const Execution& fill : e.fills) put_fields(json, words.execution(fill));
  json.end_array();
  json.key("protection");
  if (outcome.stop == nullptr) {
    json.null();
  } else {
    json.begin_object();
    json.key("stop").text(client_id_text(e.epoch, outcome.stop->request.key));
    json.key("first_fill_ns").integer(outcome.first_fill_ns);
    json.key("sent_ns").integer(outcome.stop->request.ts_ns);
    json.key("confirmed_ns").integer(outcome.stop_ns);
    json.key("whole_cover");
    outcome.cover != nullptr ? json.text(client_id_text(e.epoch, outcome.cover->request.key)) : json.null();
    json.key("whole_cover_ns");
    outcome.cover != nullptr ? json.integer(outcome.cover_ns) : json.null();
    json.end_object();
  }
  json.key("pnl_net").money(outcome.pnl);
  json.key("fees").money(outcome.fees);
  json.key("flat_ns");
  e.ts_flat_ns != 0 ? json.integer(e.ts_flat_ns) : json.null();
}

}  // namespace

std::string explanation_text(const Explanation& explanation, bool colour) { return Writer(explanation, colour).text(); }

std::string explanation_json(const Explanation& e) {
  const RecordWords words(e.instruments, e.strategy_names, e.epoch);
  JsonText json;
  json.begin_object();
  json.key("order");
  e.asked ? json.text(client_id_text(e.epoch, *e.asked)) : json.null();
  json.key("found_as").text(e.found_as);
  json.key("session").text(e.session);
  json.key("intent");
  put_fields(json, words.intent(e.decision.intent));
  json.key("verdict").text(martinet::word_of(e.decision.verdict));
  json.key("checks").begin_array();
  for (const GateCheck& check : checks_of(e.decision)) {
    json.begin_object();
    json.key("check").text(check.name);
    json.key("outcome").text(word_of(check.outcome));
    json.end_object();
  }
  json.end_array();
  put_context(json, e, words);
  json.key("context_missing").text(e.context_missing);
  put_orders(json, e, words);
  put_outcome(json, e, words);
  json.key("later_intents").begin_array();
  for (const GateDecision& decision : e.later) {
    Fields fields = words.intent(decision.intent);
    fields.emplace_back("verdict", martinet::word_of(decision.verdict));
    put_fields(json, fields);
  }
  json.end_array();
  json.key("alerts").begin_array();
  for (const auto& [ts_ns, alert] : e.alerts)
    json.begin_object().key("ts_ns").integer(ts_ns).key("alert").text(alert_word(alert)).end_object();
  json.end_array();
  json.end_object();
  return std::move(json).take();
}

}  // namespace martinet
