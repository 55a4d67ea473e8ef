// Loading strategies from shared objects: the good one, and every way of being wrong, each refused in one sentence that names the file and
// what differs. Goal: nothing that stands in the place of a plugin takes the process down or runs where it need not.
#include "engine/app/strategy_plugin.hpp"

#include <elf.h>
#include <gtest/gtest.h>
#include <immintrin.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "engine/app/config_file.hpp"
#include "engine/app/strategy_config.hpp"
#include "engine/app/strategy_stamp.hpp"

namespace martinet::strategy_plugin_test {

namespace fs = std::filesystem;

const fs::path kPlugins = MARTINET_BINARY_DIR "/tests/plugins";

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "martinet-plugin-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  [[nodiscard]] fs::path operator/(const std::string& name) const { return path_ / name; }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<std::byte> bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto bytes = std::as_bytes(std::span<const char>(text));
  return {bytes.begin(), bytes.end()};
}

void write(const fs::path& file, std::span<const std::byte> bytes) {
  std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}
void write(const fs::path& file, std::string_view text) { write(file, std::as_bytes(std::span<const char>(text.data(), text.size()))); }

/// The example with another stamp.
fs::path with_stamp(const Folder& folder, const StrategyAbi& stamp) {
  std::vector<std::byte> bytes = bytes_of(kPlugins / "breakout.so");
  const StrategyAbi ours = strategy_abi();
  const auto* const pattern = reinterpret_cast<const std::byte*>(&ours);
  std::size_t found = 0;
  for (auto at = bytes.begin();; ++at) {
    at = std::search(at, bytes.end(), pattern, pattern + sizeof(ours));
    if (at == bytes.end()) break;
    std::memcpy(&*at, &stamp, sizeof(stamp));
    ++found;
  }
  EXPECT_GE(found, 1U);
  const fs::path file = folder / "stamped.so";
  write(file, bytes);
  return file;
}

void expect_refused(const fs::path& file, Errc code, const std::string& part) {
  SCOPED_TRACE(file);
  const std::size_t kinds = strategy_kinds().size();
  const std::size_t plugins = strategy_plugins().size();
  const Result<StrategyPlugin> plugin = load_strategy_plugin(file);
  ASSERT_FALSE(plugin.ok());
  EXPECT_EQ(name_of(plugin.error().code), name_of(code)) << plugin.error().what;
  EXPECT_EQ(plugin.error().what.rfind(file.string(), 0), 0U) << plugin.error().what;
  EXPECT_NE(plugin.error().what.find(part), std::string::npos) << "no '" << part << "' in: " << plugin.error().what;
  EXPECT_EQ(plugin.error().what.find('\n'), std::string::npos) << plugin.error().what;
  EXPECT_EQ(strategy_kinds().size(), kinds);
  EXPECT_EQ(strategy_plugins().size(), plugins);
}

TEST(StrategyPlugin, TheExampleLoadsOnceAndIsKnownFromThenOn) {
  const Result<StrategyPlugin> first = load_strategy_plugin(kPlugins / "breakout.so");
  ASSERT_TRUE(first.ok()) << first.error().what;
  EXPECT_EQ(first->file, fs::canonical(kPlugins / "breakout.so"));
  EXPECT_EQ(first->sha256.size(), 64U);
  ASSERT_NE(first->kind, nullptr);
  EXPECT_EQ(find_strategy_kind("breakout"), first->kind);
  const std::size_t kinds = strategy_kinds().size();
  const Result<StrategyPlugin> again = load_strategy_plugin(kPlugins / ".." / "plugins" / "breakout.so");
  ASSERT_TRUE(again.ok()) << again.error().what;
  EXPECT_EQ(again->kind, first->kind);
  EXPECT_EQ(strategy_kinds().size(), kinds);
}

TEST(StrategyPlugin, ASecondFileWithAKnownKindIsRefused) {
  ASSERT_TRUE(load_strategy_plugin(kPlugins / "breakout.so").ok());
  const Folder folder;
  fs::copy_file(kPlugins / "breakout.so", folder / "copy.so");
  expect_refused(folder / "copy.so", Errc::config_contradiction, "there is a strategy kind breakout already");
  expect_refused(kPlugins / "clash.so", Errc::config_contradiction, "there is a strategy kind vwap_rsi already");
}

