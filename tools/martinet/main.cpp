// The command line: what can be said, and to whom it goes. The one door to CLI11.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "engine/app/build_info.hpp"
#include "tools/martinet/command.hpp"

namespace {

using namespace martinet::cli;

constexpr const char* kEnvFileHelp = "settings as KEY=VALUE lines (config/martinet.env.example), over the file and under this process's own variables";

constexpr const char* kExitCodes =
    "Exit codes: 0 done; 1 a check failed; 2 command line or configuration; 3 input data; 4 exchange; 5 order; 6 risk; 7 storage;\n"
    "8 security; 9 internal or interrupted. Errors are one sentence on stderr.";

std::string joined(int argc, char** argv) {
  std::string text;
  for (int i = 0; i < argc; ++i) text += (i == 0 ? std::string("martinet") : std::string(" ") + argv[i]);
  return text;
}

void add_replay(CLI::App& app, ReplayArguments& arguments) {
  CLI::App* command = app.add_subcommand("replay", "Send a captured feed through the engine and show what it traded");
  command->footer(
      "With a CAPTURE, --session names the folder to write. Without one it names a recorded session to reproduce: the engine makes it once more\n"
      "from what its journal holds and the capture it names, compares every record, and prints that they are identical or where they part first.\n"
      "  martinet replay btc.cap --session out          writes out/\n"
      "  martinet replay --session out --layout staged  reads out/ and writes nothing; exit code 1 where something differs");
  command->add_option("capture", arguments.capture, "a capture made by import or synth; left out: reproduce the session that --session names");
  command->add_option("--config", arguments.config, "configuration (TOML); without it: the defaults with vwap_rsi on every instrument, or the recorded one");
  command->add_option("--env-file", arguments.env_file, kEnvFileHelp);
  command->add_option("--layout", arguments.layout, "fused (one thread), split (ingress, strategy, egress, cold) or staged (a thread a stage)");
  command->add_option("--pace", arguments.pace, "max, realtime, or a factor such as 10x")->capture_default_str();
  command->add_option("--session", arguments.session, "folder to leave journal, trades and report in, default sessions/<time>-<capture>; without a capture: the recorded session");
  command->add_option("--input", arguments.input, "when reproducing: the capture, where it is not where the journal says");
  command->add_option("--resume", arguments.resume, "a journal segment of an earlier replay of the same capture: go on from its checkpoint");
  command->add_flag("--no-session", arguments.no_session, "write no files");
  command->add_flag("--allow-truncated", arguments.allow_truncated, "replay what is whole of a capture whose end is missing");
  command->add_flag("--json", arguments.json, "print the summary as JSON (keys: engine/cold/telemetry/SUMMARY.md)");
}

void add_import(CLI::App& app, ImportArguments& arguments) {
  CLI::App* command = app.add_subcommand("import", "Make a capture of WebSocket dumps, REST answers or CSV files");
  command->add_option("source", arguments.sources, "files, .gz or plain, told apart by their content; merged by receive time")->required();
  command->add_option("-o,--output", arguments.output, "the capture to write")->required();
  command->add_option("--on-error", arguments.on_error, "stop at a malformed row, or skip and count it")->check(CLI::IsMember({"stop", "skip"}))->capture_default_str();
  command->add_option("--market", arguments.market, "spot, usdm, coinm, usdt_futures, ...: where the frames do not tell");
  command->add_option("--kind", arguments.kind, "of CSV instruments: spot, linear, inverse or cfd");
  command->add_option("--symbol", arguments.symbol, "of CSV files; default: the file name up to the first '_'");
  command->add_option("--timeframe", arguments.timeframe, "length of CSV bars, such as 1m; default: the most common step");
  command->add_option("--column", arguments.columns, "MEANING=NAME, such as price=close, where the header is not understood");
  command->add_option("--rules", arguments.rules, "exchangeInfo or contracts documents with instrument rules");
  command->add_option("--instrument", arguments.instruments, "rules by hand: BTCUSDT:tick=0.1,lot=0.001,min_notional=5,kind=linear");
  command->add_flag("--overwrite", arguments.overwrite, "replace an existing capture");
  command->add_flag("--no-compress", arguments.no_compress, "store frames as they are");
  command->add_flag("--json", arguments.json, "print the report as JSON");
}

void add_synth(CLI::App& app, SynthArguments& arguments) {
  CLI::App* command = app.add_subcommand("synth", "Make a capture of a synthetic market; the same seed gives the same bytes");
  command->add_option("--seed", arguments.seed, "chooses the market")->capture_default_str();
  command->add_option("--hours", arguments.hours, "how long, above 0 and up to 720")->capture_default_str();
  command->add_option("--symbol", arguments.symbols, "BTCUSDT, ETHUSDT, SOLUSDT; default all");
  command->add_option("-o,--output", arguments.output, "the capture to write")->required();
  command->add_flag("--overwrite", arguments.overwrite, "replace an existing capture");
}

void add_inspect(CLI::App& app, InspectArguments& arguments) {
  CLI::App* command = app.add_subcommand("inspect", "Show what is in a capture or a journal segment");
  command->add_option("file", arguments.file, "a capture or a journal-NNNNNN.mtj")->required();
  command->add_flag("--json", arguments.json, "print as JSON");
  command->add_option("--head", arguments.head, "list the first N records, decoded");
}

CLI::App* add_journal(CLI::App& app, JournalArguments& arguments) {
  CLI::App* command = app.add_subcommand("journal", "Check, print or repair the journal of a session");
  command->require_subcommand(1);
  CLI::App* verify = command->add_subcommand("verify", "Check every record and the chain of segments; what is wrong is named by file, offset and record");
  CLI::App* dump = command->add_subcommand("dump", "Print the records, decoded");
  CLI::App* repair = command->add_subcommand("repair", "Clear away what a crash left at the end, as a start would; what is cut or renamed is kept as .broken");
  for (CLI::App* part : {verify, dump}) part->add_option("path", arguments.path, "a session folder or a journal-NNNNNN.mtj")->required();
  repair->add_option("path", arguments.path, "a session folder, or a segment in it")->required();
  dump->add_flag("--json", arguments.json, "one JSON object a line");
  dump->add_option("--head", arguments.head, "the first N records only");
  repair->add_flag("--dry-run", arguments.dry_run, "say what would be done and change nothing");
  return command;
}

void add_explain(CLI::App& app, ExplainArguments& arguments) {
  CLI::App* command = app.add_subcommand("explain", "Show why there was an order and what became of it, from tick to fill");
  command->footer(
      "ORDER is a client id (m1-2se0), a venue's order id, or the number of an intent. A plain number is the venue's where there is one;\n"
      "venue:17 and intent:17 say which is meant.");
  command->add_option("order", arguments.order, "which order")->required();
  command->add_option("--session", arguments.session, "folder of the recorded session")->required();
  command->add_option("--input", arguments.input, "the capture, where it is not where the journal says");
  command->add_flag("--json", arguments.json, "print as JSON");
}

void add_bench(CLI::App& app, BenchArguments& arguments) {
  CLI::App* command = app.add_subcommand("bench", "Measure this machine: bytes in to order out, per stage, and replay throughput");
  command->add_option("--capture", arguments.capture, "measure replay on this capture; default: a synthetic one made for the run");
  command->add_option("--seconds", arguments.seconds, "about how long each measurement takes")->check(CLI::Range(0.1, 600.0))->capture_default_str();
  command->add_flag("--json", arguments.json, "print as JSON");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"martinet: a trading engine that replays a captured feed exactly as it would have traded it", "martinet"};
  app.require_subcommand(1);
  app.set_version_flag("--version", martinet::build_id());
  app.footer(kExitCodes);
  ReplayArguments replay_arguments;
  ImportArguments import_arguments;
  SynthArguments synth_arguments;
  InspectArguments inspect_arguments;
  JournalArguments journal_arguments;
  BenchArguments bench_arguments;
  ExplainArguments explain_arguments;
  std::filesystem::path check_file;
  std::filesystem::path show_file;
  std::filesystem::path env_file;
  bool effective = false;
  add_replay(app, replay_arguments);
  add_import(app, import_arguments);
  add_synth(app, synth_arguments);
  add_inspect(app, inspect_arguments);
  const CLI::App* journal = add_journal(app, journal_arguments);
  add_explain(app, explain_arguments);
  add_bench(app, bench_arguments);
  CLI::App* config = app.add_subcommand("config", "Check or show a configuration, or its schema");
  config->require_subcommand(1);
  CLI::App* check = config->add_subcommand("check", "Read a configuration and say what is wrong with it");
  check->add_option("file", check_file, "TOML")->required();
  check->add_option("--env-file", env_file, kEnvFileHelp);
  config->add_subcommand("schema", "Print the JSON Schema of the configuration, for editors");
  CLI::App* show = config->add_subcommand("show", "Print every key with its value, where that came from, unit, bounds and default");
  show->add_option("file", show_file, "TOML; without it: the defaults");
  show->add_option("--env-file", env_file, kEnvFileHelp);
  show->add_flag("--effective", effective, "what is in force after the file is read (the only form there is)");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    fmt::print(stderr, "martinet: {}; see martinet{} --help\n", error.what(),
               app.get_subcommands().empty() ? "" : " " + app.get_subcommands().front()->get_name());
    return 2;
  }
  if (app.got_subcommand("replay")) return run_replay(replay_arguments, joined(argc, argv));
  if (app.got_subcommand("import")) return run_import(import_arguments);
  if (app.got_subcommand("synth")) return run_synth(synth_arguments);
  if (app.got_subcommand("inspect")) return run_inspect(inspect_arguments);
  if (app.got_subcommand("journal")) {
    if (journal->got_subcommand("verify")) return run_journal_verify(journal_arguments);
    return journal->got_subcommand("dump") ? run_journal_dump(journal_arguments) : run_journal_repair(journal_arguments);
  }
  if (app.got_subcommand("explain")) return run_explain(explain_arguments);
  if (app.got_subcommand("bench")) return run_bench(bench_arguments);
  if (config->got_subcommand("schema")) return run_config_schema();
  return config->got_subcommand("check") ? run_config_check(check_file, env_file) : run_config_show(show_file, env_file);
}
