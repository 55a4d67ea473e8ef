// Rules and grids of instruments.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/capture/instrument_rules.hpp"

namespace martinet::import_rules_test {

using namespace martinet::importing;

std::vector<RuleRow> rows_of(std::string_view body, std::string_view url = {}) {
  auto rows = parse_rules_document(body, url);
  EXPECT_TRUE(rows.ok()) << (rows.ok() ? "" : rows.error().what);
  return rows.ok() ? rows.value() : std::vector<RuleRow>{RuleRow{}};
}

RuleRow spec_of(std::string_view text) {
  auto row = parse_instrument_spec(text);
  EXPECT_TRUE(row.ok()) << (row.ok() ? "" : row.error().what);
  return row.ok() ? row.value() : RuleRow{};
}

SymbolNeeds needs_of(std::string symbol, std::vector<std::string> prices, std::vector<std::string> quantities) {
  SymbolNeeds needs;
  needs.venue = Venue::binance;
  needs.market = Market::usdm;
  needs.symbol = std::move(symbol);
  for (const std::string& price : prices) needs.see_price(price);
  for (const std::string& qty : quantities) needs.see_qty(qty);
  return needs;
}

constexpr std::string_view kSpot =
    R"({"timezone":"UTC","symbols":[{"symbol":"NKNUSDT","status":"TRADING","baseAsset":"NKN","quoteAsset":"USDT","permissions":["SPOT"],"filters":[
    {"filterType":"PRICE_FILTER","minPrice":"0.0001","maxPrice":"1000","tickSize":"0.00010000"},
    {"filterType":"LOT_SIZE","minQty":"2.00000000","maxQty":"9000000.00000000","stepSize":"1.00000000"},
    {"filterType":"MIN_NOTIONAL","minNotional":"10.00000000"},
    {"filterType":"MARKET_LOT_SIZE","minQty":"0","maxQty":"5","stepSize":"0"}]},
    {"symbol":"OLDBTC","status":"BREAK","baseAsset":"OLD","quoteAsset":"BTC","filters":[{"filterType":"NOTIONAL","minNotional":"0.001"}]}]})";

TEST(ImportRules, ReadsBinanceSpotExchangeInfo) {
  const std::vector<RuleRow> rows = rows_of(kSpot);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].venue, Venue::binance);
  EXPECT_EQ(rows[0].market, Market::spot);
  EXPECT_EQ(rows[0].base + rows[0].quote, "NKNUSDT");
  EXPECT_EQ(rows[0].tick, "0.00010000");
  EXPECT_EQ(rows[0].lot, "1.00000000");
  EXPECT_EQ(rows[0].qty_min, "2.00000000");
  EXPECT_EQ(rows[0].qty_max, "9000000.00000000") << "the market order's own lot filter is another one";
  EXPECT_EQ(rows[0].notional_min, "10.00000000");
  EXPECT_EQ(rows[0].status, TradingStatus::trading);
  EXPECT_EQ(rows[1].status, TradingStatus::halted);
  EXPECT_EQ(rows[1].notional_min, "0.001");
  EXPECT_EQ(rows[1].tick, "");
}

TEST(ImportRules, TellsBinanceFuturesByTheirContracts) {
  const std::string_view usdm =
      R"({"symbols":[{"symbol":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","marginAsset":"USDT",
      "filters":[{"tickSize":"0.10","filterType":"PRICE_FILTER"},{"stepSize":"0.001","filterType":"LOT_SIZE","maxQty":"1000","minQty":"0.001"},
      {"notional":"5","filterType":"MIN_NOTIONAL"}]}]})";
  const RuleRow row = rows_of(usdm)[0];
  EXPECT_EQ(row.market, Market::usdm);
  EXPECT_EQ(row.settle, "USDT");
  EXPECT_EQ(row.notional_min, "5");
  const std::string_view coinm =
      R"({"symbols":[{"symbol":"BTCUSD_PERP","contractType":"PERPETUAL","contractStatus":"TRADING","contractSize":100,"baseAsset":"BTC","quoteAsset":"USD",
      "marginAsset":"BTC","filters":[{"tickSize":"0.1","filterType":"PRICE_FILTER"},{"stepSize":"1","filterType":"LOT_SIZE","maxQty":"60000","minQty":"1"}]}]})";
  EXPECT_EQ(rows_of(coinm)[0].market, Market::coinm);
  EXPECT_EQ(rows_of(kSpot, "https://dapi.binance.com/dapi/v1/exchangeInfo")[0].market, Market::coinm) << "an address is certain";
}

