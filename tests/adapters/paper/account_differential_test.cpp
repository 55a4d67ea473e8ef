// Goal: margin, liquidation, spot balances, attached protection and queries do what a plain second writing of them does, event for
// event, and no money is made or lost on the way.
// Method: random days of two contracts and a spot pair, poor enough that positions are liquidated, through both; plain_exchange.hpp
// shares no code with the venue. Then the books are added up from the events alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/adapters/paper/paper_kit.hpp"
#include "tests/adapters/paper/plain_exchange.hpp"

namespace martinet::account_differential_test {

using namespace paper_kit;
using Kind = VenueEventKind;

struct Day {
  std::vector<Tick> ticks;
  std::vector<OrderRequest> requests;
};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  Day make(std::size_t count) {
    Day day;
    std::int64_t ts = 1'000;
    for (std::size_t i = 0; i < count; ++i) {
      ts += pick(0, 3) * 100;
      Tick tick;
      tick.ts_receive_ns = ts;
      tick.instrument = static_cast<InstrumentId>(pick(0, 2));
      std::int64_t& mid = mid_[tick.instrument];
      mid = std::clamp<std::int64_t>(mid + pick(-12, 12), 400, 4'000);
      tick.kind = tick.instrument != 1 && pick(0, 2) == 0 ? TickKind::mark : TickKind::trade;
      tick.bid_price = {(mid + pick(-1, 1)) * 10};
      tick.ask_price = kNoPrice;
      tick.bid_qty = {5};
      day.ticks.push_back(tick);
      if (pick(0, 2) == 0) day.requests.push_back(request(ts));
    }
    return day;
  }

 private:
  std::int64_t pick(std::int64_t low, std::int64_t high) { return std::uniform_int_distribution<std::int64_t>(low, high)(random_); }
  OrderRequest request(std::int64_t ts) {
    OrderRequest r;
    r.ts_ns = ts;
    r.instrument = static_cast<InstrumentId>(pick(0, 2));
    r.strategy = 3;
    r.request_id = ++numbers_;
    const std::int64_t what = pick(0, 19);
    const std::int64_t mid = mid_[r.instrument];
    r.key.intent_id = static_cast<std::uint64_t>(what < 12 ? ++intents_ : std::max<std::int64_t>(1, intents_ - pick(0, 12)));
    r.key.leg = static_cast<OrderPurpose>(what < 12 ? 0 : pick(0, 3));
    r.key.attempt = static_cast<std::uint8_t>(what < 12 ? 0 : pick(0, 1));
    if (what >= 18) {
      r.action = OrderAction::cancel;
      return r;
    }
    if (what >= 15) {
      r.action = static_cast<OrderAction>(pick(2, 4));
      return r;
    }
    r.type = static_cast<OrderType>(r.key.leg == OrderPurpose::entry ? pick(0, 1) : pick(0, 4));
    r.side = pick(0, 1) == 0 ? Side::buy : Side::sell;
    r.qty = {pick(1, 60) * 10};
    r.time_in_force = static_cast<TimeInForce>(pick(0, 2));
    r.trigger_ref = static_cast<TriggerRef>(pick(0, 1));
    r.reduce_only = r.key.leg == OrderPurpose::entry ? 0 : 1;
    r.price = {(mid + pick(-8, 8)) * 10};
    r.trigger_price = {(mid + pick(-12, 12)) * 10};
    const std::int64_t sign = r.side == Side::buy ? 1 : -1;
    if (pick(0, 3) != 0) r.stop_price = {(mid - sign * pick(1, 30)) * 10};
    if (pick(0, 3) != 0) r.target_price = {(mid + sign * pick(1, 30)) * 10};
    return r;
  }

  std::mt19937_64 random_;
  std::int64_t mid_[3] = {1'000, 1'000, 1'000};
  std::int64_t intents_ = 0;
  std::uint64_t numbers_ = 0;
};

struct Setting {
  const char* name;
  MarginMode mode;
  AttachStop attach;
  bool spot_locks;
  SpotFeeAsset fee_asset;
  std::int64_t lag_ns, trigger_max, band;
};

PaperConfig config_of(const Setting& s) {
  PaperConfig config;
  config.order_latency_ns = 100;
  config.event_latency_ns = 50;
  config.initial_balance = {12 * kMoneyUnit};
  config.leverage = 50;
  config.margin_mode = s.mode;
  config.attach = s.attach;
  config.stop_locks_asset = s.spot_locks;
  config.spot_fee_asset = s.fee_asset;
  config.query_lag_ns = s.lag_ns;
  config.trigger_orders_max = s.trigger_max;
  config.price_band = {s.band};
  return config;
}

void prepare(Kit& kit, const PaperConfig& config) {
  Instrument second = contract();
  second.symbol.assign("SOLUSDT");
  MT_ASSERT(kit.table.add(second).value() == 2);
  for (InstrumentId id = 0; id < 3; ++id) {
    InstrumentRules& rules = kit.table.mutable_row(id).rules;
    rules.lot_size = {10};
    rules.qty_min = {20};
    rules.qty_max = {0};
    rules.tick_size = {10};
  }
  kit.venue = std::make_unique<PaperVenue>(kit.table, config);
}

/// Plays ticks first..end and what is requested on them; `request` is the next request. At the end of the day takes all that is left.
std::vector<VenueEvent> play(PaperVenue& venue, const Day& day, std::size_t first, std::size_t end, std::size_t& request) {
  std::vector<VenueEvent> events;
  const auto drain = [&](std::int64_t to) {
    for (VenueEvent event; venue.next_event_ts() <= to;) {
      const bool taken = venue.take_event(to, event);
      MT_ASSERT(taken);
      events.push_back(event);
    }
  };
  for (std::size_t i = first; i < end; ++i) {
    drain(day.ticks[i].ts_receive_ns);
    venue.on_tick(day.ticks[i]);
    const std::int64_t until = i + 1 < day.ticks.size() ? day.ticks[i + 1].ts_receive_ns : kNever;
    for (; request < day.requests.size() && day.requests[request].ts_ns < until; ++request) venue.submit(day.requests[request]);
  }
  if (end == day.ticks.size()) drain(kNever - 1);
  return events;
}
std::vector<VenueEvent> play(PaperVenue& venue, const Day& day) {
  std::size_t request = 0;
  return play(venue, day, 0, day.ticks.size(), request);
}

/// Cash flow of the fills alone: what is left in money and what is held, whatever the account says of costs and averages.
struct Books {
  __int128 cash = 0;  ///< exact: a grid unit is worth a whole number of 1e-8 here
  std::int64_t held[3] = {};
  std::int64_t fees = 0;

  explicit Books(const std::vector<VenueEvent>& events) {
    for (const VenueEvent& e : events) {
      if (e.kind != Kind::filled && e.kind != Kind::liquidated) continue;
      const std::int64_t sign = e.side == Side::buy ? 1 : -1;
      cash -= static_cast<__int128>(e.fill_price.v) * e.fill_qty.v * sign * 1'000;
      if (e.fee_qty().v == 0) cash -= e.fee.v;  // else it was taken out of what was bought
      held[e.instrument] += sign * e.fill_qty.v - e.fee_qty().v;
      fees += e.fee.v;
    }
  }
};

class PaperAccountDifferential : public testing::TestWithParam<Setting> {};

TEST_P(PaperAccountDifferential, AgreesWithThePlainExchangeAndConservesMoney) {
  std::uint64_t kinds[13] = {};
  std::uint64_t liquidations = 0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE(testing::Message() << GetParam().name << " seed " << seed);
    const PaperConfig config = config_of(GetParam());
    const Day day = Maker(seed).make(900);
    Kit kit(config);
    prepare(kit, config);
    plain_exchange::Exchange model(kit.table, config);
    const std::vector<VenueEvent> expected = model.run(day.ticks, day.requests);
    const std::vector<VenueEvent> events = play(*kit.venue, day);
    for (std::size_t i = 0; i < std::min(expected.size(), events.size()); ++i) {
      const auto text = [](const VenueEvent& e) {
        return testing::Message() << name_of(e.kind) << ' ' << name_of(e.reason) << " key " << e.key.intent_id << name_of(e.key.leg)
                                  << int{e.key.attempt} << " instrument " << e.instrument << " at " << e.ts_exchange_ns << " price "
                                  << e.fill_price.v << " qty " << e.fill_qty.v << " leaves " << e.leaves_qty.v << " fee " << e.fee.v
                                  << " trade " << e.trade_id << " order " << e.venue_order_id << " query " << e.query_id;
      };
      ASSERT_TRUE(same_event(expected[i], events[i])) << "event " << i << "\n  " << text(expected[i]) << "\n  " << text(events[i]);
      ++kinds[static_cast<std::size_t>(events[i].kind)];
    }
    ASSERT_EQ(expected.size(), events.size());
    const PaperAccount& account = kit.venue->account();
    ASSERT_EQ(account.balance().v, model.balance);
    ASSERT_EQ(account.free().v, model.free());
    ASSERT_EQ(kit.venue->counters().liquidations, model.liquidations);
    liquidations += model.liquidations;

    const Books books(events);
    __int128 positions_at_cost = 0;
    for (InstrumentId id = 0; id < 3; ++id) {
      ASSERT_EQ(account.position(id).qty.v, model.position(id).qty);
      ASSERT_EQ(account.position(id).qty.v, books.held[id]);
      ASSERT_EQ(account.balances(id).base_locked.v, id == 1 ? model.locked(id) : 0);
      ASSERT_GE(account.balances(1).base_free.v, 0);
      positions_at_cost += account.position(id).cost * 1'000 * (account.position(id).qty.v < 0 ? -1 : 1);
    }
    ASSERT_EQ(account.balance().v, config.initial_balance.v + account.pnl_total().v - account.fees_total().v);
    ASSERT_EQ(account.fees_total().v, books.fees);
    // Cash and positions at what they cost are the balance; a closed part's cost is rounded to a grid unit, never lost.
    ASSERT_TRUE(config.initial_balance.v + books.cash + positions_at_cost == account.balance().v);
  }
  EXPECT_GT(liquidations, 10U);
  for (const Kind kind : {Kind::accepted, Kind::rejected, Kind::filled, Kind::cancelled, Kind::triggered, Kind::liquidated,
                          Kind::order_open, Kind::order_done, Kind::order_unknown, Kind::orders_end, Kind::position_report}) {
    EXPECT_GT(kinds[static_cast<std::size_t>(kind)], 10U) << name_of(kind);
  }
}

TEST_P(PaperAccountDifferential, ResumedMidDayGoesOnAsIfNothingHadHappened) {
  const PaperConfig config = config_of(GetParam());
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(testing::Message() << GetParam().name << " seed " << seed);
    const Day day = Maker(seed).make(700);
    const std::size_t cut = 200 + 60 * seed;
    Kit straight(config);
    prepare(straight, config);
    std::size_t request = 0;
    play(*straight.venue, day, 0, cut, request);
    ArchiveWriter at_cut;
    straight.venue->save(at_cut);

    Kit other(config);
    prepare(other, config);
    ArchiveReader reader(at_cut.bytes());
    ASSERT_EQ(other.venue->load(reader), Errc::ok);
    ASSERT_TRUE(reader.done());
    std::size_t request_of_other = request;
    const std::vector<VenueEvent> expected = play(*straight.venue, day, cut, day.ticks.size(), request);
    const std::vector<VenueEvent> events = play(*other.venue, day, cut, day.ticks.size(), request_of_other);
    ASSERT_EQ(expected.size(), events.size());
    for (std::size_t i = 0; i < events.size(); ++i) ASSERT_TRUE(same_event(expected[i], events[i])) << i;
    ArchiveWriter ends[2];
    straight.venue->save(ends[0]);
    other.venue->save(ends[1]);
    ASSERT_TRUE(std::ranges::equal(ends[0].bytes(), ends[1].bytes()));
  }
}

constexpr Setting kSettings[] = {
    {"cross", MarginMode::cross, AttachStop::none, false, SpotFeeAsset::quote, 0, 0, 0},
    {"isolated", MarginMode::isolated, AttachStop::none, true, SpotFeeAsset::base, 700, 5, 3'000'000},
    {"cross on_full_fill", MarginMode::cross, AttachStop::on_full_fill, true, SpotFeeAsset::base, 0, 0, 0},
    {"isolated on_each_fill", MarginMode::isolated, AttachStop::on_each_fill, false, SpotFeeAsset::base, 3'000, 4, 0},
    {"cross position_attribute", MarginMode::cross, AttachStop::position_attribute, true, SpotFeeAsset::quote, 250, 3, 0},
    {"isolated position_attribute", MarginMode::isolated, AttachStop::position_attribute, false, SpotFeeAsset::base, 0, 0, 2'000'000},
};
INSTANTIATE_TEST_SUITE_P(Days, PaperAccountDifferential, testing::ValuesIn(kSettings));

}  // namespace martinet::account_differential_test
