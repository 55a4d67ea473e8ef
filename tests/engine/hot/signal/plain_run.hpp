#pragma once
// A strategy over real bars, twice: in the engine (the real indicators and signal stages) and in the plain re-implementation under plain/
// (Python, standard library only), both with the same toy in place of gate, venue and position machine:
//   an entry fills at once at the reference price, one leg of kLeg; before a bar of the file is given, its low and high are held against
//   the stop, then against the target: touched means a flat view. plain/toy.py says the same.
// What comes out are lines, one per intent; plain/run.py describes them. See plain_vwap_rsi_test.cpp for how it is used.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/hot/indicators/indicators.hpp"
#include "engine/hot/signal/registry.hpp"
#include "engine/hot/signal/signal.hpp"
#include "tests/engine/hot/indicators/bar_file.hpp"
#include "tests/engine/hot/signal/models_for_tests.hpp"
#include "tests/support/data_folder.hpp"

namespace martinet::plain_run {

using Parameters = std::vector<std::pair<std::string, ParameterValue>>;

struct Source {
  std::string path;  ///< under the data folder, with the header ts_ms,open,high,low,close,volume
  std::int64_t interval_ns = kNanosPerMinute;
};

/// One instrument per file and the bars of all, in order of time, then of instruments.
struct Market {
  std::vector<Source> sources;
  InstrumentTable table;
  std::vector<Candle> candles;
};

inline Market load_market(const std::filesystem::path& folder, const std::vector<Source>& sources) {
  Market market{sources, {}, {}};
  for (const Source& source : sources) {
    const test::BarFile file = test::read_bar_file(folder / source.path, source.interval_ns);
    Instrument row;
    (void)row.symbol.assign("P" + std::to_string(market.table.size()));
    row.kind = ContractKind::linear;
    row.price_decimals = static_cast<std::uint8_t>(file.price_decimals + 2);
    row.qty_decimals = static_cast<std::uint8_t>(file.qty_decimals);
    row.rules.tick_size = {100};
    const InstrumentId id = market.table.add(row).value();
    for (Candle candle : file.candles) {
      candle.instrument = id;
      for (Price* price : {&candle.open, &candle.high, &candle.low, &candle.close}) price->v *= 100;
      market.candles.push_back(candle);
    }
  }
  std::ranges::stable_sort(market.candles, {}, [](const Candle& c) { return std::pair(c.ts_open_ns, c.instrument); });
  return market;
}

/// What becomes of intents, in the simplest way that can be said. One instrument; copyable.
class Toy {
 public:
  static constexpr std::int64_t kLeg = 1'000'000;

  explicit Toy(const Instrument& instrument) : rules_(instrument.rules) { view_.instrument = instrument.id; }

  /// True if the bar touched stop or target: view() is flat then, and new.
  [[nodiscard]] bool touch(const Candle& bar) {
    if (view_.qty.v == 0) return false;
    const bool is_long = view_.qty.v > 0;
    const auto reached = [](Price level, Price extreme, bool from_above) {
      return level != kNoPrice && (from_above ? extreme <= level : extreme >= level);
    };
    if (!reached(stop_, is_long ? bar.low : bar.high, is_long) && !reached(target_, is_long ? bar.high : bar.low, !is_long)) return false;
    end();
    return true;
  }
  /// The intents of one frame of strategy 0; view() is new after it.
  void apply(std::span<const OrderIntent> intents) {
    for (const OrderIntent& intent : intents) apply(intent);
    ++view_.version;
  }
  [[nodiscard]] const PositionView& view() const { return view_; }

