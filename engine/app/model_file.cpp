#include "engine/app/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <vector>

#include "adapters/json/tape.hpp"
#include "adapters/net/sha256.hpp"
#include "engine/app/config_text.hpp"
#include "engine/hot/indicators/plan.hpp"
#include "engine/hot/model/linear_model.hpp"
#include "engine/hot/signal/parameter.hpp"

namespace martinet {
namespace {

constexpr std::string_view kFormat = "martinet-linear-model 1";

std::string_view words_for(JsonKind kind) noexcept {
  switch (kind) {
    case JsonKind::string:
      return "a text";
    case JsonKind::number:
      return "a number";
    case JsonKind::array:
      return "a list";
    case JsonKind::object:
      return "an object";
    default:
      return "something else";
  }
}

/// Reads fields and remembers the first that is not as it should be; after that everything reads as empty.
class FieldReader {
 public:
  explicit FieldReader(const std::string& file) : file_(file) {}

  [[nodiscard]] bool ok() const noexcept { return !error_; }
  [[nodiscard]] Error error() const { return *error_; }
  void fail(Errc code, std::string_view field, std::string_view what) {
    if (!error_) error_ = Error{code, one_line(fmt::format("{}: {}{}", file_, field, what))};
  }

  bool has_kind(std::string_view field, JsonValue value, JsonKind kind) {
    if (!ok() || value.kind() == kind) return ok();
    fail(Errc::config_wrong_type, field, fmt::format(" must be {}", words_for(kind)));
    return false;
  }

  /// `object` has the keys of `known` and no other, each once; those from `optional_from` on may be absent.
  void check_keys(std::string_view place, JsonValue object, std::span<const std::string_view> known, std::size_t optional_from) {
    std::vector<int> seen(known.size());
    for (JsonMember m = object.first_member(); m.value && ok(); m = m.next()) {
      const auto found = std::ranges::find(known, m.key);
      if (found == known.end()) {
        fail(Errc::config_unknown_key, place,
             fmt::format("{} is not a key of a model file; there are: {}", shortened(m.key), fmt::join(known, ", ")));
      } else if (++seen[static_cast<std::size_t>(found - known.begin())] == 2) {
        fail(Errc::config_contradiction, place, fmt::format("{} is given twice", m.key));
      }
    }
    for (std::size_t i = 0; i < optional_from; ++i) {
      if (seen[i] == 0) fail(Errc::config_missing, place, fmt::format("{} is missing", known[i]));
    }
  }

  std::string text(const std::string& field, JsonValue value) {
    return has_kind(field, value, JsonKind::string) ? std::string(value.text()) : std::string();
  }

  double number(const std::string& field, JsonValue value) {
    double out = 0;
    if (has_kind(field, value, JsonKind::number)) convert(field, value.text(), out, "a number that a double holds");
    return out;
  }

  std::int32_t whole_number(const std::string& field, JsonValue value) {
    std::int32_t out = 0;
    if (has_kind(field, value, JsonKind::number)) convert(field, value.text(), out, "a whole number of 32 bits");
    return out;
  }

  /// read(field of the element, element) for each of the list.
  template <class Read>
  void list(const std::string& field, JsonValue value, Read&& read) {
    if (!has_kind(field, value, JsonKind::array)) return;
    std::size_t i = 0;
    for (JsonValue element = value.first(); element && ok(); element = element.next()) read(fmt::format("{}[{}]", field, i++), element);
  }

  std::vector<double> numbers(const std::string& field, JsonValue value) {
    std::vector<double> out;
    list(field, value, [&](const std::string& place, JsonValue element) { out.push_back(number(place, element)); });
    return out;
  }

 private:
  template <class T>
  void convert(const std::string& field, std::string_view text, T& out, std::string_view wanted) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (failed == std::errc{} && end == text.data() + text.size()) return;
    fail(Errc::config_out_of_bounds, field, fmt::format(" = {} must be {}", shortened(text), wanted));
  }

