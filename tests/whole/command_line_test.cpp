// The program as people meet it: exit codes, one sentence on stderr, nothing overwritten, help everywhere.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <fstream>

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
  for (const std::string command : {"", "replay ", "import ", "synth ", "inspect ", "bench ", "config ", "config check ", "config show ", "journal ", "journal verify ", "journal dump ", "journal repair "}) {
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
