#include <gtest/gtest.h>

#include <random>
#include <string>

#include "engine/base/crc.hpp"

namespace martinet {
namespace crc_join_test {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span<const char>(text.data(), text.size())); }

TEST(CrcJoin, EqualsTheCrcOfTheWholeForEverySizeItTakes) {
  constexpr std::uint32_t kSeed = 20240805;
  std::mt19937 random(kSeed);
  for (std::size_t size_b = 0; size_b <= kCrcJoinBytesMax; ++size_b) {
    for (int i = 0; i < 200; ++i) {
      std::string a(random() % 100, '\0');
      std::string b(size_b, '\0');
      for (char& c : a) c = static_cast<char>(random());
      for (char& c : b) c = static_cast<char>(random());
      EXPECT_EQ(crc32_ieee_join(crc32_ieee(bytes_of(a)), crc32_ieee(bytes_of(b)), size_b), crc32_ieee(bytes_of(a + b))) << "seed " << kSeed << " size " << size_b;
    }
  }
}

}  // namespace crc_join_test
}  // namespace martinet
