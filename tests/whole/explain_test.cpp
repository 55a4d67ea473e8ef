// The chain from tick to fill, for every order of a session: what is recomputed is what the engine had, what is told is what the journal
// holds; orders that are not there, captures that are gone, journals that were changed.
#include <gtest/gtest.h>

#include <map>

#include "engine/app/explain.hpp"
#include "tests/whole/recorded_session.hpp"

namespace martinet::whole {
namespace explain_test {

using journal::RecordType;

/// Everything the hot stages had when they decided, of a whole run.
class AllContexts final : public PipelineProbe {
 public:
  void frame(const IndicatorFrame& frame) noexcept override { frame_ = frame; }
  void intent(const OrderIntent& intent, const RiskState& state) noexcept override {
    frames[intent.intent_id] = frame_;
    guards[intent.intent_id] = state.guard;
    intents[intent.intent_id] = intent;
  }
  std::map<std::uint64_t, IndicatorFrame> frames;
  std::map<std::uint64_t, GuardView> guards;
  std::map<std::uint64_t, OrderIntent> intents;

 private:
  IndicatorFrame frame_;
};

struct Recorded {
  TemporaryFolder folder;
  AllContexts contexts;
  std::vector<OrderRequest> placed;
  std::filesystem::path session = folder / "s";
  std::filesystem::path capture = make_ticks(folder, "ticks.cap", 12, 1800);
  SessionSummary summary;

