#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/cold/telemetry/sample_session.hpp"
#include "tests/engine/cold/telemetry/strict_json.hpp"

namespace martinet::telemetry_test::trade_line_of {
namespace {

using testing::ElementsAre;

struct TradeLine : testing::Test {
  TradeLine() {
    EXPECT_TRUE(table.add(sample_instrument("BTCUSDT", "BTC", 4, 6)));
    detail.instruments = &table;
    detail.strategy_names = {"vwap_rsi"};
    detail.epoch = 7;
    e.ts_ns = kStartNs + 123'456'789;
    e.venue_order_id = std::numeric_limits<std::uint64_t>::max();
    e.key = {36, OrderPurpose::close, 1, {}};
    e.qty = Qty{50'000};
    e.price = Price{951'067'400};
    e.entry_price = Price{950'000'001};
    e.stop_price = Price{940'000'000};
    e.fee = Money{285'320'247};
    e.pnl_net = Money{-392'061'911};
    e.score = 0.1;
    e.instrument = 0;
    e.strategy = 0;
    e.event = ExecutionEvent::close;
    e.direction = Side::sell;
    e.side = Side::buy;
    e.regime = MarketRegime::ranging;
    e.exit_reason = ExitReason::sl;
  }
  InstrumentTable table;
  SessionDetail detail;
  Execution e;
};

TEST_F(TradeLine, IsOneObjectOfExactNumbersInAFixedOrder) {
  EXPECT_EQ(
      trade_line(e, detail, "s1", true),
      R"({"ts":"2025-01-14T00:00:00.123456789Z","event":"close","strategy":"vwap_rsi","symbol":"BTCUSDT","direction":"short","side":"buy",)"
      R"("qty":0.05,"price":95106.74,"fee":2.85320247,"fee_asset":"USDT","entry_price":95000.0001,"sl_price":94000,"tp_price":null,"score":0.1,)"
      R"("market_regime":"ranging","exit_reason":"sl","exit_price":95106.74,"pnl_net":-3.92061911,"order_id":"18446744073709551615",)"
      R"("client_id":"m7-10c1","paper":true,"session":"s1"})"
      "\n");
}

TEST_F(TradeLine, HasNoExitWhereAPositionIsOpenedOrAddedTo) {
  for (const ExecutionEvent event : {ExecutionEvent::open, ExecutionEvent::add}) {
    e.event = event;
    const auto line = StrictJson::read(trade_line(e, detail, "s1", false));
    ASSERT_TRUE(line);
    EXPECT_EQ(line->at("exit_reason").text, "null");
    EXPECT_EQ(line->at("exit_price").text, "null");
    EXPECT_EQ(line->at("paper").text, "false");
    EXPECT_EQ(line->at("event").text, name_of(event));
  }
}

TEST_F(TradeLine, NamesEveryReasonForWhichAPositionIsReduced) {
  e.event = ExecutionEvent::reduce;
  for (int i = 1; i <= static_cast<int>(ExitReason::unknown); ++i) {
    e.exit_reason = static_cast<ExitReason>(i);
    const auto line = StrictJson::read(trade_line(e, detail, "s1", true));
    ASSERT_TRUE(line);
    EXPECT_EQ(line->at("exit_reason").text, name_of(e.exit_reason));
  }
}

TEST_F(TradeLine, StaysOneLineOfValidJsonWhateverTheNamesAre) {
  detail.strategy_names = {std::string("a\"b\\c\nd\x01\xff\xc3\xa9\0e", 14)};
  const std::string text = trade_line(e, detail, "s\n\"", true);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  const auto line = StrictJson::read(text);
  ASSERT_TRUE(line) << text;
  EXPECT_EQ(line->at("strategy").text, std::string("a\"b\\c\nd\x01\xef\xbf\xbd\xc3\xa9\0e", 16));
  EXPECT_EQ(line->at("session").text, "s\n\"");
}

TEST_F(TradeLine, DoesNotReadPastTheTablesForAnUnknownInstrumentOrStrategy) {
  e.instrument = 9;
  e.strategy = kNoStrategy;
  const auto line = StrictJson::read(trade_line(e, detail, "s1", true));
  ASSERT_TRUE(line);
  EXPECT_EQ(line->at("symbol").text, "");
  EXPECT_EQ(line->at("strategy").text, "");
  detail.instruments = nullptr;
  EXPECT_TRUE(StrictJson::read(trade_line(e, detail, "s1", true)));
}

TEST_F(TradeLine, KeepsItsKeysOnEveryExecutionOfASession) {
  const auto sample = sample_session({11, 80, 20 * kNanosPerHour, 4, true});
  Money pnl{};
  for (const Execution& execution : sample->detail.executions) {
    const auto line = StrictJson::read(trade_line(execution, sample->detail, "s", true));
    ASSERT_TRUE(line);
    EXPECT_THAT(line->keys, ElementsAre("ts", "event", "strategy", "symbol", "direction", "side", "qty", "price", "fee", "fee_asset",
                                        "entry_price", "sl_price", "tp_price", "score", "market_regime", "exit_reason", "exit_price",
                                        "pnl_net", "order_id", "client_id", "paper", "session"));
    std::int64_t value = 0;
    ASSERT_EQ(parse_decimal(line->at("pnl_net").text, kMoneyDecimals, value), Errc::ok);
    pnl = pnl + Money{value};
    ASSERT_EQ(parse_decimal(line->at("qty").text, sample->instruments[execution.instrument].qty_decimals, value), Errc::ok);
    EXPECT_EQ(value, execution.qty.v);
    ASSERT_EQ(parse_decimal(line->at("price").text, sample->instruments[execution.instrument].price_decimals, value), Errc::ok);
    EXPECT_EQ(value, execution.price.v);
  }
  EXPECT_EQ(pnl, sample->summary.pnl_net) << "the lines alone give the session's P&L, to the last 1e-8";
}

}  // namespace
}  // namespace martinet::telemetry_test::trade_line_of
