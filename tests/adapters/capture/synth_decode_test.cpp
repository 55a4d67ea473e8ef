// The synthetic market is spoken in the venue's own layout: the Bitget decoder takes every frame, by its fast path where it matters.
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "adapters/bitget/decoder.hpp"
#include "adapters/capture/synth.hpp"
#include "tests/adapters/capture/capture_test_support.hpp"

namespace martinet::capture_test::synth_decode {

TEST(SynthDecode, TheFastPathTakesEveryMarketMessage) {
  const Folder folder;
  SynthOptions options;
  options.duration_ns = 2 * kNanosPerMinute;
  options.history_minutes = 500;
  ASSERT_TRUE(synthesize(folder / "s.cap", options).ok());
  auto reader = CaptureReader::open(folder / "s.cap");
  ASSERT_TRUE(reader.ok());
  BitgetDecoder decoder(reader->header().instruments);
  const auto frame = std::make_unique<DecodedFrame>();
  std::map<Channel, int> counts;
  CaptureRecord record;
  while (reader->next(record) == ReadState::record) {
    Errc error = decoder.decode_fast(record.frame(), record.ts_receive_ns, *frame);
    if (error != Errc::ok) {  // the few frames that no market data is in may go the general way
      error = decoder.decode(record.frame(), record.ts_receive_ns, *frame);
      ASSERT_EQ(frame->channel, Channel::control) << record.frame();
    }
    ASSERT_EQ(error, Errc::ok) << name_of(error) << ": " << record.frame();
    ++counts[frame->channel];
    for (std::uint32_t i = 0; i < frame->depth_count; ++i) {
      ASSERT_TRUE(frame->depths[i].has(depth_flag::has_checksum));
      ASSERT_FALSE(frame->depths[i].has(depth_flag::odd_digits));
    }
    if (frame->channel == Channel::ticker) {
      ASSERT_EQ(frame->tick_count, 2U) << "a quote and a mark";
    }
  }
  EXPECT_EQ(counts[Channel::depth_snapshot], 3);
  EXPECT_GT(counts[Channel::depth_diff], 2300);
  EXPECT_GT(counts[Channel::trade], 600);
  EXPECT_GT(counts[Channel::ticker], 1400);
  EXPECT_GT(counts[Channel::candle], 360);
  EXPECT_EQ(counts[Channel::control], 12 + 3) << "subscription answers and pongs";
  EXPECT_EQ(counts.size(), 6U);
}

}  // namespace martinet::capture_test::synth_decode
