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
  "format": "martinet linear model 1",
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

}  // namespace martinet::test
