#pragma once
// The blocks of a capture, one after the other, each read, checked and decompressed into the caller's buffer. Plain and
// synchronous: the reading thread of CaptureReader turns it.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>

#include "adapters/capture/capture_file.hpp"
#include "adapters/capture/capture_format.hpp"
#include "engine/base/result.hpp"

struct ZSTD_DCtx_s;

namespace martinet::capture {

enum class BlockState : std::uint8_t {
  block,      ///< the buffer holds records
  end,        ///< the end block agrees with what was read, and nothing follows it
  truncated,  ///< the file ends before its end block; error() says where
  failed,     ///< error() says what and where
};

class BlockSource {
 public:
  /// Opens the file, checks what it is and reads the header.
  static Result<BlockSource> open(const std::filesystem::path& path);

  BlockSource(BlockSource&&) noexcept;
  BlockSource& operator=(BlockSource&&) noexcept;
  ~BlockSource();

  [[nodiscard]] const CaptureHeader& header() const noexcept { return header_; }
  [[nodiscard]] std::uint64_t file_bytes() const noexcept { return file_bytes_; }
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }         ///< bytes read so far
  [[nodiscard]] const CaptureTotals& totals() const noexcept { return totals_; }  ///< of the blocks read so far
  [[nodiscard]] const Error& error() const noexcept { return error_; }

  /// Reads the next block.
  /// out   buffer: kBlockBytesMax bytes, aligned to 8; `size` is the number of record bytes in it
  /// cost  no allocation but one for the first compressed block, unless it fails
  [[nodiscard]] BlockState next(std::span<std::byte> buffer, std::size_t& size);

 private:
  BlockSource() = default;
  Status read_header();
  Status read_body(const FilePrologue& prologue);
  BlockState fail(Errc code, std::uint64_t at, std::string_view what);
  BlockState short_file(std::uint64_t at, std::string_view what);
  BlockState check_head(const BlockHead& head, std::uint64_t at);
  BlockState read_payload(const BlockHead& head, std::span<std::byte> into, std::uint64_t at);
  BlockState check_end(const BlockHead& head, std::uint64_t at);

  struct FreeContext {
    void operator()(ZSTD_DCtx_s* context) const noexcept;
  };

  std::filesystem::path path_;
  File file_;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t block_number_ = 0;
  std::uint32_t file_tag_ = 0;
  std::int64_t ts_last_ = std::numeric_limits<std::int64_t>::min();
  RecordLimits limits_;
  CaptureHeader header_;
  CaptureTotals totals_;
  std::unique_ptr<std::byte[]> packed_;  // kBlockBytesMax, made for the first compressed block
  std::unique_ptr<ZSTD_DCtx_s, FreeContext> zstd_;
  Error error_;
};

}  // namespace martinet::capture
