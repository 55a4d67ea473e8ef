// A user's own strategy, the way engine/hot/signal/README.md tells it: install the headers, build the example against nothing else, name
// the shared object in the configuration, replay. Goal: it sends the very orders that the same file sends when it is compiled into the
// engine.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>

#include "engine/hot/signal/registry.hpp"
#include "tests/whole/whole_support.hpp"

namespace martinet {
extern const StrategyKind kBreakoutKind;
}

namespace martinet::whole {
namespace own_strategy_test {

struct Answer {
  int exit_code = -1;
  std::string out;
  std::string err;
};

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::filesystem::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

class OwnStrategy : public testing::Test {
 protected:
  void SetUp() override {
#ifdef MARTINET_SANITIZED
    GTEST_SKIP() << "a sanitizer's build is not what a strategy is built for; release builds run this";
#endif
    const Answer installed = run_in(".", "'" MARTINET_CMAKE "' --install '" MARTINET_BINARY_DIR "' --component sdk --prefix sdk");
    ASSERT_EQ(installed.exit_code, 0) << installed.out << installed.err;
    std::filesystem::copy_file(MARTINET_SOURCE_DIR "/tests/engine/hot/signal/example/breakout.cpp", folder_ / "breakout.cpp");
  }

  [[nodiscard]] Answer run_in(const std::string& where, const std::string& command) const {
    const std::string line = "cd '" + (folder_ / where).string() + "' && " + command + " >'" + (folder_ / "out.txt").string() + "' 2>'" +
                             (folder_ / "err.txt").string() + "' </dev/null";
    const int status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(folder_ / "out.txt"), text_of(folder_ / "err.txt")};
  }
  [[nodiscard]] Answer martinet(const std::string& arguments) const {
    return run_in(".", "'" MARTINET_BINARY_DIR "/bin/martinet' " + arguments);
  }

  /// Builds breakout.cpp against the headers installed in `sdk`, and nothing else of ours.
  void build(const std::string& sdk, const std::string& output) const {
    const Answer built = run_in(".", "PKG_CONFIG_PATH=" + sdk +
                                         "/share/pkgconfig && export PKG_CONFIG_PATH && '" MARTINET_COMPILER
                                         "' -O2 -shared "
                                         "$(pkg-config --cflags martinet-strategy) breakout.cpp -o " +
                                         output);
    ASSERT_EQ(built.exit_code, 0) << built.err;
  }

  /// The installed headers once more, with a text in one of them replaced.
  void copy_sdk(const std::string& to, const std::string& header, const std::string& from_text, const std::string& to_text) const {
    std::filesystem::copy(folder_ / "sdk", folder_ / to, std::filesystem::copy_options::recursive);
    const std::filesystem::path file = folder_ / (to + "/include/martinet/engine/hot/signal/" + header);
    std::string text = text_of(file);
    const std::size_t at = text.find(from_text);
    ASSERT_NE(at, std::string::npos) << header;
    write(file, text.replace(at, from_text.size(), to_text));
  }

  void expect_refused(const std::string& plugin, const std::string& part) const {
    write(folder_ / "refused.toml", "plugins = [\"" + plugin + "\"]\n");
    for (const std::string command : {"config check refused.toml", "replay synth-11.cap --config refused.toml --no-session"}) {
      const Answer answer = martinet(command);
      EXPECT_EQ(answer.exit_code, 2) << answer.err;
      EXPECT_EQ(answer.out, "");
      EXPECT_EQ(std::count(answer.err.begin(), answer.err.end(), '\n'), 1) << answer.err;
      EXPECT_EQ(answer.err.rfind("martinet: refused.toml line 1: plugins[0]: ", 0), 0U) << answer.err;
      EXPECT_NE(answer.err.find(plugin + " " + part), std::string::npos) << answer.err;
    }
  }

