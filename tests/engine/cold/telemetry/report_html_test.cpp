// Goal: the report is one well-formed page that needs nothing from outside, says what the session did, and stays small. Method: a
// tag checker of its own, searches for anything a browser would fetch, and sessions from nothing to a hundred thousand fills.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/cold/telemetry/report_parts.hpp"
#include "tests/engine/cold/telemetry/sample_session.hpp"

namespace martinet::telemetry_test::report_of {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t occurrences(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

/// The first thing that is wrong with the nesting of the tags, or nothing. Attribute values must be quoted.
std::string first_fault(std::string_view html) {
  const std::set<std::string, std::less<>> void_tags = {"meta", "br"};
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at)) {
    std::size_t end = at + 1;
    bool quoted = false;
    while (end < html.size() && (quoted || html[end] != '>')) {
      if (html[end] == '"') quoted = !quoted;
      if (!quoted && html[end] == '<') return "a bare < near " + std::string(html.substr(at, 60));
      ++end;
    }
    if (end == html.size()) return "a tag without an end: " + std::string(html.substr(at, 60));
    const std::string_view tag = html.substr(at + 1, end - at - 1);
    at = end + 1;
    if (tag.starts_with('!')) continue;
    const bool closes = tag.starts_with('/');
    const std::string name(tag.substr(closes ? 1 : 0, tag.find_first_of(" \n/", 1) - (closes ? 1 : 0)));
    if (closes) {
      if (open.empty() || open.back() != name) return "</" + name + "> closes " + (open.empty() ? "nothing" : open.back());
      open.pop_back();
    } else if (!tag.ends_with('/') && !void_tags.contains(name)) {
      open.push_back(name);
    }
    if (!closes && (name == "style" || name == "script")) {  // their content is not markup
      at = html.find("</", at);
      if (at == std::string_view::npos) return name + " does not end";
    }
  }
  return open.empty() ? "" : open.back() + " is not closed";
}

/// Anything a browser would fetch, or run from a text that came from outside.
void expect_self_contained(const std::string& html) {
  for (const char* reach : {"http:", "https:", "//", "url(", "@import", "src=", "<link", "<img", "<iframe", "srcset", "fetch(", "XMLHttp",
                            "javascript:", "data:"}) {
    EXPECT_EQ(html.find(reach), std::string::npos) << reach;
  }
  for (std::size_t at = html.find("href="); at != std::string::npos; at = html.find("href=", at + 1))
    EXPECT_EQ(html.substr(at, 7), "href=\"#") << html.substr(at, 40);
  EXPECT_EQ(occurrences(html, "<script"), 1u);
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
}

TEST(FirstFault, SeesWhatIsWrong) {
  EXPECT_EQ(first_fault("<p>a<br><b c=\"1 > 0\">x</b></p>"), "");
  EXPECT_NE(first_fault("<p><b></p></b>"), "");
  EXPECT_NE(first_fault("<p>"), "");
  EXPECT_NE(first_fault("</p>"), "");
  EXPECT_NE(first_fault("<p>1 < 2</p>"), "");
}

TEST(ReportHtml, IsOneWellFormedPageThatNeedsNothingFromOutside) {
  const auto sample = sample_session({});
  const std::string html = report_html(sample->summary, sample->detail);
  EXPECT_EQ(first_fault(html), "");
  expect_self_contained(html);
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(html, HasSubstr("@media print"));
  EXPECT_THAT(html, HasSubstr("name=\"viewport\""));
}

