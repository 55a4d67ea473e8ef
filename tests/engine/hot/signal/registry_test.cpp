// The list of kinds, and what make_strategy refuses. Every parameter at its bounds is in parameters_test.cpp.
#include "engine/hot/signal/registry.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "tests/engine/hot/signal/signal_fixture.hpp"

namespace martinet::registry_test {
using namespace martinet::signal_test;

bool names(const Status& status, Errc code, std::string_view name) {
  return !status.ok() && status.error().code == code && status.error().what.find(name) != std::string::npos;
}

TEST(Registry, EveryTableIsSound) {
  for (const StrategyKind* kind : strategy_kinds()) {
    EXPECT_FALSE(kind->doc.empty());
    EXPECT_EQ(find_strategy_kind(kind->name), kind);
    std::set<std::string_view> seen;
    for (const ParameterSpec& spec : parameters_of(kind->name)) {
      SCOPED_TRACE(std::string(kind->name) + "." + std::string(spec.name));
      EXPECT_TRUE(seen.insert(spec.name).second);
      EXPECT_FALSE(spec.doc.empty());
      // The default is a value of its own type and in bounds.
      const ParameterValue fallback = std::visit(
          [](const auto& v) -> ParameterValue {
            if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string_view>)
              return std::string(v);
            else
              return v;
          },
          spec.fallback);
      ParameterSet set;
      set.set(spec.name, fallback);
      const Status status = check_strategy(kind->name, "x", set);
      EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().what);
    }
    EXPECT_TRUE(check_strategy(kind->name, "x", {}).ok());
  }
  EXPECT_TRUE(parameters_of("nothing").empty());
}

TEST(Registry, RefusesUnknownKindsByName) {
  EXPECT_TRUE(names(check_strategy("vwap", "x", {}), Errc::config_out_of_bounds, "vwap_rsi, "));
}

TEST(Registry, ReadsTimeframes) {
  const auto ns = [](std::string_view text) {
    const Result<std::int64_t> parsed = parse_timeframe(text);
    return parsed ? *parsed : -1;
  };
  EXPECT_EQ(ns("1s"), 1'000'000'000);
  EXPECT_EQ(ns("15m"), 900'000'000'000);
  EXPECT_EQ(ns("4h"), 14'400'000'000'000);
  EXPECT_EQ(ns("1d"), 86'400'000'000'000);
  EXPECT_EQ(ns("86400s"), 86'400'000'000'000);
  for (const std::string_view bad : {"", "m", "0m", "01m", "1", "1w", "-1m", "1.5m", "25h", "2d", "86401s", "1 m", "999999999s", "1mm"}) {
    EXPECT_EQ(ns(bad), -1) << bad;
  }
}

TEST(Registry, RefusesInstrumentsItCannotTrade) {
  const InstrumentTable table = table_of(3);
  Plan plan;
  const auto made = [&](std::string_view kind, std::vector<InstrumentId> ids, std::string_view direction) {
    StrategyContext context = context_of(table, plan, ids);
    context.parameters.set("direction", std::string(direction));
    const Result<std::unique_ptr<Strategy>> result = make_strategy(kind, context);
    return result ? Errc::ok : result.error().code;
  };
  EXPECT_EQ(made("vwap_rsi", {}, "long"), Errc::config_missing);
  EXPECT_EQ(made("vwap_rsi", {0, 1, 0}, "long"), Errc::config_contradiction);
  EXPECT_EQ(made("vwap_rsi", {3}, "long"), Errc::config_contradiction);
  EXPECT_EQ(made("vwap_rsi", {0, 2}, "long"), Errc::ok);
  EXPECT_EQ(made("vwap_rsi", {0, 2}, "both"), Errc::config_contradiction) << "2 is spot";
  EXPECT_EQ(made("vwap_rsi", {0, 1}, "both"), Errc::ok);
  EXPECT_EQ(made("every_bar", {2}, "alternate"), Errc::config_contradiction);
  EXPECT_EQ(made("every_bar", {1}, "alternate"), Errc::ok);
}

TEST(Registry, PassesOnWhatAResolverRefuses) {
  const InstrumentTable table = table_of(2);
  Plan plan;
  const std::array<InstrumentId, 1> ids = {0};
  for (const std::string_view kind : {"vwap_rsi", "every_bar"}) {
    StrategyContext context = context_of(table, plan, ids);
    context.slot_of = [](const IndicatorRequest&) -> Result<std::uint16_t> { return Error{Errc::no_capacity, "full"}; };
    const Result<std::unique_ptr<Strategy>> made = make_strategy(kind, context);
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().code, Errc::no_capacity);
  }
}

}  // namespace martinet::registry_test
