#pragma once
// One input of the decoder fuzzer, for libFuzzer and for the replay of its corpus: the first byte picks the decoder ('0' Bitget, '1'
// Binance spot, '2' USD-M, '3' COIN-M; other bytes modulo 4), the rest is the frame. Fast and slow path must agree.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/binance/decoder.hpp"
#include "adapters/bitget/decoder.hpp"
#include "tests/adapters/binance/binance_samples.hpp"
#include "tests/adapters/bitget/bitget_samples.hpp"

namespace martinet::test {

class DecoderCheck {
 public:
  /// What is broken, or nothing.
  std::string operator()(std::string_view input) {
    if (input.empty()) return {};
    const std::string_view frame = input.substr(1);
    switch ((static_cast<unsigned char>(input[0]) - '0') & 3) {
      case 0:
        return disagreement(bitget_, frame, pair_, fast_ok);
      case 1:
        return disagreement(spot_, frame, pair_, fast_ok);
      case 2:
        return disagreement(usdm_, frame, pair_, fast_ok);
      default:
        return disagreement(coinm_, frame, pair_, fast_ok);
    }
  }
  bool fast_ok = false;  ///< the fast path took the last frame

 private:
  InstrumentTable bitget_table_ = bitget_table();
  InstrumentTable binance_table_ = binance_table();
  BitgetDecoder bitget_{bitget_table_};
  BinanceDecoder spot_{binance_table_, Market::spot, 0};
  BinanceDecoder usdm_{binance_table_, Market::usdm, 3, BareDepth::partial_stream};
  BinanceDecoder coinm_{binance_table_, Market::coinm, kNoInstrument};
  FramePair pair_;
};

}  // namespace martinet::test
