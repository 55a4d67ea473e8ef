#pragma once
// Between the trap and the functions of the C and C++ libraries that it replaces (trap_hooks.cpp).
#include "tests/support/trap.hpp"

namespace martinet::trap {

[[nodiscard]] bool is_armed() noexcept;
[[noreturn]] void trip(Offence offence, std::int64_t detail) noexcept;

}  // namespace martinet::trap
