// libFuzzer target: see config_check.hpp. Run: config_fuzz -max_len=8192 WORK_DIR tests/fuzz/corpus/config
#include "tests/fuzz/config_check.hpp"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static martinet::test::ConfigCheck check;
  const std::string broken = check({reinterpret_cast<const char*>(data), size});
  if (!broken.empty()) {
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
