// The general reader at its edges: what is JSON and what is not, depth, size, encoding.
#include "adapters/json/tape.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "adapters/json/sax.hpp"
#include "engine/base/capacity.hpp"

namespace martinet::tape_test {

struct Tape : testing::Test {
  Errc parse(std::string_view text) { return tape->parse(text); }
  std::unique_ptr<JsonTape> tape = std::make_unique<JsonTape>();
};

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

TEST_F(Tape, WalksObjectsAndArraysInAnyOrder) {
  ASSERT_EQ(parse(R"( {"b":[1,"two",[3,[4]],{"x":null}],"a":{"deep":{"t":true,"f":false}},"a":5} )"), Errc::ok);
  const JsonValue root = tape->root();
  EXPECT_TRUE(root.find("a").find("deep").find("t").is_boolean());
  EXPECT_EQ(root.find("a").find("deep").find("f").kind(), JsonKind::boolean_false);
  EXPECT_TRUE(root.find("a").is_object()) << "of two equal keys the first counts";
  EXPECT_FALSE(root.find("x")) << "a key of an inner object is not one of the outer";
  const JsonValue list = root.find("b");
  EXPECT_EQ(list.count(), 4U);
  EXPECT_EQ(list.first().text(), "1");
  EXPECT_EQ(list.first().next().text(), "two");
  EXPECT_EQ(list.first().next().next().count(), 2U);
  EXPECT_EQ(list.first().next().next().next().find("x").kind(), JsonKind::null);
  EXPECT_FALSE(list.first().next().next().next().next());
  EXPECT_FALSE(list.first().next().next().first().next().first().next()) << "the last of an inner array has no next";
}

TEST_F(Tape, AnswersEveryQuestionToNothingWithNothing) {
  const JsonValue nothing;
  EXPECT_FALSE(nothing.find("a").first().next().find("b"));
  EXPECT_EQ(nothing.text(), "");
  EXPECT_EQ(nothing.count(), 0U);
  ASSERT_EQ(parse("[]"), Errc::ok);
  EXPECT_FALSE(tape->root().first());
  EXPECT_FALSE(tape->root().find("a"));
  EXPECT_FALSE(tape->root().next());
}

TEST_F(Tape, KeepsNumbersAsTheyArePrinted) {
  ASSERT_EQ(parse(R"({"n":-12.3400e+05,"big":123456789012345678901234567890,"z":-0})"), Errc::ok);
  EXPECT_EQ(tape->root().find("n").text(), "-12.3400e+05");
  EXPECT_EQ(tape->root().find("big").text(), "123456789012345678901234567890");
  EXPECT_EQ(tape->root().find("z").text(), "-0");
}

TEST_F(Tape, UnescapesStringsAndKeys) {
  ASSERT_EQ(parse(R"({"\u0061b":"B\u0054C\n\"\\\u00e9"})"), Errc::ok);
  EXPECT_EQ(tape->root().find("ab").text(), "BTC\n\"\\\xC3\xA9");
}

TEST_F(Tape, RefusesWhatIsNotJson) {
  for (const std::string_view text :
       {"",   " ",   "{",     "}",        "[1,]",    "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01",      "1.",       ".5",         "+1",
        "1e", "tru", "\"abc", "\"a\tb\"", "\"\\x\"", "[1] x",      "[1][2]",    "NaN",   "// x\n1", "{\"a\":}", "\"\\ud800\""}) {
    EXPECT_EQ(parse(text), Errc::bad_json) << text;
    EXPECT_FALSE(tape->root()) << text;
  }
}

TEST_F(Tape, RefusesANulBehindWhichTheTextGoesOn) {
  EXPECT_EQ(parse(std::string_view("[1]\0[2]", 7)), Errc::bad_json);
  EXPECT_EQ(parse(std::string_view("[1]\0", 4)), Errc::bad_json);
  EXPECT_EQ(parse(std::string_view("\0", 1)), Errc::bad_json);
  EXPECT_EQ(parse(std::string_view("[\"a\0b\"]", 7)), Errc::bad_json);
}

TEST_F(Tape, RefusesInvalidUtf8) {
  EXPECT_EQ(parse("[\"\xC3\xA9\"]"), Errc::ok);
  for (const std::string_view text : {"[\"\xC3\"]", "[\"\xFF\"]", "[\"\xC0\x80\"]", "[\"\xED\xA0\x80\"]", "{\"\x80\":1}"})
    EXPECT_EQ(parse(text), Errc::bad_utf8);
}

TEST_F(Tape, TakesSixtyFourLevelsAndRefusesSixtyFive) {
  EXPECT_EQ(parse(nested(kJsonDepthMax)), Errc::ok);
  EXPECT_EQ(parse(nested(kJsonDepthMax + 1)), Errc::too_deep);
  EXPECT_EQ(parse(nested(400'000)), Errc::too_deep) << "and does not run out of stack";
  EXPECT_EQ(parse("[[]"), Errc::bad_json) << "the next text starts at depth 0";
  EXPECT_EQ(parse(nested(kJsonDepthMax)), Errc::ok);
}

TEST_F(Tape, TakesAMebibyteAndRefusesAByteMore) {
  const std::string text = "[\"" + std::string(capacity::frame_bytes_max - 4, 'x') + "\"]";
  ASSERT_EQ(text.size(), capacity::frame_bytes_max);
  EXPECT_EQ(parse(text), Errc::ok);
  EXPECT_EQ(tape->root().first().text().size(), capacity::frame_bytes_max - 4);
  EXPECT_EQ(parse(text + " "), Errc::frame_too_large);
}

TEST_F(Tape, TakesAsManyNodesAsItHas) {
  const auto list = [](std::size_t elements) {
    std::string text = "[0";
    for (std::size_t i = 1; i < elements; ++i) text += ",0";
    return text + "]";
  };
  EXPECT_EQ(parse(list(JsonTape::kNodesMax - 1)), Errc::ok);
  EXPECT_EQ(tape->root().count(), JsonTape::kNodesMax - 1);
  EXPECT_EQ(parse(list(JsonTape::kNodesMax)), Errc::frame_too_large);
  EXPECT_FALSE(tape->root());
}

TEST_F(Tape, RefusesNumbersBeyondADouble) { EXPECT_EQ(parse("[1e999]"), Errc::number_too_large); }

TEST_F(Tape, GivesTheMembersOfAnObjectInTheirOrder) {
  ASSERT_EQ(parse(R"({"a":1,"b":{"x":[1,{"y":2}]},"a":"again","":null})"), Errc::ok);
  std::string seen;
  for (JsonMember m = tape->root().first_member(); m.value; m = m.next()) {
    seen += std::string(m.key) + (m.value.is_object() ? "{}" : "=" + std::string(m.value.text())) + ";";
  }
  EXPECT_EQ(seen, "a=1;b{};a=again;=;") << "a key that stands there twice too";
  const JsonMember inner = tape->root().find("b").first_member();
  EXPECT_EQ(inner.key, "x");
  EXPECT_EQ(inner.value.count(), 2u);
  EXPECT_FALSE(inner.next().value) << "the end of the inner object, not the next of the outer";
  ASSERT_EQ(parse("{}"), Errc::ok);
  EXPECT_FALSE(tape->root().first_member().value);
  ASSERT_EQ(parse("[{}]"), Errc::ok);
  EXPECT_FALSE(tape->root().first_member().value) << "a list has no members";
  EXPECT_FALSE(JsonValue().first_member().value);
}

}  // namespace martinet::tape_test
