// Shared objects that are wrong in one way each (VARIANT_...), for the tests of the loader.
#include <immintrin.h>

#include "engine/hot/signal/registry.hpp"
#include "engine/hot/signal/strategy_abi.hpp"

namespace martinet {

void not_in_this_engine();

namespace {

#ifdef VARIANT_BAD_TABLE
constexpr double kDefault = 11;  // its most is 10
#else
constexpr double kDefault = 1;
#endif
#ifdef VARIANT_CLASH
constexpr std::string_view kName = "vwap_rsi";
#else
constexpr std::string_view kName = "variant";
#endif

constexpr std::array kParameters = {ParameterSpec{"size", ParameterType::number, "", kDefault, 0, 10, {}, "a number"}};

Status check(std::string_view, const ParameterSet&) {
#ifdef VARIANT_MISSING_SYMBOL
  not_in_this_engine();
#endif
  return {};
}
Result<std::unique_ptr<Strategy>> make(const StrategyContext&) { return Error{Errc::unsupported, "a variant makes nothing"}; }

#ifdef VARIANT_ROUNDING
// What g++ links into a shared object with -ffast-math: flush to zero, denormals are zero.
[[gnu::constructor]] void flush() { _mm_setcsr(_mm_getcsr() | 0x8040u); }
#endif

}  // namespace

extern const StrategyKind kVariantKind;
constinit const StrategyKind kVariantKind = {kName, "one that is wrong", kParameters, check, make};

}  // namespace martinet

#if defined(VARIANT_STAMP_ONLY)
extern "C" {
[[gnu::section(".martinet.abi")]] extern constinit const martinet::StrategyAbi martinet_strategy_stamp = martinet::strategy_abi();
}
#elif !defined(VARIANT_NO_STAMP)
MARTINET_STRATEGY(martinet::kVariantKind);
#endif
