// The same options give the same frames and stamps: everywhere (a committed hash), every time, and nothing else does.
#include <gtest/gtest.h>

#include <limits>

#include "adapters/capture/synth.hpp"
#include "adapters/capture/synth_book.hpp"
#include "adapters/capture/synth_random.hpp"
#include "engine/base/crc.hpp"
#include "tests/adapters/capture/capture_test_support.hpp"

namespace martinet::capture_test::synth_determinism {

// CRC-32C over stamp and bytes of every frame.
std::uint32_t hash_of(const std::filesystem::path& path) {
  auto reader = CaptureReader::open(path);
  EXPECT_TRUE(reader.ok());
  CaptureRecord record;
  std::uint32_t crc = 0;
  while (reader->next(record) == ReadState::record) {
    crc = crc32c(std::as_bytes(std::span(&record.ts_receive_ns, 1)), crc);
    crc = crc32c(record.payload, crc);
  }
  return crc;
}

std::uint32_t hash_of(const SynthOptions& options) {
  const Folder folder;
  const auto totals = synthesize(folder / "s.cap", options);
  EXPECT_TRUE(totals.ok()) << totals.error().what;
  return hash_of(folder / "s.cap");
}

SynthOptions three_minutes() {
  SynthOptions options;
  options.seed = 7;
  options.duration_ns = kNanosPerHour / 20;
  return options;
}

TEST(SynthDeterminism, SeedSevenGivesTheCommittedHash) {
  EXPECT_EQ(hash_of(three_minutes()), 0x146E4516U) << "the market has changed: if that was wanted, commit the new hash";
}

TEST(SynthDeterminism, TheSameOptionsGiveTheSameBytes) {
  const Folder folder;
  ASSERT_TRUE(synthesize(folder / "a.cap", three_minutes()).ok());
  ASSERT_TRUE(synthesize(folder / "b.cap", three_minutes()).ok());
  EXPECT_TRUE(read_bytes(folder / "a.cap") == read_bytes(folder / "b.cap"));
}

TEST(SynthDeterminism, OtherOptionsGiveAnotherMarket) {
  const std::uint32_t before = hash_of(three_minutes());
  SynthOptions other = three_minutes();
  other.seed = 8;
  EXPECT_NE(hash_of(other), before);
  other = three_minutes();
  other.trades_per_second = 11;
  EXPECT_NE(hash_of(other), before);
  other = three_minutes();
  other.symbols.pop_back();
  EXPECT_NE(hash_of(other), before);
  other = three_minutes();
  other.compress = false;
  EXPECT_EQ(hash_of(other), before) << "compression is not part of the market";
}

TEST(SynthDeterminism, TheGeneratorIsXoshiro256StarStarSeededBySplitmix) {
  // First outputs for seed 0, computed from the published reference code (prng.di.unimi.it).
  capture::Random random(0);
  EXPECT_EQ(random.bits(), 0x99EC5F36CB75F2B4ULL);
  EXPECT_EQ(random.bits(), 0xBF6E1F784956452AULL);
  EXPECT_EQ(random.bits(), 0x1A5F849D4933E6E0ULL);
}

TEST(SynthDeterminism, NormalNumbersHaveMeanZeroAndVarianceOne) {
  capture::Random random(11);
  double sum = 0, squares = 0;
  constexpr int kCount = 200'000;
  for (int i = 0; i < kCount; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kCount, 0.0, 0.01);
  EXPECT_NEAR(squares / kCount, 1.0, 0.02);
}

TEST(SynthBook, KeepsItsInvariantsUnderMovesAndTradesAndItsChangesRebuildIt) {
  constexpr std::uint64_t kSeed = 99;
  SCOPED_TRACE(kSeed);
  capture::Random random(kSeed);
  capture::SynthBook book({3, 100});
  std::vector<capture::BookLevel> bids, asks, changes;
  std::vector<capture::BookFill> fills;
  std::int64_t mid = 100'000;
  const auto rebuilt = [&changes](std::vector<capture::BookLevel> side, bool bid) {
    for (const capture::BookLevel& change : changes) {
      std::erase_if(side, [&change](const capture::BookLevel& level) { return level.ticks == change.ticks; });
      if (change.lots != 0) side.push_back(change);
    }
    std::sort(side.begin(), side.end(), [bid](const auto& a, const auto& b) { return bid ? a.ticks > b.ticks : a.ticks < b.ticks; });
    return side;
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t range = random.below(100) == 0 ? 2001 : 7;  // now and then past the whole book
    mid += random.below(range) - range / 2;
    const std::int64_t spread = 1 + random.below(5);
    book.follow(mid, mid + spread, random);
    ASSERT_EQ(book.bids().front().ticks, mid);
    ASSERT_EQ(book.asks().front().ticks, mid + spread);
    ASSERT_EQ(book.bids().size(), capture::SynthBook::kLevels);
    ASSERT_EQ(book.asks().size(), capture::SynthBook::kLevels);
    const bool buy = random.chance(0.5);
    const std::int64_t best = (buy ? book.asks() : book.bids()).front().ticks;
    book.take(buy, 1 + random.below(400), fills);
    ASSERT_FALSE(fills.empty());
    ASSERT_EQ(fills.front().ticks, best);
    for (std::size_t k = 1; k < book.bids().size(); ++k) ASSERT_LT(book.bids()[k].ticks, book.bids()[k - 1].ticks);
    for (std::size_t k = 1; k < book.asks().size(); ++k) ASSERT_GT(book.asks()[k].ticks, book.asks()[k - 1].ticks);
    for (const auto& level : book.bids()) ASSERT_GT(level.lots, 0);
    capture::book_changes(bids, book.bids(), true, changes);
    ASSERT_TRUE(rebuilt(bids, true) == book.bids());
    capture::book_changes(asks, book.asks(), false, changes);
    ASSERT_TRUE(rebuilt(asks, false) == book.asks());
    bids = book.bids();
    asks = book.asks();
  }
}

TEST(SynthOptionsRules, AcceptTheBoundsAndRefuseOneBeyond) {
  const Folder folder;
  const auto code = [&folder](auto change) {
    SynthOptions options;
    options.duration_ns = kNanosPerSecond;
    options.symbols = {"SOLUSDT"};
    options.history_minutes = 0;
    options.overwrite = true;
    change(options);
    const auto totals = synthesize(folder / "s.cap", options);
    return totals.ok() ? Errc::ok : totals.error().code;
  };
  EXPECT_EQ(code([](SynthOptions&) {}), Errc::ok);
  EXPECT_EQ(code([](SynthOptions& o) { o.duration_ns = kNanosPerSecond - 1; }), Errc::config_out_of_bounds);
  EXPECT_EQ(code([](SynthOptions& o) { o.duration_ns = 30 * kNanosPerDay + 1; }), Errc::config_out_of_bounds);
  EXPECT_EQ(code([](SynthOptions& o) { o.start_ns = 946'684'800 * kNanosPerSecond; }), Errc::ok);
  EXPECT_EQ(code([](SynthOptions& o) { o.start_ns = 946'684'799 * kNanosPerSecond; }), Errc::config_out_of_bounds);
  EXPECT_EQ(code([](SynthOptions& o) { o.start_ns = 7'258'118'400 * kNanosPerSecond; }), Errc::ok);
  EXPECT_EQ(code([](SynthOptions& o) { o.start_ns = 7'258'118'401 * kNanosPerSecond; }), Errc::config_out_of_bounds);
  EXPECT_EQ(code([](SynthOptions& o) { ++o.start_ns; }), Errc::config_out_of_bounds);
  EXPECT_EQ(code([](SynthOptions& o) { o.trades_per_second = 0.1; }), Errc::ok);
  EXPECT_EQ(code([](SynthOptions& o) { o.trades_per_second = 0.09; }), Errc::config_out_of_bounds);
  EXPECT_EQ(code([](SynthOptions& o) { o.trades_per_second = 40; }), Errc::ok);
  EXPECT_EQ(code([](SynthOptions& o) { o.trades_per_second = 40.1; }), Errc::config_out_of_bounds);
  EXPECT_EQ(code([](SynthOptions& o) { o.trades_per_second = std::numeric_limits<double>::quiet_NaN(); }), Errc::config_out_of_bounds);
  EXPECT_EQ(code([](SynthOptions& o) { o.history_minutes = 500; }), Errc::ok);
  EXPECT_EQ(code([](SynthOptions& o) { o.history_minutes = 501; }), Errc::config_out_of_bounds);
  EXPECT_EQ(code([](SynthOptions& o) { o.history_minutes = -1; }), Errc::config_out_of_bounds);
  EXPECT_EQ(code([](SynthOptions& o) { o.symbols.clear(); }), Errc::config_out_of_bounds);
  EXPECT_EQ(code([](SynthOptions& o) { o.symbols = {"DOGEUSDT"}; }), Errc::unknown_symbol);
  EXPECT_EQ(code([](SynthOptions& o) { o.symbols = {"SOLUSDT", "SOLUSDT"}; }), Errc::usage);
  EXPECT_EQ(code([](SynthOptions& o) { o.overwrite = false; }), Errc::exists_already);
}

TEST(SynthOptionsRules, ProgressRisesToOneAndCanStopTheWork) {
  const Folder folder;
  double last = -1;
  int calls = 0;
  ASSERT_TRUE(synthesize(folder / "a.cap", three_minutes(), [&](double fraction) {
                EXPECT_GT(fraction, last);
                last = fraction;
                ++calls;
                return true;
              }).ok());
  EXPECT_DOUBLE_EQ(last, 1.0);
  EXPECT_GT(calls, 50);
  const auto stopped = synthesize(folder / "b.cap", three_minutes(), [](double fraction) { return fraction < 0.5; });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, Errc::interrupted);
  EXPECT_EQ(folder.file_count(), 1U) << "nothing is left of the stopped one";
}

}  // namespace martinet::capture_test::synth_determinism
