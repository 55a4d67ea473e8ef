#pragma once
// What bars are made of. Read from the configuration, so it stands apart from the stage.
#include <cstdint>
#include <vector>

#include "engine/base/fixed_point.hpp"

namespace martinet {

struct BarConfig {
  enum class Source : std::uint8_t { trades, quotes, candles };
  Source source = Source::trades;    ///< of every instrument that `sources` does not name
  std::vector<Source> sources = {};  ///< by instrument id; may be shorter than the table
  /// How long after a bar's end a timer waits for its last trades; >= 0. In the Binance captures of 2024 the slowest trade arrives 221 ms
  /// later than the fastest one would have.
  std::int64_t grace_ns = 250'000'000;

  [[nodiscard]] Source source_of(InstrumentId instrument) const noexcept {
    return instrument < sources.size() ? sources[instrument] : source;
  }
};

}  // namespace martinet
