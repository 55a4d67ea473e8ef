// Every parameter of every kind: at its least, its most and just outside, of a wrong type, unknown. What is accepted can be made with the
// real indicator plan and runs; what is refused is refused by a sentence that names the field. Then random sets of values.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/engine/hot/signal/kind_cases.hpp"

namespace martinet::parameters_test {
using plain_run::EngineRun;
using plain_run::Market;
using plain_run::Parameters;

const std::string kOwner = "strategy[3]";

// A walk of minutes on a grid with a tick of 100, long enough for short periods to become warm.
const Market& walk() {
  static const Market market = [] {
    Market made;
    Instrument row;
    (void)row.symbol.assign("P0");
    row.kind = ContractKind::linear;
    row.price_decimals = 4;
    row.qty_decimals = 3;
    row.rules.tick_size = {100};
    (void)made.table.add(row).value();
    std::mt19937_64 random(7);
    std::int64_t price = 1'000'000;
    for (int i = 0; i < 300; ++i) {
      Candle bar;
      bar.interval_ns = kNanosPerMinute;
      bar.ts_open_ns = (1'000'000 + i) * kNanosPerMinute;
      bar.ts_receive_ns = bar.ts_open_ns + bar.interval_ns;
      bar.instrument = 0;
      bar.closed = 1;
      bar.open = {price};
      price = std::max<std::int64_t>(price + static_cast<std::int64_t>(random() % 401 * 100) - 20'000, 200'000);
      bar.close = {price};
      bar.high = {std::max(bar.open, bar.close).v + static_cast<std::int64_t>(random() % 50 * 100)};
      bar.low = {std::min(bar.open, bar.close).v - static_cast<std::int64_t>(random() % 50 * 100)};
      bar.volume = {static_cast<std::int64_t>(random() % 1'000'000)};
      made.candles.push_back(bar);
    }
    return made;
  }();
  return market;
}

Status check(const StrategyKind& kind, const Parameters& given) {
  ParameterSet set;
  for (const auto& [name, value] : given) set.set(name, value);
  return check_strategy(kind.name, kOwner, set);
}

std::string text_of(const Parameters& given) {
  std::string text;
  for (const auto& [name, value] : given) text += " " + name + "=" + plain_run::json_of(value);
  return text;
}

bool names(const Status& status, Errc code, std::string_view name) {
  if (status.ok()) return false;
  const bool found = status.error().code == code && status.error().what.find(kOwner + "." + std::string(name)) != std::string::npos;
  EXPECT_TRUE(found) << status.error().what;
  return found;
}

// Begins with the path of one of the kind's parameters, and says more about it.
bool is_named_contradiction(const StrategyKind& kind, const Error& error, const std::string& owner) {
  if (error.code != Errc::config_contradiction || !error.what.starts_with(owner + ".")) return false;
  const std::string rest(error.what.substr(owner.size() + 1));
  const std::string field = rest.substr(0, rest.find(' '));
  return std::ranges::any_of(kind.parameters, [&](const ParameterSpec& spec) { return spec.name == field; }) &&
         rest.size() > field.size() + 10;
}

enum class Outcome : std::uint8_t { accepted, contradiction };

// Accepted values make a strategy that runs; anything else must be a contradiction that is named: among the parameters, or (only when it
// is made) with what they name, such as a model.
Outcome taken(const StrategyKind& kind, const Parameters& given) {
  SCOPED_TRACE(std::string(kind.name) + text_of(given));
  const Status status = check(kind, given);
  if (!status.ok()) {
    EXPECT_TRUE(is_named_contradiction(kind, status.error(), kOwner)) << status.error().what;
    return Outcome::contradiction;
  }
  try {
    EngineRun run(walk(), kind.name, given, kind_cases::complete(kind.name));
    for (const Candle& bar : walk().candles) run.feed(bar);
  } catch (const plain_run::CannotBeMade& refused) {
    EXPECT_TRUE(is_named_contradiction(kind, refused.error, "strategy plain")) << refused.error.what;
    return Outcome::contradiction;
  }
  return Outcome::accepted;
}

ParameterValue fallback_of(const ParameterSpec& spec) {
  if (const auto* text = std::get_if<std::string_view>(&spec.fallback)) return std::string(*text);
  if (const auto* boolean = std::get_if<bool>(&spec.fallback)) return *boolean;
  if (const auto* integer = std::get_if<std::int64_t>(&spec.fallback)) return *integer;
  return std::get<double>(spec.fallback);
}

// Values at which a parameter should be taken, the bounds among them.
std::vector<ParameterValue> good_values(const ParameterSpec& spec) {
  switch (spec.type) {
    case ParameterType::boolean:
      return {true, false};
    case ParameterType::integer:
      return {static_cast<std::int64_t>(spec.min), static_cast<std::int64_t>(spec.max)};
    case ParameterType::number: {
      std::vector<ParameterValue> all = {spec.min, spec.max, std::nextafter(spec.min, spec.max), std::nextafter(spec.max, spec.min)};
      const double whole = std::ceil(spec.min);  // a number may be written without a point
      if (whole <= spec.max) all.emplace_back(static_cast<std::int64_t>(whole));
      return all;
    }
    case ParameterType::choice: {
      std::vector<ParameterValue> all;
      for (const std::string_view choice : spec.choices) all.emplace_back(std::string(choice));
      return all;
    }
    case ParameterType::text:
      return {fallback_of(spec)};
    case ParameterType::timeframe:
      return {std::string("1s"), std::string("1m"), std::string("90s"), std::string("1d")};
    default:
      return {};
  }
}

std::vector<ParameterValue> values_outside(const ParameterSpec& spec) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  switch (spec.type) {
    case ParameterType::integer:
      return {static_cast<std::int64_t>(spec.min) - 1, static_cast<std::int64_t>(spec.max) + 1, std::numeric_limits<std::int64_t>::max(),
              std::numeric_limits<std::int64_t>::min()};
    case ParameterType::number:
      return {std::nextafter(spec.min, -kInfinity),
              std::nextafter(spec.max, kInfinity),
              std::nan(""),
              kInfinity,
              -kInfinity,
              static_cast<std::int64_t>(std::floor(spec.max)) + 1};
    case ParameterType::choice:
      return {std::string("nonsense"), std::string(""), std::string(spec.choices[0]) + " "};
    case ParameterType::text:
      return {std::string(static_cast<std::size_t>(spec.max) + 1, 'x'), std::string(static_cast<std::size_t>(spec.min) - 1, 'x'),
              std::string("a\nb"), std::string("\x7F"), std::string("a\0b", 3)};
    case ParameterType::timeframe:
      return {std::string(""), std::string("0m"), std::string("2d"), std::string("1w"), std::string("15"), std::string("1.5m")};
    default:
      return {};
  }
}

