#pragma once
// The structs of a journal in words, field by field or on one line. What a checksum has let through may still be nonsense (a byte
// changed by hand): an unknown code is shown as its number, an unknown instrument as its row.
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/cold/journal/record.hpp"
#include "engine/messages/candle.hpp"
#include "engine/messages/execution.hpp"
#include "engine/messages/gate_decision.hpp"
#include "engine/messages/position_view.hpp"
#include "engine/messages/tick.hpp"
#include "engine/messages/venue_event.hpp"

namespace martinet {

using Fields = std::vector<std::pair<std::string, std::string>>;  ///< name, value

[[nodiscard]] std::string word_of(Verdict verdict);
[[nodiscard]] std::string word_of(IntentAction action);
[[nodiscard]] std::string word_of(MarketRegime regime);
[[nodiscard]] std::string word_of(ExitReason reason);
[[nodiscard]] std::string word_of(OrderAction action);
[[nodiscard]] std::string word_of(OrderPurpose purpose);
[[nodiscard]] std::string word_of(OrderType type);
[[nodiscard]] std::string word_of(Side side);
[[nodiscard]] std::string word_of(VenueEventKind kind);
[[nodiscard]] std::string word_of(ExecutionEvent event);
[[nodiscard]] std::string word_of(Errc code);

/// "2024-08-05 00:00:00.123456789": UTC, to the nanosecond.
[[nodiscard]] std::string utc_exact(std::int64_t ts_ns);

/// "m1-2se0". An order key that no order has (an unknown leg) as its numbers.
[[nodiscard]] std::string client_id_text(std::uint64_t epoch, const OrderKey& key);

class RecordWords {
 public:
  /// Keeps references.
  RecordWords(const InstrumentTable& table, const std::vector<std::string>& strategies, std::uint64_t epoch)
      : table_(table), strategies_(strategies), epoch_(epoch) {}

  [[nodiscard]] std::string symbol(InstrumentId id) const;
  [[nodiscard]] std::string strategy(StrategyId id) const;
  [[nodiscard]] std::string price(InstrumentId id, Price price) const;  ///< "-" for none
  [[nodiscard]] std::string qty(InstrumentId id, Qty qty) const;

  [[nodiscard]] Fields intent(const OrderIntent& intent) const;
  [[nodiscard]] Fields request(const OrderRequest& request) const;
  [[nodiscard]] Fields event(const VenueEvent& event) const;
  [[nodiscard]] Fields execution(const Execution& execution) const;
  [[nodiscard]] Fields position(const PositionView& view) const;
  /// Of a record; its size alone where the type is not known or the size is not the type's.
  [[nodiscard]] Fields record(journal::RecordType type, std::span<const std::byte> payload) const;

  /// One line.
  [[nodiscard]] std::string line(journal::RecordType type, std::span<const std::byte> payload) const;
  [[nodiscard]] std::string tick(const Tick& tick) const;  ///< "trade BTCUSDT 62,622.9 qty 0.01 sell"
  [[nodiscard]] std::string candle(const Candle& candle) const;

 private:
  const InstrumentTable& table_;
  const std::vector<std::string>& strategies_;
  std::uint64_t epoch_;
};

}  // namespace martinet
