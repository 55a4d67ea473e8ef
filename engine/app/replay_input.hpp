#pragma once
// A capture as inputs of the pipeline: records decoded, merged in time with what the venue answers, deadlines and timers. The
// order of inputs is a function of the capture and the configuration alone: by stamp; at equal stamps the venue's events first,
// then the position machine's deadlines, then timers, then the market.
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "adapters/binance/decoder.hpp"
#include "adapters/bitget/decoder.hpp"
#include "adapters/capture/capture_types.hpp"
#include "engine/app/pipeline.hpp"
#include "engine/messages/decoded_frame.hpp"

namespace martinet {

inline constexpr std::size_t kChannelCount = static_cast<std::size_t>(Channel::other) + 1;
[[nodiscard]] std::string_view name_of(Channel channel) noexcept;

/// The decoders of a capture's streams.
class FrameDecoder {
 public:
  /// Keeps references to instruments.
  FrameDecoder(const InstrumentTable& instruments, const std::vector<StreamInfo>& streams);

  /// fails as the venue's decoder; unsupported for a stream of a venue without one
  [[nodiscard]] Errc decode(std::uint16_t stream, std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept;

 private:
  struct Row {
    BitgetDecoder* bitget = nullptr;
    BinanceDecoder* binance = nullptr;
  };
  std::unique_ptr<BitgetDecoder> bitget_;  // one serves every Bitget stream: its frames name their market
  std::vector<std::unique_ptr<BinanceDecoder>> binance_;
  std::vector<Row> rows_;
};

struct ReplayInputCounters {
  std::uint64_t records = 0;                                 ///< of the capture
  std::array<std::uint64_t, kChannelCount> frames{};         ///< decoded, by channel
  std::array<std::uint64_t, kErrcCount> refused{};           ///< not decoded, by reason
  std::uint64_t timers = 0;
  std::uint64_t venue_events = 0;
  std::uint64_t deadlines = 0;
};

class ReplayInput {
 public:
  ReplayInput(Pipeline& pipeline, const CaptureHeader& header, const EngineConfig& config);

  /// Works off one record and everything that comes before it in time.
  /// cost  the hot path of every message in it
  void on_record(const CaptureRecord& record) noexcept;

  /// After the last record: what the venue still has to say, up to `horizon_ns` after it.
  void finish(std::int64_t horizon_ns) noexcept;

  [[nodiscard]] const ReplayInputCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::int64_t now_ns() const noexcept { return now_ns_; }

  void save(ArchiveWriter& out) const;
  [[nodiscard]] Errc load(ArchiveReader& in);

 private:
  void advance_to(std::int64_t ts_ns) noexcept;
  void advance_slowly(std::int64_t ts_ns) noexcept;
  void on_frame(const CaptureRecord& record) noexcept;

  Pipeline& pipeline_;
  FrameDecoder decoder_;
  std::unique_ptr<DecodedFrame> decoded_;
  ReplayInputCounters counters_;
  std::int64_t timer_period_ns_;
  std::int64_t next_timer_ns_ = INT64_MIN;  // before the first record
  std::int64_t now_ns_ = INT64_MIN;
  std::int64_t deadline_seen_ns_ = INT64_MIN;
  std::uint64_t latency_sample_;
};

}  // namespace martinet
