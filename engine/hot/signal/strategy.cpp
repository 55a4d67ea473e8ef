#include "engine/hot/signal/strategy.hpp"

#include <utility>

namespace martinet {

Strategy::Strategy(StrategyId id, std::string name, std::span<const InstrumentId> instruments)
    : id_(id), name_(std::move(name)), instruments_(instruments.begin(), instruments.end()) {
  bar_masks_.assign(instruments_.size(), 0);
  local_.fill(kNoInstrument);
  for (std::size_t i = 0; i < instruments_.size(); ++i) local_[instruments_[i]] = static_cast<std::uint16_t>(i);
}

Strategy::~Strategy() = default;

}  // namespace martinet
