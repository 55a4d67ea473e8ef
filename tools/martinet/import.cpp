#include <fmt/format.h>

#include <array>

#include "adapters/capture/import_files.hpp"
#include "engine/base/decimal.hpp"
#include "engine/hot/signal/parameter.hpp"
#include "tools/martinet/command.hpp"

namespace martinet::cli {
namespace {

Status read_choices(const ImportArguments& arguments, ImportOptions& options) {
  options.on_error = arguments.on_error == "skip" ? OnRowError::skip : OnRowError::stop;
  if (!arguments.market.empty()) {
    for (const Market market : {Market::spot, Market::usdm, Market::coinm, Market::usdt_futures, Market::coin_futures, Market::usdc_futures, Market::cfd}) {
      if (name_of(market) == arguments.market) options.market = market;
    }
    if (!options.market) return Error{Errc::usage, fmt::format("--market {} is not spot, usdm, coinm, usdt_futures, coin_futures, usdc_futures or cfd", arguments.market)};
  }
  if (!arguments.kind.empty()) {
    for (const ContractKind kind : {ContractKind::spot, ContractKind::linear, ContractKind::inverse, ContractKind::cfd}) {
      if (name_of(kind) == arguments.kind) options.kind = kind;
    }
    if (!options.kind) return Error{Errc::usage, fmt::format("--kind {} is not spot, linear, inverse or cfd", arguments.kind)};
  }
  if (!arguments.timeframe.empty()) {
    const Result<std::int64_t> timeframe = parse_timeframe(arguments.timeframe);
    if (!timeframe) return Error{Errc::usage, fmt::format("--timeframe {}: {}", arguments.timeframe, timeframe.error().what)};
    options.timeframe_ns = *timeframe;
  }
  for (const std::string& column : arguments.columns) {
    const std::size_t equals = column.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == column.size()) {
      return Error{Errc::usage, fmt::format("--column {} is not MEANING=NAME, for example --column price=close", column)};
    }
    options.columns[column.substr(0, equals)] = column.substr(equals + 1);
  }
  return {};
}

void print_report(const ImportReport& report, const std::filesystem::path& output) {
  const auto part = [](std::uint64_t count, const char* what) { return count == 0 ? std::string() : fmt::format(", {} {}", grouped(count), what); };
  std::string counts = part(report.raw_frames, "frames") + part(report.trades, "trades") + part(report.quotes, "quotes") + part(report.candles, "bars");
  fmt::print("wrote {} ({} bytes): {}\n", output.string(), grouped(report.bytes_written), counts.empty() ? "no records" : counts.substr(2));
  for (const ImportedFile& file : report.files) {
    fmt::print("  {:<20} {:>12} rows {:>12} records{}  {}\n", file.kind, grouped(file.rows), grouped(file.records),
               file.rows_skipped == 0 ? "" : fmt::format(" {:>6} skipped", file.rows_skipped), file.path.string());
  }
  for (const ImportedInstrument& row : report.instruments) {
    const Instrument& instrument = row.instrument;
    fmt::print("  {:<12} {:<8} tick {:<10} lot {:<10} rules from {}\n", instrument.symbol.view(), name_of(instrument.kind),
               to_text(instrument.rules.tick_size.v, instrument.price_decimals), to_text(instrument.rules.lot_size.v, instrument.qty_decimals), row.rules_from);
  }
  for (const std::string& message : report.messages) fmt::print("  note: {}\n", message);
  if (report.rows_skipped > 0) fmt::print("  {} malformed rows were skipped\n", grouped(report.rows_skipped));
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

void print_json(const ImportReport& report) {
  std::string instruments;
  for (const ImportedInstrument& row : report.instruments) {
    instruments += fmt::format("{}{{\"symbol\":{},\"kind\":\"{}\",\"tick\":{},\"lot\":{},\"rules_from\":{}}}", instruments.empty() ? "" : ",",
                               json_string(row.instrument.symbol.view()), name_of(row.instrument.kind),
                               to_text(row.instrument.rules.tick_size.v, row.instrument.price_decimals),
                               to_text(row.instrument.rules.lot_size.v, row.instrument.qty_decimals), json_string(row.rules_from));
  }
  std::string messages;
  for (const std::string& message : report.messages) messages += (messages.empty() ? "" : ",") + json_string(message);
  fmt::print("{{\"raw_frames\":{},\"rest_frames\":{},\"trades\":{},\"quotes\":{},\"candles\":{},\"rows_skipped\":{},\"ts_first_ns\":{},\"ts_last_ns\":{},"
             "\"bytes_written\":{},\"instruments\":[{}],\"messages\":[{}]}}\n",
             report.raw_frames, report.rest_frames, report.trades, report.quotes, report.candles, report.rows_skipped, report.ts_first_ns, report.ts_last_ns,
             report.bytes_written, instruments, messages);
}

}  // namespace

int run_import(const ImportArguments& arguments) {
  ImportOptions options;
  options.sources = arguments.sources;
  options.output = arguments.output;
  options.overwrite = arguments.overwrite;
  options.compress = !arguments.no_compress;
  options.symbol = arguments.symbol;
  options.rules = arguments.rules;
  options.instruments = arguments.instruments;
  if (const Status read = read_choices(arguments, options); !read) return fail(read.error());
  install_interrupt_handler();
  Result<ImportReport> report = [&] {
    ProgressBar bar("import");
    return import_files(options, [&bar](std::uint64_t done, std::uint64_t total) {
      bar.show(total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total), "");
      return !interrupted().load(std::memory_order_relaxed);
    });
  }();
  if (!report) return fail(report.error());
  arguments.json ? print_json(*report) : print_report(*report, arguments.output);
  return 0;
}

}  // namespace martinet::cli
