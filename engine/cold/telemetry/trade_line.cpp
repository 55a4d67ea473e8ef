#include <array>

#include "engine/cold/telemetry/json_text.hpp"
#include "engine/cold/telemetry/session_summary.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet {

std::string trade_line(const Execution& execution, const SessionDetail& detail, const std::string& session, bool paper) {
  static const Instrument kUnknown;
  const bool known = detail.instruments != nullptr && execution.instrument < detail.instruments->size();
  const Instrument& instrument = known ? (*detail.instruments)[execution.instrument] : kUnknown;
  const bool reduces = execution.event == ExecutionEvent::reduce || execution.event == ExecutionEvent::close;
  const std::string_view asset = instrument.settle.view().empty() ? instrument.quote.view() : instrument.settle.view();
  std::array<char, 32> id{};

  JsonText json;
  json.begin_object();
  json.key("ts").text(words::iso_utc(execution.ts_ns));
  json.key("event").text(name_of(execution.event));
  json.key("strategy").text(execution.strategy < detail.strategy_names.size() ? detail.strategy_names[execution.strategy] : std::string());
  json.key("symbol").text(instrument.symbol.view());
  json.key("direction").text(execution.direction == Side::sell ? "short" : "long");
  json.key("side").text(name_of(execution.side));
  json.key("qty").grid(execution.qty.v, instrument.qty_decimals);
  json.key("price").grid(execution.price.v, instrument.price_decimals);
  json.key("fee").money(execution.fee);
  json.key("fee_asset").text(asset);
  json.key("entry_price").grid(execution.entry_price.v, instrument.price_decimals);
  json.key("sl_price").grid(execution.stop_price.v, instrument.price_decimals);
  json.key("tp_price").grid(execution.target_price.v, instrument.price_decimals);
  json.key("score").number(execution.score);
  json.key("market_regime").text(name_of(execution.regime));
  json.key("exit_reason");
  if (reduces && execution.exit_reason != ExitReason::none) {
    json.text(name_of(execution.exit_reason));
  } else {
    json.null();
  }
  json.key("exit_price").grid(reduces ? execution.price.v : kNoPrice.v, instrument.price_decimals);
  json.key("pnl_net").money(execution.pnl_net);
  json.key("order_id").text(std::to_string(execution.venue_order_id));
  json.key("client_id").text(client_id(detail.epoch, execution.key, id));
  json.key("paper").boolean(paper);
  json.key("session").text(session);
  json.end_object();
  return std::move(json).take() + "\n";
}

}  // namespace martinet
