#include "engine/base/errc.hpp"

#include <array>

namespace martinet {
namespace {

struct Row {
  std::string_view name;
  ErrorClass error_class;
  std::string_view sentence;
};

constexpr std::array kRows = {
#define MT_ERROR_ROW(name, error_class, sentence) Row{#name, ErrorClass::error_class, sentence},
    MT_ERRORS(MT_ERROR_ROW)
#undef MT_ERROR_ROW
};

constexpr std::array<std::string_view, 9> kClassNames = {"none",  "config", "data",     "exchange", "order",
                                                         "risk",  "storage", "security", "internal"};
constexpr std::array<int, 9> kExitCodes = {0, 2, 3, 4, 5, 6, 7, 8, 9};

}  // namespace

std::string_view name_of(Errc code) noexcept { return kRows[static_cast<std::size_t>(code)].name; }
std::string_view sentence_of(Errc code) noexcept { return kRows[static_cast<std::size_t>(code)].sentence; }
ErrorClass class_of(Errc code) noexcept { return kRows[static_cast<std::size_t>(code)].error_class; }
std::string_view name_of(ErrorClass error_class) noexcept { return kClassNames[static_cast<std::size_t>(error_class)]; }
int exit_code(ErrorClass error_class) noexcept { return kExitCodes[static_cast<std::size_t>(error_class)]; }
bool may_retry(ErrorClass error_class) noexcept { return error_class == ErrorClass::exchange; }

}  // namespace martinet