std::vector<ParameterValue> values_of_wrong_type(const ParameterSpec& spec) {
  switch (spec.type) {
    case ParameterType::boolean:
      return {std::int64_t{1}, 1.0, std::string("true")};
    case ParameterType::integer:
      return {1.5, spec.min, true, std::string("3")};
    case ParameterType::number:
      return {true, std::string("1.0")};
    default:
      return {true, std::int64_t{1}, 1.0};
  }
}

TEST(Parameters, EachIsTakenAtItsBoundsAndRefusedOutsideByName) {
  for (const StrategyKind* kind : strategy_kinds()) {
    int held = 0;
    for (const ParameterSpec& spec : kind->parameters) {
      SCOPED_TRACE(std::string(kind->name) + "." + std::string(spec.name));
      const std::string name(spec.name);
      int accepted = 0;
      for (const ParameterValue& value : good_values(spec)) accepted += taken(*kind, {{name, value}}) == Outcome::accepted ? 1 : 0;
      EXPECT_TRUE(accepted > 0 || good_values(spec).empty()) << "no value of it goes with the defaults of the others";
      for (const ParameterValue& value : values_outside(spec)) {
        EXPECT_TRUE(names(check(*kind, {{name, value}}), Errc::config_out_of_bounds, spec.name)) << plain_run::json_of(value);
      }
      for (const ParameterValue& value : values_of_wrong_type(spec)) {
        EXPECT_TRUE(names(check(*kind, {{name, value}}), Errc::config_wrong_type, spec.name)) << plain_run::json_of(value);
      }
      EXPECT_TRUE(names(check(*kind, {{name + "x", true}}), Errc::config_unknown_key, name + "x"));
      ++held;
    }
    EXPECT_GE(held, 5);
    EXPECT_TRUE(names(check(*kind, {{"", std::int64_t{1}}}), Errc::config_unknown_key, ""));
  }
}

