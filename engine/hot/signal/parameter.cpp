#include "engine/hot/signal/parameter.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "engine/base/time.hpp"

namespace martinet {
namespace {

std::string text_of(double value) {
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
}

std::string text_of(const ParameterValue& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value)) return text_of(*number);
  return "\"" + std::get<std::string>(value) + "\"";
}

std::string_view words_for(ParameterType type) {
  constexpr std::array<std::string_view, 6> kWords = {"true or false", "a whole number", "a number", "a text", "a timeframe such as \"1m\"",
                                                      "a text"};
  return kWords[static_cast<std::size_t>(type)];
}

bool has_type(ParameterType type, const ParameterValue& value) {
  switch (type) {
    case ParameterType::boolean:
      return std::holds_alternative<bool>(value);
    case ParameterType::integer:
      return std::holds_alternative<std::int64_t>(value);
    case ParameterType::number:
      return std::holds_alternative<double>(value) || std::holds_alternative<std::int64_t>(value);
    case ParameterType::choice:
    case ParameterType::timeframe:
    case ParameterType::text:
      return std::holds_alternative<std::string>(value);
  }
  return false;
}

double number_of(const ParameterValue& value) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  return integer != nullptr ? static_cast<double>(*integer) : std::get<double>(value);
}

Status check_choice(const std::string& subject, const ParameterSpec& spec, const std::string& text) {
  if (std::ranges::find(spec.choices, std::string_view(text)) != spec.choices.end()) return {};
  std::string allowed;
  for (const std::string_view choice : spec.choices) allowed += (allowed.empty() ? "\"" : ", \"") + std::string(choice) + "\"";
  return Error{Errc::config_out_of_bounds, subject + " = \"" + text + "\" must be one of " + allowed};
}

// The text itself stays out of the sentence: it may be long, or unfit to print.
Status check_text(const std::string& subject, const ParameterSpec& spec, const std::string& text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  const auto size = static_cast<double>(text.size());
  if (size >= spec.min && size <= spec.max && std::ranges::none_of(text, is_control)) return {};
  return Error{Errc::config_out_of_bounds, subject + " has " + std::to_string(text.size()) + " bytes; it must have from " +
                                               text_of(spec.min) + " to " + text_of(spec.max) + ", no control characters among them"};
}

Status check_value(const std::string& subject, const ParameterSpec& spec, const ParameterValue& value) {
  if (!has_type(spec.type, value)) {
    return Error{Errc::config_wrong_type, subject + " = " + text_of(value) + " must be " + std::string(words_for(spec.type))};
  }
  if (spec.type == ParameterType::choice) return check_choice(subject, spec, std::get<std::string>(value));
  if (spec.type == ParameterType::timeframe) {
    const Result<std::int64_t> parsed = parse_timeframe(std::get<std::string>(value));
    return parsed ? Status{} : Status{Error{parsed.error().code, subject + ": " + parsed.error().what}};
  }
  if (spec.type == ParameterType::text) return check_text(subject, spec, std::get<std::string>(value));
  if (spec.type == ParameterType::boolean) return {};
  const double number = number_of(value);
  if (number >= spec.min && number <= spec.max) return {};  // written so that NaN fails
  const std::string unit = spec.unit.empty() ? "" : " " + std::string(spec.unit);
  return Error{Errc::config_out_of_bounds,
               subject + " = " + text_of(value) + " must be from " + text_of(spec.min) + " to " + text_of(spec.max) + unit};
}

}  // namespace

void ParameterSet::set(std::string_view name, ParameterValue value) {
  for (auto& [known, old] : values_) {
    if (known == name) {
      old = std::move(value);
      return;
    }
  }
  values_.emplace_back(std::string(name), std::move(value));
}

const ParameterValue* ParameterSet::find(std::string_view name) const noexcept {
  for (const auto& [known, value] : values_) {
    if (known == name) return &value;
  }
  return nullptr;
}

Status check_parameters(std::string_view owner, std::span<const ParameterSpec> specs, const ParameterSet& given) {
  for (const auto& [name, value] : given.values()) {
    const auto spec = std::ranges::find(specs, std::string_view(name), &ParameterSpec::name);
    if (spec == specs.end()) {
      return Error{Errc::config_unknown_key, std::string(owner) + "." + name + ": there is no such parameter"};
    }
    if (Status status = check_value(std::string(owner) + "." + name, *spec, value); !status) return status;
  }
  return {};
}

const ParameterSpec& ParameterReader::spec(std::string_view name, ParameterType type) const {
  const auto found = std::ranges::find(specs_, name, &ParameterSpec::name);
  MT_ASSERT(found != specs_.end());
  MT_ASSERT(found->type == type);
  return *found;
}

bool ParameterReader::boolean(std::string_view name) const {
  const ParameterSpec& row = spec(name, ParameterType::boolean);
  const ParameterValue* const value = given_.find(name);
  return value != nullptr ? std::get<bool>(*value) : std::get<bool>(row.fallback);
}

std::int64_t ParameterReader::integer(std::string_view name) const {
  const ParameterSpec& row = spec(name, ParameterType::integer);
  const ParameterValue* const value = given_.find(name);
  return value != nullptr ? std::get<std::int64_t>(*value) : std::get<std::int64_t>(row.fallback);
}

double ParameterReader::number(std::string_view name) const {
  const ParameterSpec& row = spec(name, ParameterType::number);
  const ParameterValue* const value = given_.find(name);
  return value != nullptr ? number_of(*value) : std::get<double>(row.fallback);
}

std::string_view ParameterReader::words(std::string_view name, ParameterType type) const {
  const ParameterSpec& row = spec(name, type);
  const ParameterValue* const value = given_.find(name);
  return value != nullptr ? std::string_view(std::get<std::string>(*value)) : std::get<std::string_view>(row.fallback);
}

std::string_view ParameterReader::choice(std::string_view name) const { return words(name, ParameterType::choice); }

std::string_view ParameterReader::text(std::string_view name) const { return words(name, ParameterType::text); }

std::int64_t ParameterReader::timeframe_ns(std::string_view name) const {
  return parse_timeframe(words(name, ParameterType::timeframe)).value();
}

Result<std::int64_t> parse_timeframe(std::string_view text) {
  const Error error{
      Errc::config_out_of_bounds,
      "timeframe \"" + std::string(text) + "\" must be a count and a unit of s, m, h or d, from \"1s\" to \"1d\", such as \"15m\""};
  if (text.size() < 2 || text.size() > 6 || text.front() < '1' || text.front() > '9') return error;
  std::int64_t unit_ns = 0;
  switch (text.back()) {
    case 's':
      unit_ns = kNanosPerSecond;
      break;
    case 'm':
      unit_ns = kNanosPerMinute;
      break;
    case 'h':
      unit_ns = kNanosPerHour;
      break;
    case 'd':
      unit_ns = kNanosPerDay;
      break;
    default:
      return error;
  }
  std::int64_t count = 0;
  const char* const last = text.data() + text.size() - 1;
  const auto [end, failed] = std::from_chars(text.data(), last, count);
  if (failed != std::errc{} || end != last || count > kNanosPerDay / unit_ns) return error;
  return count * unit_ns;
}

}  // namespace martinet
