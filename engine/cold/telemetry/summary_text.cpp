// What a person reads at 3 a.m.: sections in the order of the data, warnings last, where the eye is when the prompt returns.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "engine/cold/telemetry/session_summary.hpp"
#include "engine/cold/telemetry/text_table.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kNameColumns = 24;  ///< names of strategies and symbols are cut to this, so that tables stay within kColumns

std::string cut(std::string_view text, std::size_t columns = kNameColumns) {
  std::string clean = wrapped(text, columns).front();
  return clean.size() == printable(text).size() ? clean : wrapped(text, columns - 1).front() + "~";
}

class TextSummary {
 public:
  TextSummary(const SessionSummary& summary, const InstrumentTable& instruments, bool colour)
      : s_(summary), instruments_(instruments), colour_(colour) {}

  std::string write() {
    title();
    input();
    trading();
    verdicts();
    positions();
    strategies();
    result();
    latency();
    threads();
    warnings();
    return std::move(out_);
  }

 private:
  void heading(std::string_view text, std::string_view note = {}) {
    out_ += "\n" + inked(text, Ink::bold, colour_);
    if (!note.empty()) out_ += "  " + inked(note, Ink::dim, colour_);
    out_ += "\n";
  }

  void labelled(std::string_view label, std::string_view value) {
    if (value.empty()) return;
    constexpr std::size_t kLabel = 16;
    bool first = true;
    for (const std::string& line : wrapped(value, kColumns - kLabel)) {
      out_ += fmt::format("  {:<{}}{}\n", first ? label : "", kLabel - 2, line);
      first = false;
    }
  }

  void title() {
    out_ += inked("martinet " + printable(s_.mode), Ink::bold, colour_) + "\n";
    labelled("session", s_.session);
    labelled("input", s_.input);
    labelled("config", s_.config_source);
    for (const ModelRow& row : s_.models) {
      labelled("model", fmt::format("{} version {} of strategy {}, SHA-256 {}", row.name, row.version, row.strategy, row.sha256));
    }
    labelled("layout", s_.layout);
    labelled("build", s_.build_id);
    labelled("machine", s_.machine);
    if (s_.ts_last_ns != 0) {
      labelled("span", fmt::format("{} to {} UTC ({})", words::utc(s_.ts_first_ns), words::utc(s_.ts_last_ns),
                                   words::duration(s_.ts_last_ns - s_.ts_first_ns)));
    }
  }

  static void count_row(TextTable& table, std::string name, std::uint64_t value, Ink ink = Ink::plain) {
    if (value > 0) table.row({std::move(name), words::count(value)}, ink);
  }

  void input() {
    heading("Input");
    TextTable table(colour_);
    count_row(table, "records of the capture", s_.records);
    for (const auto& [name, count] : s_.frames_by_channel) count_row(table, "  frames: " + cut(name), count);
    for (const auto& [name, count] : s_.frames_refused) count_row(table, "  refused: " + cut(name), count, Ink::warn);
    table.row({"events", words::count(s_.events)});
    table.row({"ticks trusted", words::count(s_.ticks)});
    for (const auto& [name, count] : s_.feed_counts) count_row(table, "  feed: " + cut(name), count);
    out_ += table.str();
    if (s_.elapsed_s > 0) {
      out_ += fmt::format("  {} events/s over {}\n", words::count(words::whole(s_.events_per_second)),
                          words::duration(static_cast<std::int64_t>(words::whole(s_.elapsed_s * 1e9))));
    }
  }

  void trading() {
    heading("Trading");
    TextTable table(colour_);
    count_row(table, "bars closed", s_.bars);
    count_row(table, "bar gaps", s_.bar_gaps);
    if (s_.signals > 0) {
      table.row({"signals", words::count(s_.signals)});
      table.row({"orders sent", words::count(s_.orders_sent)});
      table.row({"fills", words::count(s_.fills)});
    }
    for (const auto& [name, count] : s_.alerts) count_row(table, "alert: " + cut(name), count, Ink::warn);
    out_ += table.str();
    if (s_.signals == 0) out_ += "  no signals\n";
  }

