#include "engine/app/strategy_plugin.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <immintrin.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "adapters/net/sha256.hpp"
#include "engine/app/strategy_stamp.hpp"

namespace martinet {
namespace {

constexpr off_t kPluginBytesMax = 64 << 20;  // one strategy with all debug information has about 3 MB
constexpr std::string_view kBuildAgain = "; build it with the headers, compiler and flags of this engine";

std::vector<StrategyPlugin>& loaded() {
  static std::vector<StrategyPlugin> plugins;
  return plugins;
}

class File {
 public:
  // Without waiting: a named pipe would never open.
  explicit File(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] bool get_status(struct stat& status) const { return ::fstat(fd_, &status) == 0; }
  [[nodiscard]] bool read_all(std::vector<std::byte>& bytes) const {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count = ::read(fd_, bytes.data() + done, bytes.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      done += static_cast<std::size_t>(count);
    }
    return true;
  }

 private:
  int fd_;
};

bool is_ours(const struct stat& status) { return status.st_uid == ::geteuid() || status.st_uid == 0; }

/// Whether nobody but us and root can have put other bytes there.
Status check_trust(const std::string& shown, const std::filesystem::path& path, const struct stat& status) {
  const auto unsafe = [&](std::string_view what) -> Status { return Error{Errc::unsafe_file, fmt::format("{} {}", shown, what)}; };
  if (!is_ours(status)) return unsafe("belongs to another user; a plugin must be our own or root's");
  if ((status.st_mode & S_IWOTH) != 0) return unsafe("may be written by everybody; take that right away (chmod o-w)");
  struct stat folder{};
  if (::stat(path.parent_path().c_str(), &folder) != 0) return unsafe("is in a folder that cannot be looked at");
  if (!is_ours(folder)) return unsafe("is in a folder of another user, who may replace it; put it into one of our own");
  // In a folder like /tmp (sticky) everybody may add files, and only their owner may replace them.
  if ((folder.st_mode & S_IWOTH) != 0 && (folder.st_mode & S_ISVTX) == 0) {
    return unsafe("is in a folder that everybody may write; take that right away (chmod o-w)");
  }
  return {};
}

Result<std::vector<std::byte>> read_trusted(const std::string& shown, const std::filesystem::path& path) {
  const File file(path);
  struct stat status{};
  if (!file.is_open() || !file.get_status(status)) {
    return Error{Errc::not_found, fmt::format("{} cannot be read ({}); check the path", shown, std::strerror(errno))};
  }
  const auto refused = [&](std::string_view what) { return Error{Errc::plugin_refused, fmt::format("{} {}", shown, what)}; };
  if (S_ISDIR(status.st_mode)) return refused("is a folder; name the file in it");
  if (!S_ISREG(status.st_mode)) return refused("is not a file");
  if (const Status trusted = check_trust(shown, path, status); !trusted) return trusted.error();
  if (status.st_size > kPluginBytesMax) return refused(fmt::format("is larger than {} MB", kPluginBytesMax >> 20));
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  if (!file.read_all(bytes)) return Error{Errc::io_failed, fmt::format("{} cannot be read to its end", shown)};
  return bytes;
}

/// A handle that is given back unless it is kept.
class SharedObject {
 public:
  explicit SharedObject(const std::filesystem::path& path) : handle_(::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {}
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;
  ~SharedObject() {
    if (handle_ != nullptr) ::dlclose(handle_);
  }
  [[nodiscard]] bool is_loaded() const { return handle_ != nullptr; }
  template <class Function>
  [[nodiscard]] Function function(const char* name) const {
    return reinterpret_cast<Function>(::dlsym(handle_, name));
  }
  void keep() { handle_ = nullptr; }

 private:
  void* handle_;
};

/// Runs the file's code for the first time: its initialisers, then what MARTINET_STRATEGY made.
Result<const StrategyKind*> open_checked(const std::string& shown, const std::filesystem::path& path, const StrategyAbi& stamp) {
  const auto refused = [&](std::string_view what) { return Error{Errc::plugin_refused, fmt::format("{} {}", shown, what)}; };
  const unsigned rounding = _mm_getcsr() & ~_MM_EXCEPT_MASK;
  SharedObject object(path);
  // A file linked with -ffast-math has an initialiser that lets this thread flush small numbers to zero.
  const bool changed_rounding = (_mm_getcsr() & ~_MM_EXCEPT_MASK) != rounding;
  _mm_setcsr(rounding);
  if (!object.is_loaded()) {
    const char* const why = ::dlerror();
    return refused(fmt::format("cannot be loaded ({}){}", why == nullptr ? "the system does not say why" : why, kBuildAgain));
  }
  if (changed_rounding) return refused("changes how floating point rounds when it is loaded; link it without -ffast-math");
  const auto abi = object.function<StrategyAbi (*)() noexcept>("martinet_strategy_abi_1");
  const auto kind_of = object.function<const StrategyKind* (*)() noexcept>("martinet_strategy_kind");
  if (abi == nullptr || kind_of == nullptr) return refused("hides the functions of MARTINET_STRATEGY; export them");
  StrategyAbi answer = abi();
  if (const std::string difference = difference_of(answer, strategy_abi()); !difference.empty())
    return refused(difference + std::string(kBuildAgain));
  if (std::memcmp(&answer, &stamp, sizeof(answer)) != 0) return refused("was replaced while it was loaded");
  const StrategyKind* const kind = kind_of();
  if (const Status registered = register_strategy_kind(*kind); !registered) {
    return Error{registered.error().code, fmt::format("{}: {}", shown, registered.error().what)};
  }
  object.keep();
  return kind;
}

}  // namespace

Result<StrategyPlugin> load_strategy_plugin(const std::filesystem::path& file) {
  const std::string shown = file.string();
  std::error_code error;
  const std::filesystem::path path = std::filesystem::canonical(file, error);
  if (error) return Error{Errc::not_found, fmt::format("{} cannot be read ({}); check the path", shown, error.message())};
  const auto known = std::ranges::find(loaded(), path, &StrategyPlugin::file);
  if (known != loaded().end()) return *known;
  if (loaded().size() == capacity::strategy_plugins_max) {
    return Error{Errc::no_capacity, fmt::format("{} is one too many; at most {} plugins can be loaded, leave some out", shown,
                                                capacity::strategy_plugins_max)};
  }
  const Result<std::vector<std::byte>> bytes = read_trusted(shown, path);
  if (!bytes) return bytes.error();
  const Result<StrategyAbi> stamp = stamp_of(*bytes);
  if (!stamp) return Error{stamp.error().code, fmt::format("{} {}", shown, stamp.error().what)};
  if (const std::string difference = difference_of(*stamp, strategy_abi()); !difference.empty()) {
    return Error{Errc::plugin_refused, fmt::format("{} {}{}", shown, difference, kBuildAgain)};
  }
  const Result<const StrategyKind*> kind = open_checked(shown, path, *stamp);
  if (!kind) return kind.error();
  Sha256 hash;
  hash.update(*bytes);
  loaded().push_back({path, hash.hex(), *kind});
  return loaded().back();
}

std::span<const StrategyPlugin> strategy_plugins() { return loaded(); }

}  // namespace martinet