TEST(StrategyPlugin, WhatIsNoSharedObjectIsRefused) {
  const Folder folder;
  expect_refused(folder / "absent.so", Errc::not_found, "No such file");
  expect_refused(folder.path(), Errc::plugin_refused, "is a folder");
  write(folder / "empty.so", "");
  expect_refused(folder / "empty.so", Errc::plugin_refused, "is not a shared object");
  write(folder / "letter.so", "Dear reader, this is a letter and no code.\n");
  expect_refused(folder / "letter.so", Errc::plugin_refused, "is not a shared object");
  write(folder / "elf.so", "\177ELF");
  expect_refused(folder / "elf.so", Errc::plugin_refused, "is not a shared object");
  ASSERT_EQ(::mkfifo((folder / "pipe.so").c_str(), 0600), 0);
  expect_refused(folder / "pipe.so", Errc::plugin_refused, "is not a file");
  fs::create_symlink("round.so", folder / "round.so");
  expect_refused(folder / "round.so", Errc::not_found, "cannot be read");
  std::vector<std::byte> other_machine = bytes_of(kPlugins / "breakout.so");
  other_machine[18] = std::byte{183};  // e_machine: AArch64
  write(folder / "arm.so", other_machine);
  expect_refused(folder / "arm.so", Errc::plugin_refused, "not a shared object for this machine");
}

TEST(StrategyPlugin, AFileThatOthersMayChangeIsRefused) {
  const Folder folder;
  const fs::path file = folder / "open.so";
  fs::copy_file(kPlugins / "breakout.so", file);
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  expect_refused(file, Errc::unsafe_file, "may be written by everybody");
  fs::permissions(file, fs::perms::others_write, fs::perm_options::remove);
  fs::permissions(folder.path(), fs::perms::all);
  expect_refused(file, Errc::unsafe_file, "in a folder that everybody may write");
  fs::permissions(folder.path(), fs::perms::all | fs::perms::sticky_bit);
  EXPECT_TRUE(load_strategy_plugin(file).ok() || load_strategy_plugin(file).error().code == Errc::config_contradiction) << "as /tmp is";
  fs::permissions(folder.path(), fs::perms::owner_all);
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files to another user";
  ASSERT_EQ(::chown(file.c_str(), 12345, 12345), 0);
  expect_refused(file, Errc::unsafe_file, "belongs to another user");
  ASSERT_EQ(::chown(file.c_str(), 0, 0), 0);
  ASSERT_EQ(::chown(folder.path().c_str(), 12345, 12345), 0);
  expect_refused(file, Errc::unsafe_file, "in a folder of another user");
}

TEST(StrategyPlugin, TheNamesItsParametersMayNotHaveAreThoseOfTheLoader) {
  std::vector<std::string> common = {"kind"};
  const std::vector<ConfigKey> keys = strategy_keys("every_bar").value();
  for (const ConfigKey& key : keys) {
    const auto own = parameters_of("every_bar");
    if (std::ranges::find(own, key.path, &ParameterSpec::name) == own.end()) common.push_back(key.path);
  }
  EXPECT_EQ(common, std::vector<std::string>(kKeysOfEveryStrategy.begin(), kKeysOfEveryStrategy.end()))
      << "the registry's list is the loader's";
}