  TemporaryFolder folder_;
};

const std::string kStrategies =
    "[[strategy]]\nkind = \"breakout\"\ntimeframe = \"5s\"\ndirection = \"both\"\nperiod = 10\ndeviations = 1.0\nregime_window = 10\n"
    "instruments = [\"BTCUSDT\", \"ETHUSDT\"]\n";

TEST_F(OwnStrategy, BuiltAgainstTheInstalledHeadersSendsTheOrdersOfTheOneThatIsCompiledIn) {
  build("sdk", "breakout.so");
  const std::filesystem::path capture = make_synth(folder_, 11, 10 * kNanosPerMinute);
  write(folder_ / "own.toml", "plugins = [\"breakout.so\"]\n" + kStrategies);
  const Answer answer = martinet("replay synth-11.cap --config own.toml --session s --json");
  ASSERT_EQ(answer.exit_code, 0) << answer.err;

  ASSERT_TRUE(register_strategy_kind(kBreakoutKind).ok());
  const Result<EngineConfig> config = parse_config(kStrategies, "compiled in");
  ASSERT_TRUE(config.ok()) << config.error().what;
  const Replayed compiled_in = run(*config, capture);
  EXPECT_GE(compiled_in.requests.size(), 20U) << "it trades";
  EXPECT_NE(answer.out.find("\"order_stream_sha256\":\"" + compiled_in.summary.order_stream_sha256 + "\""), std::string::npos)
      << compiled_in.summary.order_stream_sha256 << "\n"
      << answer.out;

  // The session says which file traded.
  const std::string journal = text_of(folder_ / "s/journal-000001.mtj");
  EXPECT_NE(journal.find("plugin=" + std::filesystem::canonical(folder_ / "breakout.so").string() + " sha256="), std::string::npos);

  // A setting of its own is checked like any other.
  write(folder_ / "own.toml", "plugins = [\"breakout.so\"]\n[[strategy]]\nkind = \"breakout\"\nperiod = 1\n");
  const Answer bound = martinet("config check own.toml");
  EXPECT_EQ(bound.exit_code, 2);
  EXPECT_NE(bound.err.find("own.toml line 4: strategy[0].period = 1 is outside its bounds; give a value from 2 to 1000 (bars)"),
            std::string::npos)
      << bound.err;
}

TEST_F(OwnStrategy, EveryInstalledHeaderNeedsOnlyOtherInstalledOnes) {
  std::string all;
  std::size_t count = 0;
  const std::filesystem::path include = folder_ / "sdk/include/martinet";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(include)) {
    if (!entry.is_regular_file()) continue;
    all += "#include \"" + entry.path().lexically_relative(include).string() + "\"\n";
    ++count;
  }
  EXPECT_GT(count, 30U);
  write(folder_ / "all.cpp", all);
  const Answer built = run_in(".", "PKG_CONFIG_PATH=sdk/share/pkgconfig && export PKG_CONFIG_PATH && '" MARTINET_COMPILER
                                   "' -fsyntax-only "
                                   "-Wall -Wextra -Wconversion -Werror $(pkg-config --cflags martinet-strategy) all.cpp");
  EXPECT_EQ(built.exit_code, 0) << built.err;
}

TEST_F(OwnStrategy, BuiltAgainstAnotherInterfaceIsRefused) {
  make_synth(folder_, 11, 2 * kNanosPerSecond);
  copy_sdk("later", "strategy_abi.hpp", "kStrategyAbiVersion = 1;", "kStrategyAbiVersion = 2;");
  build("later", "later.so");
  expect_refused("later.so", "was built for version 2 of the strategy interface, and this engine has version 1; build it with ");
  copy_sdk("wider", "strategy.hpp", "std::uint64_t exits = 0;", "std::uint64_t exits = 0; std::uint64_t one_more = 0;");
  build("wider", "wider.so");
  expect_refused("wider.so", "was built against other headers");
}

}  // namespace own_strategy_test
}  // namespace martinet::whole
