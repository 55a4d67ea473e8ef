#pragma once
// Where orders go. Implemented by adapters/paper (in process) and, later, by the venue adapters over the network.
#include <cstdint>

#include "engine/messages/order_request.hpp"
#include "engine/messages/venue_event.hpp"

namespace martinet {

enum class AttachStop : std::uint8_t { none, on_full_fill, on_each_fill, position_attribute };

/// What a venue can do for the safety of a position (invariant I4). Unverified counts as not able.
struct Capabilities {
  AttachStop attach = AttachStop::none;
  bool trigger_on_mark = false;      ///< stops may refer to the mark price
  bool reduce_only = false;
  bool stop_locks_asset = false;     ///< a resting stop reserves the asset, so a close must cancel it first
  bool balances = false;             ///< spot: there is no position, only balances
  bool shorting = false;
};

/// Threads: egress only. Order of calls decides outcomes, so the caller's order must be a function of its inputs.
class OrderVenue {
 public:
  virtual ~OrderVenue() = default;

  /// Hands over a request. Never blocks; every outcome comes back as a VenueEvent.
  virtual void submit(const OrderRequest& request) noexcept = 0;

  /// Stamp (receive axis) of the next event that waits to be taken; kNever if none.
  [[nodiscard]] virtual std::int64_t next_event_ts() const noexcept = 0;

  /// Takes the next event if its stamp is at or before `now_ns`.
  [[nodiscard]] virtual bool take_event(std::int64_t now_ns, VenueEvent& event) noexcept = 0;

  [[nodiscard]] virtual Capabilities capabilities() const noexcept = 0;
};

}  // namespace martinet