 private:
  void apply(const OrderIntent& intent) {
    if (intent.action == IntentAction::enter_long || intent.action == IntentAction::enter_short) {
      if (view_.qty.v != 0) return;
      sign_ = intent.action == IntentAction::enter_long ? 1 : -1;
      stop_ = intent.stop_price;
      target_ = intent.target_price;
      cycle_ = intent.opens_cycle() ? intent : OrderIntent{};
      add_leg(intent.reference_price);
    } else if (view_.qty.v == 0) {
      return;
    } else if (intent.action == IntentAction::add_level) {
      add_leg(intent.reference_price);
    } else if (intent.action == IntentAction::exit) {
      end();
    } else if (intent.action == IntentAction::exit_part) {
      const std::int64_t units = sign_ * view_.qty.v;
      view_.qty.v -= sign_ * static_cast<std::int64_t>(static_cast<__int128>(units) * intent.part.v / kRateUnit);
    } else if (stop_ == kNoPrice || (sign_ > 0 ? intent.stop_price > stop_ : intent.stop_price < stop_)) {
      stop_ = intent.stop_price;
    }
  }
  void add_leg(Price price) {
    leg_sum_ += price.v;
    ++view_.legs_filled;
    view_.entry_price = {leg_sum_ / view_.legs_filled};  // rounded down
    view_.qty.v += sign_ * kLeg;
    view_.owner = 0;
    view_.exposure = Exposure::open;
    if (!cycle_.opens_cycle()) return;
    stop_ = beside_average(-sign_, cycle_.stop_rate);
    target_ = cycle_.target_rate.v > 0 ? beside_average(sign_, cycle_.target_rate) : kNoPrice;
  }
  // average * (1 + sign * rate), to the tick toward the average.
  [[nodiscard]] Price beside_average(std::int64_t sign, Rate rate) const {
    const __int128 scaled = static_cast<__int128>(view_.entry_price.v) * (kRateUnit + sign * rate.v);
    const __int128 tick = static_cast<__int128>(rules_.tick_size.v) * kRateUnit;
    const __int128 ticks = sign < 0 ? (scaled + tick - 1) / tick : scaled / tick;
    return {static_cast<std::int64_t>(ticks) * rules_.tick_size.v};
  }
  void end() {
    PositionView flat;
    flat.instrument = view_.instrument;
    flat.version = view_.version + 1;
    view_ = flat;
    leg_sum_ = 0;
    stop_ = target_ = kNoPrice;
  }

  InstrumentRules rules_;
  PositionView view_;
  OrderIntent cycle_;
  std::int64_t sign_ = 1;
  std::int64_t leg_sum_ = 0;
  Price stop_ = kNoPrice;
  Price target_ = kNoPrice;
};

/// Puts into a context what a kind needs beyond its parameters (the models of model_signal).
using Complete = std::function<void(StrategyContext&)>;

struct CannotBeMade : std::runtime_error {
  explicit CannotBeMade(const Error& refused) : std::runtime_error(refused.what), error(refused) {}
  Error error;
};

/// Indicators, signal stage with one strategy (id 0, over all instruments of the market) and toys.
class EngineRun {
 public:
  /// Throws CannotBeMade where the strategy is refused.
  EngineRun(const Market& market, std::string_view kind, const Parameters& parameters, const Complete& complete = {})
      : plan_(market.table.size()) {
    StrategyContext context;
    context.name = "plain";
    std::vector<InstrumentId> ids;
    for (const Instrument& row : market.table) ids.push_back(row.id);
    context.instruments = ids;
    context.table = &market.table;
    for (const auto& [name, value] : parameters) context.parameters.set(name, value);
    context.slot_of = [this](const IndicatorRequest& request) { return plan_.slot(request); };
    context.timeframe_bit_of = [this](InstrumentId id, std::int64_t timeframe_ns) -> Result<std::uint8_t> {
      return plan_.timeframe_bit(id, timeframe_ns);
    };
    context.model_of = signal_test::model_for_tests;
    if (complete) complete(context);
    Result<std::unique_ptr<Strategy>> made = make_strategy(kind, context);
    if (!made) throw CannotBeMade(made.error());
    timeframe_ns_ = ParameterReader(parameters_of(kind), context.parameters).timeframe_ns("timeframe");
    std::vector<std::unique_ptr<Strategy>> list;
    list.push_back(std::move(*made));
    signal_ = std::make_unique<Signal>(std::move(list), market.table.size());
    BarConfig config;
    config.source = BarConfig::Source::candles;
    indicators_ = std::make_unique<Indicators>(market.table, plan_, config);
    for (const Instrument& row : market.table) toys_.emplace_back(row);
  }
  EngineRun(const EngineRun&) = delete;

  /// One bar of a file: stop and target first, then the frames it makes, then what they lead to.
  void feed(const Candle& candle) {
    ++sequence_;
    if (!rows_stay_open) touch(candle);
    Frames frames{*this};
    indicators_->on_candle(candle, frames, sequence_);
    if (rows_stay_open) touch(candle);
  }
  /// Rows are fed with closed = 0: a bar closes with the next row, whose high and low come after its decisions.
  bool rows_stay_open = false;

  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] const std::vector<OrderIntent>& intents() const { return intents_; }
  [[nodiscard]] Indicators& indicators() { return *indicators_; }
  [[nodiscard]] Signal& signal() { return *signal_; }
  [[nodiscard]] const IndicatorPlan& plan() const { return plan_; }
  /// Called with every frame before the strategy sees it.
  std::function<void(const IndicatorFrame&)> on_frame;

