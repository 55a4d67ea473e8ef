#include "engine/hot/model/model.hpp"

#include <algorithm>

namespace martinet {
namespace {

Status check_text(std::string_view field, std::string_view text, std::size_t bytes_max) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (!text.empty() && text.size() <= bytes_max && std::ranges::none_of(text, is_control)) return {};
  return Error{Errc::config_out_of_bounds,
               std::string(field) + " must have 1 to " + std::to_string(bytes_max) + " bytes, no control characters among them"};
}

/// The first pair of equal elements as "what[2] is the same as what[0]".
template <class T>
Status check_distinct(const std::string& what, const std::vector<T>& list) {
  for (std::size_t i = 1; i < list.size(); ++i) {
    const auto end = list.begin() + static_cast<std::ptrdiff_t>(i);
    const auto twin = std::find(list.begin(), end, list[i]);
    if (twin == end) continue;
    return Error{Errc::config_contradiction, what + "[" + std::to_string(i) + "] is the same as " + what + "[" +
                                                 std::to_string(twin - list.begin()) + "]; each stands there once"};
  }
  return {};
}

}  // namespace

std::string_view name_of(ModelClass model_class) noexcept {
  constexpr std::array<std::string_view, kModelClassesMax> kNames = {"buy", "hold", "sell"};
  return kNames[static_cast<std::size_t>(model_class)];
}

Status check_card(const ModelCard& card) {
  if (Status status = check_text("name", card.name, kModelNameMax); !status) return status;
  if (Status status = check_text("version", card.version, kModelVersionMax); !status) return status;
  if (card.features.empty() || card.features.size() > capacity::model_features_max) {
    return Error{Errc::config_out_of_bounds, "features has " + std::to_string(card.features.size()) + " elements, allowed are 1 to " +
                                                 std::to_string(capacity::model_features_max)};
  }
  if (Status status = check_distinct("features", card.features); !status) return status;
  if (card.classes.size() < 2 || card.classes.size() > kModelClassesMax) {
    return Error{Errc::config_out_of_bounds, "classes has " + std::to_string(card.classes.size()) + " elements, allowed are 2 or 3"};
  }
  if (Status status = check_distinct("classes", card.classes); !status) return status;
  if (card.threshold > 1.0 / static_cast<double>(card.classes.size()) && card.threshold <= 1) return {};  // written so that NaN fails
  return Error{Errc::config_out_of_bounds, "threshold must be above 1/" + std::to_string(card.classes.size()) +
                                               " (what each class has where nothing is known) and at most 1"};
}

Model::~Model() = default;

}  // namespace martinet
