#pragma once
// The seam at which a simulation spoils what travels to and from the simulated venue. None by default.
#include <array>
#include <cstdint>

#include "engine/base/errc.hpp"
#include "engine/messages/order_request.hpp"
#include "engine/messages/venue_event.hpp"

namespace martinet {

struct PaperFault {
  enum class Kind : std::uint8_t {
    none,
    drop,       ///< lost: a request never arrives; an event happened, but nobody is told
    delay,      ///< comes delay_ns later; what follows may overtake it
    duplicate,  ///< comes now, and once more delay_ns later
    refuse,     ///< requests only: refused with `reason` (rejected, cancel_refused or query_failed), nothing is done
  };
  Kind kind = Kind::none;
  Errc reason = Errc::ok;
  std::int64_t delay_ns = 0;  ///< >= 0
};

/// Asked by the venue about everything that passes, in the order in which it does, on the venue's thread. The same message is the
/// same in every run of the same inputs, so that what is decided may be a function of (seed, message). What comes late or twice is
/// not asked about again.
class PaperFaults {
 public:
  virtual ~PaperFaults() = default;

  /// A request has arrived and is about to be worked off at `now_ns`, the venue's time.
  virtual PaperFault on_request(const OrderRequest& request, std::int64_t now_ns) noexcept = 0;
  /// An event is about to leave; what it tells has happened. refuse counts as none.
  virtual PaperFault on_event(const VenueEvent& event) noexcept = 0;
  /// One event of the answer to a query is about to leave. refuse counts as none.
  virtual PaperFault on_answer(const VenueEvent& event) noexcept = 0;
};

/// Refuses the next so many orders of a purpose.
class RefuseNext final : public PaperFaults {
 public:
  void reject_next(std::uint32_t count, Errc reason, OrderPurpose purpose) noexcept {
    plans_[static_cast<std::size_t>(purpose)] = {count, reason};
  }

  PaperFault on_request(const OrderRequest& request, std::int64_t) noexcept override {
    if (request.action != OrderAction::place) return {};
    Plan& plan = plans_[static_cast<std::size_t>(request.purpose())];
    if (plan.count == 0) return {};
    --plan.count;
    return {PaperFault::Kind::refuse, plan.reason, 0};
  }
  PaperFault on_event(const VenueEvent&) noexcept override { return {}; }
  PaperFault on_answer(const VenueEvent&) noexcept override { return {}; }

 private:
  struct Plan {
    std::uint32_t count = 0;
    Errc reason = Errc::ok;
  };
  std::array<Plan, 4> plans_{};  ///< by OrderPurpose
};

}  // namespace martinet
