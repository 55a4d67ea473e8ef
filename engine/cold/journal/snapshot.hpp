#pragma once
// What must outlive a session, as plain data: positions with their protection, ledgers, latches, the paper twin. It says what we
// believed; the venue says what is (invariant I9).
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/fixed_point.hpp"

namespace martinet {

/// An order by its two names; both empty: there is none.
struct SnapshotOrder {
  std::string venue_id;
  std::string client_id;
  bool operator==(const SnapshotOrder&) const = default;
};

/// One filled level of a cycle.
struct SnapshotLevel {
  std::uint32_t index = 0;
  Qty qty{};
  Price price{};
  std::string order_id;  ///< the venue's
  bool operator==(const SnapshotLevel&) const = default;
};

struct SnapshotTrailing {
  bool is_active = false;
  Price extreme = kNoPrice;  ///< best price since the entry; kNoPrice: none yet
  std::uint32_t level = 0;   ///< of the trail that is in force
  bool operator==(const SnapshotTrailing&) const = default;
};

/// What is traded and on which grid the numbers beside it stand: a venue may have changed its decimals since.
struct SnapshotInstrument {
  std::string market;  ///< name_of(Market)
  std::string symbol;
  std::uint8_t price_decimals = 0;  ///< 0..18
  std::uint8_t qty_decimals = 0;
  bool operator==(const SnapshotInstrument&) const = default;
};

struct SnapshotPosition {
  SnapshotInstrument instrument;
  std::string strategy;
  Side direction = Side::none;  ///< buy: long, sell: short
  Qty qty{};                    ///< > 0
  Price entry_vwap{};
  std::int64_t entry_ts_ns = 0;
  std::vector<SnapshotLevel> levels;
  SnapshotOrder entry, stop, target;
  Price stop_price = kNoPrice;
  Price target_price = kNoPrice;
  SnapshotTrailing trailing;
  bool operator==(const SnapshotPosition&) const = default;
};

struct SnapshotLedgers {
  std::int64_t day_start_ts_ns = 0;  ///< 00:00 UTC of the day that day_pnl is of
  Money day_start_equity{};
  Money day_pnl{};
  Money session_pnl{};
  Money peak_equity{};
  bool operator==(const SnapshotLedgers&) const = default;
};

/// A stop of trading that only a local, journaled act ends (invariant I10).
struct SnapshotLatch {
  std::string name;
  std::string reason;
  std::int64_t since_ts_ns = 0;
  bool operator==(const SnapshotLatch&) const = default;
};

struct SnapshotTwinCapital {
  std::string strategy;
  Money capital{};
  bool operator==(const SnapshotTwinCapital&) const = default;
};

struct SnapshotTwinPosition {
  SnapshotInstrument instrument;
  std::string strategy;
  Side direction = Side::none;
  Qty qty{};
  Price entry_price{};
  std::int64_t entry_ts_ns = 0;
  Money margin{};  ///< taken out of the strategy's capital
  bool operator==(const SnapshotTwinPosition&) const = default;
};

/// The paper account that mirrors the live one.
struct SnapshotTwin {
  std::vector<SnapshotTwinCapital> capital;
  std::vector<SnapshotTwinPosition> positions;
  bool operator==(const SnapshotTwin&) const = default;
};

struct Snapshot {
  std::uint64_t epoch = 0;
  std::vector<SnapshotPosition> positions;
  SnapshotLedgers ledgers;
  std::vector<SnapshotLatch> latches;
  SnapshotTwin twin;
  bool operator==(const Snapshot&) const = default;
};

}  // namespace martinet