TEST(ImportRules, ReadsBitgetDocumentsOfBothVersions) {
  const RuleRow v2 =
      rows_of(R"({"code":"00000","data":[{"symbol":"BTCUSDT","baseCoin":"BTC","quoteCoin":"USDT","minTradeNum":"0.01","priceEndStep":"5",
      "volumePlace":"2","pricePlace":"1","sizeMultiplier":"0.02","minTradeUSDT":"5","symbolStatus":"limit_open"}]})")[0];
  EXPECT_EQ(v2.market, Market::usdt_futures);
  EXPECT_EQ(v2.tick, "0.5") << "priceEndStep times 10^-pricePlace";
  EXPECT_EQ(v2.lot, "0.02");
  EXPECT_EQ(v2.qty_min, "0.01");
  EXPECT_EQ(v2.notional_min, "5");
  EXPECT_EQ(v2.status, TradingStatus::close_only);
  const RuleRow v1 =
      rows_of(R"({"data":[{"symbol":"BTCUSD_DMCBL","baseCoin":"BTC","quoteCoin":"USD","minTradeNum":"0.001","priceEndStep":"5",
      "volumePlace":"3","pricePlace":"1"}]})")[0];
  EXPECT_EQ(v1.symbol, "BTCUSD");
  EXPECT_EQ(v1.market, Market::coin_futures);
  EXPECT_EQ(v1.lot, "0.001");
  const RuleRow spot_v1 =
      rows_of(R"({"data":[{"symbol":"ALPHAUSDT_SPBL","symbolName":"ALPHAUSDT","baseCoin":"ALPHA","quoteCoin":"USDT","minTradeAmount":"2",
      "maxTradeAmount":"0","priceScale":"4","quantityScale":"0","status":"online"}]})")[0];
  EXPECT_EQ(spot_v1.symbol, "ALPHAUSDT");
  EXPECT_EQ(spot_v1.market, Market::spot);
  EXPECT_EQ(spot_v1.tick, "0.0001");
  EXPECT_EQ(spot_v1.lot, "1");
  EXPECT_EQ(spot_v1.qty_max, "") << "zero is no limit";
  const RuleRow spot_v2 =
      rows_of(R"({"data":[{"symbol":"BTCUSDT","baseCoin":"BTC","quoteCoin":"USDT","minTradeAmount":"0.0001","maxTradeAmount":"10000",
      "pricePrecision":"4","quantityPrecision":"8","minTradeUSDT":"5","status":"offline"}]})")[0];
  EXPECT_EQ(spot_v2.market, Market::spot);
  EXPECT_EQ(spot_v2.lot, "0.00000001");
  EXPECT_EQ(spot_v2.status, TradingStatus::halted);
}

TEST(ImportRules, RefusesOtherDocuments) {
  for (const char* body : {"{}", "[]", "[1,2]", R"({"symbols":[]})", R"({"symbols":{}})", R"({"data":[{"symbol":"A"}]})",
                           R"({"code":"40001","data":null})", "1"}) {
    const auto rows = parse_rules_document(body, {});
    ASSERT_FALSE(rows.ok()) << body;
    EXPECT_EQ(rows.error().code, Errc::unsupported);
  }
}

