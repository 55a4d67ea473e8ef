#pragma once
// A synthetic market: plausible Bitget v2 public messages of several USDT-M perpetuals, written as a capture of raw frames. For
// demos and tests, so: the same options give the same frames and stamps with every compiler and optimisation level.
//
// Each symbol's price is a wandering anchor plus a deviation that reverts to it; a Markov chain of regimes sets volatility, trend
// and activity, and jumps happen. Trades cluster, books hold about 50 levels a side and travel as one snapshot and then
// differences with checksum and sequence; tickers, 1-minute candles, a shared factor and receive latency complete it.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "adapters/capture/capture_types.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace martinet::capture {

struct SynthOptions {
  std::uint64_t seed = 7;
  std::int64_t duration_ns = kNanosPerHour;                              ///< 1 s .. 30 days
  std::int64_t start_ns = 1'722'816'000 * kNanosPerSecond;               ///< 2024-08-05 00:00 UTC; a multiple of 1 s, 2000 .. 2200
  std::vector<std::string> symbols = {"BTCUSDT", "ETHUSDT", "SOLUSDT"};  ///< of synth_symbols(), each once
  double trades_per_second = 10;                                         ///< trade messages per symbol in a normal regime: 0.1 .. 40
  int history_minutes = 120;                                             ///< closed bars in the candle snapshot at the start: 0 .. 500
  bool overwrite = false;                                                ///< as CaptureOptions
  bool compress = true;
};

/// The symbols that synthesize() knows, with their rules as the venue published them in 2024.
[[nodiscard]] const std::vector<std::string>& synth_symbols();

/// Called about a hundred times with the part done, 0..1; false stops, and nothing is left behind.
using SynthProgress = std::function<bool(double fraction)>;

/// Makes the market and writes it to `path`.
/// fails config_out_of_bounds, unknown_symbol, usage (a symbol twice), interrupted, and what CaptureWriter fails with
/// cost  about 1 s of CPU for one hour of three symbols (some 240 000 messages), the past before the start included
Result<CaptureTotals> synthesize(const std::filesystem::path& path, const SynthOptions& options, const SynthProgress& progress = {});

}  // namespace martinet::capture

namespace martinet {
using capture::synthesize;
using capture::SynthOptions;
}  // namespace martinet