  void save(ArchiveWriter& archive) const {
    indicators_->save(archive);
    signal_->save(archive);
  }
  /// Into a fresh object: stages from the archive, the toys (which are no part of the engine) from the other run.
  [[nodiscard]] Errc load(ArchiveReader& archive, const EngineRun& from) {
    toys_ = from.toys_;
    sequence_ = from.sequence_;
    lines_ = from.lines_;
    intents_ = from.intents_;
    if (const Errc error = indicators_->load(archive); error != Errc::ok) return error;
    return signal_->load(archive);
  }

 private:
  struct Frames {
    EngineRun& run;
    void frame(const IndicatorFrame& frame) {
      if (run.on_frame) run.on_frame(frame);
      Intents sink;
      run.signal_->on_frame(frame, sink);
      if (sink.list.empty()) return;
      for (const OrderIntent& intent : sink.list) run.note(frame, intent);
      Toy& toy = run.toys_[frame.instrument];
      toy.apply(sink.list);
      run.signal_->on_position_view(toy.view());
    }
  };
  struct Intents {
    std::vector<OrderIntent> list;
    void intent(const OrderIntent& intent) { list.push_back(intent); }
  };

  void touch(const Candle& candle) {
    Toy& toy = toys_[candle.instrument];
    if (toy.touch(candle)) signal_->on_position_view(toy.view());
  }
  void note(const IndicatorFrame& frame, const OrderIntent& intent) {
    constexpr const char* kActions[] = {"enter_long", "enter_short", "exit", "exit_part", "move_stop", "add_level"};
    const auto price = [](Price p) { return p == kNoPrice ? std::string("-") : std::to_string(p.v); };
    char score[40];
    std::snprintf(score, sizeof score, "%.12f", intent.score);
    std::string line = std::to_string(indicators_->last_bar(frame.instrument, timeframe_ns_).ts_open_ns / kNanosPerMilli);
    const auto add = [&line](std::string_view word) { (line += ' ') += word; };
    add(std::to_string(frame.instrument));
    add(kActions[static_cast<std::size_t>(intent.action)]);
    for (const Price p : {intent.reference_price, intent.stop_price, intent.target_price}) add(price(p));
    add(score);
    add(name_of(intent.regime));
    add(name_of(intent.exit_reason));
    add(std::to_string(intent.atr.v));
    add(std::to_string(intent.part.v));
    add(std::to_string(intent.level_count));
    for (const Price p : {intent.worst_price, intent.worst_average}) add(price(p));
    for (const Rate rate : {intent.stop_rate, intent.target_rate}) add(std::to_string(rate.v));
    lines_.push_back(line);
    intents_.push_back(intent);
  }

  IndicatorPlan plan_;
  std::unique_ptr<Indicators> indicators_;
  std::unique_ptr<Signal> signal_;
  std::vector<Toy> toys_;
  std::int64_t timeframe_ns_ = 0;
  std::uint64_t sequence_ = 0;
  std::vector<std::string> lines_;
  std::vector<OrderIntent> intents_;
};

inline std::vector<std::string> run_engine(const Market& market, std::string_view kind, const Parameters& parameters,
                                           const Complete& complete = {}) {
  EngineRun run(market, kind, parameters, complete);
  for (const Candle& candle : market.candles) run.feed(candle);
  return run.lines();
}

inline std::string json_of(const ParameterValue& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* text = std::get_if<std::string>(&value)) return '"' + *text + '"';
  char number[40];
  std::snprintf(number, sizeof number, "%.17g", std::get<double>(value));
  return number;
}

