// CSV files of trades, bars, quote bars and quotes.
#include <algorithm>
#include <map>
#include <utility>

#include "adapters/capture/csv_columns.hpp"
#include "adapters/capture/import_source.hpp"
#include "engine/base/assert.hpp"
#include "engine/base/time.hpp"

namespace martinet::importing {
namespace {

constexpr std::size_t kStepsLooked = 1'000;  // bars looked at for the most common step

std::string_view words_of(CsvKind kind) {
  constexpr std::array<std::string_view, 4> kWords = {"CSV trades", "CSV bars", "CSV quote bars", "CSV quotes"};
  return kWords[static_cast<std::size_t>(kind)];
}

bool is_bars(CsvKind kind) { return kind == CsvKind::bars || kind == CsvKind::quote_bars; }

class CsvSource final : public ImportSource {
 public:
  CsvSource(ImportPlan& plan, const std::filesystem::path& path) : ImportSource(plan, path, "CSV") {}

  Status scan() override {
    if (const Status opened = open_at_rows(); !opened) return opened;
    file_.kind = words_of(layout_.kind);
    needs_.venue = Venue::file;
    needs_.market = plan_.options.market.value_or(Market::none);
    needs_.symbol = plan_.options.symbol.empty() ? symbol_of_file_name(file_.path.filename().string()) : plan_.options.symbol;
    if (layout_.points) choose_point();
    if (is_bars(layout_.kind)) {
      if (const Status chosen = choose_interval(); !chosen) return chosen;
    }
    for (;;) {
      const Result<bool> row = next_row();
      if (!row) return row.error();
      if (!*row) return {};
      note_row();
    }
  }

  Status settle() override {
    const Result<InstrumentId> id = plan_.enter(needs_);
    if (!id) return id.error();
    id_ = *id;
    // One stream for all CSV files: ticks and candles carry their instrument.
    const Result<std::uint16_t> stream = plan_.stream({Venue::file, needs_.market, StreamKind::parsed, kNoInstrument, "csv"});
    if (!stream) return stream.error();
    stream_ = *stream;
    return {};
  }

  Status begin() override {
    judge_.second_pass();
    ts_last_ns_ = 0;
    const Instrument& instrument = plan_.header.instruments[id_];
    price_decimals_ = instrument.price_decimals;
    qty_decimals_ = instrument.qty_decimals;
    if (const Status opened = open_at_rows(); !opened) return opened;
    return fetch();
  }

  Status write(CaptureWriter& writer) override {
    Status written;
    switch (layout_.kind) {
      case CsvKind::trades:
        written = write_trade(writer);
        break;
      case CsvKind::quotes:
        written = write_quote(writer);
        break;
      case CsvKind::quote_bars:
        // The quote first: whoever acts on the close of the bar needs a price to act at.
        written = write_quote(writer);
        if (written) written = write_candle(writer);
        break;
      case CsvKind::bars:
        written = write_candle(writer);
        break;
    }
    if (!written) return Error{written.error().code, sentence("", written.error().what)};
    return fetch();
  }

 private:
  // The file anew, its header row read.
  Status open_at_rows() {
    if (const Status opened = open(); !opened) return opened;
    std::string_view line;
    do {
      if (text_->next(line)) continue;
      if (!text_->status().ok()) return text_->status();
      return Error{Errc::empty_file, file_.path.string() + " holds no text"};
    } while (line.find_first_not_of(" \t") == std::string_view::npos);
    Result<CsvLayout> layout = read_csv_header(line, plan_.options.columns);
    if (!layout) return Error{layout.error().code, file_.path.string() + ": " + layout.error().what};
    layout_ = std::move(layout.value());
    return {};
  }

  // MetaTrader exports hold whole points and do not say what a point is.
  void choose_point() {
    for (const RuleRow& spec : plan_.specs) {
      if (spec.symbol != needs_.symbol || spec.tick.empty()) continue;
      point_decimals_ = std::max(0, decimals_needed(spec.tick));
      return;
    }
    point_decimals_ = needs_.symbol.ends_with("JPY") ? 3 : needs_.symbol.starts_with("XAU") ? 2 : 5;
    plan_.remark(file_.path.string() + ": a point of " + needs_.symbol + " is taken as " + to_text(1, point_decimals_) +
                 "; say --instrument " + needs_.symbol + ":tick=... if that is wrong");
  }

