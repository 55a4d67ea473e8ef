#include "adapters/capture/capture_writer.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "adapters/capture/capture_file.hpp"
#include "adapters/capture/capture_format.hpp"
#include "engine/base/assert.hpp"
#include "engine/base/crc.hpp"

namespace martinet::capture {
namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};

// zstd's default level: it stores an hour of synthetic Bitget frames in a fifth of its bytes (113 MB in 22 MB).
constexpr int kZstdLevel = 3;
const std::size_t kPackedBytes = ZSTD_compressBound(kBlockBytesMax);

bool is_there(const std::filesystem::path& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0;
}

Error taken(const std::filesystem::path& path) {
  return {Errc::exists_already, path.string() + ": exists already; give another name or ask to overwrite it"};
}

// True if `path` still names the file behind `fd`: between our open and our lock another writer may have renamed it.
bool still_named(int fd, const std::filesystem::path& path) {
  struct stat mine{};
  struct stat named{};
  return ::fstat(fd, &mine) == 0 && ::stat(path.c_str(), &named) == 0 && mine.st_ino == named.st_ino && mine.st_dev == named.st_dev;
}

Result<File> open_part(const std::filesystem::path& part) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    File file(::open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file.open()) return system_error(part, "cannot be made", errno);
    if (::flock(file.fd(), LOCK_EX | LOCK_NB) != 0) {
      return Error{Errc::exists_already, part.string() + ": another process is writing it; wait for it or give another name"};
    }
    if (!still_named(file.fd(), part)) continue;
    if (::ftruncate(file.fd(), 0) != 0) return system_error(part, "cannot be emptied", errno);
    return file;
  }
  return Error{Errc::exists_already, part.string() + ": other processes keep writing it; give another name"};
}

// 0, or the error number. Without `overwrite` the check and the rename are one step where the file system can do that.
int move_into_place(const std::filesystem::path& from, const std::filesystem::path& to, bool overwrite) noexcept {
  if (!overwrite) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    struct stat info{};
    if (::lstat(to.c_str(), &info) == 0) return EEXIST;
  }
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

}  // namespace

struct CaptureWriter::State {
  std::filesystem::path path;
  std::filesystem::path part;
  CaptureOptions options;
  File file;
  std::unique_ptr<ZSTD_CCtx, FreeContext> zstd{ZSTD_createCCtx()};
  std::unique_ptr<std::byte[]> block;  // records of the block in hand: the first `used` bytes
  std::size_t used = 0;
  std::unique_ptr<std::byte[]> packed;  // the same, compressed
  BlockHead head;                       // of the block in hand
  bool head_has_frames = false;
  RecordLimits limits;
  CaptureTotals totals;
  std::int64_t ts_last = std::numeric_limits<std::int64_t>::min();
  Error failure;  // the first failed write; never cleared
  bool finished = false;

  ~State() {
    if (!finished && file.open()) ::unlink(part.c_str());
  }

  Status fail(Error error) {
    failure = std::move(error);
    return failure;
  }
  Status write(std::span<const std::byte> bytes) {
    const int error = write_all(file.fd(), bytes);
    return error == 0 ? Status{} : fail(system_error(part, "cannot be written", error));
  }

  Status write_header(const CaptureHeader& header);
  Status append(RecordKind kind, std::uint16_t stream, std::int64_t ts_ns, std::span<const std::byte> payload);
  Status end_block();
  Status write_block(std::uint32_t magic, std::uint32_t flags, std::span<const std::byte> payload);
  Status end_file();
  std::span<const std::byte> compressed(std::span<const std::byte> records);
};

Status CaptureWriter::State::write_header(const CaptureHeader& header) {
  const Result<std::vector<std::byte>> body = encode_header(header);
  if (!body.ok()) return body.error();
  FilePrologue prologue;
  prologue.body_bytes = static_cast<std::uint32_t>(body->size());
  prologue.body_crc = crc32c(*body);
  prologue.crc = crc_of(prologue);
  head.file_tag = prologue.crc;
  limits = {header.streams.size(), header.instruments.size()};
  if (Status status = write(std::as_bytes(std::span(&prologue, 1))); !status.ok()) return status;
  return write(*body);
}

