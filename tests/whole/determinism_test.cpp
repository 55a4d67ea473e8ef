// I2: the same input gives the same orders, bit for bit, in every layout; and a checkpoint holds all that decides what follows.
// The proof across compilers and optimisation levels is tools/check/determinism.
#include <gtest/gtest.h>

#include <fstream>

#include "adapters/capture/capture_reader.hpp"
#include "adapters/capture/capture_writer.hpp"
#include "tests/whole/whole_support.hpp"

namespace martinet::whole {
namespace determinism_test {

std::int64_t span_ns() { return (is_short_run() ? 2 : 8) * kNanosPerMinute; }

TEST(Determinism, EveryLayoutSendsTheSameOrdersTwice) {
  const TemporaryFolder folder;
  const std::filesystem::path capture = make_synth(folder, 11, span_ns());
  const Replayed first = run(busy_config(Layout::fused), capture);
  ASSERT_GT(first.requests.size(), is_short_run() ? 20U : 100U) << "a run without orders proves nothing";
  ASSERT_GT(first.summary.fills, 10U);
  for (const Layout layout : {Layout::fused, Layout::split, Layout::staged}) {
    for (int repeat = 0; repeat < (is_short_run() ? 1 : 2); ++repeat) {
      const Replayed again = run(busy_config(layout), capture);
      EXPECT_EQ(again.summary.order_stream_sha256, first.summary.order_stream_sha256) << name_of(layout);
      EXPECT_EQ(again.requests, first.requests) << name_of(layout);
      EXPECT_EQ(again.summary.balance, first.summary.balance) << name_of(layout);
      EXPECT_EQ(again.summary.orders_by_verdict, first.summary.orders_by_verdict) << name_of(layout);
    }
  }
}

TEST(Determinism, ZeroLatencyKeepsTheOrderOfEqualStamps) {
  const TemporaryFolder folder;
  const std::filesystem::path capture = make_synth(folder, 12, span_ns() / 2);
  const auto config = [](Layout layout) {
    EngineConfig instant = busy_config(layout);
    instant.paper.order_latency_ns = 0;
    instant.paper.event_latency_ns = 0;
    return instant;
  };
  const Replayed fused = run(config(Layout::fused), capture);
  ASSERT_GT(fused.requests.size(), 10U);
  EXPECT_EQ(run(config(Layout::split), capture).requests, fused.requests);
  EXPECT_EQ(run(config(Layout::staged), capture).requests, fused.requests);
}

/// Copies a capture; the frame at `change_at` goes through `change`.
template <class Change>
void copy_capture(const std::filesystem::path& from, const std::filesystem::path& to, std::uint64_t change_at, Change&& change) {
  auto reader = CaptureReader::open(from);
  ASSERT_TRUE(reader.ok());
  auto writer = CaptureWriter::create(to, reader->header(), {});
  ASSERT_TRUE(writer.ok());
  CaptureRecord record;
  for (std::uint64_t i = 0; reader->next(record) == ReadState::record; ++i) {
    std::string text(record.frame());
    if (i == change_at) change(text);
    ASSERT_TRUE(writer->raw_frame(record.stream, record.ts_receive_ns, text).ok());
  }
  ASSERT_TRUE(writer->finish().ok());
}

TEST(Determinism, OneTickChangedChangesTheOrders) {
  const TemporaryFolder folder;
  const std::filesystem::path capture = make_synth(folder, 13, 2 * kNanosPerMinute);
  // Bars of one second, decided on each: the price of the last trade of a bar is in an order's stop.
  EngineConfig config = busy_config(Layout::fused);
  config.strategies.erase(config.strategies.begin());
  config.strategies.front().instruments = {"BTCUSDT"};
  config.strategies.front().parameters.set("timeframe", std::string("1s"));
  const Replayed before = run(config, capture);
  ASSERT_GT(before.requests.size(), 50U);

  auto reader = CaptureReader::open(capture);
  ASSERT_TRUE(reader.ok());
  std::vector<std::uint64_t> trades;
  CaptureRecord record;
  for (std::uint64_t i = 0; reader->next(record) == ReadState::record; ++i) {
    const std::string_view text = record.frame();
    if (text.find("\"channel\":\"trade\",\"instId\":\"BTCUSDT\"") != std::string_view::npos) trades.push_back(i);
  }
  ASSERT_GT(trades.size(), 100U);
  int changed_count = 0;
  constexpr int kTries = 20;
  for (int i = 0; i < kTries; ++i) {
    const std::uint64_t victim = trades[trades.size() / 4 + static_cast<std::size_t>(i)];
    const std::filesystem::path changed = folder / ("changed-" + std::to_string(i) + ".cap");
    copy_capture(capture, changed, victim, [](std::string& text) {
      // BTCUSDT has one decimal: its last digit is one tick.
      const std::size_t begin = text.find("\"price\":\"") + 9;
      char& digit = text[text.find('"', begin) - 1];
      digit = digit == '0' ? '1' : static_cast<char>(digit - 1);
    });
    changed_count += run(config, changed).summary.order_stream_sha256 != before.summary.order_stream_sha256 ? 1 : 0;
  }
  // About ten trades a second, an entry every other bar: of twenty neighbouring trades at least one closes a bar that is decided on.
  EXPECT_GE(changed_count, 1) << "of " << kTries << " single ticks changed, none changed the orders";
  const std::filesystem::path same = folder / "same.cap";
  copy_capture(capture, same, trades.front(), [](std::string&) {});
  EXPECT_EQ(run(config, same).requests, before.requests) << "the copy itself changes nothing";
}

TEST(Determinism, EverySegmentReplaysAloneFromItsCheckpoint) {
  const TemporaryFolder folder;
  const std::filesystem::path capture = make_synth(folder, 14, span_ns());
  EngineConfig config = busy_config(Layout::fused);
  config.session.segment_ns = kNanosPerMinute;
  ReplayOptions options;
  options.capture = capture;
  options.session = folder / "session";
  const Replayed whole = run(config, options);
  ASSERT_GT(whole.requests.size(), 20U);
  int resumed_count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "session")) {
    if (entry.path().extension() != ".mtj") continue;
    for (const Layout layout : {Layout::fused, Layout::split}) {
      EngineConfig other = config;
      other.pipeline.layout = layout;
      ReplayOptions resume;
      resume.capture = capture;
      resume.resume = entry.path();
      const Replayed rest = run(other, resume);
      ASSERT_LE(rest.requests.size(), whole.requests.size());
      const std::vector<RequestBytes> tail(whole.requests.end() - static_cast<std::ptrdiff_t>(rest.requests.size()), whole.requests.end());
      EXPECT_TRUE(rest.requests == tail) << entry.path();
      EXPECT_EQ(rest.summary.balance, whole.summary.balance) << entry.path();
      EXPECT_EQ(rest.summary.orders_sent, whole.summary.orders_sent) << entry.path();
    }
    ++resumed_count;
  }
  EXPECT_GE(resumed_count, is_short_run() ? 2 : 8);
}

TEST(Determinism, TheJournalItselfIsTheSameByteForByte) {
  const TemporaryFolder folder;
  const std::filesystem::path capture = make_synth(folder, 15, 2 * kNanosPerMinute);
  std::vector<std::string> journals;
  for (const char* name : {"a", "b"}) {
    ReplayOptions options;
    options.capture = capture;
    options.session = folder / name;
    options.command = "same";
    (void)run(busy_config(Layout::fused), options);
    std::ifstream in(folder / name / "journal-000001.mtj", std::ios::binary);
    journals.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  ASSERT_GT(journals[0].size(), 10'000U);
  EXPECT_TRUE(journals[0] == journals[1]);
}

}  // namespace determinism_test
}  // namespace martinet::whole
