#pragma once
// A trained model as a strategy sees it: features in, one probability per class out. Made cold, never changed afterwards, so that
// several strategies (and threads) may ask the same object. Later kinds (trees, nets) are further classes behind this interface.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/capacity.hpp"
#include "engine/base/result.hpp"
#include "engine/messages/indicator_request.hpp"

namespace martinet {

/// What a model may advise.
enum class ModelClass : std::uint8_t { buy, hold, sell, count_ };
inline constexpr std::size_t kModelClassesMax = static_cast<std::size_t>(ModelClass::count_);
[[nodiscard]] std::string_view name_of(ModelClass model_class) noexcept;

inline constexpr std::size_t kModelNameMax = 64;     ///< bytes
inline constexpr std::size_t kModelVersionMax = 32;  ///< bytes

/// One input: an indicator of the instrument that is decided on.
struct ModelFeature {
  IndicatorKind kind = IndicatorKind::close;
  std::array<std::int32_t, 3> period{};  ///< in bars; those the kind does not take are 0
  double factor = 0;                     ///< Bollinger: deviations; else 0
  std::int64_t timeframe_ns = 0;
  std::string other;  ///< correlation: symbol of the second instrument; else empty
  bool operator==(const ModelFeature&) const = default;
};

/// Who a model is and how it wants to be asked.
struct ModelCard {
  std::string name;                    ///< 1..kModelNameMax bytes, no control characters
  std::string version;                 ///< 1..kModelVersionMax bytes, no control characters
  std::string sha256;                  ///< of its file, 64 hexadecimal digits (FORMAT.md); empty where it was not made from a file
  std::vector<ModelFeature> features;  ///< in the order of predict()'s input; 1..capacity::model_features_max, no two alike
  std::vector<ModelClass> classes;     ///< in the order of predict()'s output; two or three, no two alike
  double threshold = 0;                ///< least probability at which a class is acted on; above 1 / classes, at most 1
};

/// Holds a card against the bounds above. The sentence of an error begins with the field ("features[2] ...").
/// fails config_out_of_bounds, config_contradiction (two features or classes alike)
[[nodiscard]] Status check_card(const ModelCard& card);

/// Threads: any number, at the same time.
class Model {
 public:
  explicit Model(ModelCard card) : card_(std::move(card)) {}
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  virtual ~Model();

  /// in    features: one value per feature of the card, in its order, each finite; not kept
  /// out   probabilities: one per class of the card, in its order; each in 0..1, their sum 1 within 1e-12, whatever the features
  /// cost  no allocation; no state: the same features give the same bits, on every host
  virtual void predict(std::span<const double> features, std::span<double> probabilities) const noexcept = 0;

  [[nodiscard]] const ModelCard& card() const noexcept { return card_; }

 private:
  ModelCard card_;
};

}  // namespace martinet
