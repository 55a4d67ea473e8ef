#include "adapters/capture/capture_reader.hpp"

#include <immintrin.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "adapters/capture/capture_blocks.hpp"

namespace martinet::capture {
namespace {

constexpr std::size_t kBuffers = 8;  // 2 MB of records ahead: about half a millisecond of parsed ticks at full speed
constexpr std::size_t kLine = 64;

// A buffer of kBlockBytesMax bytes on a cache line, so that payloads are aligned. The reading thread makes it when it first needs
// it, and no page is touched before a block reaches it: short captures cost little.
struct Buffer {
  struct Free {
    void operator()(std::byte* memory) const noexcept { ::operator delete[](memory, std::align_val_t{kLine}); }
  };
  void make() {
    if (bytes == nullptr) bytes.reset(static_cast<std::byte*>(::operator new[](kBlockBytesMax, std::align_val_t{kLine})));
  }
  std::unique_ptr<std::byte[], Free> bytes;
  std::size_t size = 0;
  std::uint64_t file_offset = 0;  // behind this block
  BlockState state = BlockState::block;
  CaptureTotals totals;  // up to this block
};

}  // namespace

// Threads: producer = the reading thread, consumer = who calls next(); nobody else.
// (1) taken_ <= made_ <= taken_ + kBuffers.
// (2) buffer i % kBuffers is written by the producer only while made_ == i, and read by the consumer only while taken_ == i.
// (3) error_ is written before the last made_ and read after it.
struct CaptureReader::State {
  State(BlockSource&& opened, CaptureReadOptions given) : source(std::move(opened)), options(given) {}
  ~State() {
    stop.store(true, std::memory_order_relaxed);
    if (thread.joinable()) thread.join();
  }

  void run() noexcept;
  bool wait_for_room(std::uint64_t made_now) const noexcept;

  BlockSource source;  // producer, once the thread runs; the header is not changed any more
  CaptureReadOptions options;
  std::array<Buffer, kBuffers> buffers;
  std::thread thread;
  std::atomic<bool> stop{false};

  alignas(kLine) std::atomic<std::uint64_t> made{0};   // producer writes
  alignas(kLine) std::atomic<std::uint64_t> taken{0};  // consumer writes

  alignas(kLine) bool holding = false;  // consumer only, from here on: a buffer is in its hands
  std::uint64_t taken_now = 0;
  ReadState last = ReadState::record;
  bool truncated = false;
  CaptureTotals totals;
  std::uint64_t offset = 0;
};

// The consumer never wakes us (that would be a system call on its thread), so we look again after a short sleep. It grows
// while nothing moves: a consumer at 10 M ticks/s frees a buffer each 0.3 ms, one paced to real time each few seconds.
bool CaptureReader::State::wait_for_room(std::uint64_t made_now) const noexcept {
  auto nap = std::chrono::microseconds(50);
  // acquire meets the release of `taken` in next_block(): the consumer is done with the buffer.
  while (made_now - taken.load(std::memory_order_acquire) == kBuffers) {
    if (stop.load(std::memory_order_relaxed)) return false;
    std::this_thread::sleep_for(nap);
    nap = std::min(nap * 2, std::chrono::microseconds(1000));
  }
  return !stop.load(std::memory_order_relaxed);
}

void CaptureReader::State::run() noexcept {
  for (std::uint64_t made_now = 0; wait_for_room(made_now);) {
    Buffer& buffer = buffers[made_now % kBuffers];
    buffer.make();
    buffer.size = 0;
    buffer.state = source.next({buffer.bytes.get(), kBlockBytesMax}, buffer.size);
    buffer.file_offset = source.offset();
    buffer.totals = source.totals();
    const bool more = buffer.state == BlockState::block;
    made.store(++made_now, std::memory_order_release);  // (2), (3): met by the acquire in next_block()
    if (!more) return;
  }
}

Result<CaptureReader> CaptureReader::open(const std::filesystem::path& path, CaptureReadOptions options) {
  Result<BlockSource> source = BlockSource::open(path);
  if (!source.ok()) return source.error();
  auto state = std::make_unique<State>(std::move(*source), options);
  state->offset = state->source.offset();
  try {
    state->thread = std::thread([raw = state.get()] { raw->run(); });
  } catch (const std::system_error& refused) {
    return Error{Errc::io_failed, path.string() + ": no thread to read it: " + refused.what() + "; close other programs and try again"};
  }
  return CaptureReader(std::move(state));
}

CaptureReader::CaptureReader(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
CaptureReader::CaptureReader(CaptureReader&& other) noexcept
    : cursor_(std::exchange(other.cursor_, nullptr)),
      block_end_(std::exchange(other.block_end_, nullptr)),
      state_(std::move(other.state_)) {}
CaptureReader& CaptureReader::operator=(CaptureReader&& other) noexcept {
  cursor_ = std::exchange(other.cursor_, nullptr);
  block_end_ = std::exchange(other.block_end_, nullptr);
  state_ = std::move(other.state_);
  return *this;
}
CaptureReader::~CaptureReader() = default;

ReadState CaptureReader::next_block() noexcept {
  State& s = *state_;
  if (s.last != ReadState::record) return s.last;
  if (std::exchange(s.holding, false)) s.taken.store(++s.taken_now, std::memory_order_release);
  // The reading thread may need this very core: after a short spin give it away.
  for (int spins = 0; s.made.load(std::memory_order_acquire) == s.taken_now; ++spins) {
    if (spins < 64) {
      _mm_pause();
    } else {
      ::sched_yield();
    }
  }
  const Buffer& buffer = s.buffers[s.taken_now % kBuffers];
  s.offset = buffer.file_offset;
  s.totals = buffer.totals;
  if (buffer.state == BlockState::block) {
    s.holding = true;
    cursor_ = buffer.bytes.get();
    block_end_ = cursor_ + buffer.size;
    return ReadState::record;
  }
  s.truncated = buffer.state == BlockState::truncated;
  s.last = buffer.state == BlockState::end || (s.truncated && s.options.allow_truncated) ? ReadState::end : ReadState::failed;
  return s.last;
}

const CaptureHeader& CaptureReader::header() const noexcept { return state_->source.header(); }
const CaptureTotals& CaptureReader::totals() const noexcept { return state_->totals; }
bool CaptureReader::was_truncated() const noexcept { return state_->truncated; }
std::uint64_t CaptureReader::file_bytes() const noexcept { return state_->source.file_bytes(); }

const Error& CaptureReader::error() const noexcept {
  // Until the consumer has seen the last block, the reading thread may be writing its own copy.
  static const Error none;
  return state_->last == ReadState::failed || state_->truncated ? state_->source.error() : none;
}

double CaptureReader::fraction_read() const noexcept {
  const std::uint64_t all = state_->source.file_bytes();
  return all == 0 ? 0.0 : static_cast<double>(std::min(state_->offset, all)) / static_cast<double>(all);
}

}  // namespace martinet::capture
