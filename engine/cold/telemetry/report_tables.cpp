// Trades, positions and strategies, verdicts, counters.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "engine/cold/telemetry/report_parts.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet::report {
namespace {

/// Decimals that every number of a column needs, so that the points stand under each other.
struct Digits {
  int price = 0;
  int qty = 0;
};

int digits_needed(std::int64_t value, int decimals) {
  int digits = decimals;
  for (; digits > 0 && value % 10 == 0; value /= 10) --digits;
  return digits;
}

// By instrument, over the rows shown. Averages of several fills may need the grid's spare digits; they are then shown for all.
std::vector<Digits> digits_of(const Page& page, std::size_t first) {
  std::vector<Digits> out(page.detail.instruments != nullptr ? page.detail.instruments->size() : 0);
  for (std::size_t i = first; i < page.trips.size(); ++i) {
    const RoundTrip& trip = page.trips[i];
    if (trip.instrument >= out.size()) continue;
    const Instrument& instrument = instrument_of(page.detail, trip.instrument);
    Digits& digits = out[trip.instrument];
    for (const Price price : {trip.entry_price, trip.exit_price}) {
      if (has_price(price)) digits.price = std::max(digits.price, digits_needed(price.v, instrument.price_decimals));
    }
    digits.qty = std::max(digits.qty, digits_needed(trip.qty_max.v, instrument.qty_decimals));
  }
  return out;
}

void add_trip(std::string& out, const Page& page, const RoundTrip& trip, Digits digits, std::size_t number) {
  const Instrument& instrument = instrument_of(page.detail, trip.instrument);
  const bool is_short = trip.direction == Side::sell;
  const auto price = [&](Price value) {
    return has_price(value) ? words::grid(value.v, instrument.price_decimals, digits.price) : std::string("\u2013");
  };
  fmt::format_to(std::back_inserter(out),
                 "<tr><td>{}</td><td class=\"left\">{}</td><td class=\"left\">{}</td><td class=\"left\">{}</td><td "
                 "class=\"left\">{}</td><td>{}</td><td>{}</td><td>{}</td>"
                 "<td class=\"left\">{}</td><td>{}</td><td>{}</td><td class=\"{}\">{}</td></tr>\n",
                 words::count(number), words::utc(trip.ts_open_ns), escaped(instrument.symbol.view()),
                 escaped(strategy_of(page.detail, trip.strategy)), is_short ? "\u25bc short" : "\u25b2 long",
                 words::grid(trip.qty_max.v, instrument.qty_decimals, digits.qty), price(trip.entry_price), price(trip.exit_price),
                 trip.closed ? name_of(trip.exit_reason) : "still open", words::duration(trip.ts_close_ns - trip.ts_open_ns),
                 unsigned_money(trip.fees), tone_of(trip.pnl_net), signed_money(trip.pnl_net));
}

}  // namespace

void add_trades(std::string& out, const Page& page) {
  out += "<section class=\"long\">\n<h2>Trades</h2>\n";
  const std::size_t total = page.trips.size();
  if (total == 0) {
    out += "<p class=\"empty\">No trades in this session.</p>\n</section>\n";
    return;
  }
  const std::size_t left_out = total - std::min(total, kTableRowsMax);
  std::string note = "From the first fill to the one that closed; P&amp;L is net of all fees. ";
  note += left_out == 0 ? fmt::format("{} in all.", words::count(total))
                        : fmt::format("The last {} of {} are shown, {} earlier ones are left out; every fill is in trades.jsonl.",
                                      kTableRowsMax, words::count(total), words::count(left_out));
  out += "<p class=\"note\">" + note +
         "</p>\n<div class=\"scroll tall\"><table>\n<thead><tr><th>#</th><th class=\"left\">Opened, UTC</th><th class=\"left\">Symbol</th>"
         "<th class=\"left\">Strategy</th><th class=\"left\">Direction</th><th>Qty</th><th>Entry</th><th>Exit</th><th "
         "class=\"left\">Reason</th><th>Duration</th><th>Fees</th>"
         "<th>P&amp;L net</th></tr></thead>\n<tbody>\n";
  const std::vector<Digits> digits = digits_of(page, left_out);
  for (std::size_t i = left_out; i < total; ++i) {
    const InstrumentId id = page.trips[i].instrument;
    add_trip(out, page, page.trips[i], id < digits.size() ? digits[id] : Digits{}, i + 1);
  }
  out += "</tbody></table></div>\n</section>\n";
}

void add_positions(std::string& out, const Page& page) {
  auto to = std::back_inserter(out);
  if (!page.summary.open_positions.empty()) {
    out +=
        "<section>\n<h2>Open positions</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th class=\"left\">Symbol</th><th "
        "class=\"left\">Strategy</th><th>Qty</th><th>Entry</th>"
        "<th>Last price</th><th>Unrealised</th></tr></thead>\n<tbody>\n";
    for (const OpenPosition& position : page.summary.open_positions) {
      const Instrument& instrument = instrument_of(page.detail, position.instrument);
      fmt::format_to(
          to, "<tr><td class=\"left\">{}</td><td class=\"left\">{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"{}\">{}</td></tr>\n",
          escaped(instrument.symbol.view()), escaped(position.strategy), words::grid(position.qty.v, instrument.qty_decimals),
          words::grid(position.entry_price.v, instrument.price_decimals), words::grid(position.last_price.v, instrument.price_decimals),
          tone_of(position.unrealised), signed_money(position.unrealised));
    }
    out += "</tbody></table></div>\n</section>\n";
  }
  if (page.summary.strategies.empty()) return;
  out +=
      "<section>\n<h2>Strategies</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th "
      "class=\"left\">Strategy</th><th>Trades</th><th>Won</th><th>Fees</th><th>P&amp;L net</th></tr>"
      "</thead>\n<tbody>\n";
  for (const StrategyRow& row : page.summary.strategies) {
    fmt::format_to(to, "<tr><td class=\"left\">{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"{}\">{}</td></tr>\n", escaped(row.name),
                   words::count(row.trades), words::count(row.wins), unsigned_money(row.fees), tone_of(row.pnl_net),
                   signed_money(row.pnl_net));
  }
  out += "</tbody></table></div>\n</section>\n";
}

