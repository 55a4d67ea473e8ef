#include "adapters/capture/capture_blocks.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/crc.hpp"

namespace martinet::capture {
namespace {

constexpr std::string_view kAgain = "; copy the file again, or record or import it again";
constexpr std::string_view kTail =
    "; the recorder did not finish it or the copy is incomplete: copy it again, or allow truncated captures to read what is there";

std::string with(std::string_view what, std::string_view advice) { return std::string(what).append(advice); }

// What a foreign file most likely is, from its first bytes.
std::string_view guess(std::span<const std::byte> start) noexcept {
  const auto at = [start](std::size_t i) { return i < start.size() ? std::to_integer<unsigned>(start[i]) : 0U; };
  if (at(0) == 0x1F && at(1) == 0x8B) return "it is gzip: raw dumps and CSV files become captures with `martinet import`";
  if (at(0) == '{' || at(0) == '[') return "it looks like JSON: raw dumps become captures with `martinet import`";
  const bool text = std::all_of(start.begin(), start.end(), [](std::byte b) {
    const auto c = std::to_integer<unsigned>(b);
    return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r' || c == '\t';
  });
  return text ? "it looks like text: raw dumps and CSV files become captures with `martinet import`"
              : "give a file that martinet import, synth or run has made";
}

}  // namespace

void BlockSource::FreeContext::operator()(ZSTD_DCtx_s* context) const noexcept { ZSTD_freeDCtx(context); }
BlockSource::BlockSource(BlockSource&&) noexcept = default;
BlockSource& BlockSource::operator=(BlockSource&&) noexcept = default;
BlockSource::~BlockSource() = default;

Result<BlockSource> BlockSource::open(const std::filesystem::path& path) {
  BlockSource source;
  source.path_ = path;
  // O_NONBLOCK: a named pipe must be refused, not waited for.
  source.file_ = File(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!source.file_.open()) return system_error(path, "cannot be opened", errno);
  struct stat info{};
  if (::fstat(source.file_.fd(), &info) != 0) return system_error(path, "cannot be examined", errno);
  if (!S_ISREG(info.st_mode)) {
    return Error{Errc::not_a_capture, path.string() + (S_ISDIR(info.st_mode) ? ": is a folder; give a capture file"
                                                                             : ": is not a regular file; give a capture file")};
  }
  if (info.st_size == 0) return Error{Errc::empty_file, path.string() + ": the file is empty; record, import or synthesize a capture"};
  source.file_bytes_ = static_cast<std::uint64_t>(info.st_size);
  ::posix_fadvise(source.file_.fd(), 0, 0, POSIX_FADV_SEQUENTIAL);
  source.zstd_.reset(ZSTD_createDCtx());
  if (Status status = source.read_header(); !status.ok()) return status.error();
  return source;
}

Status BlockSource::read_header() {
  FilePrologue prologue;
  std::size_t count = 0;
  if (const int error = read_at(file_.fd(), 0, std::as_writable_bytes(std::span(&prologue, 1)), count); error != 0) {
    return system_error(path_, "cannot be read", error);
  }
  const std::span<const std::byte> start = std::as_bytes(std::span(&prologue, 1)).first(count);
  if (std::memcmp(start.data(), kFileMagic.data(), std::min(count, kFileMagic.size())) != 0) {
    return Error{Errc::not_a_capture, path_.string() + ": byte 0: this is not a martinet capture; " + std::string(guess(start))};
  }
  if (count < sizeof prologue) return place_error(Errc::truncated, path_, count, with("the file ends inside its header", kAgain));
  if (prologue.crc != crc_of(prologue))
    return place_error(Errc::corrupted, path_, 0, with("the start of the header fails its checksum", kAgain));
  if (prologue.version != kFormatVersion) {
    return place_error(Errc::unknown_version, path_, kFileMagic.size(),
                       "the capture has format version " + std::to_string(prologue.version) + ", this build reads version " +
                           std::to_string(kFormatVersion) + "; use the martinet that made it");
  }
  if (prologue.flags != 0 || prologue.reserved != 0 || prologue.body_bytes > kHeaderBodyBytesMax) {
    return place_error(Errc::corrupted, path_, 0, with("the start of the header holds values that this version does not have", kAgain));
  }
  file_tag_ = prologue.crc;
  return read_body(prologue);
}

Status BlockSource::read_body(const FilePrologue& prologue) {
  std::vector<std::byte> body(prologue.body_bytes);
  std::size_t count = 0;
  if (const int error = read_at(file_.fd(), sizeof prologue, body, count); error != 0) return system_error(path_, "cannot be read", error);
  if (count < body.size()) {
    return place_error(Errc::truncated, path_, sizeof prologue + count, with("the file ends inside its header", kAgain));
  }
  if (crc32c(body) != prologue.body_crc) {
    return place_error(Errc::corrupted, path_, sizeof prologue, with("the header fails its checksum", kAgain));
  }
  Result<CaptureHeader> header = decode_header(body, path_.string() + ": byte " + std::to_string(sizeof prologue));
  if (!header.ok()) return header.error();
  header_ = std::move(*header);
  limits_ = {header_.streams.size(), header_.instruments.size()};
  offset_ = sizeof prologue + body.size();
  return {};
}

BlockState BlockSource::fail(Errc code, std::uint64_t at, std::string_view what) {
  error_ = place_error(code, path_, at, with(what, kAgain));
  return BlockState::failed;
}

BlockState BlockSource::short_file(std::uint64_t at, std::string_view what) {
  error_ = place_error(Errc::truncated, path_, at, with(what, kTail));
  return BlockState::truncated;
}

BlockState BlockSource::next(std::span<std::byte> buffer, std::size_t& size) {
  BlockHead head;
  std::size_t count = 0;
  const std::uint64_t at = offset_;
  if (const int error = read_at(file_.fd(), at, std::as_writable_bytes(std::span(&head, 1)), count); error != 0) {
    error_ = system_error(path_, "cannot be read", error);
    return BlockState::failed;
  }
  if (count < sizeof head) return short_file(at + count, "the file ends without its end block");
  if (const BlockState state = check_head(head, at); state != BlockState::block) return state;
  offset_ = at + sizeof head;
  if (head.magic == kEndMagic) return check_end(head, at);
  if (const BlockState state = read_payload(head, buffer, at); state != BlockState::block) return state;
  std::size_t record_offset = 0;
  if (const char* wrong = check_records(buffer.first(head.record_bytes), head, limits_, ts_last_, totals_, record_offset)) {
    return fail(Errc::corrupted, at, with(wrong, " (" + std::to_string(record_offset) + " bytes into the block's records)"));
  }
  if (totals_.blocks++ == 0) totals_.ts_first_ns = head.ts_first_ns;
  totals_.ts_last_ns = ts_last_ = head.ts_last_ns;
  ++block_number_;
  size = head.record_bytes;
  return BlockState::block;
}

BlockState BlockSource::check_head(const BlockHead& head, std::uint64_t at) {
  if (head.crc != crc_of(head)) return fail(Errc::corrupted, at, "the block's head fails its checksum");
  if (head.magic != kBlockMagic && head.magic != kEndMagic) return fail(Errc::corrupted, at, "this is not the start of a block");
  if (head.file_tag != file_tag_) return fail(Errc::corrupted, at, "the block belongs to another capture");
  if (head.number != block_number_) {
    return fail(Errc::corrupted, at,
                "block " + std::to_string(head.number) + " stands where block " + std::to_string(block_number_) + " should be");
  }
  const bool zstd = (head.flags & kBlockZstd) != 0;
  const bool sizes_fit = head.record_bytes <= kBlockBytesMax && head.record_bytes % 8 == 0 &&
                         (zstd ? head.payload_bytes < head.record_bytes : head.payload_bytes == head.record_bytes);
  if ((head.flags & ~kBlockZstd) != 0 || !sizes_fit) return fail(Errc::corrupted, at, "the block's head holds values that cannot be");
  return BlockState::block;
}

BlockState BlockSource::read_payload(const BlockHead& head, std::span<std::byte> into, std::uint64_t at) {
  const bool zstd = (head.flags & kBlockZstd) != 0;
  if (zstd && packed_ == nullptr) packed_ = std::make_unique_for_overwrite<std::byte[]>(kBlockBytesMax);
  const std::span<std::byte> stored = zstd ? std::span(packed_.get(), head.payload_bytes) : into.first(head.payload_bytes);
  std::size_t count = 0;
  if (const int error = read_at(file_.fd(), offset_, stored, count); error != 0) {
    error_ = system_error(path_, "cannot be read", error);
    return BlockState::failed;
  }
  offset_ += count;
  if (count < stored.size()) return short_file(offset_, "the file ends inside a block");
  if (crc32c(stored) != head.payload_crc) return fail(Errc::corrupted, at, "the block fails its checksum");
  if (!zstd) return BlockState::block;
  const std::size_t size = ZSTD_decompressDCtx(zstd_.get(), into.data(), head.record_bytes, stored.data(), stored.size());
  if (ZSTD_isError(size) != 0 || size != head.record_bytes) return fail(Errc::corrupted, at, "the block does not decompress");
  return BlockState::block;
}

BlockState BlockSource::check_end(const BlockHead& head, std::uint64_t at) {
  EndPayload end;
  if (head.flags != 0 || head.payload_bytes != sizeof end || head.record_count != 0) {
    return fail(Errc::corrupted, at, "the end block holds values that cannot be");
  }
  if (const BlockState state = read_payload(head, std::as_writable_bytes(std::span(&end, 1)), at); state != BlockState::block) return state;
  const EndPayload counted{totals_.by_kind, totals_.records,     totals_.payload_bytes,
                           totals_.blocks,  totals_.ts_first_ns, totals_.ts_last_ns};
  if (std::memcmp(&end, &counted, sizeof end) != 0 || head.ts_first_ns != end.ts_first_ns || head.ts_last_ns != end.ts_last_ns) {
    return fail(Errc::corrupted, at, "the end block counts other records than the file holds");
  }
  if (offset_ != file_bytes_) {
    std::byte more{};
    std::size_t count = 0;
    // The size was taken when the file was opened: look again, so that a file that grew is judged by what is there now.
    if (read_at(file_.fd(), offset_, {&more, 1}, count) != 0 || count != 0)
      return fail(Errc::corrupted, offset_, "bytes follow the end block");
  }
  return BlockState::end;
}

}  // namespace martinet::capture
