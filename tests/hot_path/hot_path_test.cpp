// Goal (invariant I3): from bytes in to order out, after warm-up, a hot thread allocates nothing, locks nothing, throws nothing, faults
// no page and makes no system call but the idle strategy's yield. Method: the real pipeline works off more than a million market
// inputs from raw frames in memory while the trap of tests/support/trap.hpp is armed; that orders flowed is asserted, and
// trap_test.cpp plants each kind of offence to see it caught.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "adapters/capture/capture_reader.hpp"
#include "adapters/paper/paper_venue.hpp"
#include "engine/app/assemble.hpp"
#include "engine/app/config_file.hpp"
#include "engine/app/pipeline.hpp"
#include "engine/app/replay_input.hpp"
#include "engine/runtime/allocation_counter.hpp"
#include "engine/runtime/pinning.hpp"
#include "tests/support/trap.hpp"
#include "tests/whole/whole_support.hpp"

namespace martinet::hot_path_test {
namespace {

using trap::Armed;
using trap::in_child;
using trap::Offence;
using trap::Outcome;

enum Number : std::size_t { kInputs, kOrders, kFills, kAllocations, kRefused };

/// Raw frames of a synthetic market, end to end in one piece of memory.
struct Frames {
  CaptureHeader header;
  std::string text;
  std::vector<CaptureRecord> records;
};

std::unique_ptr<Frames> load(const std::filesystem::path& capture) {
  auto frames = std::make_unique<Frames>();
  Result<CaptureReader> reader = CaptureReader::open(capture);
  EXPECT_TRUE(reader.ok());
  frames->header = reader->header();
  std::vector<std::size_t> ends;
  CaptureRecord record;
  while (reader->next(record) == ReadState::record) {
    frames->text.append(record.frame());
    ends.push_back(frames->text.size());
    frames->records.push_back(record);
  }
  std::size_t begin = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    frames->records[i].payload = std::as_bytes(std::span<const char>(frames->text)).subspan(begin, ends[i] - begin);
    begin = ends[i];
  }
  return frames;
}

/// Keeps counts where the cold side would keep books, so that what is measured is the engine and not a test's vector.
class CountingSink final : public ColdSink {
 public:
  void sent(const OrderRequest&) override { ++orders; }
  void execution(const Execution&, std::int64_t) override { ++fills; }
  void venue_event(const VenueEvent& event) override { refused += event.kind == VenueEventKind::rejected ? 1U : 0U; }
  std::uint64_t orders = 0;
  std::uint64_t fills = 0;
  std::uint64_t refused = 0;
};

EngineConfig busy(Layout layout) {
  EngineConfig config = whole::busy_config(layout);
  spread_account(config);
  return config;
}

/// Enters or leaves on every tick, so that the path of an order is taken as often as there are ticks.
EngineConfig order_per_tick(Layout layout) {
  EngineConfig config = parse_config("[[strategy]]\nkind = \"every_bar\"\nevery_tick = true\n", "hot_path_test").value();
  config.pipeline.layout = layout;
  spread_account(config);
  return config;
}

/// One pipeline from configuration to venue, with the frames as its input.
struct Session {
  Session(const Frames& frames, const EngineConfig& config_in, Crank crank)
      : config(config_in), assembly(std::move(assemble(config, frames.header.instruments).value())), venue(frames.header.instruments, config.paper),
        pipeline(config, frames.header.instruments, assembly.plan, std::move(assembly.strategies), venue, &venue, sink, 1),
        input(pipeline, frames.header, config), decoder(frames.header.instruments, frames.header.streams) {
    pipeline.start(crank);
  }
  EngineConfig config;
  Assembly assembly;
  PaperVenue venue;
  CountingSink sink;
  Pipeline pipeline;
  ReplayInput input;
  FrameDecoder decoder;
  std::unique_ptr<DecodedFrame> decoded = std::make_unique<DecodedFrame>();
  std::int64_t next_timer_ns = 0;

  /// What a live ingress does with one frame.
  void feed(const CaptureRecord& record) noexcept {
    if (record.ts_receive_ns >= next_timer_ns) {
      pipeline.on_timer(record.ts_receive_ns);
      next_timer_ns = record.ts_receive_ns + kNanosPerSecond;
    }
    if (decoder.decode(record.stream, record.frame(), record.ts_receive_ns, *decoded) != Errc::ok) return;
    for (std::uint32_t i = 0; i < decoded->depth_count; ++i) pipeline.on_depth(decoded->depths[i]);
    for (std::uint32_t i = 0; i < decoded->candle_count; ++i) pipeline.on_candle(decoded->candles[i]);
    for (std::uint32_t i = 0; i < decoded->tick_count; ++i) pipeline.on_tick(decoded->ticks[i]);
  }
};

class HotPath : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!trap::reason_not_to_run().empty()) return;
    const whole::TemporaryFolder folder;
    frames_ = load(whole::make_synth(folder, 3, kNanosPerHour)).release();
  }
  static void TearDownTestSuite() {
    delete frames_;
    frames_ = nullptr;
  }
  void SetUp() override {
    if (const std::string reason = trap::reason_not_to_run(); !reason.empty()) GTEST_SKIP() << reason;
    ASSERT_NE(frames_, nullptr);
    ASSERT_GT(frames_->records.size(), 100'000U);
  }
  static std::size_t warm_up() { return frames_->records.size() / 10; }

  static inline Frames* frames_ = nullptr;
};