void add_verdicts(std::string& out, const Page& page) {
  std::uint64_t total = 0;
  std::uint64_t most = 1;
  for (const auto& [name, count] : page.summary.orders_by_verdict) {
    total += count;
    most = std::max(most, count);
  }
  out += "<section>\n<h2>Orders by verdict</h2>\n";
  if (total == 0) {
    out += "<p class=\"empty\">No strategy asked for an order.</p>\n</section>\n";
    return;
  }
  fmt::format_to(std::back_inserter(out), "<p class=\"note\">What the risk gate answered to {} intents.</p>\n<div class=\"shares\">\n",
                 words::count(total));
  for (const auto& [name, count] : page.summary.orders_by_verdict) {
    if (count == 0) continue;
    const bool passed = name == "admitted" || name == "exit_forwarded" || name == "stop_forwarded";
    fmt::format_to(std::back_inserter(out),
                   "<div class=\"name\">{}</div><div class=\"number\">{}</div><div class=\"part\">{}</div><div class=\"track\"><i{} "
                   "style=\"width:{:.2f}%\"></i></div>\n",
                   escaped(name), words::count(count), words::percent(static_cast<double>(count) / static_cast<double>(total)),
                   passed ? "" : " class=\"other\"", static_cast<double>(count) / static_cast<double>(most) * 100);
  }
  out += "</div>\n</section>\n";
}

namespace {

void add_count_table(std::string& out, std::string_view title, const std::vector<NamedCount>& counts) {
  if (counts.empty()) return;
  fmt::format_to(std::back_inserter(out), "<div><h3>{}</h3>\n<table><tbody>\n", title);
  for (const auto& [name, count] : counts) {
    fmt::format_to(std::back_inserter(out), "<tr><td class=\"left\">{}</td><td>{}</td></tr>\n", escaped(name), words::count(count));
  }
  out += "</tbody></table></div>\n";
}

}  // namespace

void add_counts(std::string& out, const Page& page) {
  const SessionSummary& s = page.summary;
  std::vector<NamedCount> engine = {{"records of the capture", s.records},
                                    {"events", s.events},
                                    {"ticks trusted", s.ticks},
                                    {"bars closed", s.bars},
                                    {"bar gaps", s.bar_gaps},
                                    {"signals", s.signals},
                                    {"orders sent", s.orders_sent},
                                    {"fills", s.fills}};
  std::erase_if(engine, [](const NamedCount& row) { return row.second == 0 && row.first != "events"; });
  out += "<section>\n<h2>Counters</h2>\n<div class=\"pair\">\n";
  add_count_table(out, "Engine", engine);
  add_count_table(out, "Feed", s.feed_counts);
  add_count_table(out, "Frames by channel", s.frames_by_channel);
  add_count_table(out, "Frames refused", s.frames_refused);
  add_count_table(out, "Alerts of the position machine", s.alerts);
  out += "</div>\n</section>\n";
}

void add_threads(std::string& out, const Page& page) {
  const SessionSummary& s = page.summary;
  if (s.hot_threads.empty()) return;
  struct Line {
    std::string_view name;
    std::uint64_t WorkerCounters::* member;
    bool offence;  ///< a hot thread should never do it
  };
  constexpr std::array<Line, 10> kLines = {{{"Messages", &WorkerCounters::messages, false},
                                            {"Turns with work", &WorkerCounters::turns_busy, false},
                                            {"Turns without", &WorkerCounters::turns_idle, false},
                                            {"Yields", &WorkerCounters::yields, false},
                                            {"Parks", &WorkerCounters::parks, false},
                                            {"Allocations", &WorkerCounters::allocations, true},
                                            {"Page faults, minor", &WorkerCounters::page_faults_minor, false},
                                            {"Page faults, major", &WorkerCounters::page_faults_major, true},
                                            {"Context switches, voluntary", &WorkerCounters::context_switches_voluntary, false},
                                            {"Context switches, involuntary", &WorkerCounters::context_switches_involuntary, false}}};
  out +=
      "<section>\n<h2>Hot threads</h2>\n<p class=\"note\">What each thread did to its host after warm-up.</p>\n<div "
      "class=\"scroll\"><table>\n<thead><tr><th class=\"left\"></th>";
  for (const WorkerCounters& thread : s.hot_threads) out += "<th>" + escaped(thread.name) + "</th>";
  out += "</tr></thead>\n<tbody>\n";
  for (const Line& line : kLines) {
    fmt::format_to(std::back_inserter(out), "<tr><td class=\"left\">{}</td>", line.name);
    for (const WorkerCounters& thread : s.hot_threads) {
      const std::uint64_t value = thread.*line.member;
      fmt::format_to(std::back_inserter(out), "<td{}>{}</td>",
                     value == 0     ? " class=\"zero\""
                     : line.offence ? " class=\"offence\""
                                    : "",
                     words::count(value));
    }
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (s.ring_enters > 0)
    fmt::format_to(std::back_inserter(out), "<p class=\"note\" style=\"margin:12px 0 0\">The journal made {} io_uring_enter calls.</p>\n",
                   words::count(s.ring_enters));
  out += "</section>\n";
}

}  // namespace martinet::report