Status CaptureWriter::State::append(RecordKind kind, std::uint16_t stream, std::int64_t ts_ns, std::span<const std::byte> payload) {
  if (failure.code != Errc::ok) return failure;
  if (finished) return Error{Errc::usage, path.string() + ": the capture is finished; nothing can be added"};
  if (ts_ns < ts_last) {
    return Error{Errc::out_of_order, path.string() + ": record " + std::to_string(totals.records) + " was received at " +
                                         std::to_string(ts_ns) + " ns, before its predecessor at " + std::to_string(ts_last) +
                                         " ns; sort the input by receive time"};
  }
  if (payload.size() > capacity::frame_bytes_max) {
    return Error{Errc::frame_too_large, path.string() + ": a frame of " + std::to_string(payload.size()) + " bytes is larger than " +
                                            std::to_string(capacity::frame_bytes_max)};
  }
  if (stream >= limits.stream_count) {
    return Error{Errc::missing_field, path.string() + ": stream " + std::to_string(stream) + " is not in the capture's stream table"};
  }
  const std::size_t size = sizeof(RecordHead) + padded(payload.size());
  if (used != 0 && used + size > kBlockBytesTarget) {
    if (Status status = end_block(); !status.ok()) return status;
  }
  const RecordHead record{static_cast<std::uint32_t>(payload.size()), static_cast<std::uint16_t>(kind), stream, ts_ns};
  std::byte* const at = block.get() + used;
  std::memset(at + size - 8, 0, 8);  // the padding, where there is any; a payload's last bytes are written over it
  std::memcpy(at, &record, sizeof record);
  if (!payload.empty()) std::memcpy(at + sizeof record, payload.data(), payload.size());
  used += size;
  if (head.record_count++ == 0) head.ts_first_ns = ts_ns;
  head.ts_last_ns = ts_last = ts_ns;
  head_has_frames |= kind == RecordKind::raw_frame;
  if (totals.records++ == 0) totals.ts_first_ns = ts_ns;
  totals.ts_last_ns = ts_ns;
  ++totals.by_kind[static_cast<std::size_t>(kind)];
  totals.payload_bytes += payload.size();
  return {};
}

// The block as one zstd frame, or nothing where that is not smaller.
std::span<const std::byte> CaptureWriter::State::compressed(std::span<const std::byte> records) {
  const std::size_t size = ZSTD_compressCCtx(zstd.get(), packed.get(), kPackedBytes, records.data(), records.size(), kZstdLevel);
  if (ZSTD_isError(size) != 0 || size >= records.size()) return {};
  return {packed.get(), size};
}

Status CaptureWriter::State::end_block() {
  if (head.record_count == 0) return {};
  const std::span<const std::byte> records(block.get(), used);
  std::span<const std::byte> payload;
  if (head_has_frames ? options.compress : options.compress_parsed) payload = compressed(records);
  const bool packed_it = !payload.empty();
  head.record_bytes = static_cast<std::uint32_t>(used);
  if (Status status = write_block(kBlockMagic, packed_it ? kBlockZstd : 0, packed_it ? payload : records); !status.ok()) return status;
  ++totals.blocks;
  used = 0;
  head.record_count = 0;
  head_has_frames = false;
  return {};
}

Status CaptureWriter::State::write_block(std::uint32_t magic, std::uint32_t flags, std::span<const std::byte> payload) {
  head.magic = magic;
  head.flags = flags;
  head.payload_bytes = static_cast<std::uint32_t>(payload.size());
  head.payload_crc = crc32c(payload);
  head.crc = crc_of(head);
  if (Status status = write(std::as_bytes(std::span(&head, 1))); !status.ok()) return status;
  ++head.number;
  return write(payload);
}

