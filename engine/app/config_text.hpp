#pragma once
// Configuration as text: what is checked before the TOML parser sees it, and how a piece of it is shown in a sentence.
#include <cstddef>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace martinet {

inline constexpr std::size_t kConfigBytesMax = 1 << 20;  ///< of a configuration file
inline constexpr std::size_t kKeyDotsMax = 8;            ///< in one dotted key; ours have one
inline constexpr std::size_t kShownBytesMax = 80;        ///< of a value in a sentence

/// What toml++ 3.3 must not be given. It bounds how deep values nest (256) but not dotted keys: `a.a.a...` makes one table a dot, and
/// taking a hundred thousand of them down again overflows the stack. Its table of spaces holds places marked unreachable, and letters
/// outside ASCII do reach them wherever a space may stand (a compiler then does as it likes). So: at most kConfigBytesMax bytes, at
/// most kKeyDotsMax dots a key, and letters outside ASCII only in comments and between
/// quotes, there not right behind a backslash, and only in a text that begins where a key or value may begin.
/// fails config_syntax
[[nodiscard]] Status check_text(std::string_view text, const std::string& name);

/// The first line that begins like a table header and does not go on with a name; 1 if there is none.
[[nodiscard]] std::size_t line_of_bad_header(std::string_view text);

/// Letters to add, leave out or change to make one of the other.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The text on one line: control characters as \uXXXX.
[[nodiscard]] std::string one_line(std::string_view text);

/// At most kShownBytesMax bytes of the text, cut between characters, with "..." where something is missing.
[[nodiscard]] std::string shortened(std::string_view text);

}  // namespace martinet