TEST(StrategyPlugin, AStampThatDiffersIsNamedBeforeAnythingRuns) {
  const Folder folder;
  const StrategyAbi ours = strategy_abi();
  const auto refused = [&](auto change, const std::string& part) {
    StrategyAbi stamp = ours;
    change(stamp);
    expect_refused(with_stamp(folder, stamp), Errc::plugin_refused, part);
  };
  refused([](StrategyAbi& s) { s.version = 2; }, "built for version 2 of the strategy interface, and this engine has version 1; build it");
  refused([](StrategyAbi& s) { s.version = 0; }, "version 0");
  refused([](StrategyAbi& s) { s.compiler = 7, s.compiler_major = 3; }, "was built with another compiler 3, and this engine with ");
  refused([](StrategyAbi& s) { ++s.compiler_major; }, "was built with ");
  refused([](StrategyAbi& s) { ++s.layout; }, "built against other headers");
  refused([](StrategyAbi& s) { s.flags ^= kAbiDebugAsserts; }, "MARTINET_DEBUG_ASSERTS");
  refused([](StrategyAbi& s) { s.flags ^= kAbiAddressChecks; }, "AddressSanitizer");
  refused([](StrategyAbi& s) { s.flags ^= kAbiThreadChecks; }, "ThreadSanitizer");
  refused([](StrategyAbi& s) { s.flags ^= kAbiOldStrings; }, "_GLIBCXX_USE_CXX11_ABI=0");
  refused([](StrategyAbi& s) { s.flags ^= kAbiOtherLibrary; }, "another standard library");
  refused([](StrategyAbi& s) { s.flags ^= kAbiDebugLibrary; }, "_GLIBCXX_DEBUG");
  refused([](StrategyAbi& s) { s.flags ^= 1u << 20; }, "has flags");
  refused([](StrategyAbi& s) { s.magic[0] = 'M'; }, "damaged");
}

TEST(StrategyPlugin, SharedObjectsThatAreNoStrategyOrAWrongOneAreRefused) {
  expect_refused(kPlugins / "no_stamp.so", Errc::plugin_refused, "holds no strategy");
  expect_refused(kPlugins / "stamp_only.so", Errc::plugin_refused, "hides the functions of MARTINET_STRATEGY");
  expect_refused(kPlugins / "missing_symbol.so", Errc::plugin_refused, "not_in_this_engine");
  expect_refused(kPlugins / "bad_table.so", Errc::plugin_refused, "strategy kind variant.size = 11 must be from 0 to 10");
  expect_refused(kPlugins / "fused.so", Errc::plugin_refused, "compiled without -ffp-contract=off");
  const unsigned rounding = _mm_getcsr();
  expect_refused(kPlugins / "rounding.so", Errc::plugin_refused, "-ffast-math");
  EXPECT_EQ(_mm_getcsr() & ~0x3Fu, rounding & ~0x3Fu) << "the rounding of this thread is what it was";
}

TEST(StrategyStamp, IsReadFromTheFileAndFitsThisBuild) {
  const Result<StrategyAbi> stamp = stamp_of(bytes_of(kPlugins / "breakout.so"));
  ASSERT_TRUE(stamp.ok()) << stamp.error().what;
  EXPECT_EQ(difference_of(*stamp, strategy_abi()), "");
}

