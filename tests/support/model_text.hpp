#pragma once
// Model files as text, with the hash that belongs to them.
#include <span>
#include <string>
#include <string_view>

#include "adapters/net/sha256.hpp"

namespace martinet::test {

/// A sound model file whose hash is still zeros: replace parts of it, then give it to hashed().
inline std::string model_fields() {
  return R"({
  "format": "martinet-linear-model 1",
  "name": "test model",
  "version": "1.2",
  "features": [
    {"indicator": "rsi", "timeframe": "1h", "periods": [14]},
    {"indicator": "bb_upper", "timeframe": "15m", "periods": [20], "factor": 2.5},
    {"indicator": "close", "timeframe": "1h"}
  ],
  "mean": [50, 1.5, -2e2],
  "scale": [10, 0.25, 1e-3],
  "classes": ["buy", "hold", "sell"],
  "weights": [[1, 2, 3], [4, 5, 6], [7, 8, 9]],
  "bias": [0.1, 0.2, 0.3],
  "threshold": 0.6,
  "hash": ")" +
         std::string(64, '0') + "\"\n}\n";
}

/// `text` with the first `from` replaced; empty if there is none, so that a typing error shows.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? std::string() : text.replace(at, from.size(), to);
}

inline std::string sha256_of(std::string_view text) {
  Sha256 sha256;
  sha256.update(std::as_bytes(std::span<const char>(text)));
  return sha256.hex();
}

/// The text with the digest in place of its 64 zeros; as it is where it has none.
inline std::string hashed(const std::string& text) {
  const std::string with_hash = replaced(text, std::string(64, '0'), sha256_of(text));
  return with_hash.empty() ? text : with_hash;
}

/// A whole file. features: the objects of its list; numbers: the members from "mean" to "threshold".
inline std::string model_text(const std::string& features, const std::string& numbers) {
  return hashed(R"({"format": "martinet-linear-model 1", "name": "of a test", "version": "1", "features": [)" + features + "],\n" +
                numbers + ",\n\"hash\": \"" + std::string(64, '0') + "\"}\n");
}

/// A model that changes its mind often on bars of `timeframe`: buys low RSI and %B, sells high ones.
inline std::string restless_model_text(const std::string& timeframe) {
  const std::string at = "\"timeframe\": \"" + timeframe + "\"";
  return model_text("{\"indicator\": \"rsi\", " + at + ", \"periods\": [9]}, {\"indicator\": \"bb_percent_b\", " + at +
                        ", \"periods\": [10], \"factor\": 2}",
                    R"("mean": [50, 0.5], "scale": [12, 0.35], "classes": ["buy", "hold", "sell"],
                       "weights": [[-1, -0.5], [0, 0], [1, 0.5]], "bias": [0, 0, 0], "threshold": 0.4)");
}

}  // namespace martinet::test
