#pragma once
// What the cold side learns, written down: the journal, the name of the order stream, the equity curve and its deepest fall.
// With a journal nothing here allocates while a session runs: what a report needs beyond this is read back from it.
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "adapters/net/sha256.hpp"
#include "engine/app/cold_sink.hpp"
#include "engine/base/archive.hpp"
#include "engine/base/instrument.hpp"
#include "engine/cold/journal/journal_writer.hpp"
#include "engine/cold/telemetry/session_summary.hpp"

namespace martinet {

/// Hears what the journal gets, record by record in its order, whether there is a journal or not.
using RecordTap = std::function<void(journal::RecordType, std::int64_t ts_ns, std::span<const std::byte> payload)>;

class SessionRecorder final : public ColdSink {
 public:
  /// in  journal: null = nothing is written down
  SessionRecorder(const InstrumentTable& instruments, Money initial_balance, JournalWriter* journal, RecordTap tap = {});

  void decision(const GateDecision& decision) override;
  void mark(const Tick& tick) override;
  void sent(const OrderRequest& request) override;
  void venue_event(const VenueEvent& event) override;
  void execution(const Execution& execution, std::int64_t ts_ns) override;
  void position(const PositionView& view) override;
  void equity(std::int64_t ts_ns, Money equity, Money balance) override;
  void alert(std::int64_t ts_ns, std::uint32_t code, InstrumentId instrument) override;
  void turn_done() override;

  [[nodiscard]] std::uint64_t request_count() const noexcept { return request_count_; }
  [[nodiscard]] std::string order_stream_sha256() const { return stream_.hex(); }
  [[nodiscard]] std::uint64_t fill_count() const noexcept { return fill_count_; }
  [[nodiscard]] Money fees() const noexcept { return fees_; }
  [[nodiscard]] Money max_drawdown() const noexcept { return max_drawdown_; }
  [[nodiscard]] double max_drawdown_fraction() const noexcept { return max_drawdown_fraction_; }
  [[nodiscard]] const Series& equity_curve() const noexcept { return equity_; }
  [[nodiscard]] const std::vector<InstrumentCurve>& prices() const noexcept { return prices_; }
  /// Only where there is no journal to read them from.
  [[nodiscard]] const std::vector<Execution>& executions() const noexcept { return executions_; }
  /// The first failure of the journal; ok while it writes.
  [[nodiscard]] Errc journal_status() const noexcept { return journal_status_; }

  void save(ArchiveWriter& out) const;
  [[nodiscard]] Errc load(ArchiveReader& in);

 private:
  template <class T>
  void write(journal::RecordType type, std::int64_t ts_ns, const T& value) noexcept;

  JournalWriter* journal_;
  RecordTap tap_;
  Sha256 stream_;
  Series equity_;
  std::vector<InstrumentCurve> prices_;
  std::vector<Execution> executions_;
  std::uint64_t request_count_ = 0;
  std::uint64_t fill_count_ = 0;
  Money fees_{};
  Money peak_{};
  Money max_drawdown_{};
  double max_drawdown_fraction_ = 0;
  Errc journal_status_ = Errc::ok;
};

}  // namespace martinet
