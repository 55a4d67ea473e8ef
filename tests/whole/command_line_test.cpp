// The program as people meet it: exit codes, one sentence on stderr, nothing overwritten, help everywhere.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <map>

#include "tests/support/journal_surgery.hpp"
#include "tests/whole/whole_support.hpp"

namespace martinet::whole {
namespace command_line_test {

struct Answer {
  int exit_code = -1;
  std::string out;
  std::string err;
};

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
}

Answer martinet(const TemporaryFolder& folder, const std::string& arguments) {
  const std::string command = "cd '" + (folder / "").string() + "' && '" MARTINET_BINARY_DIR "/bin/martinet' " + arguments + " >out.txt 2>err.txt </dev/null";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(folder / "out.txt"), text_of(folder / "err.txt")};
}

/// One sentence: one line, from us, that names `part`, and nothing on stdout.
void expect_refusal(const Answer& answer, int exit_code, const std::string& part) {
  EXPECT_EQ(answer.exit_code, exit_code) << answer.err;
  EXPECT_EQ(answer.out, "");
  EXPECT_EQ(std::count(answer.err.begin(), answer.err.end(), '\n'), 1) << answer.err;
  EXPECT_EQ(answer.err.rfind("martinet: ", 0), 0U) << answer.err;
  EXPECT_NE(answer.err.find(part), std::string::npos) << answer.err;
}

TEST(CommandLine, EverySubcommandHasHelp) {
  const TemporaryFolder folder;
  for (const std::string command : {"", "replay ", "import ", "synth ", "inspect ", "explain ", "bench ", "config ", "config check ", "config show ", "journal ", "journal verify ", "journal dump ", "journal repair "}) {
    const Answer answer = martinet(folder, command + "--help");
    EXPECT_EQ(answer.exit_code, 0) << command;
    EXPECT_GT(answer.out.size(), 60U) << command;
    EXPECT_EQ(answer.err, "") << command;
  }
  EXPECT_EQ(martinet(folder, "--version").exit_code, 0);
}

TEST(CommandLine, WrongWordsAreRefusedWithOneSentence) {
  const TemporaryFolder folder;
  make_synth(folder, 3, 2 * kNanosPerSecond);
  expect_refusal(martinet(folder, ""), 2, "--help");
  expect_refusal(martinet(folder, "fly"), 2, "--help");
  expect_refusal(martinet(folder, "replay"), 2, "replay --help");
  expect_refusal(martinet(folder, "replay synth-3.cap --pace slow"), 2, "slow");
  expect_refusal(martinet(folder, "replay synth-3.cap --pace -1x"), 2, "-1x");
  expect_refusal(martinet(folder, "replay synth-3.cap --layout round"), 2, "round");
  expect_refusal(martinet(folder, "synth --hours 0 -o x.cap"), 2, "--hours");
  expect_refusal(martinet(folder, "synth --hours 721 -o x.cap"), 2, "--hours");
  expect_refusal(martinet(folder, "synth --symbol DOGE --hours 0.01 -o x.cap"), 3, "DOGE");
  EXPECT_FALSE(std::filesystem::exists(folder / "x.cap"));
  EXPECT_FALSE(std::filesystem::exists(folder / "sessions"));
}

TEST(CommandLine, BadCapturesAreRefusedAndLeaveNothing) {
  const TemporaryFolder folder;
  const std::string whole = text_of(make_synth(folder, 3, 5 * kNanosPerSecond));
  write(folder / "empty.cap", "");
  write(folder / "foreign.cap", "this is not a capture, it is a letter to the reader of this file\n");
  write(folder / "short.cap", whole.substr(0, whole.size() - 7));
  write(folder / "head.cap", whole.substr(0, 20));
  std::string broken = whole;
  broken[broken.size() / 2] = static_cast<char>(broken[broken.size() / 2] ^ 0x10);
  write(folder / "broken.cap", broken);
  std::filesystem::create_directory(folder / "folder.cap");
  for (const std::string name : {"empty", "foreign", "short", "head", "broken", "folder", "absent"}) {
    for (const std::string command : {"replay ", "inspect "}) {
      const Answer answer = martinet(folder, command + name + ".cap" + (command == "replay " ? " --no-session" : ""));
      expect_refusal(answer, name == "absent" ? 7 : 3, name + ".cap");
    }
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "sessions"));
}

TEST(CommandLine, NothingIsOverwritten) {
  const TemporaryFolder folder;
  make_synth(folder, 3, 5 * kNanosPerSecond);
  write(folder / "mine.cap", "precious");
  expect_refusal(martinet(folder, "synth --hours 0.001 -o mine.cap"), 7, "mine.cap");
  EXPECT_EQ(text_of(folder / "mine.cap"), "precious");
  std::filesystem::create_directory(folder / "session");
  write(folder / "session/notes.txt", "precious");
  expect_refusal(martinet(folder, "replay synth-3.cap --session session"), 7, "session");
  EXPECT_EQ(text_of(folder / "session/notes.txt"), "precious");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "session"), {}), 1);
}

