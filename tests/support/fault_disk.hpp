#pragma once
// A disk for tests, behind both storage ports: sectors of 512 bytes, a page cache, folders whose names are volatile until the folder
// is synced. The n-th operation can fail, once or from then on; the power can be cut before or after any operation, and every set of
// what was not synced may then be on the disk or not: torn writes, reordered writes, lost renames.
#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/assert.hpp"
#include "engine/ports/files.hpp"
#include "engine/ports/storage.hpp"

namespace martinet::test {

class FaultDisk final : public Storage, public Files {
 public:
  using Bytes = std::vector<std::byte>;
  static constexpr std::size_t kSectorBytes = 512;

  enum class Fault : std::uint8_t { none, io_failed, disk_full, interrupted, short_write };
  Fault fault = Fault::none;
  std::uint64_t fault_at = 0;  ///< the n-th operation (from 1) meets the fault
  bool forever = false;        ///< and every one after it too
  std::uint64_t crash_at = 0;  ///< the power is cut at the n-th operation; 0: never
  bool crash_after = false;    ///< it has done its work, though nobody hears of it; else it has not begun
  bool lying_sync = false;     ///< every sync says ok and does nothing (to see that the tests see it)
  bool sync_forgives = false;  ///< a failed sync is answered ok when asked again at once, as a retrying program would (same purpose)
  std::uint64_t capacity_bytes = UINT64_MAX;
  std::set<std::string> unreadable;  ///< files that cannot be opened

  [[nodiscard]] bool is_dead() const noexcept { return dead_; }
  [[nodiscard]] std::uint64_t operation_count() const noexcept { return operations_; }
  [[nodiscard]] bool fault_was_met() const noexcept { return fault_met_; }
  [[nodiscard]] std::size_t sync_after_failed_sync() const noexcept { return sync_after_failed_sync_; }

  // ---- what a test puts there and looks at; always durable, never an operation
  void put_folder(const std::string& path) {
    folders_.insert(path);
    durable_folders_.insert(path);
  }
  void put(const std::string& path, Bytes bytes) {
    const std::size_t inode = inodes_.size();
    inodes_.push_back({bytes, bytes});
    names_[path] = durable_names_[path] = inode;
  }
  void erase(const std::string& path) {
    names_.erase(path);
    durable_names_.erase(path);
  }
  [[nodiscard]] const Bytes* find(const std::string& path) const {
    const auto name = names_.find(path);
    return name == names_.end() ? nullptr : &inodes_[name->second].cached;
  }
  [[nodiscard]] std::map<std::string, Bytes> everything() const {
    std::map<std::string, Bytes> all;
    for (const auto& [path, inode] : names_) all[path] = inodes_[inode].cached;
    return all;
  }

  // ---- the power cut: which of the things that were not synced are on the disk
  [[nodiscard]] std::size_t volatile_count() const noexcept { return volatile_.size(); }
  /// The disk as the next process finds it. `kept[i]`: the i-th volatile thing reached the disk.
  [[nodiscard]] FaultDisk after_power_cut(const std::vector<bool>& kept) const {
    MT_ASSERT(kept.size() == volatile_.size());
    auto names = durable_names_;
    FaultDisk next;
    next.durable_folders_ = durable_folders_;
    std::vector<Bytes> bytes(inodes_.size());
    for (std::size_t i = 0; i < inodes_.size(); ++i) bytes[i] = inodes_[i].durable;
    for (std::size_t i = 0; i < volatile_.size(); ++i) {
      if (kept[i] && volatile_[i].kind == Volatile::size) bytes[volatile_[i].inode].resize(inodes_[volatile_[i].inode].cached.size());
    }
    for (std::size_t i = 0; i < volatile_.size(); ++i) {
      const Volatile& change = volatile_[i];
      if (!kept[i]) continue;
      if (change.kind == Volatile::sector) copy_sector(inodes_[change.inode].cached, bytes[change.inode], change.sector_index);
      if (change.kind == Volatile::folder) apply(change, names, next.durable_folders_);
    }
    for (const auto& [path, inode] : names) {
      if (next.durable_folders_.count(folder_of(path)) == 0) continue;  // the folder itself was lost
      next.inodes_.push_back({bytes[inode], bytes[inode]});
      next.durable_names_[path] = next.inodes_.size() - 1;
    }
    next.names_ = next.durable_names_;
    next.folders_ = next.durable_folders_;
    return next;
  }