  const std::string& file_;
  std::optional<Error> error_;
};

// --- the file's own identity

/// SHA-256 of the text with the digits of its hash read as zeros. They must stand there once, as they are.
void check_hash(FieldReader& reader, std::string_view text, JsonValue value) {
  const std::string digits = reader.text("hash", value);
  if (!reader.ok()) return;
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (digits.size() != 64 || !std::ranges::all_of(digits, is_digit)) {
    return reader.fail(Errc::config_out_of_bounds, "hash", " must be 64 digits of 0-9 and a-f");
  }
  const std::size_t at = text.find(digits);
  if (at == std::string_view::npos || text.find(digits, at + 1) != std::string_view::npos) {
    return reader.fail(Errc::config_out_of_bounds, "hash", " must stand in the file once, its digits not escaped");
  }
  std::string zeroed(text);
  std::fill_n(zeroed.begin() + static_cast<std::ptrdiff_t>(at), digits.size(), '0');
  Sha256 sha256;
  sha256.update(std::as_bytes(std::span<const char>(zeroed)));
  if (const std::string found = sha256.hex(); found != digits) {
    reader.fail(Errc::corrupted, "hash",
                fmt::format(" is {}, but that of this text is {}: the file was changed after it was made; make it again", digits, found));
  }
}

// --- features

IndicatorKind kind_of(FieldReader& reader, const std::string& field, JsonValue value) {
  const std::string name = reader.text(field, value);
  std::vector<std::string_view> known;
  for (int i = 0; i < static_cast<int>(IndicatorKind::count_); ++i) {
    known.push_back(indicator_name(static_cast<IndicatorKind>(i)));
    if (known.back() == name) return static_cast<IndicatorKind>(i);
  }
  reader.fail(Errc::config_out_of_bounds, field,
              fmt::format(" = \"{}\" is no indicator of this build; one of: {}", shortened(name), fmt::join(known, ", ")));
  return IndicatorKind::count_;
}

std::int64_t timeframe_of(FieldReader& reader, const std::string& field, JsonValue value) {
  const Result<std::int64_t> parsed = parse_timeframe(reader.text(field, value));
  if (parsed) return *parsed;
  reader.fail(parsed.error().code, field, ": " + shortened(parsed.error().what));
  return 0;
}

/// The parameters that the kind takes, each there; none that it does not take.
void read_parameters(FieldReader& reader, const std::string& place, JsonValue object, ModelFeature& feature) {
  const IndicatorInputs inputs = inputs_of(feature.kind);
  const std::string_view name = indicator_name(feature.kind);
  const JsonValue periods = object.find("periods");
  std::size_t count = 0;
  if (periods) {
    reader.list(place + ".periods", periods, [&](const std::string& field, JsonValue element) {
      const std::int32_t period = reader.whole_number(field, element);
      if (count < feature.period.size()) feature.period[count] = period;
      ++count;
    });
  }
  if (count != inputs.period_count) {
    reader.fail(Errc::config_contradiction, place + ".periods",
                fmt::format(" has {} elements; {} takes {}", count, name, inputs.period_count));
  }
  const auto check_use = [&](std::string_view key, JsonValue value, bool taken) {
    if (static_cast<bool>(value) == taken) return taken;
    reader.fail(taken ? Errc::config_missing : Errc::config_contradiction, place,
                fmt::format(".{} is {} {}", key, taken ? "missing for" : "not taken by", name));
    return false;
  };
  if (check_use("factor", object.find("factor"), inputs.factor)) feature.factor = reader.number(place + ".factor", object.find("factor"));
  if (check_use("other", object.find("other"), inputs.other)) feature.other = reader.text(place + ".other", object.find("other"));
  if (inputs.other && feature.other.empty()) reader.fail(Errc::config_out_of_bounds, place, ".other must be the symbol of an instrument");
}

ModelFeature read_feature(FieldReader& reader, const std::string& place, JsonValue value) {
  constexpr std::array<std::string_view, 5> kKeys = {"indicator", "timeframe", "periods", "factor", "other"};
  ModelFeature feature;
  if (!reader.has_kind(place, value, JsonKind::object)) return feature;
  reader.check_keys(place + ".", value, kKeys, 2);
  if (!reader.ok()) return feature;
  feature.kind = kind_of(reader, place + ".indicator", value.find("indicator"));
  feature.timeframe_ns = timeframe_of(reader, place + ".timeframe", value.find("timeframe"));
  if (!reader.ok()) return feature;
  read_parameters(reader, place, value, feature);
  if (!reader.ok()) return feature;
  IndicatorRequest request{feature.timeframe_ns, feature.factor, feature.period, 0, kNoInstrument, feature.kind};
  if (!feature.other.empty()) request.other = 1;
  if (const Status computed = IndicatorPlan::check(request, 2); !computed) {
    reader.fail(computed.error().code, place, ": " + computed.error().what);
  }
  return feature;
}

// --- the whole

ModelClass class_of(FieldReader& reader, const std::string& field, JsonValue value) {
  const std::string name = reader.text(field, value);
  for (const ModelClass model_class : {ModelClass::buy, ModelClass::hold, ModelClass::sell}) {
    if (name_of(model_class) == name) return model_class;
  }
  reader.fail(Errc::config_out_of_bounds, field, fmt::format(" = \"{}\" must be one of: buy, hold, sell", shortened(name)));
  return ModelClass::count_;
}

void read_fields(FieldReader& reader, JsonValue root, ModelCard& card, LinearWeights& weights) {
  card.name = reader.text("name", root.find("name"));
  card.version = reader.text("version", root.find("version"));
  card.sha256 = reader.text("hash", root.find("hash"));
  reader.list("features", root.find("features"), [&](const std::string& place, JsonValue value) {
    if (card.features.size() <= capacity::model_features_max) card.features.push_back(read_feature(reader, place, value));
  });
  reader.list("classes", root.find("classes"),
              [&](const std::string& place, JsonValue value) { card.classes.push_back(class_of(reader, place, value)); });
  card.threshold = reader.number("threshold", root.find("threshold"));
  weights.mean = reader.numbers("mean", root.find("mean"));
  weights.scale = reader.numbers("scale", root.find("scale"));
  reader.list("weights", root.find("weights"),
              [&](const std::string& place, JsonValue value) { weights.weights.push_back(reader.numbers(place, value)); });
  weights.bias = reader.numbers("bias", root.find("bias"));
}

}  // namespace

