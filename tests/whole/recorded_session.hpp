#pragma once
// Sessions to reproduce and explain: a capture of ticks that can be made with one tick changed, and a recorded replay of it.
#include <gtest/gtest.h>

#include <random>

#include "adapters/capture/capture_reader.hpp"
#include "adapters/capture/capture_writer.hpp"
#include "engine/base/decimal.hpp"
#include "tests/support/journal_surgery.hpp"
#include "tests/whole/whole_support.hpp"

namespace martinet::whole {

inline constexpr std::int64_t kTicksBegin_ns = 1'722'816'000 * kNanosPerSecond;
inline constexpr std::int64_t kTickStep_ns = 100 * kNanosPerMilli;

struct TickChange {
  std::size_t index = SIZE_MAX;
  std::int64_t by_ticks = 0;  ///< of the price, in tick sizes
};

/// Trades of one instrument, ten a second, a random walk of whole ticks. The instruments are those of a synthetic market.
inline std::filesystem::path make_ticks(const TemporaryFolder& folder, const std::string& name, std::uint64_t seed, std::size_t count,
                                        TickChange change = {}) {
  const Result<CaptureReader> model = CaptureReader::open(make_synth(folder, 1, kNanosPerSecond));
  EXPECT_TRUE(model.ok());
  CaptureHeader header;
  header.instruments = model->header().instruments;
  header.streams = {{Venue::file, Market::usdm, StreamKind::parsed, kNoInstrument, "test"}};
  std::filesystem::remove(folder / "synth-1.cap");
  const Instrument& instrument = header.instruments[0];
  Result<CaptureWriter> writer = CaptureWriter::create(folder / name, header);
  EXPECT_TRUE(writer.ok());
  std::mt19937_64 random(seed);
  const std::int64_t tick_size = instrument.rules.tick_size.v;
  std::int64_t price = 60'000 * pow10_i64(instrument.price_decimals) / tick_size * tick_size;
  for (std::size_t i = 0; i < count; ++i) {
    price += (static_cast<std::int64_t>(random() % 41) - 20) * tick_size;
    Tick tick;
    tick.ts_receive_ns = kTicksBegin_ns + static_cast<std::int64_t>(i) * kTickStep_ns;
    tick.ts_exchange_ns = tick.ts_receive_ns - 5 * kNanosPerMilli;
    tick.sequence = i + 1;
    tick.bid_price = Price{price + (i == change.index ? change.by_ticks * tick_size : 0)};
    tick.ask_price = kNoPrice;
    tick.bid_qty = Qty{instrument.rules.lot_size.v * 10};
    tick.instrument = instrument.id;
    tick.kind = TickKind::trade;
    tick.side = random() % 2 == 0 ? Side::buy : Side::sell;
    EXPECT_TRUE(writer->tick(0, tick).ok());
  }
  EXPECT_TRUE(writer->finish().ok());
  return folder / name;
}

/// A strategy that trades on every bar of ten seconds of the first instrument.
inline EngineConfig tick_config(Layout layout = Layout::fused) {
  const Result<EngineConfig> config = parse_config(
      "[risk]\nmax_order_notional = 20000.0\n[session]\nsegment_s = 60\n"
      "[[strategy]]\nkind = \"every_bar\"\nname = \"busy\"\ninstruments = [\"BTCUSDT\"]\ntimeframe = \"10s\"\ndirection = "
      "\"alternate\"\nstop_fraction = 0.0005\ntarget_fraction = 0.0005\n",
      "test");
  EXPECT_TRUE(config.ok()) << (config.ok() ? "" : config.error().what);
  EngineConfig out = config.ok() ? *config : EngineConfig{};
  out.pipeline.layout = layout;
  return out;
}

inline SessionSummary record(const EngineConfig& config, const std::filesystem::path& capture, const std::filesystem::path& session) {
  ReplayOptions options;
  options.capture = capture;
  options.session = session;
  return run(config, options).summary;
}

inline std::filesystem::path copy_of(const std::filesystem::path& session, const std::filesystem::path& copy) {
  std::filesystem::remove_all(copy);
  std::filesystem::copy(session, copy, std::filesystem::copy_options::recursive);
  return copy;
}

}  // namespace martinet::whole
