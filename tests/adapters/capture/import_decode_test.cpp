// What import promises the decoders: the instrument table of a capture knows every symbol of its frames, and its grids hold every number.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "adapters/binance/decoder.hpp"
#include "adapters/bitget/decoder.hpp"
#include "engine/base/decimal.hpp"
#include "tests/adapters/capture/import_test_support.hpp"
#include "tests/support/data_folder.hpp"

namespace martinet::import_decode_test {

using namespace import_test;

struct Decoded {
  std::uint64_t ticks = 0;
  std::uint64_t levels = 0;
  std::uint64_t candles = 0;
  std::map<std::string, std::uint64_t> errors;  ///< by name
  std::vector<Tick> first_ticks;
};

// Every frame through the decoder of its stream.
Decoded decode_all(const Contents& got) {
  Decoded all;
  const auto out = std::make_unique<DecodedFrame>();
  std::vector<std::unique_ptr<BinanceDecoder>> binance;
  BitgetDecoder bitget(got.header.instruments);
  for (const StreamInfo& stream : got.header.streams) {
    binance.push_back(stream.venue == Venue::binance
                          ? std::make_unique<BinanceDecoder>(got.header.instruments, stream.market, stream.default_instrument)
                          : nullptr);
  }
  for (const Contents::Frame& frame : got.frames) {
    const auto& decoder = binance[frame.stream];
    const Errc error = decoder ? decoder->decode(frame.text, frame.ts_ns, *out) : bitget.decode(frame.text, frame.ts_ns, *out);
    if (error != Errc::ok) ++all.errors[std::string(name_of(error)) + " " + frame.text.substr(0, 120)];
    all.ticks += out->tick_count;
    all.candles += out->candle_count;
    for (std::uint32_t i = 0; i < out->depth_count; ++i) all.levels += out->depths[i].level_count;
    for (std::uint32_t i = 0; i < out->tick_count && all.first_ticks.size() < 8; ++i) all.first_ticks.push_back(out->ticks[i]);
  }
  return all;
}

TEST(ImportDecode, EveryRecordedFrameDecodesOnItsGrid) {
  MT_NEED_DATA(data);
  const Folder folder;
  const std::vector<std::vector<std::string>> imports = {
      {"binance_2024/cm_btcusd_perp_20240808.txt.gz", "binance_2024/spot_btcusdt_20240808.txt.gz",
       "binance_2024/spot_ethusdt_20240808.txt.gz", "binance_2024/usdm_btcusdt_20240808.txt.gz"},
      {"binance_2021/spot.txt.gz", "binance_2021/spot_depth.jsonl.gz", "binance_2021/spot_exchangeInfo.jsonl.gz"},
      {"binance_2021/usdm.txt.gz", "binance_2021/usdm_depth.jsonl.gz"},
      {"bitget_v2_converted_2022/mix.txt.gz", "bitget_v2_converted_2022/spot.txt.gz"},
  };
  for (const std::vector<std::string>& names : imports) {
    ImportOptions options = options_for({}, folder / "out.cap");
    options.overwrite = true;
    for (const std::string& name : names) options.sources.push_back(data / "ws" / name);
    import_ok(options);
    const Decoded all = decode_all(read_back(folder / "out.cap"));
    EXPECT_GT(all.ticks, 0U) << names[0];
    EXPECT_GT(all.levels, 0U) << names[0];
    EXPECT_TRUE(all.errors.empty()) << names[0] << ": " << all.errors.begin()->first << " and " << all.errors.size() - 1 << " more";
  }
}

TEST(ImportDecode, ASyntheticDumpDecodesToTheNumbersItHolds) {
  const Folder folder;
  const auto line = [](int n, const std::string& message) { return "172316125600000000" + std::to_string(n) + " " + message + "\n"; };
  const std::string text =
      line(1, R"({"lastUpdateId":1,"bids":[["61737.123","0.00001"]],"asks":[["61738.5","12"]]})") +
      line(
          2,
          R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1,"T":1,"s":"BTCUSDT","U":1,"u":2,"pu":0,"b":[["61737.6","0"]],"a":[]}})") +
      line(
          3,
          R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1,"T":1,"s":"BTCUSDT","t":5,"p":"61800.30","q":"0.006","X":"MARKET","m":false}})") +
      line(
          4,
          R"({"stream":"btcusdt@markPrice","data":{"e":"markPriceUpdate","E":1,"s":"BTCUSDT","p":"61800.12345678","i":"61799.5","P":"1","r":"0.0001","T":1}})");
  import_ok(options_for({folder.write("d.txt", text)}, folder / "out.cap"));
  const Contents got = read_back(folder / "out.cap");
  const Decoded all = decode_all(got);
  EXPECT_TRUE(all.errors.empty()) << all.errors.begin()->first;
  EXPECT_EQ(all.levels, 3U);
  ASSERT_EQ(all.ticks, 2U);
  const Instrument& instrument = got.header.instruments[0];
  EXPECT_EQ(to_text(all.first_ticks[0].price().v, instrument.price_decimals), "61800.3");
  EXPECT_EQ(to_text(all.first_ticks[0].qty().v, instrument.qty_decimals), "0.006");
  EXPECT_EQ(to_text(all.first_ticks[1].price().v, instrument.price_decimals), "61800.12345678") << "the grid holds mark prices exactly";
  EXPECT_EQ(to_text(instrument.rules.tick_size.v, instrument.price_decimals), "0.001");
}

TEST(ImportDecode, ASyntheticBitgetDumpDecodesToTheNumbersItHolds) {
  const Folder folder;
  const std::string text =
      R"(1649290077582363800 {"action":"update","arg":{"instType":"USDT-FUTURES","channel":"trade","instId":"DASHUSDT"},"data":[{"ts":"1649290077000","price":"113.495","size":"0.43","side":"sell","tradeId":"1"}],"ts":1649290077100})"
      "\n"
      R"(1649290077582363801 {"action":"snapshot","arg":{"instType":"SPOT","channel":"trade","instId":"DASHUSDT"},"data":[{"ts":"1649290077000","price":"2.44","size":"0.0001","side":"buy","tradeId":"2"}],"ts":1649290077100})"
      "\n";
  import_ok(options_for({folder.write("d.txt", text)}, folder / "out.cap"));
  const Contents got = read_back(folder / "out.cap");
  const Decoded all = decode_all(got);
  EXPECT_TRUE(all.errors.empty()) << all.errors.begin()->first;
  ASSERT_EQ(all.ticks, 2U);
  const Instrument& future = got.header.instruments[all.first_ticks[0].instrument];
  const Instrument& spot = got.header.instruments[all.first_ticks[1].instrument];
  EXPECT_EQ(future.market, Market::usdt_futures);
  EXPECT_EQ(spot.market, Market::spot) << "one symbol, two markets, two instruments";
  EXPECT_EQ(to_text(all.first_ticks[0].price().v, future.price_decimals), "113.495");
  EXPECT_EQ(to_text(all.first_ticks[1].qty().v, spot.qty_decimals), "0.0001");
}

}  // namespace martinet::import_decode_test
