// Every kind of the registry over real bars, saved after every few bars and restored into fresh objects each time: what follows is the
// same, frame for frame and intent for intent, as in a run that was never interrupted.
#include <gtest/gtest.h>

#include "tests/engine/hot/indicators/stage_fixture.hpp"
#include "tests/engine/hot/signal/kind_cases.hpp"

namespace martinet::save_restore_test {
using plain_run::EngineRun;
using plain_run::Market;

TEST(SaveRestore, AtAnyBarEveryKindContinuesAlike) {
  MT_NEED_DATA(folder);
  const Market market = plain_run::load_market(folder, {{"bars/binance_usdm_2025/BTCUSDT_15m.csv.gz", 15 * kNanosPerMinute},
                                                        {"bars/binance_usdm_2025/SOLUSDT_15m.csv.gz", 15 * kNanosPerMinute}});
  for (const StrategyKind* kind : strategy_kinds()) {
    SCOPED_TRACE(kind->name);
    EngineRun whole(market, kind->name, kind_cases::often(kind->name), kind_cases::complete(kind->name));
    auto pieces = std::make_unique<EngineRun>(market, kind->name, kind_cases::often(kind->name), kind_cases::complete(kind->name));
    IndicatorFrame last_whole;
    IndicatorFrame last_piece;
    whole.on_frame = [&](const IndicatorFrame& frame) { last_whole = frame; };
    pieces->on_frame = [&](const IndicatorFrame& frame) { last_piece = frame; };
    int restored = 0;
    for (std::size_t i = 0; i < market.candles.size(); ++i) {
      whole.feed(market.candles[i]);
      pieces->feed(market.candles[i]);
      ASSERT_TRUE(test::same_bits(last_whole, last_piece)) << "bar " << i;
      ASSERT_EQ(whole.intents().size(), pieces->intents().size()) << "bar " << i;
      if (i % 13 != 0) continue;  // 13 bars: every phase of an hour, either instrument in turn
      ArchiveWriter saved;
      pieces->save(saved);
      auto fresh = std::make_unique<EngineRun>(market, kind->name, kind_cases::often(kind->name), kind_cases::complete(kind->name));
      ArchiveReader reader(saved.bytes());
      ASSERT_EQ(fresh->load(reader, *pieces), Errc::ok);
      ASSERT_TRUE(reader.done());
      ArchiveWriter again;
      fresh->save(again);
      ASSERT_TRUE(std::ranges::equal(saved.bytes(), again.bytes())) << "what was loaded is what was saved";
      fresh->on_frame = pieces->on_frame;
      pieces = std::move(fresh);
      ++restored;
    }
    EXPECT_GT(restored, 400);
    EXPECT_GE(whole.intents().size(), 50u);
    EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(whole.intents())), std::as_bytes(std::span(pieces->intents()))));
    EXPECT_EQ(whole.signal().counters(), pieces->signal().counters());
    EXPECT_EQ(whole.signal().strategies()[0]->counters(), pieces->signal().strategies()[0]->counters());
  }
}

// A checkpoint cut short anywhere is refused, never half taken for whole.
TEST(SaveRestore, ACheckpointCutShortIsRefused) {
  MT_NEED_DATA(folder);
  const Market market = plain_run::load_market(folder, {{"bars/binance_usdm_2025/BTCUSDT_1h.csv.gz", kNanosPerHour}});
  for (const StrategyKind* kind : strategy_kinds()) {
    plain_run::Parameters parameters = kind_cases::often(kind->name);
    parameters.emplace_back("timeframe", std::string("1h"));
    if (kind->name == "vwap_rsi") parameters.emplace_back("filter_timeframe", std::string("4h"));
    EngineRun run(market, kind->name, parameters, kind_cases::complete(kind->name));
    for (std::size_t i = 0; i < 400; ++i) run.feed(market.candles[i]);
    ArchiveWriter saved;
    run.save(saved);
    for (std::size_t size = 0; size < saved.bytes().size(); size += 1 + saved.bytes().size() / 97) {
      EngineRun fresh(market, kind->name, parameters, kind_cases::complete(kind->name));
      ArchiveReader reader(saved.bytes().first(size));
      ASSERT_EQ(fresh.load(reader, run), Errc::checkpoint_mismatch) << kind->name << " " << size;
    }
  }
}

}  // namespace martinet::save_restore_test
