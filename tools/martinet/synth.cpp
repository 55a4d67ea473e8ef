#include <fmt/format.h>

#include <cmath>

#include "adapters/capture/synth.hpp"
#include "tools/martinet/command.hpp"

namespace martinet::cli {

int run_synth(const SynthArguments& arguments) {
  SynthOptions options;
  options.seed = arguments.seed;
  if (!std::isfinite(arguments.hours) || arguments.hours <= 0 || arguments.hours > 720) {
    return fail({Errc::usage, fmt::format("--hours {} is outside its bounds; give a number above 0 and up to 720", arguments.hours)});
  }
  options.duration_ns = std::llround(arguments.hours * 3600) * kNanosPerSecond;
  if (!arguments.symbols.empty()) options.symbols = arguments.symbols;
  options.overwrite = arguments.overwrite;
  install_interrupt_handler();
  Result<CaptureTotals> totals = [&] {
    ProgressBar bar("synth");
    return synthesize(arguments.output, options, [&bar](double fraction) {
      bar.show(fraction, "");
      return !interrupted().load(std::memory_order_relaxed);
    });
  }();
  if (!totals) return fail(totals.error());
  fmt::print("wrote {}: {} messages of {} symbols, {:.2f} h, seed {}\n", arguments.output.string(), grouped(totals->records), options.symbols.size(),
             arguments.hours, arguments.seed);
  return 0;
}

}  // namespace martinet::cli
