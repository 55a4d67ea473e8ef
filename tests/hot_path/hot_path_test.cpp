// Goal (invariant I3): from bytes in to order out, after warm-up, a hot thread allocates nothing, locks nothing, throws nothing, faults
// no page and makes no system call but the idle strategy's yield. Method: the real pipeline works off more than a million market
// inputs from raw frames in memory while the trap of tests/support/trap.hpp is armed; that orders flowed is asserted, and
// trap_test.cpp plants each kind of offence to see it caught.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
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
#include "tests/support/model_text.hpp"
#include "tests/support/trap.hpp"
#include "tests/whole/whole_support.hpp"

namespace martinet::hot_path_test {
namespace {

using trap::Armed;
using trap::in_child;
using trap::Offence;
using trap::Outcome;

enum Number : std::size_t { kInputs, kOrders, kFills, kAllocations, kDecisions };

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
  void decision(const GateDecision&) override { ++decisions; }
  std::uint64_t orders = 0;
  std::uint64_t fills = 0;
  std::uint64_t decisions = 0;
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
      : config(config_in),
        assembly(std::move(assemble(config, frames.header.instruments).value())),
        venue(frames.header.instruments, config.paper),
        pipeline(config, frames.header.instruments, assembly.plan, std::move(assembly.strategies), venue, &venue, sink, 1),
        input(pipeline, frames.header, config),
        decoder(frames.header.instruments, frames.header.streams) {
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
  std::printf("%lu inputs, %lu decisions of the gate, %lu orders, %lu fills\n", outcome.numbers[kInputs], outcome.numbers[kDecisions],
              outcome.numbers[kOrders], outcome.numbers[kFills]);
  for (const trap::ThreadCost& thread : outcome.threads) {
    std::printf("  %-15s %ld minor faults, %ld major, %ld voluntary switches, %ld involuntary\n", thread.name.c_str(),
                thread.page_faults_minor, thread.page_faults_major, thread.switches_voluntary, thread.switches_involuntary);
  }
}

bool is_hot(const trap::ThreadCost& thread) { return thread.name != "cold"; }

/// Runs it again if only page faults were seen, at most twice: the kernel moves pages when it likes (compaction, huge pages), which
/// costs a fault that nobody made. Who does fault pages does so every time.
Outcome in_quiet_child(const std::function<void(Armed&)>& body) {
  Outcome outcome;
  for (int run = 0; run < 3; ++run) {
    outcome = in_child(body);
    if (std::ranges::none_of(outcome.threads, [](const auto& thread) { return is_hot(thread) && thread.page_faults_minor != 0; })) break;
  }
  return outcome;
}

void expect_clean(const Outcome& outcome, std::uint64_t inputs_min, std::uint64_t orders_min, std::size_t threads) {
  print(outcome);
  ASSERT_TRUE(outcome.finished) << "caught: " << trap::name_of(outcome.offence) << ' ' << outcome.detail << ", " << outcome.end << '\n'
                                << outcome.where;
  EXPECT_GE(outcome.numbers[kInputs], inputs_min);
  EXPECT_GE(outcome.numbers[kOrders], orders_min) << "a run without orders proves nothing";
  EXPECT_EQ(outcome.numbers[kAllocations], 0U);
  EXPECT_EQ(outcome.threads.size(), threads);
  for (const trap::ThreadCost& thread : outcome.threads) {
    if (!is_hot(thread)) continue;
    EXPECT_EQ(thread.page_faults_minor, 0) << thread.name;
    EXPECT_EQ(thread.page_faults_major, 0) << thread.name;
    EXPECT_EQ(thread.switches_voluntary, 0) << thread.name;
  }
}

/// Sums over the sessions of what has come of the inputs so far.
struct Progress {
  std::uint64_t inputs = 0, decisions = 0, orders = 0, fills = 0;
};
Progress progress_of(const std::vector<std::unique_ptr<Session>>& sessions) {
  Progress sum;
  for (const auto& session : sessions) {
    sum.inputs += session->pipeline.counters().inputs;
    sum.decisions += session->sink.decisions;
    sum.orders += session->sink.orders;
    sum.fills += session->sink.fills;
  }
  return sum;
}
void tell_difference(Armed& self, const Progress& start, const Progress& end) {
  self.tell(kInputs, end.inputs - start.inputs);
  self.tell(kDecisions, end.decisions - start.decisions);
  self.tell(kOrders, end.orders - start.orders);
  self.tell(kFills, end.fills - start.fills);
}

// Several sessions, each over the same hour: a feed would refuse the same trades a second time. All are warm before the trap is armed.
TEST_F(HotPath, FusedWorksOffAMillionInputsWithoutAnOffence) {
  constexpr std::size_t kSessions = 5;
  const Outcome outcome = in_quiet_child([](Armed& self) {
    name_this_thread("ingress");
    std::vector<std::unique_ptr<Session>> sessions;
    for (std::size_t i = 0; i < kSessions; ++i) {
      const EngineConfig config = i % 2 == 0 ? busy(Layout::fused) : order_per_tick(Layout::fused);
      sessions.push_back(std::make_unique<Session>(*frames_, config, Crank::lock_step));
    }
    for (const auto& session : sessions) {
      for (std::size_t i = 0; i < warm_up(); ++i) session->input.on_record(frames_->records[i]);
    }
    const Progress start = progress_of(sessions);
    self.arm();
    const std::uint64_t allocations = thread_allocations();
    for (const auto& session : sessions) {
      for (std::size_t i = warm_up(); i < frames_->records.size(); ++i) session->input.on_record(frames_->records[i]);
    }
    self.tell(kAllocations, thread_allocations() - allocations);
    tell_difference(self, start, progress_of(sessions));
    self.done();
  });
  expect_clean(outcome, 1'000'000, 1'000, 1);
}

// A model is asked at every closed bar of a second.
TEST_F(HotPath, AModelIsAskedWithoutAnOffence) {
  const whole::TemporaryFolder folder;
  std::ofstream(folder / "m.json") << test::restless_model_text("1s");
  const std::string text = "[[strategy]]\nkind = \"model_signal\"\ntimeframe = \"1s\"\ndirection = \"both\"\nregime_window = 10\nmodel = \"" +
                           (folder / "m.json").string() + "\"\n";
  const Outcome outcome = in_quiet_child([&text](Armed& self) {
    name_this_thread("ingress");
    EngineConfig config = parse_config(text, "hot_path_test").value();
    spread_account(config);
    std::vector<std::unique_ptr<Session>> sessions;
    sessions.push_back(std::make_unique<Session>(*frames_, config, Crank::lock_step));
    Session& session = *sessions.front();
    for (std::size_t i = 0; i < warm_up(); ++i) session.input.on_record(frames_->records[i]);
    const Progress start = progress_of(sessions);
    self.arm();
    const std::uint64_t allocations = thread_allocations();
    for (std::size_t i = warm_up(); i < frames_->records.size(); ++i) session.input.on_record(frames_->records[i]);
    self.tell(kAllocations, thread_allocations() - allocations);
    tell_difference(self, start, progress_of(sessions));
    self.done();
  });
  expect_clean(outcome, 200'000, 100, 1);
}

// As live: every hot thread turns its own crank; the trap is armed on all of them, the cold one too for system calls.
struct Free {
  Layout layout;
  bool
      order_per_tick;  ///< more orders than the lanes to the cold side hold: what one stage cannot hand on waits, and nothing is lost (I11)
};
class HotPathFree : public HotPath, public testing::WithParamInterface<Free> {};

TEST_P(HotPathFree, FreeRunningThreadsMakeNoOffence) {
  const Layout layout = GetParam().layout;
  const Outcome outcome = in_quiet_child([layout](Armed& self) {
    name_this_thread("ingress");
    std::vector<std::unique_ptr<Session>> sessions;
    sessions.push_back(
        std::make_unique<Session>(*frames_, GetParam().order_per_tick ? order_per_tick(layout) : busy(layout), Crank::free_running));
    Session& session = *sessions.front();
    for (std::size_t i = 0; i < warm_up(); ++i) session.feed(frames_->records[i]);
    const Progress start = progress_of(sessions);
    self.arm();
    for (std::size_t i = warm_up(); i < frames_->records.size(); ++i) session.feed(frames_->records[i]);
    // Of a moment: the other threads may still be at work, and are not asked to stop, which would be a system call.
    tell_difference(self, start, progress_of(sessions));
    self.done();
  });
  const std::size_t threads = layout == Layout::fused ? 2 : layout == Layout::split ? 4 : 6;
  // An hour passes in a second: where a thread waits for its core meanwhile, the market it decides on is old, and the gate rightly
  // refuses most. So with more threads than cores few orders come of many decisions.
  expect_clean(outcome, 200'000, GetParam().order_per_tick && layout == Layout::staged ? 0 : 20, threads);
  EXPECT_GE(outcome.numbers[kDecisions], GetParam().order_per_tick ? 1'000U : 20U);
}

INSTANTIATE_TEST_SUITE_P(Layouts, HotPathFree,
                         testing::Values(Free{Layout::fused, false}, Free{Layout::split, false}, Free{Layout::staged, false},
                                         Free{Layout::fused, true}, Free{Layout::split, true}, Free{Layout::staged, true}),
                         [](const auto& each) {
                           return std::string(name_of(each.param.layout)) + (each.param.order_per_tick ? "_order_per_tick" : "");
                         });

}  // namespace
}  // namespace martinet::hot_path_test
