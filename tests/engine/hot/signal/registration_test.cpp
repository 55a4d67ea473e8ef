// Kinds that come after the build: added once, bounded, and only with a table that the rest of the engine can work with.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <deque>
#include <limits>
#include <string>

#include "engine/hot/signal/registry.hpp"

namespace martinet::registration_test {

using Type = ParameterType;
using std::string_view_literals::operator""sv;

Status agree(std::string_view, const ParameterSet&) { return {}; }
Status disagree(std::string_view owner, const ParameterSet&) {
  return Error{Errc::config_contradiction, std::string(owner) + ".a must be below b"};
}
Result<std::unique_ptr<Strategy>> make_none(const StrategyContext&) { return Error{Errc::unsupported, "makes nothing"}; }

constexpr std::array<std::string_view, 2> kWords = {"one", "two"};
constexpr std::array kSound = {
    ParameterSpec{"count", Type::integer, "", std::int64_t{3}, 1, 10, {}, "a count"},
    ParameterSpec{"size", Type::number, "", 0.5, 0, 1, {}, "a size"},
    ParameterSpec{"word", Type::choice, "", "two"sv, 0, 0, kWords, "a word"},
    ParameterSpec{"bars", Type::timeframe, "", "5m"sv, 0, 0, {}, "some bars"},
    ParameterSpec{"file", Type::text, "", ""sv, 0, 0, {}, "a file"},
    ParameterSpec{"on", Type::boolean, "", true, 0, 0, {}, "a switch"},
};

StrategyKind kind_of(std::string_view name, std::span<const ParameterSpec> parameters = kSound) {
  return {name, "a kind", parameters, agree, make_none};
}

void expect_refused(const StrategyKind& kind, Errc code, const std::string& part) {
  const std::size_t before = strategy_kinds().size();
  const Status status = register_strategy_kind(kind);
  ASSERT_FALSE(status.ok()) << part;
  EXPECT_EQ(name_of(status.error().code), name_of(code)) << status.error().what;
  EXPECT_NE(status.error().what.find(part), std::string::npos) << status.error().what;
  EXPECT_EQ(strategy_kinds().size(), before);
}

// In a process of its own, here and at the end: what is registered stays, and the tests over all kinds want working ones.
[[noreturn]] void register_one() {
  const StrategyKind kind = kind_of("new_kind");
  EXPECT_EQ(find_strategy_kind("new_kind"), nullptr);
  const Status added = register_strategy_kind(kind);
  EXPECT_TRUE(added.ok()) << added.error().what;
  EXPECT_EQ(find_strategy_kind("new_kind"), &kind);
  EXPECT_EQ(strategy_kinds().back(), &kind) << "behind those of the build";
  EXPECT_EQ(parameters_of("new_kind").size(), kSound.size());
  expect_refused(kind, Errc::config_contradiction, "there is a strategy kind new_kind already; known are vwap_rsi, ");
  std::exit(testing::Test::HasFailure() ? 1 : 0);
}

TEST(Registration, AKindIsKnownOnceItIsAddedAndOnlyOnce) {
  EXPECT_EXIT(register_one(), testing::ExitedWithCode(0), "");
  expect_refused(kind_of("vwap_rsi"), Errc::config_contradiction, "there is a strategy kind vwap_rsi already");
}

TEST(Registration, ANameThatAFileCannotHoldIsRefused) {
  const std::string longest(48, 'a');
  EXPECT_TRUE(check_kind(kind_of(longest)).ok());
  const std::string longer(49, 'a');
  for (const std::string_view name :
       {""sv, "9a"sv, "_a"sv, "A"sv, "a b"sv, "a-b"sv, "a\n"sv, "\xC3\xA9"sv, "a\0b"sv, std::string_view(longer)}) {
    expect_refused(kind_of(name), Errc::plugin_refused, "small letters");
  }
}

TEST(Registration, ATableThatCannotBeWorkedWithIsRefused) {
  const auto refused = [](const ParameterSpec& spec, const std::string& part) {
    const std::array table = {kSound[0], spec};
    expect_refused(kind_of("new_kind", table), Errc::plugin_refused, part);
  };
  refused({"", Type::number, "", 0.0, 0, 1, {}, "x"}, "without a name");
  refused({"Size", Type::number, "", 0.0, 0, 1, {}, "x"}, "small letters");
  refused({"count", Type::number, "", 0.0, 0, 1, {}, "x"}, "parameter count is there twice");
  for (const std::string_view taken : kKeysOfEveryStrategy) refused({taken, Type::number, "", 0.0, 0, 1, {}, "x"}, "every strategy uses");
  refused({"x", Type::number, "", std::int64_t{1}, 0, 1, {}, "x"}, "parameter x has a default that is not of its type");
  refused({"x", Type::integer, "", 1.0, 0, 1, {}, "x"}, "not of its type");
  refused({"x", Type::text, "", 1.0, 0, 1, {}, "x"}, "not of its type");
  refused({"x", Type::text, "", "a\nb"sv, 0, 0, {}, "x"}, "a default is not allowed");
  refused({"x", Type::boolean, "", std::int64_t{1}, 0, 1, {}, "x"}, "not of its type");
  refused({"x", Type::choice, "", 1.0, 0, 1, kWords, "x"}, "not of its type");
  refused({"x", static_cast<Type>(99), "", 1.0, 0, 1, {}, "x"}, "not of its type");
  refused({"x", Type::number, "", 1.1, 0, 1, {}, "x"}, "must be from 0 to 1");
  refused({"x", Type::number, "", std::numeric_limits<double>::quiet_NaN(), 0, 1, {}, "x"}, "a default is not allowed");
  refused({"x", Type::integer, "", std::int64_t{0}, 1, 2, {}, "x"}, "must be from 1 to 2");
  refused({"x", Type::choice, "", "three"sv, 0, 0, kWords, "x"}, "must be one of");
  refused({"x", Type::timeframe, "", "5 minutes"sv, 0, 0, {}, "x"}, "a default is not allowed");
  expect_refused({"new_kind", "", kSound, agree, make_none}, Errc::plugin_refused, "has no doc");
  expect_refused({"new_kind", "doc", kSound, nullptr, make_none}, Errc::plugin_refused, "no check");
  expect_refused({"new_kind", "doc", kSound, agree, nullptr}, Errc::plugin_refused, "no make");
  expect_refused({"new_kind", "doc", kSound, disagree, make_none}, Errc::plugin_refused, "the defaults contradict each other: ");
}

[[noreturn]] void fill_the_registry() {
  std::deque<std::string> names;
  std::deque<StrategyKind> kinds;
  while (strategy_kinds().size() < capacity::strategy_kinds_max) {
    names.push_back("filler_" + std::to_string(names.size()));
    kinds.push_back(kind_of(names.back()));
    if (!register_strategy_kind(kinds.back()).ok()) std::exit(2);
  }
  const Status one_more = register_strategy_kind(kind_of("one_more"));
  const bool refused = !one_more.ok() && one_more.error().code == Errc::no_capacity && find_strategy_kind("one_more") == nullptr;
  std::exit(refused && find_strategy_kind(names.back()) == &kinds.back() ? 0 : 3);
}

TEST(Registration, IsBounded) { EXPECT_EXIT(fill_the_registry(), testing::ExitedWithCode(0), ""); }

}  // namespace martinet::registration_test
