#include "engine/app/strategy_stamp.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace martinet {
namespace {

Error refused(std::string what) { return {Errc::plugin_refused, std::move(what)}; }

Error damaged() { return refused("is cut short or damaged; build it again"); }

/// Structures of the file by offset.
class Elf {
 public:
  explicit Elf(std::span<const std::byte> file) : file_(file) {}

  [[nodiscard]] bool holds(std::uint64_t offset, std::uint64_t size) const {
    return offset <= file_.size() && size <= file_.size() - offset;
  }
  template <class T>
  [[nodiscard]] bool get(std::uint64_t offset, T& out) const {
    if (!holds(offset, sizeof(T))) return false;
    std::memcpy(&out, file_.data() + offset, sizeof(T));
    return true;
  }
  /// True if the zero-terminated text at `offset` is `text`.
  [[nodiscard]] bool is_text(std::uint64_t offset, std::string_view text) const {
    return holds(offset, text.size() + 1) && std::memcmp(file_.data() + offset, text.data(), text.size()) == 0 &&
           file_[static_cast<std::size_t>(offset) + text.size()] == std::byte{0};
  }

 private:
  std::span<const std::byte> file_;
};

// The loader maps segments without looking at the length of the file; touching a page behind its end would kill the process.
Status check_segments(const Elf& elf, const Elf64_Ehdr& head) {
  if (head.e_phentsize != sizeof(Elf64_Phdr)) return damaged();
  for (std::uint64_t i = 0; i < head.e_phnum; ++i) {
    Elf64_Phdr segment{};
    if (head.e_phoff > UINT32_MAX || !elf.get(head.e_phoff + i * sizeof(segment), segment)) return damaged();
    if (segment.p_type == PT_LOAD && (!elf.holds(segment.p_offset, segment.p_filesz) || segment.p_memsz < segment.p_filesz))
      return damaged();
  }
  return {};
}

Result<Elf64_Shdr> stamp_section(const Elf& elf, const Elf64_Ehdr& head) {
  const auto section_at = [&](std::uint64_t index, Elf64_Shdr& out) {
    return head.e_shoff <= UINT32_MAX && elf.get(head.e_shoff + index * sizeof(out), out);
  };
  Elf64_Shdr names{};
  if (head.e_shnum == 0 || head.e_shentsize != sizeof(Elf64_Shdr) || !elf.holds(head.e_shoff, head.e_shnum * sizeof(Elf64_Shdr)) ||
      !section_at(head.e_shstrndx, names)) {
    return damaged();
  }
  for (std::uint64_t i = 0; i < head.e_shnum; ++i) {
    Elf64_Shdr section{};
    if (!section_at(i, section)) return damaged();
    if (names.sh_offset <= UINT32_MAX && elf.is_text(names.sh_offset + section.sh_name, kStrategyAbiSection)) return section;
  }
  return refused("holds no strategy; a strategy's file says MARTINET_STRATEGY(kind) once");
}

std::string compiler_of(const StrategyAbi& abi) {
  constexpr std::string_view kNames[] = {"another compiler", "g++", "clang++"};
  return fmt::format("{} {}", kNames[std::min<std::uint32_t>(abi.compiler, 3) % 3], abi.compiler_major);
}

}  // namespace

Result<StrategyAbi> stamp_of(std::span<const std::byte> file) {
  const Elf elf(file);
  Elf64_Ehdr head{};
  if (!elf.get(0, head) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0) return refused("is not a shared object");
  if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB || head.e_machine != EM_X86_64 ||
      head.e_type != ET_DYN) {
    return refused("is not a shared object for this machine; build it with -shared for x86-64");
  }
  if (const Status whole = check_segments(elf, head); !whole) return whole.error();
  const Result<Elf64_Shdr> section = stamp_section(elf, head);
  if (!section) return section.error();
  StrategyAbi abi{};
  if (!elf.get(section->sh_offset, abi) || section->sh_size < sizeof(abi)) return damaged();
  if (std::memcmp(abi.magic, strategy_abi().magic, sizeof(abi.magic)) != 0) return damaged();
  return abi;
}

std::string difference_of(const StrategyAbi& file, const StrategyAbi& engine) {
  if (file.version != engine.version) {
    return fmt::format("was built for version {} of the strategy interface, and this engine has version {}", file.version, engine.version);
  }
  if (file.compiler != engine.compiler || file.compiler_major != engine.compiler_major) {
    return fmt::format("was built with {}, and this engine with {}", compiler_of(file), compiler_of(engine));
  }
  struct Word {
    AbiFlag flag;
    std::string_view text;
  };
  constexpr Word kWords[] = {
      {kAbiOldStrings, "_GLIBCXX_USE_CXX11_ABI=0"}, {kAbiOtherLibrary, "another standard library"}, {kAbiDebugLibrary, "_GLIBCXX_DEBUG"},
      {kAbiDebugAsserts, "MARTINET_DEBUG_ASSERTS"}, {kAbiAddressChecks, "AddressSanitizer"},        {kAbiThreadChecks, "ThreadSanitizer"},
  };
  for (const Word& word : kWords) {
    const bool in_file = (file.flags & word.flag) != 0;
    const bool in_engine = (engine.flags & word.flag) != 0;
    if (in_file && !in_engine) return fmt::format("was built with {}, and this engine without", word.text);
    if (in_engine && !in_file) return fmt::format("was built without {}, and this engine with it", word.text);
  }
  if (file.layout != engine.layout) return "was built against other headers: what strategy and engine share is laid out differently there";
  if (((file.flags ^ engine.flags) & kAbiFusesMultiplyAdd) != 0)
    return "was compiled without -ffp-contract=off, so its figures would not be the engine's";
  return file.flags == engine.flags ? "" : fmt::format("has flags {:#x}, and this engine {:#x}", file.flags, engine.flags);
}

}  // namespace martinet
