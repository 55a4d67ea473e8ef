#include "engine/app/bench.hpp"

#include <fmt/format.h>

#include "tools/martinet/command.hpp"

namespace martinet::cli {

int run_bench(const BenchArguments& arguments) {
  BenchOptions options;
  options.capture = arguments.capture;
  options.seconds = arguments.seconds;
  if (stderr_is_terminal()) options.progress = [](const std::string& what) { fmt::print(stderr, "\r\033[Kbench: {} ...", what); };
  const Result<BenchReport> report = bench(options);
  if (stderr_is_terminal()) fmt::print(stderr, "\r\033[K");
  if (!report) return fail(report.error());
  fmt::print("{}", arguments.json ? bench_json(*report) + "\n" : bench_text(*report));
  return 0;
}

}  // namespace martinet::cli
