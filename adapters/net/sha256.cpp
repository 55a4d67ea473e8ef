#include "adapters/net/sha256.hpp"

#include <openssl/evp.h>

#include "engine/base/assert.hpp"

namespace martinet {

struct Sha256::Context {
  EVP_MD_CTX* md = EVP_MD_CTX_new();
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(md); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  MT_ASSERT(context_->md != nullptr && EVP_DigestInit_ex(context_->md, EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> bytes) { MT_ASSERT(EVP_DigestUpdate(context_->md, bytes.data(), bytes.size()) == 1); }

std::array<std::uint8_t, 32> Sha256::digest() const {
  Context copy;
  std::array<std::uint8_t, 32> digest{};
  unsigned size = 0;
  MT_ASSERT(EVP_MD_CTX_copy_ex(copy.md, context_->md) == 1 && EVP_DigestFinal_ex(copy.md, digest.data(), &size) == 1 &&
            size == digest.size());
  return digest;
}

std::string Sha256::hex() const {
  std::string text;
  for (const std::uint8_t byte : digest()) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace martinet
