#pragma once
// Which region may follow which, by the cause of the step, and which combinations must never be seen. Data only: the machine
// asserts them after every step; the hostile stream in the tests goes through every cell of the exposure and knowledge tables.
//
// A step may stay where it is: that is allowed everywhere (duplicates, answers known already) and not repeated in the tables.
#include <array>
#include <cstdint>

#include "engine/cold/position/regions.hpp"

namespace martinet::transitions {

using Mask = std::uint8_t;

template <class... Region>
[[nodiscard]] constexpr Mask to(Region... region) noexcept {
  return static_cast<Mask>((0u | ... | (1u << static_cast<unsigned>(region))));
}

using enum Exposure;
inline constexpr std::array<std::array<Mask, kExposureCount>, kCauseCount> kExposure = {{
    // from:        flat                opening                  open                closing
    /* decision    */ {{to(opening, closing), to(closing), to(closing), to()}},  // closing: a second entry, a leg that comes too late
    /* exit        */ {{to(), to(closing), to(closing), to()}},
    /* adjust      */ {{to(), to(), to(closing), to()}},  // closing: what a timer would have found a moment later
    /* entry_event */ {{to(opening, closing), to(flat, closing), to(closing), to(flat)}},           // out of flat: before its decision
    /* entry_fill  */ {{to(open, closing), to(flat, open, closing), to(flat, closing), to(flat)}},  // open out of flat: a late fill
    /* order_event */ {{to(), to(), to(closing), to(flat)}},
    /* reduce_fill */ {{to(closing), to(closing), to(flat, closing), to(flat)}},
    /* timer       */ {{to(), to(closing), to(closing), to()}},  // flat needs the proof of an event
}};

using enum Protection;
inline constexpr std::array<std::array<Mask, kProtectionCount>, kCauseCount> kProtection = {{
    // from:             none                       placing                          unconfirmed
    //                   live                       replacing                        failed
    /* decision    */ {{to(), to(failed), to(failed), to(), to(failed), to(placing)}},  // a plan that arrives while closing
    /* exit        */ {{to(), to(failed), to(), to(), to(), to()}},
    /* adjust      */ {{to(), to(failed), to(failed), to(), to(failed), to()}},
    /* entry_event */ {{to(), to(failed), to(failed), to(), to(failed), to()}},
    /* entry_fill  */
    {{to(placing, failed), to(none, failed), to(none, placing, failed), to(none, replacing, failed), to(none, live, failed),
      to(none, placing, unconfirmed, live, replacing)}},
    /* order_event */
    {{to(), to(unconfirmed, live, replacing, failed), to(placing, live, replacing, failed), to(placing, unconfirmed, replacing, failed),
      to(placing, unconfirmed, live, failed), to(placing, unconfirmed, live, replacing)}},
    /* reduce_fill */  // out of none: a close that an entry has turned into an opening
    {{to(placing, failed), to(none, live, replacing, failed), to(none, placing, live, replacing, failed),
      to(none, placing, unconfirmed, replacing, failed), to(none, placing, unconfirmed, live, failed),
      to(none, placing, unconfirmed, live, replacing)}},
    /* timer       */ {{to(), to(failed), to(placing, failed), to(), to(failed), to()}},
}};

using enum Knowledge;
inline constexpr std::array<Mask, kKnowledgeCount> kKnowledge = {
    to(unknown, halted),         // known: an orphan has been unknown first
    to(known, orphan, halted),   // unknown
    to(known, unknown, halted),  // orphan: explained by a late entry fill
    to(),                        // halted: until an operator acts
};

[[nodiscard]] constexpr bool allowed(Cause cause, Exposure from, Exposure next) noexcept {
  return from == next ||
         (kExposure[static_cast<std::size_t>(cause)][static_cast<std::size_t>(from)] >> static_cast<unsigned>(next) & 1) != 0;
}
[[nodiscard]] constexpr bool allowed(Cause cause, Protection from, Protection next) noexcept {
  return from == next ||
         (kProtection[static_cast<std::size_t>(cause)][static_cast<std::size_t>(from)] >> static_cast<unsigned>(next) & 1) != 0;
}
[[nodiscard]] constexpr bool allowed(Knowledge from, Knowledge next) noexcept {
  return from == next || (kKnowledge[static_cast<std::size_t>(from)] >> static_cast<unsigned>(next) & 1) != 0;
}

/// One forbidden combination: any of these exposures with any of these protections and any of these knowledges.
struct Forbidden {
  Mask exposure, protection, knowledge;
};
inline constexpr Mask kAnyProtection = to(none, placing, unconfirmed, live, replacing, failed);
inline constexpr Mask kAnyKnowledge = to(known, unknown, orphan, halted);
inline constexpr std::array kForbidden = {
    Forbidden{to(flat, opening), to(placing, unconfirmed, live, replacing, failed), kAnyKnowledge},  // a stop without a position
    Forbidden{to(open), to(none), kAnyKnowledge},                                                    // a naked position nobody works on
    Forbidden{to(open), to(failed), kAnyKnowledge},                                                  // stops given up without closing
    Forbidden{to(flat), kAnyProtection, to(unknown, orphan, halted)},                                // flat is known or it is not flat
    Forbidden{to(opening, open), kAnyProtection, to(halted)},                                        // a halt closes
};

[[nodiscard]] constexpr bool forbidden(Exposure exposure, Protection protection, Knowledge knowledge) noexcept {
  for (const Forbidden& row : kForbidden) {
    const bool match = (row.exposure >> static_cast<unsigned>(exposure) & 1) != 0 &&
                       (row.protection >> static_cast<unsigned>(protection) & 1) != 0 &&
                       (row.knowledge >> static_cast<unsigned>(knowledge) & 1) != 0;
    if (match) return true;
  }
  return false;
}

}  // namespace martinet::transitions
