#include "engine/app/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "engine/app/config_keys.hpp"
#include "engine/app/config_text.hpp"
#include "engine/app/strategy_config.hpp"
#include "engine/app/strategy_plugin.hpp"

// toml++ 3.3 asserts that a table header goes on with a key, and `[[[` or `[=` break that (mended upstream by its pull request 301):
// a debug build stops there, clang's release build assumes that it cannot be. So its assertions stay on in every build, and throw.
namespace martinet {
namespace {
struct TomlAssertion {};
constexpr void toml_assert(bool holds) {
  if (!holds) throw TomlAssertion{};
}
}  // namespace
}  // namespace martinet
#undef NDEBUG
#define TOML_ASSERT(...) ::martinet::toml_assert(static_cast<bool>(__VA_ARGS__))
#include <toml++/toml.h>

namespace martinet {
namespace {

constexpr std::size_t kPluginPathBytesMax = 2048;  // half of what Linux takes for a path: its folder comes before it

struct Place {
  std::string file;
  std::int64_t line = 0;
  std::string path;
  [[nodiscard]] std::string text() const {
    return line > 0 ? fmt::format("{} line {}: {}", file, line, shortened(path)) : fmt::format("{}: {}", file, shortened(path));
  }
};

Error unknown_key(const Place& place, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = 4;  // a typing error is one or two letters; past three it is another word
  for (const std::string& candidate : known) {
    if (place.path.size() >= candidate.size() + best_distance) continue;  // the difference in length alone is too much
    const std::size_t distance = edit_distance(candidate, place.path);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return {Errc::config_unknown_key, fmt::format("{} is not a key; {}", place.text(),
                                                best.empty() ? "`martinet config show` lists them all" : fmt::format("did you mean '{}'?", best))};
}

std::string shown(const toml::node& node) {
  if (node.is_table()) return "{...}";
  const toml::array* const array = node.as_array();
  const bool simple = array == nullptr || std::none_of(array->begin(), array->end(), [](const toml::node& n) { return n.is_table() || n.is_array(); });
  if (!simple) return "[...]";
  std::ostringstream out;
  node.visit([&out](const auto& value) { out << toml::toml_formatter(value); });
  return shortened(out.str());
}

Error wrong_type(const Place& place, const toml::node& node, const ConfigKey& key) {
  return {Errc::config_wrong_type, fmt::format("{} = {} must be of type {}{}", place.text(), shown(node), name_of(key.type),
                                               key.unit.empty() ? "" : fmt::format(" ({})", key.unit))};
}

std::string plain(double value) { return to_toml(ConfigValue(value)); }

// A bound as a person wrote it: whole numbers without ".0".
std::string bound(double value) {
  if (std::floor(value) == value && std::fabs(value) < 1e15) return fmt::format("{}", static_cast<std::int64_t>(value));
  return plain(value);
}

Status check_bounds(const Place& place, double value, const std::string& text, const ConfigKey& key) {
  if (std::isfinite(value) && value >= key.min && value <= key.max) return {};
  return Error{Errc::config_out_of_bounds, fmt::format("{} = {} is outside its bounds; give a value from {} to {}{}", place.text(), text,
                                                       bound(key.min), bound(key.max), key.unit.empty() ? "" : " (" + key.unit + ")")};
}

Result<ConfigValue> read_list(const Place& place, const toml::array& array, const ConfigKey& key) {
  if (key.type == ConfigType::text_list) {
    std::vector<std::string> list;
    for (const toml::node& item : array) {
      const auto text = item.value_exact<std::string>();
      if (!text) return wrong_type(place, array, key);
      list.push_back(*text);
    }
    return ConfigValue(std::move(list));
  }
  std::vector<std::int64_t> list;
  for (const toml::node& item : array) {
    const auto number = item.value_exact<std::int64_t>();
    if (!number) return wrong_type(place, array, key);
    if (const Status ok = check_bounds(place, static_cast<double>(*number), std::to_string(*number), key); !ok) return ok.error();
    list.push_back(*number);
  }
  return ConfigValue(std::move(list));
}

Result<ConfigValue> read_value(const Place& place, const toml::node& node, const ConfigKey& key) {
  switch (key.type) {
    case ConfigType::boolean:
      if (const auto value = node.value_exact<bool>()) return ConfigValue(*value);
      break;
    case ConfigType::integer:
      if (const auto value = node.value_exact<std::int64_t>()) {
        if (const Status ok = check_bounds(place, static_cast<double>(*value), std::to_string(*value), key); !ok) return ok.error();
        return ConfigValue(*value);
      }
      break;
    case ConfigType::number:
      if (node.is_number()) {
        const double value = node.value<double>().value_or(NAN);
        if (const Status ok = check_bounds(place, value, bound(value), key); !ok) return ok.error();
        return ConfigValue(value);
      }
      break;
    case ConfigType::text:
      if (const auto value = node.value_exact<std::string>()) {
        if (!key.choices.empty() && std::find(key.choices.begin(), key.choices.end(), *value) == key.choices.end()) {
          return Error{Errc::config_out_of_bounds,
                       fmt::format("{} = \"{}\" is not one of: {}", place.text(), shortened(*value), fmt::join(key.choices, ", "))};
        }
        return ConfigValue(*value);
      }
      break;
    case ConfigType::text_list:
    case ConfigType::integer_list:
      if (const toml::array* array = node.as_array()) return read_list(place, *array, key);
      break;
  }
  return wrong_type(place, node, key);
}

std::int64_t line_of(const toml::node& node) { return static_cast<std::int64_t>(node.source().begin.line); }

class Loader {
 public:
  /// in    folder: what the paths of plugins are relative to; empty: there is no file, and plugins are refused
  Loader(std::string file, std::filesystem::path folder, EngineConfig& config)
      : file_(std::move(file)), folder_(std::move(folder)), config_(config) {
    for (const ConfigKey& key : config_keys()) {
      by_path_[key.path] = &key;
      known_.push_back(key.path);
      const std::size_t dot = key.path.find('.');
      (dot == std::string::npos ? above_sections_ : sections_).insert(key.path.substr(0, dot));
    }
  }

  Status load(const toml::table& root) {
    // First, since the keys of a [[strategy]] are those that its kind publishes.
    if (const toml::node* const plugins = root.get("plugins"); plugins != nullptr) {
      if (const Status ok = load_plugins(*plugins); !ok) return ok;
    }
    for (const auto& [name, node] : root) {
      const std::string section(name.str());
      if (section == "plugins") continue;
      if (above_sections_.count(section) != 0) {
        if (const Status ok = load_key(section, node); !ok) return ok;
        continue;
      }
      if (section == "strategy") {
        if (const Status ok = load_strategies(node); !ok) return ok;
        continue;
      }
      const toml::table* table = node.as_table();
      if (sections_.count(section) == 0) return unknown_section(section, node);
      if (table == nullptr) {
        return Error{Errc::config_wrong_type, fmt::format("{} line {}: {} = {} must be a table: its keys stand under a line [{}]", file_, line_of(node), section, shown(node), section)};
      }
      for (const auto& [key_name, value] : *table) {
        if (const Status ok = load_key(section + "." + std::string(key_name.str()), value); !ok) return ok;
      }
    }
    return {};
  }

 private:
  Status unknown_section(const std::string& section, const toml::node& node) {
    std::vector<std::string> known(sections_.begin(), sections_.end());
    known.insert(known.end(), above_sections_.begin(), above_sections_.end());
    known.emplace_back("strategy");
    return unknown_key({file_, line_of(node), section}, known);
  }

  Status load_key(const std::string& path, const toml::node& node) {
    const Place place{file_, line_of(node), path};
    const auto found = by_path_.find(path);
    if (found == by_path_.end()) return unknown_key(place, known_);
    const Result<ConfigValue> value = read_value(place, node, *found->second);
    if (!value) return value.error();
    found->second->set(config_, *value);
    config_.origins[path] = fmt::format("line {}", place.line);
    return {};
  }

  Status load_plugins(const toml::node& node) {
    if (const Status ok = load_key("plugins", node); !ok) return ok;
    if (!config_.plugins.empty() && folder_.empty()) {
      return Error{Errc::config_contradiction,
                   fmt::format("{}: plugins are loaded for a configuration file only; leave them out", Place{file_, line_of(node), "plugins"}.text())};
    }
    if (config_.plugins.size() > capacity::strategy_plugins_max) {
      return Error{Errc::config_out_of_bounds, fmt::format("{} names more than {} files; leave some out", Place{file_, line_of(node), "plugins"}.text(),
                                                           capacity::strategy_plugins_max)};
    }
    for (std::size_t i = 0; i < config_.plugins.size(); ++i) {
      const Place place{file_, line_of(*node.as_array()->get(i)), fmt::format("plugins[{}]", i)};
      if (config_.plugins[i].size() > kPluginPathBytesMax) {
        return Error{Errc::config_out_of_bounds, fmt::format("{} = \"{}\" is longer than {} bytes; give it a shorter path", place.text(),
                                                             shortened(config_.plugins[i]), kPluginPathBytesMax)};
      }
      const Result<StrategyPlugin> plugin = load_strategy_plugin(folder_ / config_.plugins[i]);
      if (!plugin) return Error{plugin.error().code, fmt::format("{}: {}", place.text(), plugin.error().what)};
      config_.plugins[i] = plugin->file.string();
    }
    return {};
  }

  Status load_strategies(const toml::node& node) {
    const toml::array* array = node.as_array();
    if (array == nullptr || !array->is_homogeneous<toml::table>()) {
      return Error{Errc::config_wrong_type,
                   fmt::format("{} line {}: strategies are written as tables, each under its own [[strategy]] line", file_, line_of(node))};
    }
    for (const toml::node& item : *array) {
      if (const Status ok = load_strategy(*item.as_table()); !ok) return ok;
    }
    return {};
  }

  Status load_strategy(const toml::table& table) {
    StrategyConfig strategy;
    const std::string prefix = fmt::format("strategy[{}]", config_.strategies.size());
    const auto kind = table["kind"].value_exact<std::string>();
    if (!kind && table.contains("kind")) {
      const toml::node& given = *table.get("kind");
      return Error{Errc::config_wrong_type, fmt::format("{} line {}: {}.kind = {} must be of type text", file_, line_of(given), prefix, shown(given))};
    }
    if (!kind) return Error{Errc::config_missing, fmt::format("{} line {}: {}.kind is required; one of: {}", file_, line_of(table), prefix, fmt::join(strategy_kind_names(), ", "))};
    const Result<std::vector<ConfigKey>> keys = strategy_keys(*kind);
    if (!keys) return Error{keys.error().code, fmt::format("{} line {}: {}.kind: {}", file_, line_of(table), prefix, keys.error().what)};
    strategy.kind = *kind;
    std::vector<std::string> known;
    for (const ConfigKey& key : *keys) known.push_back(prefix + "." + key.path);
    EngineConfig staged;  // strategy keys write to strategies.front() of the config they are given
    staged.strategies.push_back(std::move(strategy));
    for (const auto& [name, node] : table) {
      const std::string path(name.str());
      if (path == "kind") continue;
      const Place place{file_, line_of(node), prefix + "." + path};
      const auto key = std::find_if(keys->begin(), keys->end(), [&path](const ConfigKey& k) { return k.path == path; });
      if (key == keys->end()) return unknown_key(place, known);
      const Result<ConfigValue> value = read_value(place, node, *key);
      if (!value) return value.error();
      key->set(staged, *value);
      config_.origins[place.path] = fmt::format("line {}", place.line);
    }
    strategy = std::move(staged.strategies.front());
    if (strategy.name.empty()) strategy.name = strategy.kind;
    if (strategy.instruments.empty() && table.contains("instruments")) {
      return Error{Errc::config_out_of_bounds, fmt::format("{} line {}: {}.instruments = [] names none; give at least one symbol, or \"*\" for all of them",
                                                           file_, line_of(*table.get("instruments")), prefix)};
    }
    if (strategy.instruments.empty()) strategy.instruments.emplace_back("*");
    for (const StrategyConfig& other : config_.strategies) {
      if (other.name == strategy.name) {
        return Error{Errc::config_contradiction, fmt::format("{} line {}: {}.name = \"{}\" is taken by another strategy; give each a name of its own", file_, line_of(table), prefix, shortened(strategy.name))};
      }
    }
    if (config_.strategies.size() == capacity::strategies_max) {
      return Error{Errc::config_out_of_bounds, fmt::format("{} line {}: more than {} strategies; leave some out", file_, line_of(table), capacity::strategies_max)};
    }
    config_.strategies.push_back(std::move(strategy));
    return {};
  }

  std::string file_;
  std::filesystem::path folder_;
  EngineConfig& config_;
  std::map<std::string, const ConfigKey*> by_path_;
  std::vector<std::string> known_;
  std::set<std::string> sections_;
  std::set<std::string> above_sections_;
};

std::string bounds_comment(const ConfigKey& key, const ConfigValue& default_value) {
  std::string comment = key.doc;
  if (!key.unit.empty()) comment += " [" + key.unit + "]";
  if (!key.choices.empty()) {
    comment += fmt::format("; one of: {}", fmt::join(key.choices, ", "));
  } else if (key.type == ConfigType::integer || key.type == ConfigType::number || key.type == ConfigType::integer_list) {
    comment += fmt::format("; {} to {}", bound(key.min), bound(key.max));
  }
  return comment + "; default " + to_toml(default_value);
}

/// `origins`: where values came from, by path; null = not shown. `prefix`: of the key's path in it.
struct Shown {
  const std::map<std::string, std::string, std::less<>>* origins = nullptr;
  std::string prefix;
};

void put_key(std::string& out, const ConfigKey& key, const ConfigValue& value, const ConfigValue& default_value, const Shown& shown) {
  out += fmt::format("# {}\n{} = {}", bounds_comment(key, default_value), key.path.substr(key.path.find('.') + 1), to_toml(value));
  if (shown.origins != nullptr) {
    const auto found = shown.origins->find(shown.prefix + key.path);
    out += fmt::format("  # {}", found == shown.origins->end() ? "default" : one_line(found->second));
  }
  out += "\n";
}

std::string toml_of(const EngineConfig& config, Shown shown);

}  // namespace

namespace {

Result<EngineConfig> parse_checked(const std::string& text, const std::string& name, const std::filesystem::path& folder) {
  if (const Status simple = check_text(text, name); !simple) return simple.error();
  toml::table root;
  try {
    root = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    return Error{Errc::config_syntax, fmt::format("{} line {} column {}: {}", name, error.source().begin.line, error.source().begin.column,
                                                  error.description())};
  } catch (const TomlAssertion&) {
    return Error{Errc::config_syntax, fmt::format("{} line {}: a table is begun with [name] or [[name]]", name, line_of_bad_header(text))};
  }
  EngineConfig config;
  config.source = name;
  Loader loader(name, folder, config);
  if (const Status loaded = loader.load(root); !loaded) return loaded.error();
  if (const Status sound = check_config(config); !sound) return Error{sound.error().code, name + ": " + sound.error().what};
  return config;
}

Result<EngineConfig> parse_on_one_line(const std::string& text, const std::string& name, const std::filesystem::path& folder) {
  Result<EngineConfig> config = parse_checked(text, name, folder);
  if (!config) return Error{config.error().code, one_line(config.error().what)};
  return config;
}

}  // namespace

Result<EngineConfig> parse_config(const std::string& text, const std::string& name) { return parse_on_one_line(text, name, {}); }

Result<EngineConfig> load_config(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kConfigBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A folder opens like a file and then cannot be read: without this it would be an empty configuration.
  if (in.bad() || !(in.eof() || in.gcount() > 0)) {
    return Error{Errc::not_found, fmt::format("cannot read the configuration file {}; check the path", file.string())};
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_on_one_line(text, file.string(), std::filesystem::absolute(file).parent_path());
}

std::string effective_toml(const EngineConfig& config) { return toml_of(config, {}); }

std::string shown_toml(const EngineConfig& config) {
  std::string out = fmt::format("# From {}; behind each value where it came from: its line there, a variable, or the default.\n", one_line(config.source));
  out += config.live_allowed ? "# LIVE_TRADING is true: orders may reach a real venue.\n" : "# LIVE_TRADING is not true, or PAPER_TRADING is: no order can reach a real venue.\n";
  for (const std::string& unused : config.unused_variables) out += fmt::format("# {}\n", unused);
  return out + "\n" + toml_of(config, {&config.origins, ""});
}

namespace {

std::string toml_of(const EngineConfig& config, Shown shown) {
  const EngineConfig defaults;
  std::string out;
  std::string section;
  for (const ConfigKey& key : config_keys()) {
    const std::size_t dot = key.path.find('.');
    const std::string key_section = dot == std::string::npos ? "" : key.path.substr(0, dot);
    if (key_section != section) {
      section = key_section;
      out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", section);
    }
    put_key(out, key, key.get(config), key.get(defaults), shown);
  }
  for (const StrategyConfig& strategy : config.strategies) {
    shown.prefix = fmt::format("strategy[{}].", &strategy - config.strategies.data());
    out += fmt::format("\n[[strategy]]\nkind = {}\n", to_toml(ConfigValue(strategy.kind)));
    const Result<std::vector<ConfigKey>> keys = strategy_keys(strategy.kind);
    MT_ASSERT(keys.ok());  // a strategy that was loaded has a known kind
    EngineConfig staged;
    staged.strategies.push_back(strategy);
    EngineConfig staged_default;
    staged_default.strategies.emplace_back();
    staged_default.strategies.front().kind = strategy.kind;
    for (const ConfigKey& key : *keys) put_key(out, key, key.get(staged), key.get(staged_default), shown);
  }
  return out;
}

}  // namespace

}  // namespace martinet