  // The most common step of the first bars, where it is most of them: a file with holes in every place does not show its bars' length.
  Status choose_interval() {
    interval_ns_ = plan_.options.timeframe_ns;
    if (interval_ns_ > 0) return {};
    std::map<std::int64_t, std::size_t> steps;
    std::size_t looked = 0;
    std::int64_t last = 0;
    CsvRow row;
    CsvFault fault;
    for (std::string_view line; looked < kStepsLooked && text_->next(line);) {
      if (!parse_csv_row(line, layout_, point_decimals_, row, fault)) continue;
      if (last != 0 && row.ts_ns > last) {
        ++steps[row.ts_ns - last];
        ++looked;
      }
      last = row.ts_ns;
    }
    const auto most = std::max_element(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    const bool any_row = last != 0;
    if (any_row && (looked == 0 || 2 * most->second < looked)) {
      return Error{Errc::config_missing, file_.path.string() + ": the length of its bars does not show (" +
                                             (looked == 0 ? "too few rows" : "no step between them is common to half of the rows") +
                                             "); say --timeframe"};
    }
    if (any_row) interval_ns_ = most->first;
    return open_at_rows();
  }

  Result<bool> next_row() {
    std::string_view line;
    for (;;) {
      const Result<bool> got = next_line(line);
      if (!got || !*got) return got;
      CsvFault fault;
      Errc error = parse_csv_row(line, layout_, point_decimals_, row_, fault) ? Errc::ok : Errc::bad_row;
      if (error == Errc::ok) error = check_order(fault);
      if (error == Errc::ok) {
        ts_last_ns_ = row_.ts_ns;
        return true;
      }
      if (const Status judged = judge_.malformed(error, sentence(fault.column, fault.what)); !judged) return judged.error();
    }
  }

  Errc check_order(CsvFault& fault) {
    const bool bars = is_bars(layout_.kind);
    if (ts_last_ns_ == 0 || row_.ts_ns >= ts_last_ns_ + (bars ? interval_ns_ : 0)) return Errc::ok;
    fault.column = "'" + layout_.names[static_cast<std::size_t>(layout_.at(CsvMeaning::time))] + "'";
    fault.what = row_.ts_ns == ts_last_ns_  ? "the time is that of the row before"
                 : row_.ts_ns < ts_last_ns_ ? "the time goes back"
                                            : "the bar begins before the one before it ends";
    return Errc::out_of_order;
  }

  void note_row() {
    plan_.report.quantities_rounded += row_.rounded;
    switch (layout_.kind) {
      case CsvKind::trades:
        needs_.see_price(row_.price);
        needs_.see_qty(row_.qty);
        return;
      case CsvKind::bars:
      case CsvKind::quote_bars:
        for (const ImportNumber price : {row_.open, row_.high, row_.low, row_.close}) needs_.see_price(price);
        if (layout_.counts && decimals_of(row_.volume) == 0) {
          needs_.see_count(row_.volume);
        } else {
          needs_.see_qty(row_.volume);
        }
        if (layout_.kind == CsvKind::bars) return;
        [[fallthrough]];
      case CsvKind::quotes:
        needs_.see_price(row_.bid);
        needs_.see_price(row_.ask);
        needs_.see_qty(row_.bid_qty);
        needs_.see_qty(row_.ask_qty);
        return;
    }
  }

  Status fetch() {
    const Result<bool> row = next_row();
    if (!row) return row.error();
    ts_next_ns_ = *row ? row_.ts_ns + (is_bars(layout_.kind) ? interval_ns_ : 0) : kNever;
    return {};
  }

  // The grid was built from these very rows; they fit unless the file has changed since the first pass.
  Price price(ImportNumber number) { return {on_grid(number, price_decimals_)}; }
  Qty qty(ImportNumber number) { return {on_grid(number, qty_decimals_)}; }
  std::int64_t on_grid(ImportNumber number, int decimals) {
    std::int64_t value = 0;
    if (const Errc error = to_grid(number, decimals, value); error != Errc::ok) misfit_ = error;
    return value;
  }
  Status fits() {
    if (misfit_ == Errc::ok) return {};
    return Error{misfit_, "the row does not fit what the first pass saw; the file has changed meanwhile"};
  }

  Tick tick(TickKind kind) const {
    Tick made;
    made.ts_receive_ns = made.ts_exchange_ns = ts_next_ns_;
    made.instrument = id_;
    made.kind = kind;
    return made;
  }

  Status write_trade(CaptureWriter& writer) {
    Tick trade = tick(TickKind::trade);
    trade.sequence = row_.id;
    trade.bid_price = price(row_.price);
    trade.ask_price = kNoPrice;
    trade.bid_qty = qty(row_.qty);
    trade.side = row_.side;
    ++plan_.report.trades;
    return write_tick(writer, trade);
  }

  Status write_quote(CaptureWriter& writer) {
    Tick quote = tick(TickKind::quote);
    quote.bid_price = price(row_.bid);
    quote.ask_price = price(row_.ask);
    quote.bid_qty = qty(row_.bid_qty);
    quote.ask_qty = qty(row_.ask_qty);
    if (quote.bid_qty.v == 0 && quote.ask_qty.v == 0) quote.flags |= tick_flag::market_unknown_size;
    ++plan_.report.quotes;
    return write_tick(writer, quote);
  }

  Status write_tick(CaptureWriter& writer, const Tick& made) {
    if (Status fit = fits(); !fit) return fit;
    ++file_.records;
    return writer.tick(stream_, made);
  }

  Status write_candle(CaptureWriter& writer) {
    Candle candle;
    candle.ts_receive_ns = ts_next_ns_;
    candle.ts_open_ns = row_.ts_ns;
    candle.interval_ns = interval_ns_;
    candle.open = price(row_.open);
    candle.high = price(row_.high);
    candle.low = price(row_.low);
    candle.close = price(row_.close);
    candle.volume = qty(row_.volume);
    candle.instrument = id_;
    candle.closed = 1;
    if (Status fit = fits(); !fit) return fit;
    ++plan_.report.candles;
    ++file_.records;
    return writer.candle(stream_, candle);
  }

  CsvLayout layout_;
  SymbolNeeds needs_;
  CsvRow row_;
  std::int64_t ts_last_ns_ = 0;  // of the last good row; 0 before the first
  std::int64_t interval_ns_ = 0;
  int point_decimals_ = 0;
  int price_decimals_ = 0;
  int qty_decimals_ = 0;
  Errc misfit_ = Errc::ok;
  InstrumentId id_ = kNoInstrument;
  std::uint16_t stream_ = 0;
};

}  // namespace

std::unique_ptr<ImportSource> make_csv_source(ImportPlan& plan, const std::filesystem::path& path) {
  return std::make_unique<CsvSource>(plan, path);
}

}  // namespace martinet::importing
