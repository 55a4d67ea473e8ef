#pragma once
// Model files: JSON in, a Model out (format: engine/hot/model/FORMAT.md). Everything is checked before a model is made; each error names
// the file and the field.
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/hot/model/model.hpp"

namespace martinet {

inline constexpr std::size_t kModelBytesMax = 1 << 18;  ///< of a model file: 64 features x 3 classes are about 16 KB

/// fails not_found (cannot be read), and what parse_model fails with
[[nodiscard]] Result<std::shared_ptr<const Model>> read_model(const std::filesystem::path& file);

/// As read_model, from text; `name` stands for the file in messages.
/// fails bad_json, bad_utf8, number_too_large, too_deep, unknown_version (another format), corrupted (the hash), config_missing,
///       config_unknown_key, config_wrong_type, config_out_of_bounds (also a text of more than kModelBytesMax, and an indicator or
///       timeframe that this build does not compute), config_contradiction
[[nodiscard]] Result<std::shared_ptr<const Model>> parse_model(std::string_view text, const std::string& name);

/// The models of one process: each file is read once, and shared.
class ModelFiles {
 public:
  /// folder: where paths that are not absolute begin
  explicit ModelFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
  [[nodiscard]] Result<std::shared_ptr<const Model>> get(std::string_view path);

 private:
  std::filesystem::path folder_;
  std::map<std::filesystem::path, std::shared_ptr<const Model>> read_;
};

}  // namespace martinet
