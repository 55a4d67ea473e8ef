#include <fmt/format.h>

#include <algorithm>

#include "engine/app/reproduce.hpp"
#include "engine/cold/telemetry/json_text.hpp"
#include "engine/cold/telemetry/text_table.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet {
namespace {

using journal::RecordType;

constexpr std::size_t kChangesShown = 12;

std::string record_name(RecordType type) { return type == RecordType::sent ? "order" : std::string(name_of(type)); }

std::size_t first_difference(const std::vector<std::byte>& a, const std::vector<std::byte>& b) {
  return static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin()).first - a.begin());
}

/// The fields of both sides beside each other; what differs is marked.
class SideBySide {
 public:
  explicit SideBySide(bool colour) : table_(colour) { table_.row({"", "recorded", "made now", ""}, Ink::dim); }
  void add(const Fields& recorded, const Fields& made, std::string_view missing = "-") {
    std::vector<std::string> names;
    for (const Fields* side : {&recorded, &made}) {
      for (const auto& [name, value] : *side) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
    for (const std::string& name : names) {
      const std::string a = value_of(recorded, name, missing);
      const std::string b = value_of(made, name, missing);
      table_.row({name, a, b, a == b ? "" : "<-"}, a == b ? Ink::plain : Ink::warn);
    }
  }
  [[nodiscard]] std::string str() const { return table_.str(); }

 private:
  static std::string value_of(const Fields& fields, const std::string& name, std::string_view missing) {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; });
    return found == fields.end() ? std::string(missing) : found->second;
  }
  TextTable table_;
};

class Writer {
 public:
  Writer(const Reproduction& reproduction, bool colour)
      : r_(reproduction), words_(r_.instruments, r_.strategy_names, r_.epoch), colour_(colour) {}

  std::string text() {
    head();
    if (r_.orders_part) {
      orders_part(*r_.orders_part);
      if (r_.others_part) out_ += "\nOther records part as well; their first difference:\n" + others_part(*r_.others_part);
      return out_;
    }
    out_ += fmt::format("\n{}: {} orders, {} decisions{}\n", inked("Identical", Ink::good, colour_), words::count(r_.orders),
                        words::count(r_.decisions), r_.is_prefix ? ", to the end of what the journal holds" : "");
    out_ += fmt::format("  order stream  {}\n", r_.orders_sha256);
    if (r_.others_part) {
      out_ += fmt::format("\n{}: the orders agree, yet another record differs:\n", inked("Different", Ink::bad, colour_)) +
              others_part(*r_.others_part);
    } else {
      out_ += fmt::format("  and {} other records: venue events, executions, positions, equity, alerts\n", words::count(r_.others));
    }
    return out_;
  }

 private:
  void head() {
    out_ += "martinet replay --session\n";
    const auto line = [this](std::string_view name, const std::string& value) {
      out_ += fmt::format("  {:<13} {}\n", name, printable(value));
    };
    line("session", r_.session);
    line("input", r_.input);
    line("recorded", fmt::format("layout {}, by {}", name_of(r_.layout_recorded), r_.build_recorded));
    line("made now",
         fmt::format("layout {}, by {}", name_of(r_.layout_made), r_.build_made == r_.build_recorded ? "the same build" : r_.build_made));
    line("journal", r_.ending);
    for (std::size_t i = 0; i < std::min(r_.config_changes.size(), kChangesShown); ++i) line(i == 0 ? "changed" : "", r_.config_changes[i]);
    if (r_.config_changes.size() > kChangesShown) line("", fmt::format("and {} more", r_.config_changes.size() - kChangesShown));
  }

  void orders_part(const Divergence& part) {
    out_ += fmt::format("\n{}: the order stream parts after {} identical orders and {} identical decisions\n",
                        inked("Different", Ink::bad, colour_), words::count(r_.orders), words::count(r_.decisions));
    out_ += fmt::format("  order stream so far  {}\n", r_.orders_sha256);
    where(part);
    order(part);
    input(part);
    intent(part);
  }

  void where(const Divergence& part) {
    if (part.recorded)
      out_ +=
          fmt::format("  recorded  {} {} ({})\n", record_name(part.recorded->type), utc_exact(part.recorded->ts_ns), part.recorded->place);
    if (!part.recorded) out_ += "  recorded  nothing more: the session ended here\n";
    if (part.made) out_ += fmt::format("  made now  {} {}\n", record_name(part.made->type), utc_exact(part.made->ts_ns));
    if (!part.made) out_ += "  made now  nothing more: the input ended here\n";
    if (part.recorded && part.made && part.recorded->type == part.made->type) {
      out_ += fmt::format("  from byte {} of the record\n", first_difference(part.recorded->payload, part.made->payload));
    }
  }

  void order(const Divergence& part) {
    out_ += "\nOrder\n";
    SideBySide sides(colour_);
    sides.add(part.order_recorded ? words_.request(*part.order_recorded) : Fields{{"order", "none"}},
              part.order_made ? words_.request(*part.order_made) : Fields{{"order", "none"}});
    out_ += sides.str();
  }

  void input(const Divergence& part) {
    out_ += fmt::format("\nInput {}, {} UTC\n  {}\n", words::count(part.input.sequence), utc_exact(part.input.ts_receive_ns),
                        input_text(part.input));
    if (!part.frame) {
      out_ += "  it made no frame of this instrument\n";
      return;
    }
    out_ += fmt::format("\nIndicators of {} at input {}, as made now (a journal holds no frames)\n", words_.symbol(part.frame->instrument),
                        words::count(part.frame->sequence));
    TextTable table(colour_);
    table.row({"last price", words_.price(part.frame->instrument, part.frame->last_price)});
    const std::vector<std::string> none;
    for (auto& [name, value] : frame_words(*part.frame, part.frame->instrument < r_.slots.size() ? r_.slots[part.frame->instrument] : none))
      table.row({name, value});
    out_ += table.str();
  }

