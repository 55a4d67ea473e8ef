#pragma once
// One or more messages of every kind that Binance sends. Origin: tests/fixtures/binance/SOURCES.md.
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/adapters/json/decoder_support.hpp"

namespace martinet::test {

inline InstrumentTable binance_table() {
  InstrumentTable table;
  const auto add = [&table](Market market, std::string_view symbol, int price_decimals, int qty_decimals) {
    if (!table.add(instrument(Venue::binance, market, symbol, price_decimals, qty_decimals)).ok()) std::abort();
  };
  add(Market::spot, "BTCUSDT", 4, 7);
  add(Market::spot, "NKNUSDT", 6, 2);
  add(Market::spot, "BNBBTC", 8, 8);
  add(Market::usdm, "BTCUSDT", 4, 5);
  add(Market::usdm, "CTKUSDT", 7, 2);
  add(Market::coinm, "BTCUSD_PERP", 3, 0);
  return table;
}

/// Messages that the fast path must take, by market.
inline const std::vector<std::string>& binance_usual(Market market) {
  static const std::vector<std::string> kSpot = {
      R"({"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}})",
      R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}})",
      R"({"stream":"bnbbtc@trade","data":{"e":"trade","E":1554076800945,"s":"BNBBTC","t":40756030,"p":"0.00426990","q":"33.82000000","b":133829535,"a":133829504,"T":1554076800940,"m":false,"M":true}})",
      R"({"stream":"nknusdt@aggTrade","data":{"e":"aggTrade","E":1633998523963,"s":"NKNUSDT","a":15683430,"p":"0.35280000","q":"58.00000000","f":19862790,"l":19862790,"T":1633998523963,"m":false,"M":true}})",
      R"({"stream":"nknusdt@depth@100ms","data":{"e":"depthUpdate","E":1633998512068,"s":"NKNUSDT","U":499869750,"u":499869752,"b":[["0.35130000","6195.00000000"],["0.34750000","5548.00000000"],["0.34640000","0.00000000"]],"a":[]}})",
      R"({"stream":"btcusdt@depth20@100ms","data":{"lastUpdateId":160,"bids":[["61837.63000000","10.00000000"]],"asks":[["61837.64000000","100.00000000"]]}})",
      R"({"lastUpdateId":50093239218,"bids":[["61837.63000000","3.78826000"],["61837.62000000","0.61700000"]],"asks":[["61837.64000000","1.54698000"]]})",
      R"({"stream":"nknusdt@kline_1m","data":{"e":"kline","E":1633998523963,"s":"NKNUSDT","k":{"t":1633998480000,"T":1633998539999,"s":"NKNUSDT","i":"1m","f":19862761,"L":19862790,"o":"0.35270000","c":"0.35280000","h":"0.35280000","l":"0.35220000","v":"25877.00000000","n":30,"x":false,"q":"9116.04600000","V":"58.00000000","Q":"20.46240000","B":"0"}}})",
      R"({"e":"trade","E":1723161255343457,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000","q":"0.02000000","T":1723161255342456,"m":false,"M":true})",
  };
  static const std::vector<std::string> kUsdm = {
      R"({"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":5123107839020,"s":"BTCUSDT","b":"61800.20","B":"2.507","a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256314}})",
      R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256323,"T":1723161256322,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","m":false}})",
      R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1574381164089,"T":1574381164086,"s":"BTCUSDT","t":10934580,"p":"7627.60","q":"0.044","m":false}})",
      R"({"stream":"ctkusdt@aggTrade","data":{"e":"aggTrade","E":1626992741575,"a":16599292,"s":"CTKUSDT","p":"1.01100","q":"10","f":23961322,"l":23961322,"T":1626992741421,"m":false}})",
      R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":5123107832006,"u":5123107837557,"pu":5123107831937,"b":[["58710.20","0.014"],["61496.50","0.010"],["61510.90","0.000"]],"a":[["61800.30","2.510"]]}})",
      R"({"stream":"btcusdt@depth5@100ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":5123107832006,"u":5123107837557,"pu":5123107831937,"b":[["61800.20","2.507"]],"a":[["61800.30","2.510"]]}})",
      R"({"lastUpdateId":5123107852948,"E":1723161256501,"T":1723161256493,"bids":[["61800.20","2.909"],["61800.10","0.696"]],"asks":[["61800.30","1.5"]]})",
      R"({"stream":"btcusdt@markPrice","data":{"e":"markPriceUpdate","E":1569888003001,"s":"BTCUSDT","p":"8291.34697815","r":"0.00010000","T":1569916800000}})",
      R"({"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","E":1597536008000,"s":"BTCUSDT","p":"11857.56000000","i":"11851.86949091","r":"0.00015640","T":1597564800000}})",
      R"({"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","E":1609830121004,"s":"BTCUSDT","p":"31799.27730000","P":"31235.82439517","i":"31307.03400000","r":"0.00000000","T":0}})",
      R"({"stream":"ctkusdt@kline_1m","data":{"e":"kline","E":1626992741424,"s":"CTKUSDT","k":{"t":1626992700000,"T":1626992759999,"s":"CTKUSDT","i":"1m","f":23961275,"L":23961322,"o":"1.01000","c":"1.01100","h":"1.01100","l":"1.01000","v":"3917","n":48,"x":true,"q":"3957.89900","V":"1729","Q":"1748.01900","B":"0"}}})",
  };
  static const std::vector<std::string> kCoinm = {
      R"({"stream":"btcusd_perp@bookTicker","data":{"u":1007198632021,"e":"bookTicker","s":"BTCUSD_PERP","ps":"BTCUSD","b":"61804.7","B":"35","a":"61804.8","A":"1645","T":1723161257465,"E":1723161257476}})",
      R"({"stream":"btcusd_perp@trade","data":{"e":"trade","E":1723161257687,"T":1723161257679,"s":"BTCUSD_PERP","t":849714402,"p":"61804.8","q":"4","X":"MARKET","m":false}})",
      R"({"stream":"btcusd_perp@depth@0ms","data":{"e":"depthUpdate","E":1723161257440,"T":1723161257432,"s":"BTCUSD_PERP","ps":"BTCUSD","U":1007198631260,"u":1007198631565,"pu":1007198631198,"b":[["61773.6","1001"],["61778.7","0"]],"a":[["61801.4","0"]]}})",
      R"({"lastUpdateId":1007198635033,"E":1723161257835,"T":1723161257823,"symbol":"BTCUSD_PERP","pair":"BTCUSD","bids":[["61804.7","35"]],"asks":[["61804.8","1645"]]})",
  };
  return market == Market::spot ? kSpot : market == Market::usdm ? kUsdm : kCoinm;
}

}  // namespace martinet::test
