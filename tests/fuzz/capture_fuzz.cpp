// libFuzzer target: see capture_check.hpp. Run: capture_fuzz -max_len=8192 WORK_DIR tests/fuzz/corpus/capture
#include "tests/fuzz/capture_check.hpp"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static martinet::test::CaptureCheck check;
  const std::string broken = check({reinterpret_cast<const char*>(data), size});
  if (!broken.empty()) {
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
