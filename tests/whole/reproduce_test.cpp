// A recorded session made once more from its folder: identical in every layout; every planted difference is found and named; a torn journal
// is compared as far as it is durable, and a damaged one is refused.
#include <gtest/gtest.h>

#include "engine/app/reproduce.hpp"
#include "tests/whole/recorded_session.hpp"

namespace martinet::whole {
namespace reproduce_test {

using journal::RecordType;

constexpr std::size_t kTicks = 2400;  // four minutes: four segments
constexpr std::uint64_t kSeed = 11;

Result<Reproduction> reproduced(const std::filesystem::path& session, std::optional<Layout> layout = {},
                                std::optional<EngineConfig> config = {}, const std::filesystem::path& input = {}) {
  ReproduceOptions options;
  options.session = session;
  options.layout = layout;
  options.config = std::move(config);
  options.input = input;
  return reproduce(options);
}

struct Recorded {
  TemporaryFolder folder;
  std::filesystem::path capture = make_ticks(folder, "ticks.cap", kSeed, kTicks);
  SessionSummary summary = record(tick_config(), capture, folder / "s");
  std::filesystem::path session = folder / "s";
};

TEST(Reproduce, ARecordedSessionIsTheSameInEveryLayout) {
  const Recorded r;
  ASSERT_GT(r.summary.orders_sent, 30U);
  ASSERT_TRUE(std::filesystem::exists(r.session / "journal-000004.mtj"));
  for (const Layout layout : {Layout::fused, Layout::split, Layout::staged}) {
    const Result<Reproduction> made = reproduced(r.session, layout);
    ASSERT_TRUE(made.ok()) << made.error().what;
    EXPECT_TRUE(made->identical()) << reproduction_text(*made, false);
    EXPECT_EQ(made->orders, r.summary.orders_sent);
    EXPECT_EQ(made->decisions, r.summary.signals);
    EXPECT_EQ(made->orders_sha256, r.summary.order_stream_sha256);
    EXPECT_GT(made->others, r.summary.fills);
    EXPECT_FALSE(made->is_prefix);
    EXPECT_NE(reproduction_text(*made, false).find("Identical"), std::string::npos);
    EXPECT_NE(reproduction_json(*made).find("\"identical\":true"), std::string::npos);
  }
}

TEST(Reproduce, TwoStrategiesOverRawFramesRecordedInAnyLayoutAreTheSame) {
  const TemporaryFolder folder;
  const std::filesystem::path capture = make_synth(folder, 21, (is_short_run() ? 1 : 4) * kNanosPerMinute);
  for (const auto& [recorded, again] : {std::pair{Layout::staged, Layout::fused}, {Layout::split, Layout::staged}}) {
    const std::filesystem::path session = folder / std::string(name_of(recorded));
    const SessionSummary summary = record(busy_config(recorded), capture, session);
    const Result<Reproduction> made = reproduced(session, again);
    ASSERT_TRUE(made.ok()) << made.error().what;
    EXPECT_TRUE(made->identical()) << reproduction_text(*made, false);
    EXPECT_EQ(made->layout_recorded, recorded);
    EXPECT_EQ(made->layout_made, again);
    EXPECT_EQ(made->orders_sha256, summary.order_stream_sha256);
  }
}

TEST(Reproduce, OneTickOfTheCaptureChangedIsFoundWithInputIndicatorsIntentAndVerdict) {
  const Recorded r;
  // The last trade of a bar by exchange time, one tick of price higher: the close that is decided on.
  constexpr std::size_t kIndex = 1200;
  const std::filesystem::path changed = make_ticks(r.folder, "changed.cap", kSeed, kTicks, {kIndex, 1});
  const Result<Reproduction> made = reproduced(r.session, {}, {}, changed);
  ASSERT_TRUE(made.ok()) << made.error().what;
  ASSERT_TRUE(made->orders_part.has_value()) << reproduction_text(*made, false);
  const Divergence& part = *made->orders_part;
  ASSERT_TRUE(part.decision_recorded && part.decision_made);
  EXPECT_EQ(part.decision_recorded->intent.intent_id, part.decision_made->intent.intent_id);
  const std::int64_t tick_size = made->instruments[part.decision_made->intent.instrument].rules.tick_size.v;
  EXPECT_EQ(part.decision_made->intent.reference_price.v - part.decision_recorded->intent.reference_price.v, tick_size);
  EXPECT_EQ(part.input.sequence, part.decision_made->intent.sequence);
  EXPECT_EQ(part.input.ts_receive_ns, part.decision_made->intent.ts_receive_ns);
  ASSERT_TRUE(part.frame.has_value());
  EXPECT_EQ(part.frame->sequence, part.decision_made->intent.sequence);
  // All that was before is in the count: the orders before the changed tick.
  const std::int64_t ts_changed = kTicksBegin_ns + static_cast<std::int64_t>(kIndex) * kTickStep_ns;
  EXPECT_GE(part.decision_made->intent.ts_receive_ns, ts_changed);
  EXPECT_LE(part.decision_made->intent.ts_receive_ns, ts_changed + 2 * kNanosPerSecond);
  const std::string text = reproduction_text(*made, false);
  for (const std::string word : {"Different", "recorded", "made now", "<-", "Indicators of BTCUSDT", "close on 10s", "Intent and verdict",
                                 "verdict", "reference", "journal-00000"}) {
    EXPECT_NE(text.find(word), std::string::npos) << word << " is not in\n" << text;
  }
  EXPECT_NE(reproduction_json(*made).find("\"identical\":false"), std::string::npos);
}

TEST(Reproduce, AnyByteOfADecisionOrOrderChangedUnderRightChecksumsIsNamed) {
  const Recorded r;
  constexpr std::uint64_t kByteSeed = 5;
  SCOPED_TRACE(testing::Message() << "seed " << kByteSeed);
  std::mt19937_64 random(kByteSeed);
  for (int round = 0; round < (is_short_run() ? 4 : 40); ++round) {
    const std::filesystem::path copy = copy_of(r.session, r.folder / "copy");
    const RecordType type = round % 3 == 0 ? RecordType::sent : round % 3 == 1 ? RecordType::decision : RecordType::venue_event;
    const std::size_t number = 1 + random() % 5;
    std::size_t seen = 0, byte = 0;
    std::uint64_t sequence = 0;
    test::change_segment(copy / "journal-000002.mtj", [&](const journal::RecordHead& head, std::span<std::byte> payload) {
      if (head.type != static_cast<std::uint16_t>(type) || ++seen != number) return;
      byte = random() % payload.size();
      payload[byte] ^= static_cast<std::byte>(1 + random() % 255);
      sequence = head.sequence;
    });
    ASSERT_NE(sequence, 0U);
    // The next segment continues the old chain: what was changed stands alone.
    for (const char* later : {"journal-000003.mtj", "journal-000004.mtj"}) std::filesystem::remove(copy / later);
    std::filesystem::remove(copy / "journal-000005.mtj");
    const Result<Reproduction> made = reproduced(copy);
    ASSERT_TRUE(made.ok()) << made.error().what;
    EXPECT_FALSE(made->identical()) << "record " << sequence << " byte " << byte;
    const std::optional<Divergence>& part = type == RecordType::venue_event ? made->others_part : made->orders_part;
    ASSERT_TRUE(part && part->recorded && part->made);
    EXPECT_EQ(part->recorded->place.find("record " + std::to_string(sequence) + ", journal-000002.mtj offset"), 0U)
        << part->recorded->place;
    const std::string text = reproduction_text(*made, false);
    EXPECT_NE(text.find("from byte " + std::to_string(byte) + " of the record"), std::string::npos) << text;
    EXPECT_GT(reproduction_json(*made).size(), 500U);
    if (type == RecordType::sent) {  // the decision behind it is the same on both sides, and is told
      EXPECT_TRUE(part->decision_made.has_value());
    }
  }
}

TEST(Reproduce, AnotherParameterIsNamedWithWhatItChangedFirst) {
  const Recorded r;
  EngineConfig config = tick_config();
  config.risk.risk_fraction.v *= 2;
  config.risk.max_order_notional = {};
  const Result<Reproduction> made = reproduced(r.session, Layout::split, config);
  ASSERT_TRUE(made.ok()) << made.error().what;
  ASSERT_EQ(made->config_changes.size(), 2U);
  EXPECT_EQ(made->config_changes[0], "risk.max_order_notional: 20000.0 recorded, 0.0 now");
  EXPECT_EQ(made->config_changes[1], "risk.risk_fraction: 0.01 recorded, 0.02 now");
  ASSERT_TRUE(made->orders_part.has_value());
  EXPECT_EQ(made->orders, 0U);  // the first order has another size already
  ASSERT_TRUE(made->orders_part->order_recorded && made->orders_part->order_made);
  EXPECT_NE(made->orders_part->order_recorded->qty.v, made->orders_part->order_made->qty.v);
  // A strategy's parameter as well.
  EngineConfig other = tick_config();
  other.strategies[0].parameters.set("stop_fraction", 0.001);
  const Result<Reproduction> stop = reproduced(r.session, {}, other);
  ASSERT_TRUE(stop.ok()) << stop.error().what;
  ASSERT_EQ(stop->config_changes.size(), 1U);
  EXPECT_EQ(stop->config_changes[0], "strategy[0].stop_fraction: 0.0005 recorded, 0.001 now");
  EXPECT_TRUE(stop->orders_part.has_value());
  // And the recorded configuration, given by hand, changes nothing.
  const Result<Reproduction> same = reproduced(r.session, Layout::staged, tick_config());
  ASSERT_TRUE(same.ok()) << same.error().what;
  EXPECT_TRUE(same->identical());
  EXPECT_TRUE(same->config_changes.empty());
}

TEST(Reproduce, ATornJournalIsComparedAsFarAsItIsDurable) {
  const Recorded r;
  const std::filesystem::path last = r.folder / "copy/journal-000004.mtj";
  const auto size = std::filesystem::file_size(r.session / "journal-000004.mtj");
  constexpr std::uint64_t kCutSeed = 3;
  SCOPED_TRACE(testing::Message() << "seed " << kCutSeed);
  std::mt19937_64 random(kCutSeed);
  std::uint64_t orders_least = UINT64_MAX;
  for (int round = 0; round < (is_short_run() ? 3 : 16); ++round) {
    copy_of(r.session, r.folder / "copy");
    const std::uintmax_t cut = round == 0   ? 0
                               : round == 1 ? 100
                                            : sizeof(journal::SegmentHeader) + random() % (size - sizeof(journal::SegmentHeader));
    std::filesystem::resize_file(last, cut);
    if (round != 1) std::filesystem::resize_file(last, size + 4096);  // the unused reserve is zeros
    const Result<Reproduction> made = reproduced(r.folder / "copy", round % 2 == 0 ? Layout::fused : Layout::split);
    ASSERT_TRUE(made.ok()) << "cut at " << cut << ": " << made.error().what;
    EXPECT_TRUE(made->identical()) << "cut at " << cut << "\n" << reproduction_text(*made, false);
    EXPECT_TRUE(made->is_prefix);
    EXPECT_LE(made->orders, r.summary.orders_sent);
    EXPECT_GT(made->orders, r.summary.orders_sent / 2);
    orders_least = std::min(orders_least, made->orders);
    const std::string text = reproduction_text(*made, false);
    EXPECT_NE(text.find("to the end of what the journal holds"), std::string::npos);
    EXPECT_NE(text.find(made->ending), std::string::npos);
  }
  EXPECT_LT(orders_least, r.summary.orders_sent);
}

TEST(Reproduce, AJournalTornBeforeItsFirstCheckpointIsRefused) {
  const Recorded r;
  copy_of(r.session, r.folder / "copy");
  for (const char* later : {"journal-000002.mtj", "journal-000003.mtj", "journal-000004.mtj"})
    std::filesystem::remove(r.folder / "copy" / later);
  std::filesystem::resize_file(r.folder / "copy/journal-000001.mtj", 2000);
  const Result<Reproduction> made = reproduced(r.folder / "copy");
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(name_of(made.error().code), name_of(Errc::checkpoint_mismatch)) << made.error().what;
}

TEST(Reproduce, ADamagedJournalIsRefusedAndNotTakenForAShorterOne) {
  const Recorded r;
  copy_of(r.session, r.folder / "copy");
  std::vector<std::byte> bytes = test::bytes_of_file(r.folder / "copy/journal-000002.mtj");
  bytes[bytes.size() / 2] ^= std::byte{4};
  test::write_file(r.folder / "copy/journal-000002.mtj", bytes);
  const Result<Reproduction> made = reproduced(r.folder / "copy");
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(name_of(made.error().code), name_of(Errc::corrupted)) << made.error().what;
  copy_of(r.session, r.folder / "copy");
  std::filesystem::remove(r.folder / "copy/journal-000003.mtj");
  EXPECT_FALSE(reproduced(r.folder / "copy").ok());
}

TEST(Reproduce, AShorterOrLongerCaptureIsADifference) {
  const Recorded r;
  const std::filesystem::path shorter = make_ticks(r.folder, "shorter.cap", kSeed, kTicks / 2);
  const Result<Reproduction> made = reproduced(r.session, {}, {}, shorter);
  ASSERT_TRUE(made.ok()) << made.error().what;
  ASSERT_TRUE(made->orders_part.has_value());
  EXPECT_TRUE(made->orders_part->recorded.has_value());
  EXPECT_NE(reproduction_text(*made, false).find("the input ended here"), std::string::npos);
  // A longer one is what a session that was stopped leaves: as far as it went, it is the same.
  const std::filesystem::path longer = make_ticks(r.folder, "longer.cap", kSeed, kTicks * 2);
  const Result<Reproduction> again = reproduced(r.session, {}, {}, longer);
  ASSERT_TRUE(again.ok()) << again.error().what;
  EXPECT_TRUE(again->identical()) << reproduction_text(*again, false);
}

TEST(Reproduce, ASessionThatWasInterruptedIsTheSameUpToThere) {
  const TemporaryFolder folder;
  const std::filesystem::path capture = make_ticks(folder, "ticks.cap", kSeed, 9000);
  const std::atomic<bool> stop{true};
  ReplayOptions options;
  options.capture = capture;
  options.session = folder / "s";
  options.interrupted = &stop;
  const Replayed first = run(tick_config(), options);
  ASSERT_EQ(first.summary.records, 4096U);
  const Result<Reproduction> made = reproduced(folder / "s", Layout::split);
  ASSERT_TRUE(made.ok()) << made.error().what;
  EXPECT_TRUE(made->identical()) << reproduction_text(*made, false);
  EXPECT_EQ(made->orders_sha256, first.summary.order_stream_sha256);
  EXPECT_FALSE(made->is_prefix);
}

TEST(Reproduce, ASessionThatWasResumedIsMadeFromItsOwnCheckpoint) {
  const Recorded r;
  ReplayOptions options;
  options.capture = r.capture;
  options.session = r.folder / "rest";
  options.resume = r.session / "journal-000003.mtj";
  const Replayed rest = run(tick_config(), options);
  const Result<Reproduction> made = reproduced(r.folder / "rest", Layout::staged);
  ASSERT_TRUE(made.ok()) << made.error().what;
  EXPECT_TRUE(made->identical()) << reproduction_text(*made, false);
  EXPECT_EQ(made->orders_sha256, rest.summary.order_stream_sha256);
  EngineConfig other = tick_config();
  other.risk.risk_fraction.v *= 2;
  const Result<Reproduction> changed = reproduced(r.folder / "rest", {}, other);
  ASSERT_FALSE(changed.ok());
  EXPECT_EQ(name_of(changed.error().code), name_of(Errc::checkpoint_mismatch));
}

TEST(Reproduce, TheOldestSegmentsMayBeGone) {
  const Recorded r;
  copy_of(r.session, r.folder / "copy");
  std::filesystem::remove(r.folder / "copy/journal-000001.mtj");
  std::filesystem::remove(r.folder / "copy/journal-000002.mtj");
  const Result<Reproduction> made = reproduced(r.folder / "copy", Layout::split);
  ASSERT_TRUE(made.ok()) << made.error().what;
  EXPECT_TRUE(made->identical()) << reproduction_text(*made, false);
  EXPECT_LT(made->orders, r.summary.orders_sent);
  EXPECT_GT(made->orders, 0U);
}

TEST(Reproduce, AMissingCaptureIsNamedAndMayBeElsewhere) {
  const Recorded r;
  std::filesystem::rename(r.capture, r.folder / "moved.cap");
  const Result<Reproduction> made = reproduced(r.session);
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().what.find("ticks.cap"), std::string::npos) << made.error().what;
  EXPECT_NE(made.error().what.find("--input"), std::string::npos) << made.error().what;
  const Result<Reproduction> found = reproduced(r.session, {}, {}, r.folder / "moved.cap");
  ASSERT_TRUE(found.ok()) << found.error().what;
  EXPECT_TRUE(found->identical());
}

}  // namespace reproduce_test
}  // namespace martinet::whole
