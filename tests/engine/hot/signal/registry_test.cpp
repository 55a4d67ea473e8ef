// Parameters: every one at its least, its most and just outside; contradictions; what make_strategy refuses.
#include "engine/hot/signal/registry.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "tests/engine/hot/signal/signal_fixture.hpp"

namespace martinet::registry_test {
using namespace martinet::signal_test;

Status given(std::string_view kind, std::string_view name, ParameterValue value) {
  ParameterSet set;
  set.set(name, std::move(value));
  // Keeps the pair of thresholds apart while one of them is at its bound.
  if (name == "oversold") set.set("overbought", 99.0);
  if (name == "overbought") set.set("oversold", 1.0);
  return check_strategy(kind, "x", set);
}

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
      const Status status = given(kind->name, spec.name, fallback);
      EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().what);
    }
    EXPECT_TRUE(check_strategy(kind->name, "x", {}).ok());
  }
  EXPECT_TRUE(parameters_of("nothing").empty());
}

TEST(Registry, HoldsEveryNumberToItsBounds) {
  int held = 0;
  for (const StrategyKind* kind : strategy_kinds()) {
    for (const ParameterSpec& spec : kind->parameters) {
      SCOPED_TRACE(std::string(spec.name));
      const auto refused = [&](ParameterValue value) {
        return names(given(kind->name, spec.name, std::move(value)), Errc::config_out_of_bounds, spec.name);
      };
      // At oversold = 99 (or overbought = 1) nothing in bounds is left for the other: that is a contradiction, tested below.
      const bool pair = spec.name == "oversold" || spec.name == "overbought";
      if (spec.type == ParameterType::integer) {
        const auto low = static_cast<std::int64_t>(spec.min);
        const auto high = static_cast<std::int64_t>(spec.max);
        EXPECT_TRUE(given(kind->name, spec.name, low).ok());
        EXPECT_TRUE(given(kind->name, spec.name, high).ok());
        EXPECT_TRUE(refused(low - 1));
        EXPECT_TRUE(refused(high + 1));
        EXPECT_TRUE(refused(std::numeric_limits<std::int64_t>::max()));
        EXPECT_TRUE(names(given(kind->name, spec.name, 1.5), Errc::config_wrong_type, spec.name));
        ++held;
      } else if (spec.type == ParameterType::number) {
        EXPECT_TRUE(pair || given(kind->name, spec.name, spec.min).ok());
        EXPECT_TRUE(pair || given(kind->name, spec.name, spec.max).ok());
        EXPECT_TRUE(refused(std::nextafter(spec.min, -1e9)));
        EXPECT_TRUE(refused(std::nextafter(spec.max, 1e9)));
        EXPECT_TRUE(refused(std::nan("")));
        EXPECT_TRUE(refused(std::numeric_limits<double>::infinity()));
        EXPECT_TRUE(names(given(kind->name, spec.name, true), Errc::config_wrong_type, spec.name));
        ++held;
      } else if (spec.type == ParameterType::choice) {
        for (const std::string_view choice : spec.choices) EXPECT_TRUE(given(kind->name, spec.name, std::string(choice)).ok());
        EXPECT_TRUE(refused(std::string("nonsense")));
        EXPECT_TRUE(names(given(kind->name, spec.name, std::int64_t{1}), Errc::config_wrong_type, spec.name));
      } else if (spec.type == ParameterType::boolean) {
        EXPECT_TRUE(names(given(kind->name, spec.name, std::int64_t{1}), Errc::config_wrong_type, spec.name));
      }
    }
  }
  EXPECT_GT(held, 10);
}

TEST(Registry, RefusesThresholdsThatContradictEachOther) {
  const auto with = [](double oversold, double overbought) {
    ParameterSet set;
    set.set("oversold", oversold);
    set.set("overbought", overbought);
    return check_strategy("vwap_rsi", "dip", set);
  };
  EXPECT_TRUE(with(1, 99).ok());
  EXPECT_TRUE(with(49.9, 50).ok());
  EXPECT_TRUE(names(with(50, 50), Errc::config_contradiction, "oversold"));
  EXPECT_TRUE(names(with(99, 98), Errc::config_contradiction, "strategy dip"));
  ParameterSet alone;
  alone.set("oversold", 70.0);  // the default of overbought
  EXPECT_TRUE(names(check_strategy("vwap_rsi", "dip", alone), Errc::config_contradiction, "overbought"));
}

TEST(Registry, RefusesUnknownKindsAndParametersByName) {
  EXPECT_TRUE(names(check_strategy("vwap", "x", {}), Errc::config_out_of_bounds, "vwap_rsi, every_bar"));
  EXPECT_TRUE(names(given("vwap_rsi", "rsi_perod", std::int64_t{3}), Errc::config_unknown_key, "rsi_perod"));
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