Result<std::shared_ptr<const Model>> parse_model(std::string_view text, const std::string& name) {
  constexpr std::array<std::string_view, 11> kKeys = {"format",  "name",    "version", "features",  "mean", "scale",
                                                      "classes", "weights", "bias",    "threshold", "hash"};
  const std::string file = "model file " + name;
  FieldReader reader(file);
  if (text.size() > kModelBytesMax) {
    return Error{Errc::config_out_of_bounds, fmt::format("{} is larger than {} bytes; no linear model is", file, kModelBytesMax)};
  }
  JsonTape tape;
  if (const Errc error = tape.parse(text); error != Errc::ok) {
    return Error{error, fmt::format("{}: {}", file, error == Errc::bad_json ? "it is not valid JSON" : sentence_of(error))};
  }
  const JsonValue root = tape.root();
  if (reader.has_kind("the whole of it", root, JsonKind::object) && root.find("format").text() != kFormat) {
    reader.fail(Errc::unknown_version, "format", fmt::format(" must be \"{}\", the one that this build reads", kFormat));
  }
  if (reader.ok()) reader.check_keys("", root, kKeys, kKeys.size());
  if (reader.ok()) check_hash(reader, text, root.find("hash"));
  ModelCard card;
  LinearWeights weights;
  if (reader.ok()) read_fields(reader, root, card, weights);
  if (!reader.ok()) return reader.error();
  Result<std::shared_ptr<const Model>> model = LinearModel::make(std::move(card), weights);
  if (!model) return Error{model.error().code, file + ": " + model.error().what};
  return model;
}

Result<std::shared_ptr<const Model>> read_model(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kModelBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A folder opens like a file and then cannot be read.
  if (in.bad() || !(in.eof() || in.gcount() > 0)) {
    return Error{Errc::not_found,
                 fmt::format("cannot read the model file {}; a path that is not absolute begins in the folder of the configuration file",
                             one_line(file.string()))};
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_model(text, file.string());
}

Result<std::shared_ptr<const Model>> ModelFiles::get(std::string_view path) {
  const std::filesystem::path file = (folder_ / std::filesystem::path(path)).lexically_normal();
  if (const auto known = read_.find(file); known != read_.end()) return known->second;
  Result<std::shared_ptr<const Model>> model = read_model(file);
  if (model) read_.emplace(file, *model);
  return model;
}

}  // namespace martinet
