#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/capture/import_json.hpp"

namespace martinet::import_json_test {

using namespace martinet::importing;

TEST(ImportJson, AcceptsEveryKindOfValue) {
  std::size_t at = 0;
  for (const char* text :
       {"{}", "[]", "\"\"", "0", "-1.5e+10", "true", "false", "null", " { \"a\" : [ 1 , { } ] } ", "\"\\u00e9\\n\\\"\"", "[[[]]]"}) {
    EXPECT_TRUE(json_valid(text, at)) << text << " at " << at;
  }
}

TEST(ImportJson, RefusesBrokenTextAndSaysWhere) {
  struct Case {
    const char* text;
    std::size_t at;
  };
  for (const Case& c : {Case{"", 0}, Case{"{", 1}, Case{"{\"a\"}", 4}, Case{"{\"a\":}", 5}, Case{"[1,]", 3}, Case{"[1 2]", 3},
                        Case{"{\"a\":1,}", 7}, Case{"tru", 0}, Case{"1 2", 2}, Case{"\"abc", 4}, Case{"01", 1}, Case{"-", 1}, Case{"1.", 2},
                        Case{"\"\\x\"", 2}, Case{"{a:1}", 1}, Case{"\"\\u12g4\"", 5}, Case{"]", 0}, Case{"{\"a\":1]", 6}}) {
    std::size_t at = 99;
    EXPECT_FALSE(json_valid(c.text, at)) << c.text;
    EXPECT_EQ(at, c.at) << c.text;
  }
}

TEST(ImportJson, StopsAtItsDepth) {
  std::size_t at = 0;
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(json_valid(nested(static_cast<std::size_t>(kJsonDepthMax) + 1), at));
  EXPECT_FALSE(json_valid(nested(static_cast<std::size_t>(kJsonDepthMax) + 2), at));
  EXPECT_FALSE(json_valid(std::string(1'000'000, '['), at)) << "no stack is used up";
}

TEST(ImportJson, EveryPrefixOfAMessageIsRefused) {
  const std::string message = R"({"stream":"a@trade","data":{"e":"trade","p":"1.5","q":[-1.5e3,true,null],"m":false}})";
  for (std::size_t size = 0; size < message.size(); ++size) {
    std::size_t at = 0;
    EXPECT_FALSE(json_valid(message.substr(0, size), at)) << size;
    EXPECT_LE(at, size);
  }
}

TEST(ImportJson, GivesMembersAndElementsAsExactSlices) {
  const std::string text = R"( { "a" : "x\"y" , "b":{"c": [1, 2]} ,"d":-1.50,"e":[] } )";
  std::vector<std::string> seen;
  EXPECT_EQ(json_members(
                text, [&](std::string_view key, std::string_view value) { seen.push_back(std::string(key) + "=" + std::string(value)); }),
            Errc::ok);
  EXPECT_EQ(seen, (std::vector<std::string>{"a=\"x\\\"y\"", "b={\"c\": [1, 2]}", "d=-1.50", "e=[]"}));
  EXPECT_EQ(json_member(text, "b"), "{\"c\": [1, 2]}");
  EXPECT_EQ(json_member(json_member(text, "b"), "c"), "[1, 2]");
  EXPECT_EQ(json_member(text, "c"), "") << "members of members are not members";
  EXPECT_EQ(json_scalar(json_member(text, "d")), "-1.50");
  EXPECT_EQ(json_scalar("\"x\""), "x");
  EXPECT_EQ(json_scalar("{\"a\":1}"), "");
  std::vector<std::string> elements;
  EXPECT_EQ(json_elements("[1, [2,3] ,\"4\"]", [&](std::string_view value) { elements.emplace_back(value); }), Errc::ok);
  EXPECT_EQ(elements, (std::vector<std::string>{"1", "[2,3]", "\"4\""}));
  EXPECT_EQ(json_elements("{}", [](std::string_view) {}), Errc::bad_json);
  EXPECT_EQ(json_members("[]", [](std::string_view, std::string_view) {}), Errc::bad_json);
}

}  // namespace martinet::import_json_test