  explicit Recorded(const EngineConfig& config = tick_config()) {
    ReplayOptions options;
    options.capture = capture;
    options.session = session;
    options.probe = &contexts;
    options.on_request = [this](const OrderRequest& request) {
      if (request.action == OrderAction::place) placed.push_back(request);
    };
    Result<ReplayOutcome> outcome = replay(config, options);
    EXPECT_TRUE(outcome.ok()) << (outcome.ok() ? "" : outcome.error().what);
    if (outcome.ok()) summary = outcome->summary;
  }
  Result<Explanation> explained(const std::string& order) const { return explain({session, order, {}, nullptr}); }
};

template <class T>
bool same_bytes(const T& a, const T& b) {
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}

TEST(Explain, EveryOrderIsToldWithTheVeryFrameItWasDecidedOn) {
  const Recorded r;
  ASSERT_GT(r.placed.size(), 20U);
  std::map<OrderPurpose, int> told;
  std::size_t step = is_short_run() ? 7 : 1;
  for (std::size_t i = 0; i < r.placed.size(); i += step) {
    const OrderRequest& request = r.placed[i];
    const std::string id = client_id_text(1, request.key);
    const Result<Explanation> e = r.explained(id);
    ASSERT_TRUE(e.ok()) << e.error().what;
    EXPECT_EQ(e->context_missing, "") << id;
    ASSERT_TRUE(e->context.has_value()) << id;
    const std::uint64_t intent = e->decision.intent.intent_id;
    EXPECT_EQ(intent, request.key.intent_id);
    EXPECT_TRUE(same_bytes(e->context->frame, r.contexts.frames.at(intent))) << id;
    EXPECT_TRUE(same_bytes(e->context->gate.guard, r.contexts.guards.at(intent))) << id;
    EXPECT_TRUE(same_bytes(e->context->intent, e->decision.intent)) << id;
    EXPECT_EQ(e->context->input.sequence, e->decision.intent.sequence);
    EXPECT_EQ(e->context->input.ts_receive_ns, e->decision.intent.ts_receive_ns);
    const auto story = std::find_if(e->orders.begin(), e->orders.end(), [&](const OrderStory& s) { return s.request.key == request.key; });
    ASSERT_NE(story, e->orders.end()) << id;
    EXPECT_EQ(order_stream_form(story->request), order_stream_form(request));
    EXPECT_FALSE(story->events.empty()) << id;
    ++told[request.key.leg];
    const std::string text = explanation_text(*e, false);
    for (const std::string word : {id.c_str(), "Tick", "Indicators of BTCUSDT", "close on 10s", "Intent", "Gate: admitted", "price_collar",
                                   "passed", "<- asked for", "accepted", "Fills", "Protection", "confirmed", "P&L net", "UTC"}) {
      EXPECT_NE(text.find(word), std::string::npos) << word << " is not in\n" << text;
    }
    EXPECT_EQ(text.find("not made once more"), std::string::npos) << text;
    EXPECT_NE(explanation_json(*e).find("\"close on 10s\":"), std::string::npos);
  }
  EXPECT_GT(told[OrderPurpose::entry], 0);
  EXPECT_GT(told[OrderPurpose::stop], 0);
  EXPECT_GT(told[OrderPurpose::target] + told[OrderPurpose::close], 0);
}

TEST(Explain, FillsOfAllPositionsAddUpToTheSession) {
  const Recorded r;
  Money pnl{}, fees{};
  std::uint64_t fills = 0;
  for (const OrderRequest& request : r.placed) {
    if (request.key.leg != OrderPurpose::entry) continue;
    const Result<Explanation> e = r.explained(client_id_text(1, request.key));
    ASSERT_TRUE(e.ok());
    for (const Execution& fill : e->fills) {
      pnl = pnl + fill.pnl_net;
      fees = fees + fill.fee;
      ++fills;
      EXPECT_EQ(fill.key.intent_id, request.key.intent_id);
    }
    if (e->ts_flat_ns != 0) {
      ASSERT_FALSE(e->fills.empty());
      EXPECT_EQ(e->fills.back().event, ExecutionEvent::close);
      EXPECT_GE(e->ts_flat_ns, e->fills.back().ts_ns);
    }
  }
  EXPECT_EQ(fills, r.summary.fills);
  EXPECT_EQ(fees.v, r.summary.fees.v);
  // What is still open has paid its entry fee and has no result yet.
  if (r.summary.open_positions.empty()) {
    EXPECT_EQ(pnl.v, (r.summary.balance - r.summary.initial_balance).v);
  }
}

TEST(Explain, TheStopIsToldWithItsTimes) {
  const Recorded r;
  const Result<Explanation> e = r.explained(client_id_text(1, r.placed.front().key));
  ASSERT_TRUE(e.ok());
  const auto stop =
      std::find_if(e->orders.begin(), e->orders.end(), [](const OrderStory& s) { return s.request.key.leg == OrderPurpose::stop; });
  ASSERT_NE(stop, e->orders.end());
  const std::string text = explanation_text(*e, false);
  // A millisecond to the venue and one back, by the configuration.
  EXPECT_NE(text.find("+2.00 ms after the fill: so long the position had no stop at the venue"), std::string::npos) << text;
  EXPECT_NE(explanation_json(*e).find("\"confirmed_ns\":"), std::string::npos);
}

TEST(Explain, AVenuesNumberAndAnIntentAreFoundAsWell) {
  const Recorded r;
  const std::uint64_t opened = r.placed.front().key.intent_id;
  const Result<Explanation> first = r.explained("intent:" + std::to_string(opened));
  ASSERT_TRUE(first.ok()) << first.error().what;
  EXPECT_EQ(first->found_as, "intent");
  ASSERT_FALSE(first->orders.empty());
  ASSERT_FALSE(first->orders.front().events.empty());
  const std::uint64_t venue_id = first->orders.front().events.front().venue_order_id;
  ASSERT_NE(venue_id, 0U);
  const Result<Explanation> by_venue = r.explained("venue:" + std::to_string(venue_id));
  ASSERT_TRUE(by_venue.ok()) << by_venue.error().what;
  EXPECT_EQ(by_venue->found_as, "venue order id");
  EXPECT_EQ(by_venue->decision.intent.intent_id, opened);
  const Result<Explanation> plain = r.explained(std::to_string(venue_id));
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->found_as, "venue order id");
  EXPECT_NE(plain->note.find("intent:"), std::string::npos) << plain->note;
}

TEST(Explain, ARefusedIntentShowsTheCheckThatRefusedIt) {
  EngineConfig config = tick_config();
  config.risk.price_collar = {};
  config.risk.price_collar.v = kRateUnit / 10'000;
  config.risk.cap_size = false;  // too large for max_order_notional: refused, not made smaller
  const Recorded r(config);
  const Result<Explanation> e = r.explained("intent:5");  // the first came before the account's facts
  ASSERT_TRUE(e.ok()) << e.error().what;
  EXPECT_EQ(e->decision.verdict, Verdict::max_order_notional);
  EXPECT_FALSE(e->asked.has_value());
  EXPECT_TRUE(e->orders.empty());
  const std::string text = explanation_text(*e, false);
  const std::size_t passed = text.find("price_collar"), refused = text.find("max_order_notional"), rest = text.find("free_margin  ");
  ASSERT_NE(refused, std::string::npos);
  EXPECT_EQ(text.substr(passed, text.find('\n', passed) - passed).find("passed") != std::string::npos, true);
  const std::size_t line = text.find("max_order_notional    ", refused);
  EXPECT_NE(text.substr(line, text.find('\n', line) - line).find("REFUSED"), std::string::npos) << text;
  EXPECT_NE(text.substr(rest, text.find('\n', rest) - rest).find("not reached"), std::string::npos) << text;
  EXPECT_NE(text.find("none was sent"), std::string::npos);
}

TEST(Explain, WhatIsNotThereGetsASentenceWithWhatIs) {
  const Recorded r;
  const auto refused = [&](const std::string& order, const std::vector<std::string>& parts) {
    const Result<Explanation> e = r.explained(order);
    ASSERT_FALSE(e.ok()) << order;
    EXPECT_EQ(name_of(e.error().code), name_of(Errc::unknown_order));
    for (const std::string& part : parts)
      EXPECT_NE(e.error().what.find(part), std::string::npos) << "no '" << part << "' in: " << e.error().what;
    EXPECT_EQ(e.error().what.find('\n'), std::string::npos);
  };
  const std::string count = std::to_string(r.placed.size()) + " orders";
  refused("m1-zze0",
          {"m1-zze0", count, "nearest", client_id_text(1, {r.placed.back().key.intent_id, OrderPurpose::entry, 0, {}}).substr(0, 4)});
  const std::string first = client_id_text(1, r.placed.front().key);
  refused(first.substr(0, first.size() - 1) + "9", {first.substr(0, first.size() - 1) + "9", count, first.substr(0, 4)});
  refused("m1-0e0", {count, "the nearest is " + first});
  refused("m2-1e0", {"epoch 2", "epoch 1"});
  refused("intent:999999", {"999999", count});
  refused("venue:999999", {"999999", "up to"});
  refused("nonsense", {"client id"});
  const Result<Explanation> nowhere = explain({r.folder / "nowhere", "m1-1e0", {}, nullptr});
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(name_of(nowhere.error().code), name_of(Errc::not_found));
}

TEST(Explain, WithoutTheCaptureTheJournalStillSpeaks) {
  const Recorded r;
  std::filesystem::rename(r.capture, r.folder / "moved.cap");
  const std::string id = client_id_text(1, r.placed.back().key);
  const Result<Explanation> e = r.explained(id);
  ASSERT_TRUE(e.ok()) << e.error().what;
  EXPECT_FALSE(e->context.has_value());
  EXPECT_NE(e->context_missing.find("ticks.cap"), std::string::npos) << e->context_missing;
  const std::string text = explanation_text(*e, false);
  EXPECT_NE(text.find("not made once more"), std::string::npos);
  EXPECT_NE(text.find("Gate: admitted"), std::string::npos);
  const Result<Explanation> found = explain({r.session, id, r.folder / "moved.cap", nullptr});
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found->context.has_value());
  EXPECT_EQ(found->context_missing, "");
}

