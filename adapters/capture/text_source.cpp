#include "adapters/capture/text_source.hpp"

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace martinet {
namespace {

constexpr std::size_t kChunkBytes = 128u << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

struct TextSource::State {
  std::filesystem::path path;
  gzFile file = nullptr;
  std::vector<char> buffer;
  std::size_t begin = 0;  // of the text not yet given
  std::size_t end = 0;
  std::uint64_t line_number = 0;
  bool ended = false;  // nothing more to read from the file
  Status status;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (file != nullptr) gzclose_r(file);
  }

  void fail(Errc code, const std::string& what) {
    status = Error{code, path.string() + " " + what};
    ended = true;
    begin = end = 0;
  }

  // Reads one more chunk behind `end`. zlib gives the text before a cut and tells of the cut only afterwards, so what was read
  // is used first and the error is looked up at the end.
  void fill() {
    if (begin > 0) {
      std::memmove(buffer.data(), buffer.data() + begin, end - begin);
      end -= begin;
      begin = 0;
    }
    if (end >= kTextLineBytesMax) {
      fail(Errc::frame_too_large, "line " + std::to_string(line_number + 1) + " is longer than " + std::to_string(kTextLineBytesMax >> 20) +
                                      " MiB; it is not a file this build imports");
      return;
    }
    if (buffer.size() - end < kChunkBytes) buffer.resize(end + kChunkBytes);
    const int got = gzread(file, buffer.data() + end, static_cast<unsigned>(kChunkBytes));
    if (got > 0) end += static_cast<std::size_t>(got);
    if (got < static_cast<int>(kChunkBytes)) note_end();
  }

  void note_end() {
    ended = true;
    int code = Z_OK;
    const char* const words = gzerror(file, &code);
    if (code == Z_OK || code == Z_STREAM_END) return;
    if (code == Z_BUF_ERROR) {
      status = Error{Errc::truncated, path.string() + " ends in the middle of its gzip data; fetch the file again"};
    } else if (code == Z_DATA_ERROR) {
      status = Error{Errc::corrupted, path.string() + " is damaged gzip data; fetch the file again"};
    } else {
      status = Error{Errc::io_failed, path.string() + " cannot be read: " + (code == Z_ERRNO ? std::strerror(errno) : words)};
    }
  }
};

TextSource::TextSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
TextSource::TextSource(TextSource&&) noexcept = default;
TextSource& TextSource::operator=(TextSource&&) noexcept = default;
TextSource::~TextSource() = default;

const Status& TextSource::status() const noexcept { return state_->status; }
std::uint64_t TextSource::line_number() const noexcept { return state_->line_number; }
std::uint64_t TextSource::bytes_read() const noexcept { return static_cast<std::uint64_t>(gzoffset(state_->file)); }
const std::filesystem::path& TextSource::path() const noexcept { return state_->path; }

Result<TextSource> TextSource::open(const std::filesystem::path& path) {
  std::error_code error;
  const auto kind = std::filesystem::status(path, error).type();
  if (kind == std::filesystem::file_type::not_found) return Error{Errc::not_found, path.string() + " does not exist"};
  if (kind == std::filesystem::file_type::directory) return Error{Errc::io_failed, path.string() + " is a folder; name the files in it"};
  auto state = std::make_unique<State>();
  state->path = path;
  state->file = gzopen(path.c_str(), "rb");
  if (state->file == nullptr) return Error{Errc::io_failed, path.string() + " cannot be opened: " + std::strerror(errno)};
  gzbuffer(state->file, kChunkBytes);
  state->fill();
  if (state->end == 0 && state->ended) {
    if (!state->status.ok()) return state->status.error();
    return Error{Errc::empty_file, path.string() + " is empty"};
  }
  if (std::string_view(state->buffer.data(), state->end).starts_with(kByteOrderMark)) state->begin = kByteOrderMark.size();
  return TextSource(std::move(state));
}

bool TextSource::next(std::string_view& line) {
  State& s = *state_;
  std::size_t searched = 0;  // a long line is not searched again from its start after each chunk
  for (;;) {
    const std::size_t waiting = s.end - s.begin;
    const char* const text = s.buffer.data() + s.begin;
    const auto* const newline =
        waiting == searched ? nullptr : static_cast<const char*>(std::memchr(text + searched, '\n', waiting - searched));
    searched = waiting;
    if (newline == nullptr && !s.ended) {
      s.fill();
      continue;
    }
    // A last line that a damaged file cut short is not given: it would look like a shorter, wrong row.
    if (newline == nullptr && (waiting == 0 || !s.status.ok())) return false;
    const std::size_t size = newline == nullptr ? waiting : static_cast<std::size_t>(newline - text);
    s.begin += newline == nullptr ? size : size + 1;
    ++s.line_number;
    line = {text, size};
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return true;
  }
}

}  // namespace martinet
