#include "adapters/binance/decoder.hpp"

#include "engine/base/assert.hpp"

namespace martinet {

BinanceDecoder::BinanceDecoder(const InstrumentTable& instruments, Market market, InstrumentId default_instrument, BareDepth bare_depth)
    : instruments_(instruments), market_(market), default_instrument_(default_instrument), bare_depth_(bare_depth) {
  MT_ASSERT(default_instrument == kNoInstrument || default_instrument < instruments.size());
}

Errc BinanceDecoder::decode(std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept {
  if (decode_fast(frame, ts_receive_ns, out) == Errc::ok) [[likely]] {
    ++counters_.fast;
    return Errc::ok;
  }
  ++counters_.slow;
  const Errc error = decode_slow(frame, ts_receive_ns, out);
  if (error != Errc::ok) ++counters_.refused[static_cast<std::size_t>(error)];
  return error;
}

}  // namespace martinet
