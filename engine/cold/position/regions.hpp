#pragma once
// The three regions of a key's state. Exposure stands in messages/position_view.hpp, for the gate reads it too.
#include <cstdint>
#include <string_view>

#include "engine/messages/position_view.hpp"

namespace martinet {

enum class Protection : std::uint8_t {
  none,         ///< nothing to protect
  placing,      ///< quantity without cover: a stop is on its way or about to be tried again
  unconfirmed,  ///< a stop is accepted, a second source has not confirmed it
  live,         ///< confirmed stops cover the whole quantity
  replacing,    ///< confirmed stops cover a part, the rest is on its way
  failed,       ///< stops are given up: a close is under way
};

enum class Knowledge : std::uint8_t {
  known,    ///< every order's outcome and every fill's meaning is known
  unknown,  ///< an answer is overdue, a fill's plan has not arrived, or a reduce cannot be explained yet
  orphan,   ///< the venue reduced more than we hold and nothing has explained it: the symbol is blocked
  halted,   ///< the machine cannot go on by itself (no order numbers left, overflow): blocked until an operator acts
};

/// What a step was made of. A step is one message, seen by one key.
enum class Cause : std::uint8_t {
  decision,     ///< an admitted entry
  exit,         ///< a close request
  adjust,       ///< a stop to move, or a part to close
  entry_event,  ///< accepted, rejected, cancelled, cancel_refused of an entry
  entry_fill,
  order_event,  ///< the same of a stop, target or close; triggered too
  reduce_fill,  ///< a fill of one of those
  timer,
  count_
};

inline constexpr int kExposureCount = 4;
inline constexpr int kProtectionCount = 6;
inline constexpr int kKnowledgeCount = 4;
inline constexpr int kCauseCount = static_cast<int>(Cause::count_);

[[nodiscard]] constexpr std::string_view name_of(Exposure exposure) noexcept {
  constexpr std::string_view kNames[] = {"flat", "opening", "open", "closing"};
  return kNames[static_cast<std::size_t>(exposure)];
}
[[nodiscard]] constexpr std::string_view name_of(Protection protection) noexcept {
  constexpr std::string_view kNames[] = {"none", "placing", "unconfirmed", "live", "replacing", "failed"};
  return kNames[static_cast<std::size_t>(protection)];
}
[[nodiscard]] constexpr std::string_view name_of(Knowledge knowledge) noexcept {
  constexpr std::string_view kNames[] = {"known", "unknown", "orphan", "halted"};
  return kNames[static_cast<std::size_t>(knowledge)];
}
[[nodiscard]] constexpr std::string_view name_of(Cause cause) noexcept {
  constexpr std::string_view kNames[] = {"decision", "exit", "adjust", "entry_event", "entry_fill", "order_event", "reduce_fill", "timer"};
  return kNames[static_cast<std::size_t>(cause)];
}

}  // namespace martinet
