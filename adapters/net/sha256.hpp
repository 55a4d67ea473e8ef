#pragma once
// SHA-256, incremental: names the order stream of a run (invariant I2). Cold; the door to OpenSSL's digests.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace martinet {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);

  /// Digest of everything so far; more may be added afterwards.
  [[nodiscard]] std::array<std::uint8_t, 32> digest() const;

  /// The same as 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string hex() const;

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace martinet
