#include "engine/app/record_words.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <type_traits>

#include "adapters/json/decoder_counters.hpp"
#include "engine/base/decimal.hpp"
#include "engine/cold/position/alert.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet {
namespace {

using journal::RecordType;

template <class E>
std::string word(E value, E last) {
  return value <= last ? std::string(name_of(value)) : fmt::format("unknown ({})", static_cast<unsigned>(value));
}

std::string time_in_force_word(TimeInForce value) {
  constexpr std::array<std::string_view, 3> kNames = {"gtc", "ioc", "post_only"};
  const auto i = static_cast<std::size_t>(value);
  return i < kNames.size() ? std::string(kNames[i]) : fmt::format("unknown ({})", i);
}

std::string exposure_word(Exposure value) {
  constexpr std::array<std::string_view, 4> kNames = {"flat", "opening", "open", "closing"};
  const auto i = static_cast<std::size_t>(value);
  return i < kNames.size() ? std::string(kNames[i]) : fmt::format("unknown ({})", i);
}

std::string alert_word(std::uint32_t code) {
  return code < static_cast<std::uint32_t>(AlertCode::count_) ? std::string(name_of(static_cast<AlertCode>(code)))
                                                              : fmt::format("unknown ({})", code);
}

std::string rate(Rate rate) { return to_text(rate.v, kRateDecimals); }

template <class T>
bool take(std::span<const std::byte> payload, T& value) {
  if (payload.size() != sizeof(T)) return false;
  std::memcpy(&value, payload.data(), sizeof(T));
  return true;
}

void append(Fields& fields, Fields more, std::string_view prefix) {
  for (auto& [name, value] : more) fields.emplace_back(std::string(prefix) + name, std::move(value));
}

}  // namespace

std::string word_of(Verdict verdict) { return word(verdict, static_cast<Verdict>(static_cast<int>(Verdict::count_) - 1)); }
std::string word_of(MarketRegime regime) { return word(regime, MarketRegime::low_volatility); }
std::string word_of(ExitReason reason) { return word(reason, ExitReason::unknown); }
std::string word_of(OrderPurpose purpose) { return word(purpose, OrderPurpose::close); }
std::string word_of(OrderType type) { return word(type, OrderType::take_profit_limit); }
std::string word_of(Side side) { return word(side, Side::sell); }
std::string word_of(VenueEventKind kind) { return word(kind, VenueEventKind::query_failed); }
std::string word_of(ExecutionEvent event) { return word(event, ExecutionEvent::close); }
std::string word_of(Errc code) {
  return static_cast<std::size_t>(code) < kErrcCount ? std::string(name_of(code))
                                                     : fmt::format("unknown ({})", static_cast<unsigned>(code));
}
std::string word_of(IntentAction action) {
  constexpr std::array<std::string_view, 6> kNames = {"enter_long", "enter_short", "exit", "exit_part", "move_stop", "add_level"};
  const auto i = static_cast<std::size_t>(action);
  return i < kNames.size() ? std::string(kNames[i]) : fmt::format("unknown ({})", i);
}
std::string word_of(OrderAction action) {
  constexpr std::array<std::string_view, 5> kNames = {"place", "cancel", "query_order", "query_orders", "query_position"};
  const auto i = static_cast<std::size_t>(action);
  return i < kNames.size() ? std::string(kNames[i]) : fmt::format("unknown ({})", i);
}

std::string utc_exact(std::int64_t ts_ns) { return fmt::format("{}.{:09}", words::utc(ts_ns), words::calendar_of(ts_ns).nanos); }

std::string client_id_text(std::uint64_t epoch, const OrderKey& key) {
  if (key.leg > OrderPurpose::close)
    return fmt::format("intent {} leg {} attempt {}", key.intent_id, static_cast<unsigned>(key.leg), key.attempt);
  std::array<char, 32> buffer{};
  return std::string(client_id(epoch, key, buffer));
}

std::string RecordWords::symbol(InstrumentId id) const {
  if (id < table_.size()) return std::string(table_[id].symbol.view());
  return id == kNoInstrument ? "-" : fmt::format("instrument {}", id);
}

std::string RecordWords::strategy(StrategyId id) const {
  if (id < strategies_.size()) return strategies_[id];
  return id == kNoStrategy ? "-" : fmt::format("strategy {}", id);
}

std::string RecordWords::price(InstrumentId id, Price price) const {
  if (!has_price(price)) return "-";
  return id < table_.size() ? words::grid(price.v, table_[id].price_decimals) : fmt::format("{}", price.v);
}

std::string RecordWords::qty(InstrumentId id, Qty qty) const {
  return id < table_.size() ? words::grid(qty.v, table_[id].qty_decimals) : fmt::format("{}", qty.v);
}