Status CaptureWriter::State::end_file() {
  if (Status status = end_block(); !status.ok()) return status;
  const EndPayload end{totals.by_kind, totals.records, totals.payload_bytes, totals.blocks, totals.ts_first_ns, totals.ts_last_ns};
  head.record_count = 0;
  head.record_bytes = sizeof end;
  head.ts_first_ns = totals.ts_first_ns;
  head.ts_last_ns = totals.ts_last_ns;
  if (Status status = write_block(kEndMagic, 0, std::as_bytes(std::span(&end, 1))); !status.ok()) return status;
  if (::fsync(file.fd()) != 0) return fail(system_error(part, "cannot be synced", errno));
  if (const int error = move_into_place(part, path, options.overwrite); error != 0) {
    return fail(error == EEXIST ? taken(path) : system_error(path, "cannot be renamed into place", error));
  }
  finished = true;
  if (const int error = sync_folder(path.parent_path()); error != 0) return fail(system_error(path, "its folder cannot be synced", error));
  return {};
}

Result<CaptureWriter> CaptureWriter::create(const std::filesystem::path& path, const CaptureHeader& header, CaptureOptions options) {
  if (path.filename().empty()) return Error{Errc::usage, "'" + path.string() + "' does not name a file; give the capture a name"};
  if (!options.overwrite && is_there(path)) return taken(path);
  if (std::error_code ignored; std::filesystem::is_directory(path, ignored)) {
    return Error{Errc::exists_already, path.string() + ": is a folder; give a file name"};
  }
  auto state = std::make_unique<State>();
  state->path = path;
  state->part = path;
  state->part += ".part";
  state->options = options;
  Result<File> file = open_part(state->part);
  if (!file.ok()) return file.error();
  state->file = std::move(*file);
  state->block = std::make_unique_for_overwrite<std::byte[]>(kBlockBytesMax);
  state->packed = std::make_unique_for_overwrite<std::byte[]>(kPackedBytes);
  if (Status status = state->write_header(header); !status.ok()) return status.error();
  return CaptureWriter(std::move(state));
}

CaptureWriter::CaptureWriter(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
CaptureWriter::CaptureWriter(CaptureWriter&&) noexcept = default;
CaptureWriter& CaptureWriter::operator=(CaptureWriter&&) noexcept = default;
CaptureWriter::~CaptureWriter() = default;

Status CaptureWriter::raw_frame(std::uint16_t stream, std::int64_t ts_receive_ns, std::string_view bytes) {
  return state_->append(RecordKind::raw_frame, stream, ts_receive_ns, std::as_bytes(std::span(bytes)));
}

Status CaptureWriter::tick(std::uint16_t stream, const Tick& tick) {
  if (tick.instrument >= state_->limits.instrument_count) {
    return Error{Errc::unknown_symbol, state_->path.string() + ": a tick's instrument is not in the capture's table"};
  }
  MT_ASSERT(tick.kind <= TickKind::mark && tick.side <= Side::sell);  // the reader refuses anything else
  return state_->append(RecordKind::tick, stream, tick.ts_receive_ns, std::as_bytes(std::span(&tick, 1)));
}

Status CaptureWriter::candle(std::uint16_t stream, const Candle& candle) {
  if (candle.instrument >= state_->limits.instrument_count) {
    return Error{Errc::unknown_symbol, state_->path.string() + ": a candle's instrument is not in the capture's table"};
  }
  return state_->append(RecordKind::candle, stream, candle.ts_receive_ns, std::as_bytes(std::span(&candle, 1)));
}

Status CaptureWriter::note(std::uint16_t stream, std::int64_t ts_receive_ns, std::string_view text) {
  return state_->append(RecordKind::note, stream, ts_receive_ns, std::as_bytes(std::span(text)));
}

Status CaptureWriter::flush() {
  if (state_->failure.code != Errc::ok) return state_->failure;
  return state_->end_block();
}

Result<CaptureTotals> CaptureWriter::finish() {
  if (state_->failure.code != Errc::ok) return state_->failure;
  if (state_->finished) return Error{Errc::usage, state_->path.string() + ": the capture is finished already"};
  if (Status status = state_->end_file(); !status.ok()) return status.error();
  return state_->totals;
}

const CaptureTotals& CaptureWriter::totals() const noexcept { return state_->totals; }

}  // namespace martinet::capture
