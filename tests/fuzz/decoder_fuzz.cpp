// libFuzzer target: see decoder_check.hpp. Run: decoder_fuzz -max_len=4096 WORK_DIR tests/fuzz/corpus/decoder
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/decoder_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static martinet::test::DecoderCheck check;
  const std::string broken = check({reinterpret_cast<const char*>(data), size});
  if (!broken.empty()) {
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
