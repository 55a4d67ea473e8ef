// What a lane costs beside the bare queue inside it, and what the machine itself allows: a cache line handed to and fro.
// Same thread: push and pop of one message, and in batches. Two pinned threads: throughput, and the round trip of one message
// (two hops). On a host with fewer than two cores the two-thread figures are those of the scheduler.
#include <benchmark/benchmark.h>
#include <emmintrin.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/messages/depth_update.hpp"
#include "engine/messages/tick.hpp"
#include "engine/runtime/lane.hpp"
#include "engine/runtime/pinning.hpp"

namespace {

using namespace martinet;

constexpr std::size_t kCapacity = 4096;

template <class T>
using Bare = boost::lockfree::spsc_queue<T, boost::lockfree::capacity<kCapacity>>;

// One way to push and to take for both, so that the loops below are the same code.
template <class T>
struct BareQueue {
  using Message = T;
  Bare<T> queue;
  bool push(const T& message) { return queue.push(message); }
  bool pop(T& message) { return queue.pop(message); }
  template <class Consume>
  std::size_t drain(std::size_t count_max, Consume&& consume) {
    std::size_t count = 0;
    while (count < count_max && queue.consume_one(consume)) ++count;
    return count;
  }
};
template <class T>
struct LaneQueue : Lane<T, kCapacity> {
  using Message = T;
};

std::uint64_t value_of(const Tick& tick) { return tick.sequence; }
std::uint64_t value_of(const DepthUpdate& piece) { return piece.last_id; }
void set_value(Tick& tick, std::uint64_t value) { tick.sequence = value; }
void set_value(DepthUpdate& piece, std::uint64_t value) { piece.last_id = value; }

template <class Queue>
void push_pop(benchmark::State& state) {
  auto queue = std::make_unique<Queue>();
  typename Queue::Message in{}, out{};
  std::uint64_t sum = 0;
  for (auto _ : state) {
    set_value(in, sum);
    benchmark::DoNotOptimize(queue->push(in));
    benchmark::DoNotOptimize(queue->pop(out));
    sum += value_of(out) | 1;
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

template <class Queue>
void push_drain_64(benchmark::State& state) {
  auto queue = std::make_unique<Queue>();
  typename Queue::Message in{};
  std::uint64_t sum = 0;
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < 64; ++i) {
      set_value(in, i);
      benchmark::DoNotOptimize(queue->push(in));
    }
    queue->drain(64, [&sum](const typename Queue::Message& message) { sum += value_of(message); });
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 64);
}

// Asked once, before anybody is pinned: a thread inherits the cores of the one that starts it.
const std::vector<int> kCores = allowed_cpus();
int first_core() { return kCores.front(); }
int second_core() { return kCores.back(); }

void pin(benchmark::State& state, int cpu) {
  if (const Status pinned = pin_this_thread(cpu); !pinned) state.SkipWithError(pinned.error().what.c_str());
}

constexpr int kBatch = 4096;

/// kBatch messages per iteration from this thread to another; the iteration ends when the other has them all.
template <class Queue>
void throughput(benchmark::State& state) {
  auto queue = std::make_unique<Queue>();
  std::atomic<bool> stop{false};
  alignas(64) std::atomic<std::uint64_t> taken{0};
  std::thread consumer([&] {
    (void)pin_this_thread(second_core());
    std::uint64_t sum = 0, count = 0;
    while (!stop.load(std::memory_order_relaxed)) {
      const std::size_t got = queue->drain(256, [&sum](const typename Queue::Message& message) { sum += value_of(message); });
      count += got;
      got == 0 ? _mm_pause() : taken.store(count, std::memory_order_release);
    }
    benchmark::DoNotOptimize(sum);
  });
  pin(state, first_core());
  typename Queue::Message in{};
  std::uint64_t sent = 0;
  for (auto _ : state) {
    for (int i = 0; i < kBatch; ++i) {
      set_value(in, sent++);
      while (!queue->push(in)) _mm_pause();
    }
    while (taken.load(std::memory_order_acquire) != sent) _mm_pause();
  }
  stop = true;
  consumer.join();
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kBatch);
}

constexpr int kTrips = 1000;

/// kTrips round trips per iteration; items are hops, so time per item is one hop.
template <class Queue>
void round_trip(benchmark::State& state) {
  auto there = std::make_unique<Queue>(), back = std::make_unique<Queue>();
  std::atomic<bool> stop{false};
  std::thread echo([&] {
    (void)pin_this_thread(second_core());
    typename Queue::Message message{};
    while (!stop.load(std::memory_order_relaxed)) {
      if (there->pop(message)) benchmark::DoNotOptimize(back->push(message));
    }
  });
  pin(state, first_core());
  typename Queue::Message message{};
  for (auto _ : state) {
    for (int i = 0; i < kTrips; ++i) {
      benchmark::DoNotOptimize(there->push(message));
      while (!back->pop(message)) {
      }
    }
  }
  stop = true;
  echo.join();
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kTrips * 2);
}

/// What the machine allows: one cache line that two cores write in turn.
void cache_line_ping_pong(benchmark::State& state) {
  alignas(64) std::atomic<std::uint64_t> line{0};
  alignas(64) std::atomic<bool> stop{false};
  std::thread other([&] {
    (void)pin_this_thread(second_core());
    while (!stop.load(std::memory_order_relaxed)) {
      const std::uint64_t seen = line.load(std::memory_order_acquire);
      if (seen % 2 == 1) line.store(seen + 1, std::memory_order_release);
    }
  });
  pin(state, first_core());
  for (auto _ : state) {
    for (int i = 0; i < kTrips; ++i) {
      const std::uint64_t mine = line.load(std::memory_order_relaxed) + 1;
      line.store(mine, std::memory_order_release);
      while (line.load(std::memory_order_acquire) == mine) {
      }
    }
  }
  stop = true;
  other.join();
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kTrips * 2);
}

}  // namespace

BENCHMARK(push_pop<BareQueue<Tick>>);
BENCHMARK(push_pop<LaneQueue<Tick>>);
BENCHMARK(push_pop<BareQueue<DepthUpdate>>);
BENCHMARK(push_pop<LaneQueue<DepthUpdate>>);
BENCHMARK(push_drain_64<BareQueue<Tick>>);
BENCHMARK(push_drain_64<LaneQueue<Tick>>);
BENCHMARK(push_drain_64<BareQueue<DepthUpdate>>);
BENCHMARK(push_drain_64<LaneQueue<DepthUpdate>>);
BENCHMARK(throughput<BareQueue<Tick>>)->UseRealTime();
BENCHMARK(throughput<LaneQueue<Tick>>)->UseRealTime();
BENCHMARK(cache_line_ping_pong)->UseRealTime();
BENCHMARK(round_trip<BareQueue<Tick>>)->UseRealTime();
BENCHMARK(round_trip<LaneQueue<Tick>>)->UseRealTime();
BENCHMARK_MAIN();
