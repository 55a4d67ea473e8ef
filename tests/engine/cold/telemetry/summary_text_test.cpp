#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <sstream>

#include "engine/cold/telemetry/text_table.hpp"
#include "engine/cold/telemetry/words.hpp"
#include "tests/engine/cold/telemetry/sample_session.hpp"

namespace martinet::telemetry_test::summary_text_of {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

std::string without_colour(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      while (text[i] != 'm') ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

TEST(SummaryText, SaysWhatThereIsToSay) {
  const auto sample = sample_session({});
  const std::string text = summary_text(sample->summary, sample->instruments, false);
  for (const char* heading : {"Input", "Trading", "Orders by verdict", "Result", "Latency", "Hot threads", "Warnings"})
    EXPECT_THAT(text, HasSubstr("\n" + std::string(heading)));
  EXPECT_THAT(text, HasSubstr("5,204,118"));
  EXPECT_THAT(text, HasSubstr("2,724,668 events/s"));
  EXPECT_THAT(text, HasSubstr("symbol_owned"));
  EXPECT_THAT(text, HasSubstr(sample->summary.order_stream_sha256));
  EXPECT_THAT(text, HasSubstr(words::money_rounded(sample->summary.pnl_net, true)));
  EXPECT_THAT(text, HasSubstr("60 trades"));
  EXPECT_THAT(text, Not(HasSubstr("kill_switch"))) << "verdicts that were never given are left out";
  EXPECT_THAT(text, Not(HasSubstr("parks"))) << "a counter that is zero everywhere and proves nothing is left out";
  EXPECT_THAT(text, HasSubstr("allocations")) << "a zero that proves something stays";
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(SummaryText, SaysPlainlyThatNothingWasTraded) {
  const std::string text = summary_text({}, InstrumentTable{}, false);
  EXPECT_THAT(text, HasSubstr("no trades"));
  EXPECT_THAT(text, HasSubstr("no signals"));
  for (const char* absent : {"Latency", "Hot threads", "Warnings", "Orders by verdict", "Strategies", "Sharpe", "drawdown"})
    EXPECT_THAT(text, Not(HasSubstr(absent)));
  EXPECT_LT(lines_of(text).size(), 20u);
}

TEST(SummaryText, DiffersWithColourInNothingButColour) {
  const auto sample = sample_session({4, 30, 10 * kNanosPerHour, 2, true});
  const std::string plain = summary_text(sample->summary, sample->instruments, false);
  const std::string coloured = summary_text(sample->summary, sample->instruments, true);
  EXPECT_NE(coloured, plain);
  EXPECT_EQ(without_colour(coloured), plain);
}

TEST(SummaryText, StaysWithinAHundredColumnsAndWithoutControlCharacters) {
  const auto sample = sample_session({});
  SessionSummary& s = sample->summary;
  s.input = std::string(300, 'x');
  s.machine = "words " + std::string(250, 'y') +
              " and more words and more and more and more and more and more and more and more and more and more and more";
  s.models = {{std::string(90, 's'), "n\x1b[2J", std::string(32, 'v'), std::string(64, 'a')}};
  s.warnings = {std::string(1000, 'w'), "\x1b[2J\x07 tab\there \xff \xc2\x9b", "\u00e9\u00e9\u00e9"};
  s.orders_by_verdict.emplace_back(std::string(200, 'v'), 12'000'000'000ULL);
  s.latency.push_back(
      {std::string(200, 'l'), 99'999'999'999ULL, 1, 999'999'999'999ULL, 999'999'999'999ULL, 999'999'999'999ULL, 999'999'999'999ULL});
  s.strategies.push_back(
      {std::string(90, 's'), 1'000'000'000, 1'000'000'000, Money{-9'000'000'000'000'000'000}, Money{9'000'000'000'000'000'000}});
  s.open_positions = {
      {0, std::string(90, 'p'), Qty{-5'000'000'000'123'456}, Price{9'512'345'678}, Price{9'512'345'678}, Money{-1'234'567'890'123'456}}};
  while (s.hot_threads.size() < 9) {
    WorkerCounters thread = s.hot_threads[0];
    thread.name = std::string(60, 't');
    thread.messages = 9'999'999'999;
    s.hot_threads.push_back(thread);
  }
  for (const std::string& line : lines_of(summary_text(s, sample->instruments, false))) {
    EXPECT_LE(words::width_of(line), 100u) << line;
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20u) << line;
    EXPECT_EQ(line.find("\xc2\x9b"), std::string::npos);
    EXPECT_TRUE(line.empty() || line.back() != ' ') << '[' << line << ']';
  }
}

TEST(SummaryText, IsNotUndoneByFiguresThatAreNotNumbers) {
  SessionSummary s;
  s.elapsed_s = std::numeric_limits<double>::infinity();
  s.events_per_second = std::numeric_limits<double>::quiet_NaN();
  s.pnl_net = s.equity = Money{std::numeric_limits<std::int64_t>::min()};
  EXPECT_THAT(summary_text(s, InstrumentTable{}, true), HasSubstr("-92,233,720,368.55"));
}

TEST(TextTable, AlignsCharactersNotBytes) {
  TextTable table(false);
  table.row({"\u00e9", "1"});
  table.row({"ab", "1,000"});
  EXPECT_EQ(table.str(), "  \u00e9       1\n  ab  1,000\n");
}

TEST(Wrapped, BreaksAtBlanksWhereItCanAndInsideAWordWhereItMust) {
  EXPECT_EQ(wrapped("one two three", 8), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrapped("abcdefghij", 4), (std::vector<std::string>{"abcd", "efgh", "ij"}));
  EXPECT_EQ(wrapped("", 4), (std::vector<std::string>{""}));
  EXPECT_EQ(wrapped("abcd", 4), (std::vector<std::string>{"abcd"}));
}

}  // namespace
}  // namespace martinet::telemetry_test::summary_text_of
