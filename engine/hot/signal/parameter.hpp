#pragma once
// What a strategy may be told. Every strategy publishes one table of its parameters; the configuration loader, the docs and the
// editor schema are made from it, and check_parameters() holds a set of values against it. Cold code.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/result.hpp"

namespace martinet {

/// number accepts an integer too. choice: one of `choices`. timeframe: text like "30s", "1m", "4h", "1d". text: any (a path, a name),
/// without control characters.
enum class ParameterType : std::uint8_t { boolean, integer, number, choice, timeframe, text };

struct ParameterSpec {
  std::string_view name;
  ParameterType type = ParameterType::number;
  std::string_view unit;                                                      ///< "bars", "fraction", ... ; empty where there is none
  std::variant<bool, std::int64_t, double, std::string_view> fallback = 0.0;  ///< the value where none is given; of the spec's type
  double min = 0;                                                             ///< integer, number: inclusive bounds; text: of its bytes
  double max = 0;
  std::span<const std::string_view> choices;  ///< choice: the texts allowed
  std::string_view doc;                       ///< one sentence
};

using ParameterValue = std::variant<bool, std::int64_t, double, std::string>;

/// The values given for one strategy, in the order they were set. A name that was not set has its default.
class ParameterSet {
 public:
  /// Sets or replaces.
  void set(std::string_view name, ParameterValue value);
  [[nodiscard]] const ParameterValue* find(std::string_view name) const noexcept;  ///< valid until the next set()
  [[nodiscard]] std::span<const std::pair<std::string, ParameterValue>> values() const noexcept { return values_; }

 private:
  std::vector<std::pair<std::string, ParameterValue>> values_;
};

/// Holds every value of `given` against `specs`.
/// in    owner: who the values are for ("strategy dip"), named in errors
/// fails config_unknown_key, config_wrong_type, config_out_of_bounds (value, bound and unit in the sentence)
[[nodiscard]] Status check_parameters(std::string_view owner, std::span<const ParameterSpec> specs, const ParameterSet& given);

/// Reads checked values with their defaults filled in. A name that is not in `specs`, or of another type, is a bug (asserted).
class ParameterReader {
 public:
  ParameterReader(std::span<const ParameterSpec> specs, const ParameterSet& given) noexcept : specs_(specs), given_(given) {}
  [[nodiscard]] bool boolean(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] std::string_view choice(std::string_view name) const;  ///< valid as long as `given` and `specs`
  [[nodiscard]] std::int64_t timeframe_ns(std::string_view name) const;
  [[nodiscard]] std::string_view text(std::string_view name) const;  ///< valid as long as `given` and `specs`

 private:
  [[nodiscard]] const ParameterSpec& spec(std::string_view name, ParameterType type) const;
  [[nodiscard]] std::string_view words(std::string_view name, ParameterType type) const;
  std::span<const ParameterSpec> specs_;
  const ParameterSet& given_;
};

/// "30s", "1m", "15m", "4h", "1d": a whole count without leading zero and a unit, 1 s to 1 day, as nanoseconds.
/// fails config_out_of_bounds with a sentence that shows the form
[[nodiscard]] Result<std::int64_t> parse_timeframe(std::string_view text);

}  // namespace martinet
