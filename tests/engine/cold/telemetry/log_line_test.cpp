#include <gtest/gtest.h>

#include "engine/cold/telemetry/session_summary.hpp"

namespace martinet {
namespace log_line_test {

TEST(LogLine, PaperFillsBeginWithTheirMarkAndClosesTellTheirPnl) {
  InstrumentTable table;
  Instrument instrument;
  ASSERT_TRUE(instrument.symbol.assign("BTCUSDT"));
  instrument.price_decimals = 3;
  instrument.qty_decimals = 6;
  ASSERT_TRUE(table.add(instrument).ok());
  SessionDetail detail;
  detail.instruments = &table;
  detail.strategy_names = {"dip"};
  Execution execution;
  execution.ts_ns = 1'722'816'000'000'000'000;
  execution.instrument = 0;
  execution.strategy = 0;
  execution.qty = {500'000};
  execution.price = {60'000'500};
  execution.fee = {1'800'000'000};
  execution.direction = Side::sell;
  execution.side = Side::sell;
  EXPECT_EQ(log_line(execution, detail, true), "[PAPER] 2024-08-05T00:00:00.000000000Z BTCUSDT dip open short: sell 0.5 at 60000.5, fee 18.00\n");
  execution.event = ExecutionEvent::close;
  execution.side = Side::buy;
  execution.exit_reason = ExitReason::tp;
  execution.pnl_net = {-1'234'500'000};
  EXPECT_EQ(log_line(execution, detail, false), "2024-08-05T00:00:00.000000000Z BTCUSDT dip close short: buy 0.5 at 60000.5, fee 18.00, tp P&L -12.35\n");
}

}  // namespace log_line_test
TEST(ModelLine, SaysWhoAsksWhat) {
  const ModelRow model{"head", "reversion", "3", std::string(64, 'a')};
  EXPECT_EQ(model_line(model, true), "[PAPER] head asks the model reversion version 3, SHA-256 " + std::string(64, 'a') + "\n");
  EXPECT_EQ(model_line({"two\nlines", "\x1b[2J", "3", "a"}, false).find('\n'), model_line({"two\nlines", "\x1b[2J", "3", "a"}, false).size() - 1)
      << "one line, whatever the names";
}

}  // namespace martinet