TEST(ImportRules, ReadsTheCommandLine) {
  const RuleRow row =
      spec_of("BTCUSDT:tick=0.1,lot=0.001,min_notional=5,kind=inverse,base=BTC,quote=USDT,settle=BTC,qty_min=0.002,qty_max=100");
  EXPECT_EQ(row.symbol, "BTCUSDT");
  EXPECT_EQ(row.tick, "0.1");
  EXPECT_EQ(row.lot, "0.001");
  EXPECT_EQ(row.notional_min, "5");
  EXPECT_EQ(row.kind, ContractKind::inverse);
  EXPECT_EQ(row.qty_max, "100");
  for (const char* text :
       {"", "BTCUSDT", ":tick=1", "BTCUSDT:", "BTCUSDT:tick", "BTCUSDT:tick=", "BTCUSDT:tick=abc", "BTCUSDT:tick=0", "BTCUSDT:tick=-1",
        "BTCUSDT:colour=red", "BTCUSDT:kind=future", "BTCUSDT:tick=0.1,,lot=1", "BTCUSDT:tick=1e-3"}) {
    const auto bad = parse_instrument_spec(text);
    ASSERT_FALSE(bad.ok()) << text;
    EXPECT_EQ(bad.error().code, Errc::usage);
    EXPECT_NE(bad.error().what.find("--instrument '" + std::string(text)), std::string::npos) << bad.error().what;
  }
}

