#include <fmt/format.h>

#include "engine/base/decimal.hpp"
#include "engine/cold/telemetry/session_summary.hpp"
#include "engine/cold/telemetry/text_table.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet {

std::string log_line(const Execution& execution, const SessionDetail& detail, bool paper) {
  const Instrument& instrument = (*detail.instruments)[execution.instrument];
  const std::string_view strategy = execution.strategy < detail.strategy_names.size() ? std::string_view(detail.strategy_names[execution.strategy]) : "-";
  std::string line = fmt::format("{}{} {} {} {} {}: {} {} at {}, fee {}", paper ? "[PAPER] " : "", words::iso_utc(execution.ts_ns), instrument.symbol.view(), strategy,
                                 name_of(execution.event), execution.direction == Side::buy ? "long" : "short", name_of(execution.side),
                                 to_text(execution.qty.v, instrument.qty_decimals), to_text(execution.price.v, instrument.price_decimals), to_text(execution.fee));
  if (execution.event == ExecutionEvent::reduce || execution.event == ExecutionEvent::close) {
    line += fmt::format(", {} P&L {}", name_of(execution.exit_reason), words::money_rounded(execution.pnl_net, true));
  }
  return line + "\n";
}

std::string model_line(const ModelRow& model, bool paper) {
  return fmt::format("{}{} asks the model {} version {}, SHA-256 {}\n", paper ? "[PAPER] " : "", printable(model.strategy), printable(model.name),
                     printable(model.version), model.sha256);
}

}  // namespace martinet