TEST(ReportHtml, ShowsEveryPartOfTheSession) {
  const auto sample = sample_session({});
  const std::string html = report_html(sample->summary, sample->detail);
  for (const char* part : {"Equity and drawdown", ">BTCUSDT</h2>", ">ETHUSDT</h2>", ">Trades</h2>", "Orders by verdict", "Latency",
                           "Hot threads", "2 warnings", "Profit factor", "Sharpe", "Sortino", "Calmar", "Losses in a row", "Max drawdown",
                           "Win rate", "symbol_owned", "p99.9", "AMD EPYC", "config/replay.toml"}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
  EXPECT_THAT(html, HasSubstr(sample->summary.order_stream_sha256));
  EXPECT_EQ(occurrences(html, "<tr><td>"), 60u) << "a row a trade";
  EXPECT_EQ(occurrences(html, "<polyline"), 4u) << "equity, drawdown and two prices";
}

TEST(ReportHtml, MarksEachTradeWithAShapeForItsSideAndForItsEnd) {
  const auto sample = sample_session({21, 40, 20 * kNanosPerHour, 1, false});
  const std::string html = report_html(sample->summary, sample->detail);
  std::size_t longs = 0;
  for (const Execution& e : sample->detail.executions) longs += e.event == ExecutionEvent::open && e.direction == Side::buy ? 1 : 0;
  const std::size_t wins = sample->summary.performance.wins;
  EXPECT_EQ(occurrences(html, "#el\""), longs + 1) << "and one in the legend";
  EXPECT_EQ(occurrences(html, "#es\""), 40 - longs + 1);
  EXPECT_EQ(occurrences(html, "#xg\""), wins + 1);
  EXPECT_EQ(occurrences(html, "#xl\""), 40 - wins + 1);
}

TEST(ReportHtml, IsTheSameForTheSameSession) {
  const auto a = sample_session({5, 50, 20 * kNanosPerHour, 2, true});
  const auto b = sample_session({5, 50, 20 * kNanosPerHour, 2, true});
  EXPECT_EQ(report_html(a->summary, a->detail), report_html(b->summary, b->detail));
}

TEST(ReportHtml, SaysPlainlyThatNothingHappened) {
  const InstrumentTable none;
  SessionDetail detail;
  detail.instruments = &none;
  for (const SessionDetail& empty : {SessionDetail{}, detail}) {
    const std::string html = report_html({}, empty);
    EXPECT_EQ(first_fault(html), "");
    EXPECT_THAT(html, HasSubstr("No trades in this session."));
    EXPECT_THAT(html, HasSubstr("No equity was recorded"));
    EXPECT_THAT(html, HasSubstr("No strategy asked for an order."));
    EXPECT_THAT(html, Not(HasSubstr("Latency")));
    EXPECT_THAT(html, Not(HasSubstr("nan")));
  }
}

TEST(ReportHtml, DrawsASinglePoint) {
  SessionDetail detail;
  detail.equity = {{kStartNs, 10'000 * kMoneyUnit}};
  SessionSummary summary;
  summary.initial_balance = summary.equity = Money{10'000 * kMoneyUnit};
  const std::string html = report_html(summary, detail);
  EXPECT_EQ(first_fault(html), "");
  EXPECT_THAT(html, HasSubstr("class=\"dot\""));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  EXPECT_THAT(html, Not(HasSubstr("inf%")));
}

TEST(ReportHtml, ShowsAPositionThatIsStillOpen) {
  const auto sample = sample_session({9, 5, 5 * kNanosPerHour, 1, false});
  sample->detail.executions.pop_back();
  sample->summary.open_positions = {{0, "vwap_rsi", Qty{50'000}, Price{950'000'000}, Price{951'000'000}, Money{5 * kMoneyUnit}}};
  const std::string html = report_html(sample->summary, sample->detail);
  EXPECT_EQ(first_fault(html), "");
  EXPECT_THAT(html, HasSubstr("still open"));
  EXPECT_THAT(html, HasSubstr(">Open positions</h2>"));
}

TEST(ReportHtml, EscapesEveryTextThatComesFromOutside) {
  const std::string evil = "<script>alert('&\"')</script>\xff\x01";
  const auto sample = sample_session({9, 5, 5 * kNanosPerHour, 1, true});
  SessionSummary& s = sample->summary;
  s.session = s.mode = s.input = s.config_source = s.layout = s.build_id = s.machine = s.currency = s.order_stream_sha256 = evil;
  s.orders_by_verdict = s.frames_by_channel = s.frames_refused = s.feed_counts = s.alerts = {{evil, 1}};
  s.warnings = {evil};
  s.models.push_back({evil, evil, evil, evil});
  s.strategies[0].name = evil;
  s.latency[0].stage = evil;
  s.hot_threads[0].name = evil;
  s.open_positions = {{0, evil, Qty{1}, Price{1}, Price{1}, Money{1}}};
  sample->detail.strategy_names = {evil, evil};
  (void)sample->instruments.mutable_row(0).symbol.assign("<b>\"&'</b>");
  const std::string html = report_html(s, sample->detail);
  EXPECT_EQ(first_fault(html), "");
  expect_self_contained(html);
  EXPECT_EQ(html.find("alert('"), std::string::npos);
  EXPECT_EQ(html.find("<b>"), std::string::npos);
  EXPECT_GE(occurrences(html, "&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;\uFFFD\uFFFD"), 16u);
}

TEST(ReportHtml, StaysBelowThreeMegabytesAtAHundredThousandFillsAndSaysWhatItLeftOut) {
  const auto sample = sample_session({3, 50'000, 400 * kNanosPerDay, 4, false});
  sample->detail.equity.clear();
  for (int i = 0; i < 200'000; ++i) sample->detail.equity.push_back({kStartNs + i * kNanosPerMinute, (10'000 + i % 977) * kMoneyUnit});
  // As many instruments as a session may have, each with a full curve: only so many charts are drawn.
  const std::vector<const InstrumentCurve*> drawn = sample->detail.prices;
  for (int i = 0; i < 60; ++i) sample->detail.prices.push_back(drawn[static_cast<std::size_t>(i) % drawn.size()]);
  ASSERT_EQ(sample->detail.executions.size(), 100'000u);
  const std::string html = report_html(sample->summary, sample->detail);
  RecordProperty("bytes", static_cast<int>(html.size()));
  EXPECT_LT(html.size(), 3'000'000u);
  EXPECT_EQ(first_fault(html), "");
  EXPECT_THAT(html, HasSubstr("The last 500 of 50,000 are shown, 49,500 earlier ones are left out"));
  EXPECT_EQ(occurrences(html, "<tr><td>"), report::kTableRowsMax);
  EXPECT_THAT(html, HasSubstr("52 more instruments traded"));
  EXPECT_THAT(html, HasSubstr("180 of them are marked"));
}

TEST(ReportHtml, SaysAtTheBoundaryThatNothingWasLeftOut) {
  for (const std::size_t trips : {report::kTableRowsMax, report::kTableRowsMax + 1}) {
    const auto sample = sample_session({2, trips, 900 * kNanosPerHour, 4, false});
    const std::string html = report_html(sample->summary, sample->detail);
    EXPECT_EQ(html.find("left out") != std::string::npos, trips > report::kTableRowsMax) << trips;
    EXPECT_EQ(occurrences(html, "<tr><td>"), report::kTableRowsMax);
  }
}

}  // namespace
}  // namespace martinet::telemetry_test::report_of
