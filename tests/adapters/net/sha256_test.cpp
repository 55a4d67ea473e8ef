// Known digests (FIPS 180-4 examples; NIST CAVP SHA256ShortMsg for the one-byte message) and every way to split a text.
#include <gtest/gtest.h>

#include <string_view>

#include "adapters/net/sha256.hpp"

namespace martinet::sha256_test {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

std::string hex_of(std::string_view text) {
  Sha256 hash;
  hash.update(bytes_of(text));
  return hash.hex();
}

TEST(Sha256, GivesTheKnownDigests) {
  EXPECT_EQ(Sha256().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of(""), Sha256().hex());
  EXPECT_EQ(hex_of("\xd3"), "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1");
  EXPECT_EQ(hex_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, GivesTheKnownDigestOfAMillionLetters) {
  Sha256 hash;
  const std::string piece(1000, 'a');
  for (int i = 0; i < 1000; ++i) hash.update(bytes_of(piece));
  EXPECT_EQ(hash.hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnHowTheTextIsSplit) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += static_cast<char>(i * 37);
  const std::string whole = hex_of(text);
  for (std::size_t split = 0; split <= text.size(); ++split) {
    Sha256 hash;
    hash.update(bytes_of(std::string_view(text).substr(0, split)));
    hash.update({});
    hash.update(bytes_of(std::string_view(text).substr(split)));
    EXPECT_EQ(hash.hex(), whole) << "split at " << split;
  }
  Sha256 bytewise;
  for (const char& c : text) bytewise.update(bytes_of({&c, 1}));
  EXPECT_EQ(bytewise.hex(), whole);
}

TEST(Sha256, TheDigestOfABeginningDoesNotDisturbTheRest) {
  Sha256 hash;
  hash.update(bytes_of("a"));
  EXPECT_EQ(hash.hex(), hash.hex());
  (void)hash.digest();
  hash.update(bytes_of("bc"));
  EXPECT_EQ(hash.hex(), hex_of("abc"));
  EXPECT_EQ(hash.digest()[0], 0xBA);
  EXPECT_EQ(hash.digest()[31], 0xAD);
}

TEST(Sha256, MovesWithWhatItHasSeen) {
  Sha256 hash;
  hash.update(bytes_of("ab"));
  Sha256 moved = std::move(hash);
  moved.update(bytes_of("c"));
  EXPECT_EQ(moved.hex(), hex_of("abc"));
}

}  // namespace martinet::sha256_test