TEST(Explain, ADecisionThatIsNotWhatTheCaptureMakesIsSaidToBeAnother) {
  const Recorded r;
  const std::uint64_t last = r.contexts.intents.rbegin()->first;
  const std::filesystem::path segments[] = {r.session / "journal-000003.mtj"};
  bool changed = false;
  test::change_segment(segments[0], [&](const journal::RecordHead& head, std::span<std::byte> payload) {
    GateDecision decision;
    if (head.type != static_cast<std::uint16_t>(RecordType::decision) || payload.size() != sizeof(decision)) return;
    std::memcpy(&decision, payload.data(), sizeof(decision));
    if (decision.intent.intent_id != last) return;
    decision.intent.score += 0.25;
    std::memcpy(payload.data(), &decision, sizeof(decision));
    changed = true;
  });
  ASSERT_TRUE(changed);
  for (const char* later : {"journal-000004.mtj", "journal-000005.mtj"}) std::filesystem::remove(r.session / later);
  const Result<Explanation> e = r.explained("intent:" + std::to_string(last));
  ASSERT_TRUE(e.ok()) << e.error().what;
  EXPECT_NE(e->context_missing.find("another than the journal's"), std::string::npos) << e->context_missing;
  EXPECT_NE(explanation_text(*e, false).find("CAUTION"), std::string::npos);
}

TEST(Explain, NoByteOfAJournalBreaksIt) {
  const Recorded r;
  std::filesystem::rename(r.capture, r.folder / "gone.cap");  // the journal's word alone
  constexpr std::uint64_t kSeed = 17;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::mt19937_64 random(kSeed);
  for (int round = 0; round < (is_short_run() ? 10 : 150); ++round) {
    const std::filesystem::path copy = copy_of(r.session, r.folder / "copy");
    test::change_segment(copy / "journal-000001.mtj", [&](const journal::RecordHead& head, std::span<std::byte> payload) {
      if (head.type < static_cast<std::uint16_t>(RecordType::decision) || payload.empty()) return;
      for (int i = 0; i < 4; ++i) payload[random() % payload.size()] = static_cast<std::byte>(random());
    });
    for (const char* later : {"journal-000002.mtj", "journal-000003.mtj", "journal-000004.mtj"}) std::filesystem::remove(copy / later);
    for (const std::string order : {"m1-1e0", "m1-1s0", "intent:1", "intent:2", "venue:1"}) {
      const Result<Explanation> e = explain({copy, order, {}, nullptr});
      if (!e) {
        EXPECT_FALSE(e.error().what.empty());
        continue;
      }
      EXPECT_GT(explanation_text(*e, round % 2 == 0).size(), 200U);
      EXPECT_GT(explanation_json(*e).size(), 200U);
    }
  }
}

}  // namespace explain_test
}  // namespace martinet::whole