Fields RecordWords::intent(const OrderIntent& intent) const {
  const InstrumentId id = intent.instrument;
  Fields fields = {{"number", fmt::format("{}", intent.intent_id)},
                   {"strategy", strategy(intent.strategy)},
                   {"symbol", symbol(id)},
                   {"action", word_of(intent.action)},
                   {"input", fmt::format("{}", intent.sequence)},
                   {"stamp", utc_exact(intent.ts_receive_ns)},
                   {"exchange time", utc_exact(intent.ts_exchange_ns)},
                   {"reference", price(id, intent.reference_price)},
                   {"stop", price(id, intent.stop_price)},
                   {"target", price(id, intent.target_price)},
                   {"atr", price(id, intent.atr)},
                   {"score", fmt::format("{}", intent.score)},
                   {"regime", word_of(intent.regime)},
                   {"exit reason", word_of(intent.exit_reason)}};
  if (intent.level_count != 1 || intent.action == IntentAction::add_level) {
    fields.insert(fields.end(), {{"levels", fmt::format("{}", intent.level_count)},
                                 {"worst price", price(id, intent.worst_price)},
                                 {"worst average", price(id, intent.worst_average)},
                                 {"stop rate", rate(intent.stop_rate)},
                                 {"target rate", rate(intent.target_rate)}});
  }
  if (intent.action == IntentAction::exit_part || intent.part.v != 0) fields.emplace_back("part", rate(intent.part));
  return fields;
}

Fields RecordWords::request(const OrderRequest& request) const {
  const InstrumentId id = request.instrument;
  return {{"order", client_id_text(epoch_, request.key)},
          {"action", fmt::format("{} {}", word_of(request.action), word_of(request.key.leg))},
          {"symbol", symbol(id)},
          {"strategy", strategy(request.strategy)},
          {"side", word_of(request.side)},
          {"type", word_of(request.type)},
          {"qty", qty(id, request.qty)},
          {"price", price(id, request.price)},
          {"trigger", fmt::format("{}{}", price(id, request.trigger_price), request.trigger_ref == TriggerRef::mark ? " mark" : "")},
          {"stop", price(id, request.stop_price)},
          {"target", price(id, request.target_price)},
          {"reduce-only", request.reduce_only != 0 ? "yes" : "no"},
          {"time in force", time_in_force_word(request.time_in_force)},
          {"request id", fmt::format("{}", request.request_id)},
          {"input", fmt::format("{}", request.sequence)},
          {"stamp", utc_exact(request.ts_ns)}};
}

Fields RecordWords::event(const VenueEvent& event) const {
  const InstrumentId id = event.instrument;
  Fields fields = {{"order", client_id_text(epoch_, event.key)},
                   {"event", word_of(event.kind)},
                   {"symbol", symbol(id)},
                   {"side", word_of(event.side)},
                   {"venue order", fmt::format("{}", event.venue_order_id)},
                   {"reason", word_of(event.reason)}};
  if (is_answer(event.kind)) fields.emplace_back("query", fmt::format("{}", event.query_id));
  if (event.fee_qty().v != 0) fields.emplace_back("fee in base", qty(id, event.fee_qty()));
  if (event.kind == VenueEventKind::filled || event.kind == VenueEventKind::liquidated || is_answer(event.kind)) {
    fields.insert(fields.end(), {{"trade", fmt::format("{}", event.trade_id)},
                                 {"fill qty", qty(id, event.fill_qty)},
                                 {"fill price", price(id, event.fill_price)},
                                 {"fee", to_text(event.fee)},
                                 {"maker", event.maker != 0 ? "yes" : "no"}});
  }
  fields.insert(fields.end(), {{"leaves", qty(id, event.leaves_qty)},
                               {"exchange time", utc_exact(event.ts_exchange_ns)},
                               {"stamp", utc_exact(event.ts_receive_ns)}});
  return fields;
}

Fields RecordWords::execution(const Execution& execution) const {
  const InstrumentId id = execution.instrument;
  return {{"order", client_id_text(epoch_, execution.key)},
          {"event", word_of(execution.event)},
          {"symbol", symbol(id)},
          {"strategy", strategy(execution.strategy)},
          {"side", word_of(execution.side)},
          {"qty", qty(id, execution.qty)},
          {"price", price(id, execution.price)},
          {"entry", price(id, execution.entry_price)},
          {"stop", price(id, execution.stop_price)},
          {"target", price(id, execution.target_price)},
          {"fee", to_text(execution.fee)},
          {"P&L", to_text(execution.pnl_net)},
          {"balance", to_text(execution.balance)},
          {"exit reason", word_of(execution.exit_reason)},
          {"exchange time", utc_exact(execution.ts_ns)}};
}

Fields RecordWords::position(const PositionView& view) const {
  const InstrumentId id = view.instrument;
  return {{"symbol", symbol(id)},
          {"qty", qty(id, view.qty)},
          {"entry", price(id, view.entry_price)},
          {"exposure", exposure_word(view.exposure)},
          {"owner", strategy(view.owner)},
          {"covers request", fmt::format("{}", view.covers_request)},
          {"levels filled", fmt::format("{}", view.legs_filled)},
          {"version", fmt::format("{}", view.version)},
          {"stamp", utc_exact(view.ts_ns)}};
}