TEST(ImportRules, FallsBackToTheFinestDecimalsSeen) {
  const auto built = build_instrument(needs_of("BTCUSDT", {"61800.20", "61800.3"}, {"0.014", "1"}), ContractKind::linear, {});
  ASSERT_TRUE(built.ok());
  const Instrument& instrument = built->instrument;
  EXPECT_EQ(instrument.price_decimals, 3) << "one seen, trailing zeros trimmed, plus two";
  EXPECT_EQ(instrument.qty_decimals, 5);
  EXPECT_EQ(instrument.rules.tick_size.v, 100);
  EXPECT_EQ(instrument.rules.lot_size.v, 100);
  EXPECT_EQ(instrument.rules.qty_min.v, 100);
  EXPECT_EQ(instrument.rules_assumed, 1);
  EXPECT_EQ(built->rules_from, "finest decimals seen");
  EXPECT_EQ(instrument.base.view(), "BTC");
  EXPECT_EQ(instrument.quote.view(), "USDT");
  EXPECT_EQ(instrument.settle.view(), "USDT");
  // 61800.3 * 0.014 = 865.2042
  Money money;
  ASSERT_EQ(money_of_down(instrument, Price{61'800'300}, Qty{1'400}, money), Errc::ok);
  EXPECT_EQ(money.v, 86'520'420'000);
}

TEST(ImportRules, TakesEachRuleFromTheFirstThatStatesIt) {
  const RuleRow spec = spec_of("NKNUSDT:tick=0.01");
  const std::vector<RuleRow> document = rows_of(kSpot);
  const auto built = build_instrument(needs_of("NKNUSDT", {"0.3513"}, {"6195"}), ContractKind::spot, {&spec, &document[0]});
  ASSERT_TRUE(built.ok());
  EXPECT_EQ(built->rules_from, "--instrument + exchangeInfo");
  EXPECT_EQ(built->instrument.price_decimals, 6) << "the grid still holds the prices seen";
  EXPECT_EQ(built->instrument.rules.tick_size.v, 10'000);
  EXPECT_EQ(built->instrument.rules.lot_size.v, 100);
  EXPECT_EQ(built->instrument.rules.qty_min.v, 200);
  EXPECT_EQ(built->instrument.rules.qty_max.v, 900'000'000);
  EXPECT_EQ(built->instrument.rules.notional_min.v, 10 * kMoneyUnit);
  EXPECT_EQ(built->instrument.rules_assumed, 0);
  const auto half = build_instrument(needs_of("NKNUSDT", {"0.3513"}, {"6195"}), ContractKind::spot, {&spec});
  ASSERT_TRUE(half.ok());
  EXPECT_EQ(half->rules_from, "--instrument + finest quantity decimals seen");
  EXPECT_EQ(half->instrument.rules_assumed, 1);
}

TEST(ImportRules, GridsHoldMarkPricesThatAreFinerThanTheTick) {
  SymbolNeeds needs = needs_of("BTCUSDT", {"61800.2"}, {"1"});
  needs.see_reference("61799.12345678");
  const auto built = build_instrument(needs, ContractKind::linear, {});
  ASSERT_TRUE(built.ok());
  EXPECT_EQ(built->instrument.price_decimals, 10);
  EXPECT_EQ(built->instrument.rules.tick_size.v, 1'000'000'000) << "the tick is that of the trades";
}

TEST(ImportRules, GivesUpSpareDecimalsWhereValuesAreLarge) {
  const auto room = build_instrument(needs_of("A", {"1.5"}, {"130000000.0001"}), ContractKind::linear, {});
  ASSERT_TRUE(room.ok());
  EXPECT_EQ(room->instrument.qty_decimals, 6);
  const auto tight = build_instrument(needs_of("A", {"1.5"}, {"12345678901.00001"}), ContractKind::linear, {});
  ASSERT_TRUE(tight.ok());
  EXPECT_EQ(tight->instrument.qty_decimals, 5);
  const auto full = build_instrument(needs_of("A", {"1.5"}, {"123456789.123456789"}), ContractKind::linear, {});
  ASSERT_TRUE(full.ok());
  EXPECT_EQ(full->instrument.qty_decimals, 9);
  const auto too_much = build_instrument(needs_of("A", {"1.5"}, {"123456789", "0.1234567891"}), ContractKind::linear, {});
  ASSERT_FALSE(too_much.ok());
  EXPECT_EQ(too_much.error().code, Errc::number_too_large);
  EXPECT_NE(too_much.error().what.find("A need"), std::string::npos) << too_much.error().what;
}

TEST(ImportRules, SaysWhereNoNumberWasSeen) {
  const auto built = build_instrument(needs_of("EURUSD", {"1.38676"}, {}), ContractKind::linear, {});
  ASSERT_TRUE(built.ok());
  EXPECT_EQ(built->rules_from, "finest price decimals seen + no quantity seen");
  EXPECT_EQ(built->instrument.rules.lot_size.v, pow10_i64(built->instrument.qty_decimals - 4));
  EXPECT_EQ(build_instrument(needs_of("X", {}, {}), ContractKind::linear, {})->rules_from, "no price seen + no quantity seen");
}

TEST(ImportRules, RefusesASymbolLongerThanItsField) {
  EXPECT_TRUE(build_instrument(needs_of(std::string(24, 'A'), {"1"}, {"1"}), ContractKind::linear, {}).ok());
  EXPECT_FALSE(build_instrument(needs_of(std::string(25, 'A'), {"1"}, {"1"}), ContractKind::linear, {}).ok());
}

TEST(ImportRules, SplitsSymbols) {
  const auto split = [](std::string_view symbol) {
    std::string base = "-";
    std::string quote = "-";
    split_symbol(symbol, base, quote);
    return base + "/" + quote;
  };
  EXPECT_EQ(split("BTCUSDT"), "BTC/USDT");
  EXPECT_EQ(split("BTCUSD_PERP"), "BTC/USD");
  EXPECT_EQ(split("BLZETH"), "BLZ/ETH");
  EXPECT_EQ(split("RUNEEUR"), "RUNE/EUR");
  EXPECT_EQ(split("BTCFDUSD"), "BTC/FDUSD");
  EXPECT_EQ(split("BNBUSD"), "BNB/USD");
  EXPECT_EQ(split("BNBBUSD"), "BNB/BUSD");
  EXPECT_EQ(split("USDT"), "-/-");
  EXPECT_EQ(split("XYZ"), "-/-");
}

TEST(ImportRules, EveryMarketHasItsKind) {
  EXPECT_EQ(kind_of(Market::spot), ContractKind::spot);
  EXPECT_EQ(kind_of(Market::usdm), ContractKind::linear);
  EXPECT_EQ(kind_of(Market::usdt_futures), ContractKind::linear);
  EXPECT_EQ(kind_of(Market::usdc_futures), ContractKind::linear);
  EXPECT_EQ(kind_of(Market::coinm), ContractKind::inverse);
  EXPECT_EQ(kind_of(Market::coin_futures), ContractKind::inverse);
  EXPECT_EQ(kind_of(Market::cfd), ContractKind::cfd);
  EXPECT_EQ(kind_of(Market::none), std::nullopt);
}

}  // namespace martinet::import_rules_test