void print(const Outcome& outcome) {
  std::printf("%lu inputs, %lu orders, %lu fills, %lu refused\n", outcome.numbers[kInputs], outcome.numbers[kOrders], outcome.numbers[kFills],
              outcome.numbers[kRefused]);
  for (const trap::ThreadCost& thread : outcome.threads) {
    std::printf("  %-15s %ld minor faults, %ld major, %ld voluntary switches, %ld involuntary\n", thread.name.c_str(), thread.page_faults_minor,
                thread.page_faults_major, thread.switches_voluntary, thread.switches_involuntary);
  }
}

void expect_clean(const Outcome& outcome, std::uint64_t inputs_min, std::uint64_t orders_min, std::size_t threads) {
  print(outcome);
  ASSERT_TRUE(outcome.finished) << "caught: " << trap::name_of(outcome.offence) << ' ' << outcome.detail << ", " << outcome.end << '\n' << outcome.where;
  EXPECT_GE(outcome.numbers[kInputs], inputs_min);
  EXPECT_GE(outcome.numbers[kOrders], orders_min) << "a run without orders proves nothing";
  EXPECT_EQ(outcome.numbers[kAllocations], 0U);
  EXPECT_EQ(outcome.threads.size(), threads);
  for (const trap::ThreadCost& thread : outcome.threads) {
    if (thread.name == "cold") continue;
    EXPECT_EQ(thread.page_faults_minor, 0) << thread.name;
    EXPECT_EQ(thread.page_faults_major, 0) << thread.name;
    EXPECT_EQ(thread.switches_voluntary, 0) << thread.name;
  }
}

std::uint64_t orders_of(const std::vector<std::unique_ptr<Session>>& sessions) {
  std::uint64_t sum = 0;
  for (const auto& session : sessions) sum += session->sink.orders;
  return sum;
}

// Several sessions, each over the same hour: a feed would refuse the same trades a second time. All are warm before the trap is armed.
TEST_F(HotPath, FusedWorksOffAMillionInputsWithoutAnOffence) {
  constexpr std::size_t kSessions = 5;
  const Outcome outcome = in_child([](Armed& self) {
    name_this_thread("ingress");
    std::vector<std::unique_ptr<Session>> sessions;
    for (std::size_t i = 0; i < kSessions; ++i) {
      const EngineConfig config = i % 2 == 0 ? busy(Layout::fused) : order_per_tick(Layout::fused);
      sessions.push_back(std::make_unique<Session>(*frames_, config, Crank::lock_step));
    }
    for (const auto& session : sessions) {
      for (std::size_t i = 0; i < warm_up(); ++i) session->input.on_record(frames_->records[i]);
    }
    std::uint64_t inputs = 0;
    for (const auto& session : sessions) inputs -= session->pipeline.counters().inputs;
    std::uint64_t orders = orders_of(sessions), fills = 0, refused = 0;
    self.arm();
    const std::uint64_t allocations = thread_allocations();
    for (const auto& session : sessions) {
      for (std::size_t i = warm_up(); i < frames_->records.size(); ++i) session->input.on_record(frames_->records[i]);
    }
    self.tell(kAllocations, thread_allocations() - allocations);
    for (const auto& session : sessions) {
      inputs += session->pipeline.counters().inputs;
      fills += session->sink.fills;
      refused += session->sink.refused;
    }
    self.tell(kInputs, inputs);
    self.tell(kOrders, orders_of(sessions) - orders);
    self.tell(kFills, fills);
    self.tell(kRefused, refused);
    self.done();
  });
  expect_clean(outcome, 1'000'000, 1'000, 1);
}

// As live: every hot thread turns its own crank; the trap is armed on all of them, the cold one too for system calls.
class HotPathFree : public HotPath, public testing::WithParamInterface<Layout> {};

TEST_P(HotPathFree, FreeRunningThreadsMakeNoOffence) {
  const Layout layout = GetParam();
  const Outcome outcome = in_child([layout](Armed& self) {
    name_this_thread("ingress");
    Session session(*frames_, busy(layout), Crank::free_running);
    for (std::size_t i = 0; i < warm_up(); ++i) session.feed(frames_->records[i]);
    const std::uint64_t inputs = session.pipeline.counters().inputs;
    const std::uint64_t orders = session.sink.orders;
    self.arm();
    for (std::size_t i = warm_up(); i < frames_->records.size(); ++i) session.feed(frames_->records[i]);
    self.tell(kInputs, session.pipeline.counters().inputs - inputs);
    self.tell(kOrders, session.sink.orders - orders);  // of a moment: the cold side may still be at work
    self.tell(kFills, session.sink.fills);
    self.done();
  });
  const std::size_t threads = layout == Layout::fused ? 2 : layout == Layout::split ? 4 : 6;
  expect_clean(outcome, 200'000, 100, threads);
}

INSTANTIATE_TEST_SUITE_P(Layouts, HotPathFree, testing::Values(Layout::fused, Layout::split, Layout::staged),
                         [](const auto& each) { return std::string(name_of(each.param)); });

}  // namespace
}  // namespace martinet::hot_path_test
