#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <limits>

#include "engine/cold/telemetry/json_text.hpp"
#include "tests/engine/cold/telemetry/sample_session.hpp"
#include "tests/engine/cold/telemetry/strict_json.hpp"

namespace martinet::telemetry_test::summary_json_of {
namespace {

using testing::ElementsAre;

TEST(StrictJson, RefusesWhatIsNotJson) {
  for (const std::string_view bad :
       {"",         "{",       "{}x",   "{\"a\":1,}", "[1,]",         "{\"a\":1,\"a\":2}", "01", "1.", "-", "+1", ".5", "nan", "\"\x01\"",
        "\"\xff\"", "\"\\x\"", "{a:1}", "[1 2]",      "\"\xc0\x80\"", "\"\xed\xa0\x80\"",  "1e", "tru"}) {
    EXPECT_FALSE(StrictJson::read(bad)) << bad;
  }
  for (const std::string_view good :
       {"{}", "[]", "0", "-0.10", "1e-5", "\"\\u00e9\"", " { \"a\" : [ 1 , null ] } ", "\"\xf0\x9f\x90\xa6\""}) {
    EXPECT_TRUE(StrictJson::read(good)) << good;
  }
}

TEST(JsonText, EscapesEveryByteIntoValidJsonAndBack) {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  std::string text;
  append_json_string(text, all);
  const auto read = StrictJson::read(text);
  ASSERT_TRUE(read) << text;
  EXPECT_EQ(read->text, all);
}

TEST(JsonText, IsValidForRandomBytes) {
  SampleRandom random(99);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes;
    for (std::int64_t n = random.between(0, 12); n > 0; --n)
      bytes += static_cast<char>(random.chance(50) ? random.between(0x80, 0xFF) : random.between(0, 0xFF));
    std::string text;
    append_json_string(text, bytes);
    ASSERT_TRUE(StrictJson::read(text)) << text;
  }
}

TEST(JsonText, KeepsEveryValidCharacterAsItIs) {
  for (const std::string_view text : {"\u00e9", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff"}) {
    std::string out;
    append_json_string(out, text);
    EXPECT_EQ(out, "\"" + std::string(text) + "\"");
  }
}

TEST(JsonText, WritesNullForWhatIsNotANumber) {
  JsonText json;
  json.begin_array()
      .number(std::numeric_limits<double>::infinity())
      .number(std::numeric_limits<double>::quiet_NaN())
      .number(0.1)
      .number(1e300)
      .grid(kNoPrice.v, 4)
      .end_array();
  EXPECT_EQ(json.str(), "[null,null,0.1,1e+300,null]");
}

TEST(JsonText, WritesMoneyToTheLastUnitAtBothEndsOfTheRange) {
  JsonText json;
  json.begin_array()
      .money(Money{std::numeric_limits<std::int64_t>::min()})
      .money(Money{std::numeric_limits<std::int64_t>::max()})
      .money(Money{-1})
      .money(Money{1'234'000'000})
      .end_array();
  EXPECT_EQ(json.str(), "[-92233720368.54775808,92233720368.54775807,-0.00000001,12.34]");
}

TEST(SummaryJson, HoldsTheFiguresOfTheSession) {
  const auto sample = sample_session({});
  const SessionSummary& s = sample->summary;
  const auto json = StrictJson::read(summary_json(s, sample->instruments));
  ASSERT_TRUE(json);
  EXPECT_EQ(json->at("events").text, "5204118");
  EXPECT_EQ(json->at("ticks").text, "4799201");
  EXPECT_EQ(json->at("bars").text, "5412");
  EXPECT_EQ(json->at("signals").text, "1204");
  EXPECT_EQ(json->at("orders_by_verdict").at("symbol_owned").text, "912");
  EXPECT_EQ(json->at("orders_by_verdict").at("kill_switch").text, "0") << "verdicts that were never given are there too";
  EXPECT_EQ(json->at("fills").text, std::to_string(sample->detail.executions.size()));
  EXPECT_EQ(json->at("order_stream_sha256").text, s.order_stream_sha256);
  EXPECT_EQ(json->at("events_per_second").text, "2724668.06");
  EXPECT_EQ(json->at("latency_ns").at("input").at("p999").text, "4870");
  EXPECT_EQ(json->at("hot_thread_counters").items.at(1).at("allocations").text, "118");
  EXPECT_EQ(json->at("warnings").items.size(), 2u);
  EXPECT_EQ(json->at("strategies").items.at(0).at("name").text, "vwap_rsi");
  EXPECT_TRUE(json->at("models").items.empty());
  EXPECT_EQ(json->at("performance").at("trades").text, "60");
  std::int64_t value = 0;
  for (const auto& [key, money] : {std::pair{"pnl_net", s.pnl_net}, std::pair{"max_drawdown", s.max_drawdown},
                                   std::pair{"equity", s.equity}, std::pair{"fees", s.fees}}) {
    EXPECT_EQ(json->at(key).kind, JsonValue::Kind::number);
    ASSERT_EQ(parse_decimal(json->at(key).text, kMoneyDecimals, value), Errc::ok) << key;
    EXPECT_EQ(value, money.v) << key;
  }
}

TEST(SummaryJson, KeepsItsKeysInAnEmptySession) {
  const InstrumentTable none;
  const auto full_sample = sample_session({});
  const auto empty = StrictJson::read(summary_json({}, none));
  const auto full = StrictJson::read(summary_json(full_sample->summary, full_sample->instruments));
  ASSERT_TRUE(empty && full);
  EXPECT_EQ(empty->keys, full->keys);
  EXPECT_EQ(empty->at("pnl_net").text, "0.00");
  EXPECT_TRUE(empty->at("positions").items.empty());
}

TEST(SummaryJson, WritesOpenPositionsOnTheirGrids) {
  const auto sample = sample_session({});
  sample->summary.open_positions = {{1, "grid", Qty{-370'000}, Price{31'823'387}, Price{31'846'698}, Money{-86'250'700}},
                                    {77, "lost", Qty{1}, kNoPrice, kNoPrice, {}}};
  const auto json = StrictJson::read(summary_json(sample->summary, sample->instruments));
  ASSERT_TRUE(json);
  const JsonValue& position = json->at("positions").items.at(0);
  EXPECT_EQ(position.at("symbol").text, "ETHUSDT");
  EXPECT_EQ(position.at("qty").text, "-0.37");
  EXPECT_EQ(position.at("entry_price").text, "3182.3387");
  EXPECT_EQ(position.at("unrealised").text, "-0.862507");
  EXPECT_EQ(json->at("positions").items.at(1).at("entry_price").text, "null");
}

TEST(SummaryJson, StaysValidWhateverTheTextsAndFiguresAre) {
  const auto sample = sample_session({});
  SessionSummary& s = sample->summary;
  s.session = "\"\\\n\xff\x1b[31m";
  s.warnings = {std::string(1, '\0'), "</script>", "\xe2\x82"};
  s.orders_by_verdict = {{"odd \"name\"", 1}};
  s.events_per_second = std::numeric_limits<double>::infinity();
  s.max_drawdown_fraction = std::numeric_limits<double>::quiet_NaN();
  const auto json = StrictJson::read(summary_json(s, sample->instruments));
  ASSERT_TRUE(json);
  EXPECT_EQ(json->at("events_per_second").text, "null");
  EXPECT_EQ(json->at("warnings").items.at(1).text, "</script>");
}

// Paths of all keys whose names are ours, "performance.sharpe"; not of those that the session names.
void collect(const JsonValue& value, const std::string& path, std::vector<std::string>& out) {
  const bool named_by_the_session = path == "latency_ns." || path == "orders_by_verdict." || path == "frames_by_channel." ||
                                    path == "frames_refused." || path == "feed." || path == "alerts.";
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const bool member = value.kind == JsonValue::Kind::object;
    if (member && !named_by_the_session) out.push_back(path + value.keys[i]);
    collect(value.items[i], !member || named_by_the_session ? (member ? "percentiles." : path) : path + value.keys[i] + ".", out);
  }
}

TEST(SummaryJson, HasNoKeyThatSummaryMdDoesNotExplain) {
  std::ifstream file(MARTINET_SOURCE_DIR "/engine/cold/telemetry/SUMMARY.md");
  ASSERT_TRUE(file) << "engine/cold/telemetry/SUMMARY.md";
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto sample = sample_session({});
  sample->summary.open_positions = {{1, "grid", Qty{-370'000}, Price{31'823'387}, Price{31'846'698}, Money{-86'250'700}}};
  const auto json = StrictJson::read(summary_json(sample->summary, sample->instruments));
  ASSERT_TRUE(json);
  std::vector<std::string> keys;
  collect(*json, "", keys);
  EXPECT_GT(keys.size(), 60u);
  for (const std::string& key : keys) {
    const std::string name = key.substr(key.rfind('.') + 1);
    EXPECT_NE(text.find("`" + name + "`"), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace martinet::telemetry_test::summary_json_of
