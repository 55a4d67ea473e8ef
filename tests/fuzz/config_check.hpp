#pragma once
// One input of the configuration fuzzer, for libFuzzer and for the replay of its corpus: a text either loads, and then what is
// printed of it loads to the same, or is refused in one sentence on one line that names the file.
#include <algorithm>
#include <string>
#include <string_view>

#include "engine/app/config_file.hpp"

namespace martinet::test {

class ConfigCheck {
 public:
  Errc code = Errc::ok;  ///< how the last input ended

  /// What is broken, or nothing.
  std::string operator()(std::string_view input) {
    const Result<EngineConfig> config = parse_config(std::string(input), "fuzz");
    code = config.ok() ? Errc::ok : config.error().code;
    if (!config) return sentence(config.error());
    const std::string shown = effective_toml(*config);
    const Result<EngineConfig> again = parse_config(shown, "shown");
    if (!again) return "what is printed does not load: " + again.error().what;
    return effective_toml(*again) == shown ? "" : "what is printed loads to something else";
  }

 private:
  static std::string sentence(const Error& error) {
    if (class_of(error.code) != ErrorClass::config) return "not an error of configuration: " + std::string(name_of(error.code));
    if (!error.what.starts_with("fuzz")) return "does not begin with the file: " + error.what;
    if (error.what.size() < 10 || error.what.size() > 4000) return "not a sentence: " + error.what;
    const bool control =
        std::any_of(error.what.begin(), error.what.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    return control ? "not on one line: " + error.what : "";
  }
};

}  // namespace martinet::test