TEST(StrategyStamp, AFileCutAnywhereIsRefused) {
  const std::vector<std::byte> whole = bytes_of(kPlugins / "breakout.so");
  ASSERT_GT(whole.size(), 1'000U);
  const std::size_t step = whole.size() / 3'000 + 1;
  for (std::size_t size = 0; size < whole.size(); size += size < 1'000 ? 1 : step) {
    // A copy of its own, so that AddressSanitizer sees a read behind the end.
    const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_FALSE(stamp_of(cut).ok()) << size;
  }
}

TEST(StrategyStamp, AnyDamageIsSurvived) {
  const std::vector<std::byte> whole = bytes_of(kPlugins / "breakout.so");
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  Elf64_Ehdr head{};
  std::memcpy(&head, whole.data(), sizeof(head));
  // The tables are where damage leads astray; the rest is only copied.
  struct Range {
    std::uint64_t from, size;
  };
  const Range ranges[] = {
      {0, sizeof(head)}, {head.e_phoff, head.e_phnum * sizeof(Elf64_Phdr)}, {head.e_shoff, head.e_shnum * sizeof(Elf64_Shdr)}};
  std::size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::byte> bytes = whole;
    for (std::uint64_t n = random() % 4 + 1; n > 0; --n) {
      const Range& range = ranges[random() % 3];
      bytes[range.from + random() % range.size] = random() % 4 == 0 ? std::byte{0xFF} : static_cast<std::byte>(random());
    }
    const Result<StrategyAbi> stamp = stamp_of(bytes);
    if (!stamp) {
      EXPECT_EQ(stamp.error().code, Errc::plugin_refused);
      EXPECT_FALSE(stamp.error().what.empty());
      ++refused;
    }
  }
  EXPECT_GT(refused, 1'000U);
}

// --- in the configuration

TEST(ConfigPlugins, AreFoundFromTheFolderOfTheFileAndLoadedBeforeItsStrategies) {
  const Folder folder;
  fs::create_directory(folder / "here");
  fs::create_symlink(kPlugins, folder / "lib");
  write(folder / "here/c.toml",
        "plugins = [\"../lib/breakout.so\"]\n[[strategy]]\nkind = \"breakout\"\nperiod = 33\n[risk]\nmax_open_positions = 7\n");
  const Result<EngineConfig> config = load_config(folder / "here/c.toml");
  ASSERT_TRUE(config.ok()) << config.error().what;
  EXPECT_EQ(config->plugins, std::vector<std::string>{fs::canonical(kPlugins / "breakout.so").string()});
  ASSERT_EQ(config->strategies.size(), 1U);
  EXPECT_EQ(std::get<std::int64_t>(*config->strategies[0].parameters.find("period")), 33);
  // What is printed loads to the same from another folder.
  const std::string text = effective_toml(*config);
  write(folder / "printed.toml", text);
  const Result<EngineConfig> again = load_config(folder / "printed.toml");
  ASSERT_TRUE(again.ok()) << again.error().what;
  EXPECT_EQ(effective_toml(*again), text);
}

TEST(ConfigPlugins, ErrorsNameFileLineAndEntry) {
  const Folder folder;
  const fs::path file = folder / "c.toml";
  const auto refused = [&](const std::string& text, Errc code, const std::vector<std::string>& parts) {
    write(file, text);
    const Result<EngineConfig> config = load_config(file);
    ASSERT_FALSE(config.ok());
    EXPECT_EQ(name_of(config.error().code), name_of(code)) << config.error().what;
    for (const std::string& part : parts) EXPECT_NE(config.error().what.find(part), std::string::npos) << config.error().what;
    EXPECT_EQ(config.error().what.find('\n'), std::string::npos);
  };
  write(folder / "letter.so", "a letter");
  const std::string good = (kPlugins / "breakout.so").string();
  refused("\nplugins = [\"" + good + "\",\n \"letter.so\"]\n", Errc::plugin_refused,
          {file.string() + " line 3: plugins[1]: ", "letter.so is not a shared object"});
  refused("plugins = [\"absent.so\"]\n", Errc::not_found, {file.string() + " line 1: plugins[0]: ", (folder / "absent.so").string()});
  refused("plugins = [\"\"]\n", Errc::plugin_refused, {"is a folder"});
  refused("plugins = [\"a\\nb\"]\n", Errc::not_found, {"a\\u000Ab"});
  refused("plugins = [\"" + std::string(5'000, 'x') + "\"]\n", Errc::config_out_of_bounds, {"plugins[0]", "longer than"});
  refused("plugins = \"letter.so\"\n", Errc::config_wrong_type, {"line 1: plugins = ", "list of texts"});
  refused("plugins = [1]\n", Errc::config_wrong_type, {"line 1: plugins = ", "list of texts"});
  refused("[plugins]\na = 1\n", Errc::config_wrong_type, {"plugins"});
  std::string many = "plugins = [";
  for (std::size_t i = 0; i <= capacity::strategy_plugins_max; ++i) many += "\"" + good + "\", ";
  refused(many + "]\n", Errc::config_out_of_bounds, {"line 1: plugins", "more than"});
}

TEST(ConfigPlugins, TextAloneLoadsNone) {
  const Result<EngineConfig> config = parse_config("plugins = [\"" + (kPlugins / "breakout.so").string() + "\"]\n", "text");
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().code, Errc::config_contradiction);
  EXPECT_NE(config.error().what.find("text line 1: plugins"), std::string::npos) << config.error().what;
  EXPECT_TRUE(parse_config("plugins = []\n", "text").ok());
}

}  // namespace martinet::strategy_plugin_test
