#pragma once
// Random days for the paper venue: a market that moves by ticks, with quotes, trades, marks and books, and orders of every kind.
#include <cstdint>
#include <random>
#include <vector>

#include "tests/adapters/paper/paper_kit.hpp"
#include "tests/adapters/paper/slow_model.hpp"

namespace martinet::random_day {

struct Day {
  std::vector<slow_model::Input> inputs;
  std::vector<OrderRequest> requests;  ///< by ts_ns
};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  /// in  with_quotes, with_depth: what the market consists of besides trades and marks
  Day make(std::size_t input_count, bool with_quotes, bool with_depth) {
    Day day;
    std::int64_t ts = 1'000;
    for (std::size_t i = 0; i < input_count; ++i) {
      ts += pick(0, 3) * 100;  // equal stamps included
      mid_ = std::max<std::int64_t>(200, mid_ + pick(-2, 2));
      day.inputs.push_back(input(ts, with_quotes, with_depth));
      for (std::int64_t n = pick(0, 2); n > 1; --n) day.requests.push_back(request(ts));
    }
    return day;
  }
  std::int64_t pick(std::int64_t low, std::int64_t high) { return std::uniform_int_distribution<std::int64_t>(low, high)(random_); }

 private:
  slow_model::Input input(std::int64_t ts, bool with_quotes, bool with_depth) {
    slow_model::Input in;
    in.ts = ts;
    in.tick.ts_receive_ns = ts;
    in.tick.instrument = paper_kit::Kit::kContract;
    const std::int64_t kind = pick(0, 9);
    if (kind < 3 && with_depth) {
      in.is_depth = true;
      if (pick(0, 15) == 0) return in;  // invalidated
      for (std::int64_t i = 0, n = pick(1, 5); i < n; ++i) in.bids[price(mid_ - 1 - i - pick(0, 1))] = pick(1, 40);
      for (std::int64_t i = 0, n = pick(1, 5); i < n; ++i) in.asks[price(mid_ + 1 + i + pick(0, 1))] = pick(1, 40);
    } else if (kind < 6 && with_quotes) {
      in.tick.bid_price = {price(mid_ - pick(0, 2))};
      in.tick.ask_price = {price(mid_ + pick(1, 2))};
      in.tick.bid_qty = {pick(0, 40)};
      in.tick.ask_qty = {pick(0, 40)};
    } else {
      in.tick.kind = kind == 9 ? TickKind::mark : TickKind::trade;
      in.tick.bid_price = {price(mid_ + pick(-1, 1))};
      in.tick.ask_price = kNoPrice;
      in.tick.bid_qty = {pick(0, 60)};
      in.tick.side = static_cast<Side>(pick(0, 2));
    }
    return in;
  }
  OrderRequest request(std::int64_t ts) {
    OrderRequest r;
    r.ts_ns = ts;
    r.instrument = paper_kit::Kit::kContract;
    r.strategy = 3;
    r.key.intent_id =
        pick(0, 30) == 0 && intents_ > 0 ? static_cast<std::uint64_t>(pick(1, intents_)) : static_cast<std::uint64_t>(++intents_);
    if (pick(0, 7) == 0) {
      r.action = OrderAction::cancel;
      r.key.intent_id = static_cast<std::uint64_t>(std::max<std::int64_t>(1, intents_ - pick(0, 20)));
      return r;
    }
    r.type = static_cast<OrderType>(pick(0, 4));
    r.side = pick(0, 1) == 0 ? Side::buy : Side::sell;
    r.qty = {pick(0, 20) == 0 ? 1 : pick(2, 80)};
    r.time_in_force = static_cast<TimeInForce>(pick(0, 2));
    r.trigger_ref = static_cast<TriggerRef>(pick(0, 1));
    r.reduce_only = static_cast<std::uint8_t>(pick(0, 1));
    r.price = {price(mid_ + pick(-6, 6)) + (r.type == OrderType::limit && pick(0, 30) == 0 ? 3 : 0)};
    r.trigger_price = {price(mid_ + pick(-8, 8))};
    return r;
  }
  static std::int64_t price(std::int64_t ticks) { return ticks * 10; }

  std::mt19937_64 random_;
  std::int64_t mid_ = 3'000;  // 300.00
  std::int64_t intents_ = 0;
};

inline DepthUpdate depth_of(const slow_model::Input& input) {
  DepthUpdate update;
  update.ts_receive_ns = input.ts;
  update.instrument = paper_kit::Kit::kContract;
  update.flags = depth_flag::first | depth_flag::last | depth_flag::snapshot;
  if (input.bids.empty() && input.asks.empty()) update.flags = depth_flag::invalidate;
  for (const auto& [price, qty] : input.bids) update.levels[update.level_count++] = {{price}, {qty}, Side::buy, 0, 0, {}};
  for (const auto& [price, qty] : input.asks) update.levels[update.level_count++] = {{price}, {qty}, Side::sell, 0, 0, {}};
  return update;
}

/// The replay loop over a day, from input `first` and request `request` on, up to input `end`.
struct Player {
  PaperVenue& venue;
  std::size_t request = 0;
  std::vector<VenueEvent> events;

  explicit Player(PaperVenue& to, std::size_t first_request = 0) : venue(to), request(first_request) {}

  void drain(std::int64_t to) {
    VenueEvent event;
    while (venue.next_event_ts() <= to) {
      const bool taken = venue.take_event(to, event);
      MT_ASSERT(taken);
      events.push_back(event);
    }
  }
  void play(const Day& day, std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) {
      const slow_model::Input& input = day.inputs[i];
      drain(input.ts);
      if (input.is_depth) {
        venue.on_depth(depth_of(input));
      } else {
        venue.on_tick(input.tick);
      }
      // A request is made on the last input of its stamp, as the model has it: it cannot meet the market before it was made.
      const std::int64_t until = i + 1 < day.inputs.size() ? day.inputs[i + 1].ts : kNever;
      for (; request < day.requests.size() && day.requests[request].ts_ns < until; ++request) venue.submit(day.requests[request]);
    }
  }
};

}  // namespace martinet::random_day
