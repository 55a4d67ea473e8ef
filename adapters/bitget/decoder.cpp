#include "adapters/bitget/decoder.hpp"

namespace martinet {

BitgetDecoder::BitgetDecoder(const InstrumentTable& instruments)
    : instruments_(instruments), asks_(std::make_unique<DepthLevel[]>(kAsksMax)) {}

Errc BitgetDecoder::decode(std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept {
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
