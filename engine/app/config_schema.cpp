#include "engine/app/config_schema.hpp"

#include <map>

#include "engine/app/config_keys.hpp"
#include "engine/app/strategy_config.hpp"
#include "engine/base/assert.hpp"
#include "engine/cold/telemetry/json_text.hpp"

namespace martinet {
namespace {

std::string_view schema_type(ConfigType type) {
  switch (type) {
    case ConfigType::boolean:
      return "boolean";
    case ConfigType::integer:
    case ConfigType::integer_list:
      return "integer";
    case ConfigType::number:
      return "number";
    case ConfigType::text:
    case ConfigType::text_list:
      break;
  }
  return "string";
}

bool is_list(ConfigType type) { return type == ConfigType::text_list || type == ConfigType::integer_list; }

void write_value(JsonText& json, const ConfigValue& value) {
  std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, bool>) {
          json.boolean(v);
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          json.integer(v);
        } else if constexpr (std::is_same_v<T, double>) {
          json.number(v);
        } else if constexpr (std::is_same_v<T, std::string>) {
          json.text(v);
        } else {
          json.begin_array();
          for (const auto& item : v) write_value(json, ConfigValue(item));
          json.end_array();
        }
      },
      value);
}

/// Type, bounds and choices: of the value itself, or of each element of a list.
void write_constraints(JsonText& json, const ConfigKey& key) {
  json.key("type").text(schema_type(key.type));
  const bool bounded = key.type == ConfigType::integer || key.type == ConfigType::number || key.type == ConfigType::integer_list;
  if (bounded) json.key("minimum").number(key.min).key("maximum").number(key.max);
  if (key.choices.empty()) return;
  json.key("enum").begin_array();
  for (const std::string& choice : key.choices) json.text(choice);
  json.end_array();
}

void write_key(JsonText& json, std::string_view name, const ConfigKey& key, const EngineConfig& defaults) {
  json.key(name).begin_object();
  json.key("description").text(key.unit.empty() ? key.doc : key.doc + " (" + key.unit + ")");
  if (is_list(key.type)) {
    json.key("type").text("array").key("items").begin_object();
    write_constraints(json, key);
    json.end_object();
  } else {
    write_constraints(json, key);
  }
  json.key("default");
  write_value(json, key.get(defaults));
  json.end_object();
}

void write_strategy(JsonText& json, const std::string& kind) {
  EngineConfig defaults;
  defaults.strategies.push_back({.name = kind, .kind = kind, .instruments = {"*"}, .parameters = {}});
  const Result<std::vector<ConfigKey>> keys = strategy_keys(kind);
  MT_ASSERT(keys.ok());
  json.begin_object().key("properties").begin_object();
  json.key("kind").begin_object().key("const").text(kind).end_object();
  for (const ConfigKey& key : *keys) write_key(json, key.path, key, defaults);
  json.end_object();
  json.key("required").begin_array().text("kind").end_array();
  json.key("additionalProperties").boolean(false).end_object();
}

}  // namespace

std::string config_schema() {
  const EngineConfig defaults;
  // Sections in order of their names; the keys of each in the table's order.
  std::map<std::string, std::vector<const ConfigKey*>> sections;
  for (const ConfigKey& key : config_keys()) {
    const std::size_t dot = key.path.find('.');
    sections[dot == std::string::npos ? std::string() : key.path.substr(0, dot)].push_back(&key);
  }
  JsonText json;
  json.begin_object();
  json.key("$schema").text("https://json-schema.org/draft/2020-12/schema");
  json.key("title").text("martinet configuration").key("type").text("object");
  json.key("properties").begin_object();
  for (const auto& [section, keys] : sections) {
    if (section.empty()) {
      for (const ConfigKey* key : keys) write_key(json, key->path, *key, defaults);
      continue;
    }
    json.key(section).begin_object().key("type").text("object").key("properties").begin_object();
    for (const ConfigKey* key : keys) write_key(json, std::string_view(key->path).substr(section.size() + 1), *key, defaults);
    json.end_object().key("additionalProperties").boolean(false).end_object();
  }
  json.key("strategy").begin_object().key("type").text("array").key("items").begin_object().key("oneOf").begin_array();
  for (const std::string& kind : strategy_kind_names()) write_strategy(json, kind);
  json.end_array().end_object().end_object();
  json.end_object();
  json.key("additionalProperties").boolean(false).end_object();
  return std::move(json).take();
}

}  // namespace martinet