  void intent(const Divergence& part) {
    out_ += "\nIntent and verdict\n";
    const auto fields = [this](const std::optional<GateDecision>& decision) {
      if (!decision) return Fields{{"number", "none"}};
      Fields all = words_.intent(decision->intent);
      all.emplace_back("verdict", word_of(decision->verdict));
      return all;
    };
    SideBySide sides(colour_);
    sides.add(fields(part.decision_recorded), fields(part.decision_made));
    out_ += sides.str();
  }

  std::string others_part(const Divergence& part) {
    std::string before = std::move(out_);
    out_.clear();
    where(part);
    SideBySide sides(colour_);
    const auto fields = [this](const std::optional<SideRecord>& record) {
      Fields all = {{"record", record ? record_name(record->type) : "none"}};
      if (!record) return all;
      for (auto& field : words_.record(record->type, record->payload)) all.push_back(std::move(field));
      return all;
    };
    sides.add(fields(part.recorded), fields(part.made));
    out_ += sides.str();
    out_ += fmt::format("  at input {}, {} UTC: {}\n", words::count(part.input.sequence), utc_exact(part.input.ts_receive_ns),
                        input_text(part.input));
    std::swap(before, out_);
    return before;
  }

  [[nodiscard]] std::string input_text(const ProbedInput& input) const {
    switch (input.kind) {
      case InputKind::tick:
        return words_.tick(input.tick);
      case InputKind::candle:
        return words_.candle(input.candle);
      case InputKind::timer:
        return "a timer: time itself";
      case InputKind::none:
        break;
    }
    return "before the first trusted input";
  }

  const Reproduction& r_;
  RecordWords words_;
  bool colour_;
  std::string out_;
};

void put_fields(JsonText& json, std::string_view key, const Fields& fields) {
  json.key(key).begin_object();
  for (const auto& [name, value] : fields) json.key(name).text(value);
  json.end_object();
}

void put_side(JsonText& json, std::string_view key, const RecordWords& words, const std::optional<SideRecord>& record,
              const std::optional<OrderRequest>& order, const std::optional<GateDecision>& decision) {
  json.key(key);
  if (!record) {
    json.null();
    return;
  }
  json.begin_object();
  json.key("type").text(name_of(record->type));
  json.key("ts_ns").integer(record->ts_ns);
  if (!record->place.empty()) json.key("place").text(record->place);
  put_fields(json, "record", words.record(record->type, record->payload));
  if (order) put_fields(json, "order", words.request(*order));
  if (decision) {
    put_fields(json, "intent", words.intent(decision->intent));
    json.key("verdict").text(word_of(decision->verdict));
  }
  json.end_object();
}

void put_divergence(JsonText& json, std::string_view key, const Reproduction& r, const std::optional<Divergence>& part) {
  json.key(key);
  if (!part) {
    json.null();
    return;
  }
  const RecordWords words(r.instruments, r.strategy_names, r.epoch);
  json.begin_object();
  json.key("records_before").count(part->records_before);
  put_side(json, "recorded", words, part->recorded, part->order_recorded, part->decision_recorded);
  put_side(json, "made", words, part->made, part->order_made, part->decision_made);
  json.key("input").begin_object();
  json.key("number").count(part->input.sequence);
  json.key("ts_receive_ns").integer(part->input.ts_receive_ns);
  if (part->input.kind == InputKind::tick) json.key("tick").text(words.tick(part->input.tick));
  if (part->input.kind == InputKind::candle) json.key("candle").text(words.candle(part->input.candle));
  json.end_object();
  if (part->frame) {
    json.key("indicators").begin_object();
    const IndicatorFrame& frame = *part->frame;
    for (std::size_t i = 0; frame.instrument < r.slots.size() && i < r.slots[frame.instrument].size(); ++i) {
      json.key(r.slots[frame.instrument][i]);
      frame.warm(i) ? json.number(frame.slots[i]) : json.null();
    }
    json.end_object();
  }
  json.end_object();
}

}  // namespace

std::string reproduction_text(const Reproduction& reproduction, bool colour) { return Writer(reproduction, colour).text(); }

std::string reproduction_json(const Reproduction& r) {
  JsonText json;
  json.begin_object();
  json.key("identical").boolean(r.identical());
  json.key("orders_identical").boolean(!r.orders_part);
  json.key("session").text(r.session);
  json.key("input").text(r.input);
  json.key("build_recorded").text(r.build_recorded);
  json.key("build_made").text(r.build_made);
  json.key("layout_recorded").text(name_of(r.layout_recorded));
  json.key("layout_made").text(name_of(r.layout_made));
  json.key("journal_complete").boolean(!r.is_prefix);
  json.key("journal").text(r.ending);
  json.key("orders").count(r.orders);
  json.key("decisions").count(r.decisions);
  json.key("other_records").count(r.others);
  json.key("order_stream_sha256").text(r.orders_sha256);
  json.key("config_changes").begin_array();
  for (const std::string& change : r.config_changes) json.text(change);
  json.end_array();
  put_divergence(json, "orders_part", r, r.orders_part);
  put_divergence(json, "others_part", r, r.others_part);
  json.end_object();
  return std::move(json).take();
}

}  // namespace martinet
