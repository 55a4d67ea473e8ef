#pragma once
// One or more messages of every kind that Bitget sends, shortened where long. Origin: tests/fixtures/bitget/SOURCES.md.
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/adapters/json/decoder_support.hpp"

namespace martinet::test {

inline InstrumentTable bitget_table() {
  InstrumentTable table;
  const auto add = [&table](Market market, std::string_view symbol, int price_decimals, int qty_decimals) {
    if (!table.add(instrument(Venue::bitget, market, symbol, price_decimals, qty_decimals)).ok()) std::abort();
  };
  add(Market::spot, "BTCUSDT", 4, 8);
  add(Market::usdt_futures, "BTCUSDT", 3, 5);
  add(Market::usdt_futures, "DASHUSDT", 4, 4);
  add(Market::usdt_futures, "STORJUSDT", 6, 3);
  add(Market::coin_futures, "DOGEUSD", 7, 2);
  add(Market::usdc_futures, "BTCPERP", 3, 6);
  add(Market::spot, "EOSUSDT", 6, 6);
  return table;
}

/// Messages that the fast path must take.
inline const std::vector<std::string>& bitget_usual() {
  static const std::
      vector<std::string>
          kMessages =
              {
                  R"({"action":"update","arg":{"instType":"SPOT","channel":"trade","instId":"BTCUSDT"},"data":[{"ts":"1730332858796","price":"72389.99","size":"0.001373","side":"buy","tradeId":"1235671058980749319"}],"ts":1730332858805})",
                  R"({"action":"snapshot","arg":{"instType":"USDT-FUTURES","channel":"trade","instId":"DASHUSDT"},"data":[{"ts":"1649290076980","price":"113.37","size":"0.49","side":"sell","tradeId":"1000000000000000003"},{"ts":"1649290074399","price":"113.4","size":"0.94","side":"buy","tradeId":"1000000000000000002"},{"ts":"1649290071315","price":"113.35","size":"0.66","side":"sell","tradeId":"1000000000000000001"}],"ts":1649290077583})",
                  R"({"action":"update","arg":{"instType":"COIN-FUTURES","channel":"trade","instId":"DOGEUSD"},"data":[{"ts":"1730332859962","price":"0.168385","size":"447","side":"buy","tradeId":"1235671063871070209"}],"ts":1730332859979})",
                  R"({"action":"snapshot","arg":{"instType":"USDT-FUTURES","channel":"ticker","instId":"STORJUSDT"},"data":[{"instId":"STORJUSDT","lastPr":"0.4706","bidPr":"0.4705","askPr":"0.4708","bidSz":"1367.3","askSz":"2535.3","open24h":"0.4737","high24h":"0.4784","low24h":"0.463","change24h":"-0.01569","fundingRate":"0.0001","nextFundingTime":"1730361600000","markPrice":"0.4705","indexPrice":"0.47080586","holdingAmount":"8572031.1","baseVolume":"2878355.9","quoteVolume":"1355483.45089","openUtc":"0.4706","symbolType":"1","symbol":"STORJUSDT","deliveryPrice":"0","ts":"1730332823155"}],"ts":1730332823157})",
                  R"({"action":"snapshot","arg":{"instType":"SPOT","channel":"ticker","instId":"EOSUSDT"},"data":[{"instId":"EOSUSDT","lastPr":"2.4383","open24h":"2.5667","high24h":"2.5767","low24h":"2.4155","change24h":"-0.05003","bidPr":"2.436700","askPr":"2.440900","bidSz":"0","askSz":"1209.0600","baseVolume":"145518.8442","quoteVolume":"378707.9474","openUtc":"2.5667","changeUtc24h":"-0.05003","ts":"1649290076034"}],"ts":1649290077695})",
                  R"({"action":"snapshot","arg":{"instType":"USDT-FUTURES","channel":"ticker","instId":"BTCUSDT"},"data":[{"instId":"BTCUSDT","lastPr":"27000.5","bidPr":"27000","askPr":"27000.5","bidSz":"2.71","askSz":"8.76","open24h":"27000.5","high24h":"30668.5","low24h":"26999.0","change24h":"-0.00002","fundingRate":"0.000010","nextFundingTime":"1695722400000","markPrice":"27000.0","indexPrice":"25702.4","holdingAmount":"929.502","baseVolume":"368.900","quoteVolume":"10152429.961","openUtc":"27000.5","symbolType":1,"symbol":"BTCUSDT","deliveryPrice":"0","ts":"1695715383021"}],"ts":1695715383039})",
                  R"({"action":"snapshot","arg":{"instType":"SPOT","channel":"books","instId":"EOSUSDT"},"data":[{"asks":[["2.4400","195.6669"],["2.4409","1209.0600"]],"bids":[["2.4398","12.5"],["2.4390","3400"],["0.0001","10000.0000"]],"checksum":1706649304,"ts":"1649290077497"}],"ts":1649290077694})",
                  R"({"action":"update","arg":{"instType":"USDT-FUTURES","channel":"books","instId":"DASHUSDT"},"data":[{"asks":[["113.42","0"],["113.46","13.65"]],"bids":[["96.90","0"]],"checksum":-487257069,"ts":"1649290077676"}],"ts":1649290078125})",
                  R"({"action":"update","arg":{"instType":"USDT-FUTURES","channel":"books","instId":"BTCUSDT"},"data":[{"asks":[["27000.5","8.760"]],"bids":[],"ts":"1695716059516","seq":1180000000000000123,"pseq":1180000000000000100}],"ts":1695716059520})",
                  R"({"action":"snapshot","arg":{"instType":"USDT-FUTURES","channel":"books1","instId":"BTCUSDT"},"data":[{"asks":[["27000.5","8.760"]],"bids":[["27000.0","2.710"]],"checksum":0,"seq":"123","pseq":"0","ts":"1695716059516"}],"ts":1695716059520})",
                  R"({"action":"snapshot","arg":{"instType":"USDT-FUTURES","channel":"books15","instId":"DASHUSDT"},"data":[{"asks":[],"bids":[],"checksum":0,"ts":"1730963759972"}],"ts":1730963759998})",
                  R"({"action":"snapshot","arg":{"instType":"SPOT","channel":"candle1m","instId":"EOSUSDT"},"data":[["1649230080000","2.6841","2.6856","2.6824","2.6824","143.0957","383.8399","383.8399"],["1649230140000","2.6824","2.6883","2.6824","2.6883","116.5679","313.3695","313.3695"]],"ts":1649290078042})",
                  R"({"action":"update","arg":{"instType":"USDT-FUTURES","channel":"candle1m","instId":"DASHUSDT"},"data":[["1649290020000","113.47","113.47","113.33","113.37","16.68","1891.0116","1891.0116"]],"ts":1649290078127})",
                  R"({"event":"subscribe","arg":{"instType":"USDC-FUTURES","channel":"trade","instId":"BTCPERP"}})",
              };
  return kMessages;
}

}  // namespace martinet::test
