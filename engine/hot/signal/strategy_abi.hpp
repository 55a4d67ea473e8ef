#pragma once
// What a strategy built as a shared object and the engine that loads it must agree on, as one stamp. It stands in a section of the file, so
// that the engine reads it before any code of that file runs (engine/app/strategy_plugin.hpp); MARTINET_STRATEGY puts it there.
//
// Two builds agree where the version, the layout (strategy_layout.hpp), the compiler's family and major version, and the flags are the
// same. What no size shows (the order of virtual functions, of enumerators, the meaning of a field) is told by the version: raise it with
// such a change. tests/engine/hot/signal/strategy_abi_test.cpp pins the order of the virtual functions.
#include <cstdint>
#include <type_traits>
#include <version>

#include "engine/hot/signal/registry.hpp"
#include "engine/hot/signal/strategy_layout.hpp"

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "strategies are built without -ffast-math and -Ofast: the same input must give the same orders in every build"
#endif

namespace martinet {

inline constexpr std::uint32_t kStrategyAbiVersion = 1;
inline constexpr char kStrategyAbiSection[] = ".martinet.abi";

enum class AbiCompiler : std::uint32_t { other, gcc, clang };

/// Bits of StrategyAbi.flags.
enum AbiFlag : std::uint32_t {
  kAbiOldStrings = 1,         ///< libstdc++ with _GLIBCXX_USE_CXX11_ABI=0
  kAbiOtherLibrary = 2,       ///< another standard library than libstdc++
  kAbiDebugLibrary = 4,       ///< _GLIBCXX_DEBUG
  kAbiDebugAsserts = 8,       ///< MARTINET_DEBUG_ASSERTS
  kAbiAddressChecks = 16,     ///< AddressSanitizer
  kAbiThreadChecks = 32,      ///< ThreadSanitizer
  kAbiFusesMultiplyAdd = 64,  ///< built without -ffp-contract=off; found out by running, so never in the file's own stamp
};

struct StrategyAbi {
  char magic[8];           ///< "martinet"
  std::uint32_t version;   ///< kStrategyAbiVersion
  std::uint32_t compiler;  ///< AbiCompiler
  std::uint32_t compiler_major;
  std::uint32_t flags;  ///< of AbiFlag
  std::uint64_t layout;
};
static_assert(sizeof(StrategyAbi) == 32 && std::is_trivially_copyable_v<StrategyAbi>);

namespace abi {

[[nodiscard]] consteval std::uint32_t flags() {
  std::uint32_t flags = 0;
#ifdef __GLIBCXX__
  if (_GLIBCXX_USE_CXX11_ABI == 0) flags |= kAbiOldStrings;
#else
  flags |= kAbiOtherLibrary;
#endif
#ifdef _GLIBCXX_DEBUG
  flags |= kAbiDebugLibrary;
#endif
#ifdef MARTINET_DEBUG_ASSERTS
  flags |= kAbiDebugAsserts;
#endif
#ifdef __SANITIZE_ADDRESS__  // g++
  flags |= kAbiAddressChecks;
#endif
#ifdef __SANITIZE_THREAD__
  flags |= kAbiThreadChecks;
#endif
#ifdef __has_feature  // clang
#if __has_feature(address_sanitizer)
  flags |= kAbiAddressChecks;
#endif
#if __has_feature(thread_sanitizer)
  flags |= kAbiThreadChecks;
#endif
#endif
  return flags;
}

// (1 + 2^-30) * (1 - 2^-30) is 1 - 2^-60 and rounds to 1; a product that goes into the sum unrounded leaves a rest. Internal linkage on
// purpose: an inline function would be resolved to the engine's own, and tell how the engine was built.
[[maybe_unused]] static bool fuses_multiply_add() noexcept {
  const volatile double above = 1.0 + 0x1p-30;
  const volatile double below = 1.0 - 0x1p-30;
  const volatile double minus_one = -1.0;
  const double a = above;
  const double b = below;
  const double c = minus_one;
  return a * b + c != 0.0;
}

}  // namespace abi

/// The stamp of the build that asks.
[[nodiscard]] consteval StrategyAbi strategy_abi() {
#if defined(__clang__)
  constexpr AbiCompiler kCompiler = AbiCompiler::clang;
  constexpr std::uint32_t kMajor = __clang_major__;
#elif defined(__GNUC__)
  constexpr AbiCompiler kCompiler = AbiCompiler::gcc;
  constexpr std::uint32_t kMajor = __GNUC__;
#else
  constexpr AbiCompiler kCompiler = AbiCompiler::other;
  constexpr std::uint32_t kMajor = 0;
#endif
  return {{'m', 'a', 'r', 't', 'i', 'n', 'e', 't'},
          kStrategyAbiVersion,
          static_cast<std::uint32_t>(kCompiler),
          kMajor,
          abi::flags(),
          abi::layout()};
}

}  // namespace martinet

/// Once in the file of a strategy, outside every namespace: MARTINET_STRATEGY(martinet::kBreakoutKind);
/// Compiled into the engine (MARTINET_STRATEGY_BUILT_IN) it is nothing: there registry.cpp names the kind.
#ifdef MARTINET_STRATEGY_BUILT_IN
#define MARTINET_STRATEGY(kind) static_assert(true, "")
#else
#define MARTINET_STRATEGY(kind)                                                                                                        \
  extern "C" {                                                                                                                         \
  [[gnu::visibility("default"), gnu::section(".martinet.abi")]] extern constinit const martinet::StrategyAbi martinet_strategy_stamp = \
      martinet::strategy_abi();                                                                                                        \
  [[gnu::visibility("default")]] martinet::StrategyAbi martinet_strategy_abi_1() noexcept {                                            \
    martinet::StrategyAbi answer = martinet_strategy_stamp;                                                                            \
    if (martinet::abi::fuses_multiply_add()) answer.flags |= martinet::kAbiFusesMultiplyAdd;                                           \
    return answer;                                                                                                                     \
  }                                                                                                                                    \
  [[gnu::visibility("default")]] const martinet::StrategyKind* martinet_strategy_kind() noexcept { return &(kind); }                   \
  }                                                                                                                                    \
  static_assert(true, "")
#endif