// A value that the default of another parameter excludes is reached with another value of that one. The very end of two that stand in
// order (oversold = 99 where overbought ends at 99, too) leaves nothing for the other; a fiftieth of the range inside, there must be.
TEST(Parameters, NearlyAllOfEveryRangeCanBeReached) {
  for (const StrategyKind* kind : strategy_kinds()) {
    for (const ParameterSpec& spec : kind->parameters) {
      if (spec.type != ParameterType::integer && spec.type != ParameterType::number) continue;
      for (const double share : {0.02, 0.98}) {
        const double inside = spec.min + (spec.max - spec.min) * share;
        Parameters given = {{std::string(spec.name), inside}};
        if (spec.type == ParameterType::integer) given[0].second = static_cast<std::int64_t>(std::round(inside));
        const Status alone = check(*kind, given);
        bool reached = alone.ok();
        for (const ParameterSpec& other : kind->parameters) {
          for (const ParameterValue& moved : good_values(other)) {
            if (reached || other.name == spec.name) continue;
            Parameters both = given;
            both.emplace_back(std::string(other.name), moved);
            reached = check(*kind, both).ok();
          }
        }
        EXPECT_TRUE(reached) << kind->name << text_of(given) << ": " << alone.error().what;
      }
    }
  }
}

TEST(Parameters, TheDefaultsMayBeWrittenOut) {
  for (const StrategyKind* kind : strategy_kinds()) {
    Parameters all;
    for (const ParameterSpec& spec : kind->parameters) all.emplace_back(std::string(spec.name), fallback_of(spec));
    EXPECT_EQ(taken(*kind, all), Outcome::accepted);
    EXPECT_EQ(taken(*kind, {}), Outcome::accepted);
  }
}

// Bounds hold one at a time; here many values move at once. Small values come often, so that indicators become warm and decisions are made.
TEST(Parameters, RandomSetsAreTakenOrRefusedByName) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  for (const StrategyKind* kind : strategy_kinds()) {
    constexpr int kWanted = 40;
    int accepted = 0;
    for (int n = 0; n < 4'000 && accepted < kWanted; ++n) {  // a kind with many pairs in order refuses most of what is drawn
      Parameters given;
      for (const ParameterSpec& spec : kind->parameters) {
        if (unit(random) < 0.5) continue;
        const std::string name(spec.name);
        const double small = std::pow(unit(random), 6);
        if (spec.type == ParameterType::timeframe) {
          given.emplace_back(name, std::string(name == "timeframe" ? "1m" : "5m"));
        } else if (spec.type == ParameterType::integer) {
          given.emplace_back(name, static_cast<std::int64_t>(spec.min + std::floor((spec.max - spec.min) * small)));
        } else if (spec.type == ParameterType::number) {
          const double share = random() % 8 == 0 ? 1.0 : unit(random) < 0.5 ? small : unit(random);
          given.emplace_back(name, std::min(spec.min + (spec.max - spec.min) * share, spec.max));
        } else if (const auto values = good_values(spec); !values.empty()) {
          given.emplace_back(name, values[random() % values.size()]);
        }
      }
      accepted += taken(*kind, given) == Outcome::accepted ? 1 : 0;
    }
    EXPECT_EQ(accepted, kWanted) << kind->name;
  }
}

TEST(Parameters, ThresholdsOfVwapRsiStandInOrder) {
  const StrategyKind& kind = *find_strategy_kind("vwap_rsi");
  const auto with = [&kind](double oversold, double overbought) {
    return check(kind, {{"oversold", oversold}, {"overbought", overbought}});
  };
  EXPECT_TRUE(with(1, 99).ok());
  EXPECT_TRUE(with(49.9, 50).ok());
  EXPECT_TRUE(names(with(50, 50), Errc::config_contradiction, "oversold"));
  EXPECT_TRUE(names(with(99, 98), Errc::config_contradiction, "oversold"));
  EXPECT_TRUE(names(check(kind, {{"oversold", 70.0}}), Errc::config_contradiction, "oversold")) << "the default of overbought";
}

}  // namespace martinet::parameters_test