Fields RecordWords::record(RecordType type, std::span<const std::byte> payload) const {
  switch (type) {
    case RecordType::decision:
      if (GateDecision decision; take(payload, decision)) {
        Fields fields = intent(decision.intent);
        fields.emplace_back("verdict", word_of(decision.verdict));
        if (decision.verdict == Verdict::admitted) append(fields, request(decision.request), "order: ");
        return fields;
      }
      break;
    case RecordType::sent:
      if (OrderRequest sent; take(payload, sent)) return request(sent);
      break;
    case RecordType::venue_event:
      if (VenueEvent said; take(payload, said)) return event(said);
      break;
    case RecordType::execution:
      if (Execution done; take(payload, done)) return execution(done);
      break;
    case RecordType::position:
      if (PositionView view; take(payload, view)) return position(view);
      break;
    case RecordType::equity:
      if (journal::EquityRecord e; take(payload, e)) return {{"equity", to_text(Money{e.equity})}, {"balance", to_text(Money{e.balance})}};
      break;
    case RecordType::alert:
      if (journal::AlertRecord a; take(payload, a))
        return {{"alert", alert_word(a.code)}, {"symbol", symbol(static_cast<InstrumentId>(a.instrument))}};
      break;
    default:
      break;
  }
  return {{"size", fmt::format("{} bytes", payload.size())}};
}

std::string RecordWords::line(RecordType type, std::span<const std::byte> payload) const {
  switch (type) {
    case RecordType::decision:
      if (GateDecision d; take(payload, d)) {
        const InstrumentId id = d.intent.instrument;
        return fmt::format("{} intent {} {} {} reference {} stop {} target {}", symbol(id), d.intent.intent_id, word_of(d.intent.action),
                           word_of(d.verdict), price(id, d.intent.reference_price), price(id, d.intent.stop_price),
                           price(id, d.intent.target_price));
      }
      break;
    case RecordType::sent:
      if (OrderRequest r; take(payload, r)) {
        if (r.action != OrderAction::place)
          return fmt::format("{} {} {} {}", symbol(r.instrument), word_of(r.action), word_of(r.key.leg), client_id_text(epoch_, r.key));
        return fmt::format("{} place {} {} {} {} {} trigger {} price {}{}", symbol(r.instrument), word_of(r.key.leg),
                           client_id_text(epoch_, r.key), word_of(r.type), word_of(r.side), qty(r.instrument, r.qty),
                           price(r.instrument, r.trigger_price), price(r.instrument, r.price), r.reduce_only != 0 ? " reduce-only" : "");
      }
      break;
    case RecordType::venue_event:
      if (VenueEvent e; take(payload, e)) {
        std::string text =
            fmt::format("{} {} {} {}", symbol(e.instrument), word_of(e.key.leg), client_id_text(epoch_, e.key), word_of(e.kind));
        if (e.kind == VenueEventKind::filled) {
          text += fmt::format(" {} at {} fee {} leaves {}", qty(e.instrument, e.fill_qty), price(e.instrument, e.fill_price),
                              to_text(e.fee), qty(e.instrument, e.leaves_qty));
        }
        return e.reason == Errc::ok ? text : text + fmt::format(" ({})", word_of(e.reason));
      }
      break;
    case RecordType::execution:
      if (Execution e; take(payload, e)) {
        return fmt::format("{} {} {} {} at {} pnl {} balance {}", symbol(e.instrument), word_of(e.event), word_of(e.side),
                           qty(e.instrument, e.qty), price(e.instrument, e.price), to_text(e.pnl_net), to_text(e.balance));
      }
      break;
    case RecordType::position:
      if (PositionView v; take(payload, v)) {
        return fmt::format("{} qty {} entry {} version {}", symbol(v.instrument), qty(v.instrument, v.qty),
                           price(v.instrument, v.entry_price), v.version);
      }
      break;
    case RecordType::equity:
    case RecordType::alert: {
      std::string text;
      for (const auto& [name, value] : record(type, payload)) text += fmt::format("{}{} {}", text.empty() ? "" : " ", name, value);
      return text;
    }
    default:
      break;
  }
  return fmt::format("{} bytes", payload.size());
}

std::string RecordWords::tick(const Tick& tick) const {
  const InstrumentId id = tick.instrument;
  switch (tick.kind) {
    case TickKind::quote:
      return fmt::format("quote {} bid {} x {} ask {} x {}{}", symbol(id), price(id, tick.bid_price), qty(id, tick.bid_qty),
                         price(id, tick.ask_price), qty(id, tick.ask_qty),
                         (tick.flags & tick_flag::from_book) != 0 ? " (from the book)" : "");
    case TickKind::trade:
      return fmt::format("trade {} at {} qty {} aggressor {}", symbol(id), price(id, tick.price()), qty(id, tick.qty()),
                         word_of(tick.side));
    case TickKind::mark:
      break;
  }
  return fmt::format("mark {} at {}", symbol(id), price(id, tick.price()));
}

std::string RecordWords::candle(const Candle& candle) const {
  const InstrumentId id = candle.instrument;
  return fmt::format("bar {} from {} for {}: open {} high {} low {} close {} volume {}", symbol(id), words::utc(candle.ts_open_ns),
                     words::duration(candle.interval_ns), price(id, candle.open), price(id, candle.high), price(id, candle.low),
                     price(id, candle.close), qty(id, candle.volume));
}

}  // namespace martinet