  /// The disk as the next process finds it when only this one died: what was not synced is still in memory, and still not synced.
  [[nodiscard]] FaultDisk after_process_end() const {
    FaultDisk next = *this;
    next.handles_.clear();
    next.locks_.clear();
    next.queued_.clear();
    next.done_.clear();
    next.dead_ = next.fault_met_ = false;
    next.fault = Fault::none;
    next.crash_at = 0;
    next.operations_ = 0;
    return next;
  }

  // ---- Files
  Status make_folder(const std::string& path) override {
    if (folders_.count(path) != 0) return {};
    if (const Errc bad = begin(); bad != Errc::ok) return cannot(bad, "make the folder", path);
    folders_.insert(path);
    volatile_.push_back({Volatile::folder, 0, 0, true, folder_of(path), path, {}});
    return finish() ? Status{} : cannot(Errc::io_failed, "make the folder", path);
  }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    if (const Errc bad = begin(); bad != Errc::ok) return cannot(bad, "list", folder);
    if (folders_.count(folder) == 0) return cannot(Errc::not_found, "list", folder);
    std::vector<std::string> names;
    for (const auto& [path, inode] : names_) {
      if (folder_of(path) == folder) names.push_back(path.substr(folder.size() + 1));
    }
    std::sort(names.begin(), names.end());
    if (!finish()) return cannot(Errc::io_failed, "list", folder);
    return names;
  }
  Status sync_folder(const std::string& folder) override {
    if (const Errc bad = begin(); bad != Errc::ok) return cannot(bad == Errc::interrupted ? Errc::io_failed : bad, "sync", folder);
    if (!lying_sync) {
      for (const Volatile& change : volatile_) {
        if (change.kind == Volatile::folder && change.in_folder == folder) apply(change, durable_names_, durable_folders_);
      }
      drop([&folder](const Volatile& change) { return change.kind == Volatile::folder && change.in_folder == folder; });
    }
    return finish() ? Status{} : cannot(Errc::io_failed, "sync", folder);
  }
  Result<FileId> open_to_read(const std::string& path) override { return open(path); }
  Result<FileId> open_to_write(const std::string& path) override { return open(path); }
  Result<FileId> create_new(const std::string& path) override {
    if (const Errc bad = begin(); bad != Errc::ok) return cannot(bad, "make", path);
    const Result<FileId> file = made(path);
    if (!finish()) return cannot(Errc::io_failed, "make", path);
    return file;
  }
  Errc size(FileId file, std::uint64_t& bytes) noexcept override {
    if (!is_open(file)) return Errc::storage_poisoned;
    bytes = inode_of(file).cached.size();
    return Errc::ok;
  }
  Errc read(FileId file, std::uint64_t offset, std::span<std::byte> bytes, std::size_t& count) noexcept override {
    if (!is_open(file)) return Errc::storage_poisoned;
    if (const Errc bad = begin(); bad != Errc::ok) return bad;
    const Bytes& from = inode_of(file).cached;
    count = std::min<std::size_t>(bytes.size(), from.size() - std::min<std::size_t>(from.size(), static_cast<std::size_t>(offset)));
    if (short_now_) count = (count + 1) / 2;
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(offset), count, bytes.begin());
    return finish() ? Errc::ok : Errc::io_failed;
  }
  Errc write(FileId file, std::uint64_t offset, std::span<const std::byte> bytes, std::size_t& count) noexcept override {
    if (!is_open(file)) return Errc::storage_poisoned;
    if (const Errc bad = begin(); bad != Errc::ok) return bad;
    count = short_now_ ? (bytes.size() + 1) / 2 : bytes.size();
    if (!put_cached(handles_[file].inode, offset, bytes.first(count))) return Errc::disk_full;
    return finish() ? Errc::ok : Errc::io_failed;
  }
  Errc truncate(FileId file, std::uint64_t bytes) noexcept override {
    if (!is_open(file)) return Errc::storage_poisoned;
    if (const Errc bad = begin(); bad != Errc::ok) return bad;
    resize_cached(handles_[file].inode, static_cast<std::size_t>(bytes));
    return finish() ? Errc::ok : Errc::io_failed;
  }
  Errc sync(FileId file) noexcept override {
    if (!is_open(file)) return Errc::storage_poisoned;
    return sync_inode(handles_[file].inode, handles_[file].sync_failed);
  }
  Errc close(FileId file) noexcept override {
    if (!is_open(file)) return Errc::ok;
    const Errc bad = begin();
    handles_[file].open = false;
    return bad == Errc::ok && finish() ? Errc::ok : Errc::io_failed;
  }
  Status rename(const std::string& from, const std::string& to) override {
    if (const Errc bad = begin(); bad != Errc::ok) return cannot(bad, "rename", from);
    const auto name = names_.find(from);
    if (name == names_.end()) return cannot(Errc::not_found, "rename", from);
    const std::size_t inode = name->second;
    names_.erase(name);
    names_[to] = inode;
    volatile_.push_back({Volatile::folder, 0, 0, true, folder_of(to), "", {{from, std::nullopt}, {to, inode}}});
    return finish() ? Status{} : cannot(Errc::io_failed, "rename", from);
  }
  Status remove(const std::string& path) override {
    if (const Errc bad = begin(); bad != Errc::ok) return cannot(bad, "remove", path);
    if (names_.erase(path) == 0) return cannot(Errc::not_found, "remove", path);
    volatile_.push_back({Volatile::folder, 0, 0, true, folder_of(path), "", {{path, std::nullopt}}});
    return finish() ? Status{} : cannot(Errc::io_failed, "remove", path);
  }
  Result<FileId> lock(const std::string& path) override {
    if (locks_.count(path) != 0) return Error{Errc::held_elsewhere, path + " is held by process 1"};
    if (const Errc bad = begin(); bad != Errc::ok) return cannot(bad, "lock", path);
    if (names_.count(path) == 0 && !made(path).ok()) return cannot(Errc::disk_full, "lock", path);
    handles_.push_back({names_[path], path, true});
    locks_.insert(path);
    if (!finish()) return cannot(Errc::io_failed, "lock", path);
    return static_cast<FileId>(handles_.size() - 1);
  }
  void unlock(FileId lock) noexcept override {
    locks_.erase(handles_[lock].path);
    handles_[lock].open = false;
  }

  // ---- Storage: as UringStorage does it (reserve, sync, sync of the folder; write, then data sync)
  Result<FileId> create(const std::string& path, std::uint64_t size_bytes) override {
    const Result<FileId> file = create_new(path);
    if (!file) return file;
    Errc bad = again([&] {
      const Errc refused = begin();
      if (refused != Errc::ok) return refused;
      if (!resize_cached(handles_[*file].inode, static_cast<std::size_t>(size_bytes))) return Errc::disk_full;
      return finish() ? Errc::ok : Errc::io_failed;
    });
    if (bad == Errc::ok) bad = sync(*file);
    if (bad == Errc::ok && !sync_folder(folder_of(path)).ok()) bad = Errc::io_failed;
    if (bad == Errc::ok) return file;
    handles_[*file].open = false;
    (void)remove(path);
    return cannot(bad, "make", path);
  }
  Errc append(FileId file, std::uint64_t offset, std::span<const std::byte> bytes, bool sync, std::uint64_t tag) noexcept override {
    if (!is_open(file) || handles_[file].poisoned) return Errc::storage_poisoned;
    queued_.push_back({file, offset, Bytes(bytes.begin(), bytes.end()), sync, tag});
    return Errc::ok;
  }
  bool poll(Completion& completion) noexcept override {
    drain();
    if (done_.empty()) return false;
    completion = done_.front();
    done_.erase(done_.begin());
    return true;
  }
  void drain() noexcept override {
    for (const Queued& op : std::exchange(queued_, {})) {
      Errc bad = handles_[op.file].poisoned ? Errc::storage_poisoned : Errc::ok;
      for (std::size_t offset = 0; bad == Errc::ok && offset < op.bytes.size();) {
        std::size_t count = 0;
        bad = again([&] { return write(op.file, op.offset + offset, std::span(op.bytes).subspan(offset), count); });
        offset += count;
      }
      if (bad == Errc::ok && op.sync) bad = sync(op.file);
      handles_[op.file].poisoned = handles_[op.file].poisoned || bad != Errc::ok;
      done_.push_back({op.tag, bad == Errc::interrupted ? Errc::io_failed : bad});
    }
  }
  Status close(FileId file, std::uint64_t size_bytes) override {
    drain();
    if (!is_open(file)) return {};
    const bool poisoned = handles_[file].poisoned;
    const bool cut = !poisoned && truncate(file, size_bytes) == Errc::ok && sync(file) == Errc::ok;
    const bool closed = close(file) == Errc::ok;
    if (poisoned) return Error{Errc::storage_poisoned, "closed as a failed write left it"};
    return cut && closed ? Status{} : Error{Errc::io_failed, "cannot close cleanly"};
  }

 private:
  struct Inode {
    Bytes cached;   // what the processes see
    Bytes durable;  // what is on the disk for certain
  };
  struct Volatile {
    enum Kind : std::uint8_t { sector, size, folder };
    Kind kind;
    std::size_t inode;
    std::size_t sector_index;
    bool dirty;             // false: a failed sync has marked it clean, it will never be written though it may have been
    std::string in_folder;  // folder changes
    std::string new_folder;
    std::vector<std::pair<std::string, std::optional<std::size_t>>> names;
  };
  struct Handle {
    std::size_t inode;
    std::string path;
    bool open = true;
    bool poisoned = false;
    bool sync_failed = false;
  };
  struct Queued {
    FileId file;
    std::uint64_t offset;
    Bytes bytes;
    bool sync;
    std::uint64_t tag;
  };

  static std::string folder_of(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
  }
  static Error cannot(Errc code, const char* verb, const std::string& path) {
    return {code, std::string("cannot ") + verb + " " + path + " (simulated)"};
  }
  static void apply(const Volatile& change, std::map<std::string, std::size_t>& names, std::set<std::string>& folders) {
    if (!change.new_folder.empty()) folders.insert(change.new_folder);
    for (const auto& [path, inode] : change.names) {
      names.erase(path);
      if (inode) names[path] = *inode;
    }
  }
  static void copy_sector(const Bytes& from, Bytes& to, std::size_t sector) {
    const std::size_t begin = sector * kSectorBytes, end = std::min({begin + kSectorBytes, from.size(), to.size()});
    if (begin < end)
      std::copy(from.begin() + static_cast<std::ptrdiff_t>(begin), from.begin() + static_cast<std::ptrdiff_t>(end),
                to.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  template <class Which>
  void drop(Which which) {
    volatile_.erase(std::remove_if(volatile_.begin(), volatile_.end(), which), volatile_.end());
  }
  template <class Step>
  static Errc again(Step step) {
    Errc result = step();
    for (int tries = 1; result == Errc::interrupted && tries < 16; ++tries) result = step();
    return result;
  }

  // Counts an operation and says what it meets. Every operation that may fail or be cut goes through here.
  Errc begin() noexcept {
    short_now_ = false;
    if (dead_) return Errc::io_failed;
    ++operations_;
    if (operations_ == crash_at && !crash_after) {
      dead_ = true;
      return Errc::io_failed;
    }
    if (fault == Fault::none || !(operations_ == fault_at || (forever && operations_ > fault_at))) return Errc::ok;
    fault_met_ = true;
    switch (fault) {
      case Fault::disk_full:
        return Errc::disk_full;
      case Fault::interrupted:
        return Errc::interrupted;
      case Fault::short_write:
        short_now_ = true;
        return Errc::ok;
      default:
        return Errc::io_failed;
    }
  }
  bool finish() noexcept {
    if (operations_ == crash_at && crash_after) dead_ = true;
    return !dead_;
  }

  [[nodiscard]] bool is_open(FileId file) const noexcept { return file < handles_.size() && handles_[file].open; }
  [[nodiscard]] Inode& inode_of(FileId file) noexcept { return inodes_[handles_[file].inode]; }
  Result<FileId> open(const std::string& path) {
    if (const Errc bad = begin(); bad != Errc::ok) return cannot(bad, "open", path);
    const auto name = names_.find(path);
    if (name == names_.end()) return cannot(Errc::not_found, "open", path);
    if (unreadable.count(path) != 0) return cannot(Errc::io_failed, "open", path);
    handles_.push_back({name->second, path});
    if (!finish()) return cannot(Errc::io_failed, "open", path);
    return static_cast<FileId>(handles_.size() - 1);
  }
  Result<FileId> made(const std::string& path) {
    if (names_.count(path) != 0) return cannot(Errc::exists_already, "make", path);
    if (folders_.count(folder_of(path)) == 0) return cannot(Errc::not_found, "make", path);
    inodes_.push_back({});
    names_[path] = inodes_.size() - 1;
    volatile_.push_back({Volatile::folder, 0, 0, true, folder_of(path), "", {{path, inodes_.size() - 1}}});
    handles_.push_back({inodes_.size() - 1, path});
    return static_cast<FileId>(handles_.size() - 1);
  }
  [[nodiscard]] std::uint64_t used_bytes() const noexcept {
    std::uint64_t used = 0;
    for (const auto& [path, inode] : names_) used += inodes_[inode].cached.size();
    return used;
  }
  bool resize_cached(std::size_t inode, std::size_t bytes) {
    Bytes& cached = inodes_[inode].cached;
    if (bytes > cached.size() && capacity_bytes != UINT64_MAX && used_bytes() + bytes - cached.size() > capacity_bytes) return false;
    if (bytes == cached.size()) return true;
    cached.resize(bytes);
    mark({Volatile::size, inode, 0, true, "", "", {}});
    return true;
  }
  bool put_cached(std::size_t inode, std::uint64_t offset, std::span<const std::byte> bytes) {
    const auto begin = static_cast<std::size_t>(offset);
    if (begin + bytes.size() > inodes_[inode].cached.size() && !resize_cached(inode, begin + bytes.size())) return false;
    std::copy(bytes.begin(), bytes.end(), inodes_[inode].cached.begin() + static_cast<std::ptrdiff_t>(begin));
    for (std::size_t sector = begin / kSectorBytes; sector * kSectorBytes < begin + bytes.size(); ++sector)
      mark({Volatile::sector, inode, sector, true, "", "", {}});
    return true;
  }
  void mark(Volatile change) {
    const auto known = std::find_if(volatile_.begin(), volatile_.end(), [&change](const Volatile& old) {
      return old.kind == change.kind && old.inode == change.inode && old.sector_index == change.sector_index;
    });
    if (known == volatile_.end())
      volatile_.push_back(std::move(change));
    else
      known->dirty = true;
  }
  Errc sync_inode(std::size_t inode, bool& failed_before) noexcept {
    sync_after_failed_sync_ += failed_before ? 1 : 0;
    Errc bad = begin();
    if (bad != Errc::ok && !dead_) {
      // The kernel says so once and takes the pages for clean: whether they are on the disk, nobody knows.
      for (Volatile& change : volatile_) change.dirty = change.dirty && !(change.kind != Volatile::folder && change.inode == inode);
      if (!sync_forgives) failed_before = true;
      return sync_forgives ? Errc::ok : bad == Errc::interrupted ? Errc::io_failed : bad;
    }
    if (bad != Errc::ok) return bad;
    if (!lying_sync) {
      Inode& file = inodes_[inode];
      const auto settled = [inode](const Volatile& change) {
        return change.kind != Volatile::folder && change.inode == inode && change.dirty;
      };
      for (const Volatile& change : volatile_) {
        if (settled(change) && change.kind == Volatile::size) file.durable.resize(file.cached.size());
      }
      for (const Volatile& change : volatile_) {
        if (settled(change) && change.kind == Volatile::sector) copy_sector(file.cached, file.durable, change.sector_index);
      }
      drop(settled);
    }
    return finish() ? Errc::ok : Errc::io_failed;
  }

  std::vector<Inode> inodes_;
  std::map<std::string, std::size_t> names_, durable_names_;
  std::set<std::string> folders_{"."}, durable_folders_{"."};
  std::vector<Volatile> volatile_;  // in the order in which it came to be
  std::vector<Handle> handles_;
  std::set<std::string> locks_;
  std::vector<Queued> queued_;
  std::vector<Completion> done_;
  std::uint64_t operations_ = 0;
  std::size_t sync_after_failed_sync_ = 0;
  bool dead_ = false;
  bool fault_met_ = false;
  bool short_now_ = false;
};

}  // namespace martinet::test
