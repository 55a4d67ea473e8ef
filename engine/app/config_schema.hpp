#pragma once
// The table of settings as a JSON Schema (draft 2020-12), for editors that complete and check TOML as it is typed.
#include <string>

namespace martinet {

/// Every key with its type, bounds, choices, default and words; each strategy kind with its own parameters; unknown keys are errors.
[[nodiscard]] std::string config_schema();

}  // namespace martinet