TEST(CommandLine, BadConfigurationsNameFileLineKeyValueAndBound) {
  const TemporaryFolder folder;
  make_synth(folder, 3, 2 * kNanosPerSecond);
  const auto refused = [&](const std::string& text, const std::string& part) {
    write(folder / "c.toml", text);
    expect_refusal(martinet(folder, "config check c.toml"), 2, part);
    expect_refusal(martinet(folder, "replay synth-3.cap --config c.toml --no-session"), 2, part);
  };
  refused("[risk]\nrisk_fracton = 0.01\n", "c.toml line 2: risk.risk_fracton is not a key; did you mean 'risk.risk_fraction'?");
  refused("[risk]\nrisk_fraction = 0.2\n", "c.toml line 2: risk.risk_fraction = 0.2 is outside its bounds; give a value from 0.001 to 0.1");
  refused("[risk]\nrisk_fraction = \"much\"\n", "risk.risk_fraction");
  refused("[pipeline]\nlayout = \"round\"\n", "fused, split, staged");
  refused("[pipeline\n", "line 1");
  refused("[[strategy]]\nkind = \"oracle\"\n", "vwap_rsi");
  refused("[[strategy]]\nkind = \"vwap_rsi\"\noversold = 80.0\n", "oversold");
  expect_refusal(martinet(folder, "config check absent.toml"), 7, "absent.toml");
}

TEST(CommandLine, ASessionHoldsItsFilesAndTheSummaryItsKeys) {
  const TemporaryFolder folder;
  make_synth(folder, 4, 3 * kNanosPerMinute);
  const Answer answer = martinet(folder, "replay synth-4.cap --config '" MARTINET_SOURCE_DIR "/config/determinism.toml' --session s --json");
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  for (const std::string key : {"events", "ticks", "bars", "signals", "orders_by_verdict", "fills", "pnl_net", "max_drawdown", "order_stream_sha256", "events_per_second",
                                "latency_ns", "hot_thread_counters"}) {
    EXPECT_NE(answer.out.find("\"" + key + "\""), std::string::npos) << key;
  }
  for (const std::string file : {"journal-000001.mtj", "trades.jsonl", "session.log", "latency.hgrm", "summary.json", "report.html"}) {
    EXPECT_GT(std::filesystem::file_size(folder / ("s/" + file)), 100U) << file;
    EXPECT_EQ(std::filesystem::status(folder / ("s/" + file)).permissions() & std::filesystem::perms::all, std::filesystem::perms(0600)) << file;
  }
  const std::string html = text_of(folder / "s/report.html");
  for (const std::string outside : {"src=\"http", "href=\"http", "url(http", "@import"}) EXPECT_EQ(html.find(outside), std::string::npos) << outside;
  const Answer journal = martinet(folder, "inspect s/journal-000001.mtj --head 30");
  EXPECT_EQ(journal.exit_code, 0) << journal.err;
  EXPECT_NE(journal.out.find("complete"), std::string::npos) << journal.out;
  const Answer capture = martinet(folder, "inspect synth-4.cap --json --head 3");
  EXPECT_EQ(capture.exit_code, 0) << capture.err;
}