  void verdicts() {
    std::uint64_t total = 0;
    std::uint64_t most = 1;
    for (const auto& [name, count] : s_.orders_by_verdict) {
      total += count;
      most = std::max(most, count);
    }
    if (total == 0) return;
    heading("Orders by verdict");
    TextTable table(colour_);
    for (const auto& [name, count] : s_.orders_by_verdict) {
      if (count == 0) continue;
      constexpr double kBar = 30;
      const double share = static_cast<double>(count) / static_cast<double>(total);
      const auto length = std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(count) / static_cast<double>(most) * kBar));
      table.row({cut(name), words::count(count), words::percent(share), fmt::format("{:<30}", std::string(length, '#'))});
    }
    out_ += table.str();
  }

  [[nodiscard]] const Instrument& instrument_of(InstrumentId id) const {
    static const Instrument kUnknown;
    return id < instruments_.size() ? instruments_[id] : kUnknown;
  }

  void positions() {
    if (s_.open_positions.empty()) return;
    heading("Open positions");
    TextTable table(colour_);
    table.row({"symbol", "strategy", "qty", "entry", "last", "unrealised"}, Ink::dim);
    for (const OpenPosition& position : s_.open_positions) {
      const Instrument& instrument = instrument_of(position.instrument);
      table.row({cut(instrument.symbol.view()), cut(position.strategy, 16), words::grid(position.qty.v, instrument.qty_decimals),
                 words::grid(position.entry_price.v, instrument.price_decimals),
                 words::grid(position.last_price.v, instrument.price_decimals), words::money_rounded(position.unrealised, true)},
                position.unrealised.v < 0 ? Ink::bad : Ink::plain);
    }
    out_ += table.str();
  }

  void strategies() {
    TextTable table(colour_);
    for (const StrategyRow& row : s_.strategies) {
      if (row.trades == 0 && row.pnl_net.v == 0) continue;
      table.row({cut(row.name), words::count(row.trades), words::count(row.wins), words::money_rounded(row.fees),
                 words::money_rounded(row.pnl_net, true)},
                row.pnl_net.v < 0 ? Ink::bad : Ink::plain);
    }
    if (table.empty()) return;
    TextTable with_head(colour_);
    heading("Strategies");
    with_head.row({"strategy", "trades", "wins", "fees", "P&L net"}, Ink::dim);
    with_head.append(table);
    out_ += with_head.str();
  }

  void result() {
    heading("Result", s_.currency);
    TextTable table(colour_);
    table.row({"balance at start", words::money_rounded(s_.initial_balance)});
    table.row({"balance", words::money_rounded(s_.balance)});
    table.row({"equity", words::money_rounded(s_.equity)});
    if (s_.fees.v != 0) table.row({"fees", words::money_rounded(s_.fees)});
    table.row({"P&L net", words::money_rounded(s_.pnl_net, true)}, s_.pnl_net.v > 0 ? Ink::good : s_.pnl_net.v < 0 ? Ink::bad : Ink::plain);
    if (s_.max_drawdown.v != 0)
      table.row({"deepest drawdown", words::money_rounded(s_.max_drawdown), words::percent(s_.max_drawdown_fraction)});
    out_ += table.str();
    performance();
    if (!s_.order_stream_sha256.empty()) labelled("order stream", s_.order_stream_sha256);
  }

  // Trades in one sentence each: figures that are zero because they are not defined are left out.
  void performance() {
    const Performance& p = s_.performance;
    if (p.trades == 0) {
      out_ += s_.fills == 0 ? "  no trades\n" : "  no trade was completed\n";
      return;
    }
    out_ += fmt::format("  {} trade{}, {} won ({})", words::count(p.trades), p.trades == 1 ? "" : "s", words::count(p.wins),
                        words::percent(p.win_rate));
    if (p.max_consecutive_losses > 0) out_ += fmt::format(", {} lost in a row at most", words::count(p.max_consecutive_losses));
    out_ += "\n";
    std::string line;
    const auto figure = [&line](std::string_view name, double value) {
      if (value != 0) line += fmt::format("{}{} {:.2f}", line.empty() ? "  " : "   ", name, value);
    };
    figure("profit factor", p.profit_factor);
    figure("Sharpe", p.sharpe);
    figure("Sortino", p.sortino);
    figure("Calmar", p.calmar);
    if (!line.empty()) out_ += line + "\n";
  }

  void latency() {
    if (s_.latency.empty()) return;
    heading("Latency", "per stage, own time");
    TextTable table(colour_);
    table.row({"stage", "count", "p50", "p90", "p99", "p99.9", "max"}, Ink::dim);
    for (const LatencyRow& row : s_.latency) {
      if (row.count == 0) continue;
      table.row({cut(row.stage), words::count(row.count), words::latency(row.p50_ns), words::latency(row.p90_ns),
                 words::latency(row.p99_ns), words::latency(row.p999_ns), words::latency(row.max_ns)});
    }
    out_ += table.str();
  }

  void threads() {
    if (s_.hot_threads.empty()) return;
    heading("Hot threads");
    constexpr std::size_t kThreadsAcross = 4;  // 28 columns of names and 4 x 17 of numbers
    const std::span<const WorkerCounters> all(s_.hot_threads);
    for (std::size_t at = 0; at < all.size(); at += kThreadsAcross) {
      if (at > 0) out_ += "\n";
      out_ += thread_table(all.subspan(at, std::min(kThreadsAcross, all.size() - at)));
    }
    if (s_.ring_enters > 0) out_ += fmt::format("  journal: {} io_uring_enter calls\n", words::count(s_.ring_enters));
  }

  std::string thread_table(std::span<const WorkerCounters> threads) {
    TextTable table(colour_);
    std::vector<std::string> head{"thread"};
    for (const WorkerCounters& thread : threads) head.push_back(cut(thread.name, 15));
    table.row(std::move(head), Ink::dim);
    // A zero is the proof for what hot threads must not do; of the rest, lines of zeros are left out.
    const auto line = [&](const char* name, std::uint64_t WorkerCounters::* member, bool proof, bool offence) {
      std::vector<std::string> cells{name};
      bool any = false;
      for (const WorkerCounters& thread : threads) {
        cells.push_back(words::count(thread.*member));
        any = any || thread.*member != 0;
      }
      if (any || proof) table.row(std::move(cells), any && offence ? Ink::warn : Ink::plain);
    };
    line("messages", &WorkerCounters::messages, true, false);
    line("turns busy", &WorkerCounters::turns_busy, false, false);
    line("turns idle", &WorkerCounters::turns_idle, false, false);
    line("yields", &WorkerCounters::yields, false, false);
    line("parks", &WorkerCounters::parks, false, false);
    line("allocations", &WorkerCounters::allocations, true, true);
    line("page faults, minor", &WorkerCounters::page_faults_minor, true, false);
    line("page faults, major", &WorkerCounters::page_faults_major, false, true);
    line("context switches, own", &WorkerCounters::context_switches_voluntary, true, false);
    line("context switches, forced", &WorkerCounters::context_switches_involuntary, true, false);
    return table.str();
  }

  void warnings() {
    if (s_.warnings.empty()) return;
    heading("Warnings");
    for (const std::string& warning : s_.warnings) {
      bool first = true;
      for (const std::string& line : wrapped(warning, kColumns - 4)) {
        out_ += inked((first ? "  ! " : "    ") + line, Ink::warn, colour_) + "\n";
        first = false;
      }
    }
  }

  const SessionSummary& s_;
  const InstrumentTable& instruments_;
  bool colour_;
  std::string out_;
};

}  // namespace

std::string summary_text(const SessionSummary& summary, const InstrumentTable& instruments, bool colour) {
  return TextSummary(summary, instruments, colour).write();
}

}  // namespace martinet
