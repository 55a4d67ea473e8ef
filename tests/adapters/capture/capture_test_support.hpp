#pragma once
// Small captures for the tests of this room: a folder that cleans up after itself, a header of two instruments, files as bytes.
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "adapters/capture/capture_blocks.hpp"
#include "adapters/capture/capture_reader.hpp"
#include "adapters/capture/capture_types.hpp"
#include "adapters/capture/capture_writer.hpp"
#include "engine/base/assert.hpp"

namespace martinet::capture_test {

class Folder {
 public:
  Folder() {
    static std::atomic<int> next{0};
    path_ = std::filesystem::temp_directory_path() / ("martinet_capture_" + std::to_string(::getpid()) + "_" + std::to_string(next++));
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const char* name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::size_t file_count() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator()));
  }

 private:
  std::filesystem::path path_;
};

inline Instrument instrument(const char* symbol, Market market) {
  Instrument row;
  MT_ASSERT(row.symbol.assign(symbol) && row.base.assign("BASE") && row.quote.assign("USDT") && row.settle.assign("USDT"));
  row.venue = Venue::bitget;
  row.market = market;
  row.kind = ContractKind::linear;
  row.price_decimals = 4;
  row.qty_decimals = 5;
  row.rules_assumed = 1;
  row.rules = {3, TradingStatus::close_only, {}, {50}, {10}, {20}, {30'000}, {500'000'000}};
  MT_ASSERT(set_linear_value(row) == Errc::ok);
  return row;
}

/// Two instruments, three streams.
inline CaptureHeader small_header() {
  CaptureHeader header;
  MT_ASSERT(header.instruments.add(instrument("BTCUSDT", Market::usdt_futures)).ok());
  MT_ASSERT(header.instruments.add(instrument("ETHUSDT", Market::spot)).ok());
  header.streams = {{Venue::bitget, Market::usdt_futures, StreamKind::public_ws, kNoInstrument, "public"},
                    {Venue::bitget, Market::usdt_futures, StreamKind::rest_depth, 1, "depth"},
                    {Venue::file, Market::none, StreamKind::parsed, 0, ""}};
  header.note = "made by a test";
  return header;
}

inline Tick tick_at(std::int64_t ts_ns, InstrumentId id = 0) {
  Tick tick;
  tick.ts_receive_ns = ts_ns;
  tick.ts_exchange_ns = ts_ns - 5;
  tick.sequence = static_cast<std::uint64_t>(ts_ns) * 3;
  tick.bid_price = {ts_ns + 100};
  tick.ask_price = {ts_ns + 101};
  tick.bid_qty = {7};
  tick.ask_qty = {8};
  tick.instrument = id;
  tick.kind = TickKind::quote;
  return tick;
}

inline Candle candle_at(std::int64_t ts_ns, InstrumentId id = 1) {
  Candle candle;
  candle.ts_receive_ns = ts_ns;
  candle.ts_open_ns = ts_ns - 60;
  candle.interval_ns = 60;
  candle.open = {10};
  candle.high = {14};
  candle.low = {9};
  candle.close = {12};
  candle.volume = {1000};
  candle.instrument = id;
  candle.closed = 1;
  return candle;
}

/// One record of each kind, stamps 1000..1003.
inline void write_small(const std::filesystem::path& path, CaptureOptions options = {}) {
  auto writer = CaptureWriter::create(path, small_header(), options);
  MT_ASSERT(writer.ok());
  MT_ASSERT(writer->raw_frame(0, 1000, "{\"hello\":\"world, world, world, world, world, world\"}").ok());
  MT_ASSERT(writer->tick(2, tick_at(1001)).ok());
  MT_ASSERT(writer->candle(2, candle_at(1002)).ok());
  MT_ASSERT(writer->flush().ok());
  MT_ASSERT(writer->note(1, 1003, "bye").ok());
  MT_ASSERT(writer->finish().ok());
}

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& path, std::string_view bytes) {
  // A new file each time: truncating one makes ext4 write it out at once, and the damage tests write tens of thousands.
  std::filesystem::remove(path);
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// How reading the whole file ends.
struct Outcome {
  Errc code = Errc::ok;  ///< of open() or next()
  std::string what;
  std::uint64_t records = 0;
  bool was_truncated = false;
};

inline Outcome read_whole(const std::filesystem::path& path, CaptureReadOptions options = {}) {
  auto reader = CaptureReader::open(path, options);
  if (!reader.ok()) return {reader.error().code, reader.error().what, 0, false};
  Outcome outcome;
  CaptureRecord record;
  ReadState state = reader->next(record);
  for (; state == ReadState::record; state = reader->next(record)) ++outcome.records;
  if (state == ReadState::failed) {
    outcome.code = reader->error().code;
    outcome.what = reader->error().what;
  }
  outcome.was_truncated = reader->was_truncated();
  return outcome;
}

/// The same from the block source itself, without the reading thread: for tests that try thousands of files.
inline Outcome read_blocks(const std::filesystem::path& path, CaptureReadOptions options = {}) {
  static std::byte* const buffer = new (std::align_val_t{64}) std::byte[capture::kBlockBytesMax];
  auto source = capture::BlockSource::open(path);
  if (!source.ok()) return {source.error().code, source.error().what, 0, false};
  Outcome outcome;
  std::size_t size = 0;
  capture::BlockState state = source->next({buffer, capture::kBlockBytesMax}, size);
  while (state == capture::BlockState::block) {
    outcome.records = source->totals().records;
    state = source->next({buffer, capture::kBlockBytesMax}, size);
  }
  outcome.was_truncated = state == capture::BlockState::truncated;
  if (state == capture::BlockState::failed || (outcome.was_truncated && !options.allow_truncated)) {
    outcome.code = source->error().code;
    outcome.what = source->error().what;
  }
  return outcome;
}

}  // namespace martinet::capture_test