/// The lines of plain/<kind>.py, per parameter set. Throws where Python is missing or fails (its message is on standard error).
inline std::vector<std::vector<std::string>> run_plain(const std::filesystem::path& folder, const Market& market, std::string_view kind,
                                                       const std::vector<Parameters>& runs) {
  std::string job = "{\"strategy\": \"" + std::string(kind) + "\", \"instruments\": [";
  for (std::size_t i = 0; i < market.sources.size(); ++i) {
    const Source& source = market.sources[i];
    job += std::string(i == 0 ? "" : ", ") + "{\"path\": \"" + (folder / source.path).string() +
           "\", \"interval_ms\": " + std::to_string(source.interval_ns / kNanosPerMilli) + "}";
  }
  job += "], \"runs\": [";
  for (std::size_t i = 0; i < runs.size(); ++i) {
    job += i == 0 ? "{" : ", {";
    for (std::size_t j = 0; j < runs[i].size(); ++j) {
      job += std::string(j == 0 ? "" : ", ") + '"' + runs[i][j].first + "\": " + json_of(runs[i][j].second);
    }
    job += "}";
  }
  job += "]}";
  const std::filesystem::path file = std::filesystem::temp_directory_path() / ("plain_" + std::to_string(getpid()) + ".json");
  std::ofstream(file) << job;
  const std::string command = "python3 -B '" MARTINET_SOURCE_DIR "/tests/engine/hot/signal/plain/run.py' < '" + file.string() + "'";
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no pipe to " + command);
  std::vector<std::vector<std::string>> all;
  char text[1024];
  while (std::fgets(text, sizeof text, pipe) != nullptr) {
    std::string line(text);
    if (!line.empty() && line.back() == '\n') line.pop_back();
    if (line.starts_with("run ")) {
      all.emplace_back();
    } else if (!all.empty()) {
      all.back().push_back(line);
    }
  }
  const int status = pclose(pipe);
  std::filesystem::remove(file);
  if (status != 0 || all.size() != runs.size()) throw std::runtime_error("failed: " + command);
  return all;
}

inline bool has_python() { return std::system("python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null") == 0; }

/// Equal word by word; the score within 1e-9.
inline bool same_line(const std::string& a, const std::string& b) {
  std::istringstream left(a);
  std::istringstream right(b);
  std::string x;
  std::string y;
  for (int word = 0;; ++word) {
    const bool more = static_cast<bool>(left >> x);
    if (more != static_cast<bool>(right >> y)) return false;
    if (!more) return true;
    if (word == 6 ? !(std::abs(std::stod(x) - std::stod(y)) <= 1e-9) : x != y) return false;
  }
}

/// Runs every parameter set in both and compares.
/// in    decisions_min: the least number of lines of each run; an empty list proves nothing
inline void expect_same_decisions(const std::filesystem::path& folder, const std::vector<Source>& sources, std::string_view kind,
                                  const std::vector<std::pair<std::size_t, Parameters>>& runs, const Complete& complete = {}) {
  const Market market = load_market(folder, sources);
  std::vector<Parameters> parameters;
  for (const auto& [decisions_min, one] : runs) parameters.push_back(one);
  const std::vector<std::vector<std::string>> plain = run_plain(folder, market, kind, parameters);
  for (std::size_t r = 0; r < runs.size(); ++r) {
    std::string what = "run " + std::to_string(r) + ":";
    for (const auto& [name, value] : parameters[r]) what += " " + name + "=" + json_of(value);
    SCOPED_TRACE(what);
    const std::vector<std::string> engine = run_engine(market, kind, parameters[r], complete);
    EXPECT_GE(engine.size(), runs[r].first) << "too few decisions to say anything";
    std::map<std::string, int> actions;
    for (const std::string& line : engine) {
      std::istringstream words(line);
      std::string word;
      for (int i = 0; i < 3; ++i) words >> word;
      ++actions[word];
    }
    std::string counted;
    for (const auto& [action, count] : actions) counted += " " + action + " " + std::to_string(count);
    std::printf("  %s %zu decisions:%s\n", what.c_str(), engine.size(), counted.c_str());
    std::size_t same = 0;
    while (same < engine.size() && same < plain[r].size() && same_line(engine[same], plain[r][same])) ++same;
    if (same == engine.size() && same == plain[r].size()) continue;
    ADD_FAILURE() << "line " << same << " differs (bar_open_ms instrument action reference stop target score regime reason atr part levels "
                  << "worst_price worst_average stop_rate target_rate)\n  engine: "
                  << (same < engine.size() ? engine[same] : "no more lines")
                  << "\n  plain:  " << (same < plain[r].size() ? plain[r][same] : "no more lines")
                  << "\n  before: " << (same > 0 ? engine[same - 1] : "-");
  }
}

}  // namespace martinet::plain_run

#define MT_NEED_PYTHON() \
  if (!::martinet::plain_run::has_python()) GTEST_SKIP() << "no python3 (3.9 or later) on the path"
