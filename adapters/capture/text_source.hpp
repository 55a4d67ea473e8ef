#pragma once
// Lines of a text file, plain or gzip (told apart by content). The one place where recorded text enters.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace martinet {

/// Longest line read: today's Binance exchangeInfo, one line of about 20 MB, three times over.
inline constexpr std::size_t kTextLineBytesMax = 64u << 20;

/// Reads a file line by line. A byte order mark at the start and a carriage return at a line's end are not part of a line.
/// Cold; memory is the longest line met plus 256 KB.
class TextSource {
 public:
  /// fails not_found, io_failed (a folder, no permission), empty_file (no byte of text)
  static Result<TextSource> open(const std::filesystem::path& path);

  TextSource(TextSource&&) noexcept;
  TextSource& operator=(TextSource&&) noexcept;
  ~TextSource();

  /// Gives the next line, valid until the next call. False at the end and on failure: status() tells which.
  bool next(std::string_view& line);

  /// Failure, if reading ended early: truncated or corrupted (a damaged .gz), frame_too_large (a line beyond kTextLineBytesMax),
  /// io_failed. The sentence names the file.
  [[nodiscard]] const Status& status() const noexcept;

  [[nodiscard]] std::uint64_t line_number() const noexcept;  ///< of the line given last, from 1; 0 before the first
  [[nodiscard]] std::uint64_t bytes_read() const noexcept;   ///< of the file as stored (compressed where it is)
  [[nodiscard]] const std::filesystem::path& path() const noexcept;

 private:
  struct State;
  explicit TextSource(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace martinet