TEST(CommandLine, ASessionFolderIsWrittenWithACaptureAndReproducedWithoutOne) {
  const TemporaryFolder folder;
  make_synth(folder, 6, 2 * kNanosPerMinute);
  const std::string config = " --config '" MARTINET_SOURCE_DIR "/config/determinism.toml'";
  ASSERT_EQ(martinet(folder, "replay synth-6.cap --session s" + config).exit_code, 0);
  std::map<std::string, std::string> before;
  const auto files_of = [&] {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "s")) files[entry.path().filename().string()] = text_of(entry.path());
    return files;
  };
  before = files_of();
  for (const std::string layout : {"", " --layout fused", " --layout split", " --layout staged"}) {
    const Answer answer = martinet(folder, "replay --session s" + layout);
    EXPECT_EQ(answer.exit_code, 0) << answer.err << answer.out;
    EXPECT_EQ(answer.err, "");
    EXPECT_NE(answer.out.find("Identical"), std::string::npos) << answer.out;
    EXPECT_NE(answer.out.find("order stream"), std::string::npos) << answer.out;
  }
  const Answer json = martinet(folder, "replay --session s --json");
  EXPECT_EQ(json.exit_code, 0);
  EXPECT_EQ(json.out.rfind("{\"identical\":true", 0), 0U) << json.out;
  // From another folder too: the journal names the capture by where it was.
  std::filesystem::create_directory(folder / "elsewhere");
  EXPECT_EQ(martinet(folder, "replay --session s >/dev/null && cd elsewhere && '" MARTINET_BINARY_DIR "/bin/martinet' replay --session ../s").exit_code, 0);
  EXPECT_TRUE(files_of() == before);  // reproducing writes nothing
  EXPECT_FALSE(std::filesystem::exists(folder / "sessions"));
  // Neither meaning is taken for the other.
  expect_refusal(martinet(folder, "replay synth-6.cap --session s"), 7, "leave the capture out to reproduce");
  expect_refusal(martinet(folder, "replay --session absent"), 7, "absent");
  expect_refusal(martinet(folder, "replay"), 2, "--session DIR");
  expect_refusal(martinet(folder, "replay --session s --layout round"), 2, "round");
  expect_refusal(martinet(folder, "replay synth-6.cap --input synth-6.cap --session x"), 2, "--input");
  for (const std::string option : {"--pace 10x", "--no-session", "--allow-truncated", "--resume s/journal-000001.mtj", "--env-file x.env"}) {
    expect_refusal(martinet(folder, "replay --session s " + option), 2, option.substr(0, option.find(' ')));
  }
}

TEST(CommandLine, APlantedDifferenceEndsWithOneAndNamesWhereTheOrdersPart) {
  const TemporaryFolder folder;
  make_synth(folder, 6, 2 * kNanosPerMinute);
  const std::string config = " --config '" MARTINET_SOURCE_DIR "/config/determinism.toml'";
  ASSERT_EQ(martinet(folder, "replay synth-6.cap --session s" + config).exit_code, 0);
  int decisions = 0;
  test::change_segment(folder / "s/journal-000001.mtj", [&](const journal::RecordHead& head, std::span<std::byte> payload) {
    if (head.type == static_cast<std::uint16_t>(journal::RecordType::decision) && ++decisions == 3) payload[32] ^= std::byte{1};  // the reference price
  });
  ASSERT_GE(decisions, 3);
  const Answer answer = martinet(folder, "replay --session s");
  EXPECT_EQ(answer.exit_code, 1) << answer.err;
  for (const std::string word : {"Different", "2 identical decisions", "reference", "<-", "Indicators", "verdict", "from byte 32"}) {
    EXPECT_NE(answer.out.find(word), std::string::npos) << word << " is not in\n" << answer.out;
  }
  EXPECT_EQ(martinet(folder, "replay --session s --json").exit_code, 1);
  write(folder / "other.toml", text_of(MARTINET_SOURCE_DIR "/config/determinism.toml") + "deviation = 0.1\n");
  expect_refusal(martinet(folder, "replay --session s --config other.toml"), 2, "deviation");  // of every_bar: no such parameter
  write(folder / "other.toml", "[risk]\nrisk_fraction = 0.02\n" + text_of(MARTINET_SOURCE_DIR "/config/determinism.toml").substr(text_of(MARTINET_SOURCE_DIR "/config/determinism.toml").find("[[strategy]]")));
  const Answer other = martinet(folder, "replay --session s --config other.toml");
  EXPECT_EQ(other.exit_code, 1) << other.err;
  EXPECT_NE(other.out.find("risk.risk_fraction: 0.01 recorded, 0.02 now"), std::string::npos) << other.out;
}

TEST(CommandLine, AnOrderIsExplainedFromTickToFill) {
  const TemporaryFolder folder;
  make_synth(folder, 6, 2 * kNanosPerMinute);
  ASSERT_EQ(martinet(folder, "replay synth-6.cap --session s --config '" MARTINET_SOURCE_DIR "/config/determinism.toml'").exit_code, 0);
  const std::string trades = text_of(folder / "s/trades.jsonl");
  const std::size_t at = trades.find("\"client_id\":\"") + 13;
  ASSERT_LT(at, trades.size());
  const std::string id = trades.substr(at, trades.find('"', at) - at);
  const Answer answer = martinet(folder, "explain " + id + " --session s");
  EXPECT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_EQ(answer.err, "");
  for (const std::string word : {id.c_str(), "Tick", "Indicators", "Intent", "Gate: admitted", "Orders of the position", "Fills", "Protection", "Result"}) {
    EXPECT_NE(answer.out.find(word), std::string::npos) << word << " is not in\n" << answer.out;
  }
  const Answer json = martinet(folder, "explain " + id + " --session s --json");
  EXPECT_EQ(json.exit_code, 0);
  EXPECT_EQ(json.out.rfind("{\"order\":\"" + id + "\"", 0), 0U);
  expect_refusal(martinet(folder, "explain m1-zzzze0 --session s"), 5, "nearest");
  expect_refusal(martinet(folder, "explain what --session s"), 5, "client id");
  expect_refusal(martinet(folder, "explain m1-1e0 --session absent"), 7, "absent");
  expect_refusal(martinet(folder, "explain m1-1e0"), 2, "--session");
  expect_refusal(martinet(folder, "explain --session s"), 2, "order");
}

TEST(CommandLine, VariablesAreSettingsBetweenTheFileAndTheCommandLine) {
  const TemporaryFolder folder;
  make_synth(folder, 3, 2 * kNanosPerSecond);
  write(folder / "c.toml", "[risk]\nrisk_fraction = 0.02\nmax_open_positions = 3\n[[strategy]]\nkind = \"vwap_rsi\"\n");
  write(folder / "v.env", "# mine\nRISK_PER_TRADE=0.03\nATR_STOP_MULTIPLIER=2.5\nEXCHANGE_SECRET=hunter2\n");
  const auto with = [&](const std::string& variables, const std::string& arguments) {
    return martinet(folder, "--version >/dev/null && " + variables + " '" MARTINET_BINARY_DIR "/bin/martinet' " + arguments);
  };
  const Answer file = martinet(folder, "config show c.toml");
  EXPECT_NE(file.out.find("risk_fraction = 0.02  # line 2\n"), std::string::npos) << file.out;
  EXPECT_NE(file.out.find("cap_size = true  # default\n"), std::string::npos);
  const Answer env_file = martinet(folder, "config show c.toml --env-file v.env");
  EXPECT_NE(env_file.out.find("risk_fraction = 0.03  # RISK_PER_TRADE, v.env line 2\n"), std::string::npos) << env_file.err;
  EXPECT_NE(env_file.out.find("atr_stop_multiplier = 2.5  # ATR_STOP_MULTIPLIER, v.env line 3\n"), std::string::npos);
  EXPECT_NE(env_file.out.find("max_open_positions = 3  # line 3\n"), std::string::npos);
  EXPECT_EQ(env_file.out.find("hunter2"), std::string::npos);
  const Answer both = with("RISK_PER_TRADE=0.04", "config show c.toml --env-file v.env");
  EXPECT_NE(both.out.find("risk_fraction = 0.04  # RISK_PER_TRADE, the environment\n"), std::string::npos) << both.err;
  EXPECT_NE(with("LIVE_TRADING=true", "config show c.toml").out.find("LIVE_TRADING is true"), std::string::npos);
  EXPECT_EQ(with("LIVE_TRADING=true PAPER_TRADING=true", "config show c.toml").out.find("LIVE_TRADING is true"), std::string::npos);
  // The run itself takes them, and says so.
  const Answer run = with("MAX_OPEN_POSITIONS=1", "replay synth-3.cap --config c.toml --no-session --json");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("\"config\":\"c.toml with MAX_OPEN_POSITIONS\""), std::string::npos) << run.out;
  for (const std::string arguments : {"config check c.toml", "config show c.toml", "replay synth-3.cap --config c.toml --no-session"}) {
    expect_refusal(with("RISK_PER_TRADE=2", arguments), 2, "RISK_PER_TRADE");
    expect_refusal(with("LIVE_TRADING=yes", arguments), 2, "LIVE_TRADING");
    expect_refusal(with("MAX_OPEN_POSITIONS=0", arguments), 2, "MAX_OPEN_POSITIONS");
    expect_refusal(martinet(folder, arguments + " --env-file absent.env"), 7, "absent.env");
  }
  std::filesystem::permissions(folder / "v.env", static_cast<std::filesystem::perms>(0666));
  expect_refusal(martinet(folder, "config check c.toml --env-file v.env"), 8, "v.env");
  // What was recorded is reproduced as it was recorded, whatever is set now.
  ASSERT_EQ(with("RISK_PER_TRADE=0.05", "replay synth-3.cap --config c.toml --session s").exit_code, 0);
  EXPECT_EQ(with("RISK_PER_TRADE=0.01", "replay --session s").exit_code, 0);
}

TEST(CommandLine, ATruncatedCaptureReplaysUpToItsEndWhenAsked) {
  const TemporaryFolder folder;
  const std::string whole = text_of(make_synth(folder, 5, kNanosPerMinute));
  write(folder / "short.cap", whole.substr(0, whole.size() * 2 / 3));
  expect_refusal(martinet(folder, "replay short.cap --no-session"), 3, "short.cap");
  const Answer answer = martinet(folder, "replay short.cap --no-session --allow-truncated");
  EXPECT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_NE(answer.out.find("missing"), std::string::npos) << answer.out;
}

}  // namespace command_line_test
}  // namespace martinet::whole
