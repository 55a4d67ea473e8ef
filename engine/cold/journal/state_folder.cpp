#include "engine/cold/journal/state_folder.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string_view>

#include "engine/base/crc.hpp"
#include "engine/cold/journal/file_steps.hpp"

namespace martinet {
namespace {

constexpr std::string_view kEpochBegin = "martinet-epoch ";
constexpr std::string_view kEpochVersion = "1 ";
constexpr std::uint64_t kEpochBytesMax = 128;
constexpr std::size_t kNameMax = 64;  // what a journal header holds of the account

bool may_name_a_file(std::string_view text) noexcept {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

std::string epoch_text(std::uint64_t epoch) {
  const std::string text = std::string(kEpochBegin) + std::string(kEpochVersion) + std::to_string(epoch);
  std::array<char, 16> crc{};
  std::snprintf(crc.data(), crc.size(), " %08x\n", crc32c(std::as_bytes(std::span(text.data(), text.size()))));
  return text + crc.data();
}

// The epoch in the file, nothing if there is no file.
Result<std::optional<std::uint64_t>> read_epoch(Files& files, const std::string& file) {
  const Result<std::vector<std::byte>> bytes = read_whole(files, file, kEpochBytesMax);
  if (!bytes) {
    if (bytes.error().code == Errc::not_found) return std::optional<std::uint64_t>{};
    return bytes.error();
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  const std::size_t digits = kEpochBegin.size() + kEpochVersion.size();
  if (text.starts_with(kEpochBegin) && !text.substr(kEpochBegin.size()).starts_with(kEpochVersion)) {
    return Error{Errc::unknown_version, file + " has a format that this build does not read; start the build that wrote it"};
  }
  std::uint64_t epoch = 0;
  if (text.size() > digits) std::from_chars(text.data() + digits, text.data() + text.size(), epoch);
  if (epoch == 0 || text != epoch_text(epoch)) {
    return Error{Errc::needs_operator,
                 file +
                     " is damaged; find the highest epoch in the journals (martinet journal verify) and at the venue's "
                     "order ids, and start with it as epoch floor"};
  }
  return std::optional<std::uint64_t>{epoch};
}

// A folder that was used before and has lost its epoch must not begin at 1 again: client order ids would repeat.
Status check_unused(Files& files, const std::string& path) {
  const Result<std::vector<std::string>> names = list_names(files, path);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (name == "lock" || name == "epoch.tmp") continue;
    return Error{Errc::needs_operator, path + " holds " + name +
                                           " but no epoch file; restore it, or find the highest epoch in the journals "
                                           "(martinet journal verify) and start with it as epoch floor"};
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<StateFolder>> StateFolder::open(Files& files, const StateFolderOptions& options) {
  const std::string account = options.venue + "-" + options.account;
  if (!may_name_a_file(options.venue) || !may_name_a_file(options.account) || account.size() > kNameMax) {
    return Error{Errc::usage, "venue '" + options.venue + "' and account '" + options.account +
                                  "' name the state folder: use letters, digits and '_', at most 63 together"};
  }
  std::unique_ptr<StateFolder> folder(new StateFolder(files, options.root + "/" + account, account));
  for (const std::string& path : {options.root, folder->path_}) {
    if (const Status made = files.make_folder(path); !made) return made.error();
    if (const Status synced = files.sync_folder(folder_of(path)); !synced) return synced.error();
  }
  const Result<FileId> lock = files.lock(folder->path_ + "/lock");
  if (!lock) return lock.error();
  folder->lock_ = *lock;
  folder->locked_ = true;
  if (const Status taken = folder->take_epoch(options.epoch_floor); !taken) return taken.error();
  return folder;
}

StateFolder::~StateFolder() {
  if (locked_) files_.unlock(lock_);
}

Status StateFolder::take_epoch(std::uint64_t floor) {
  const std::string file = path_ + "/epoch";
  Result<std::optional<std::uint64_t>> found = read_epoch(files_, file);
  if (!found) {
    if (found.error().code != Errc::needs_operator || floor == 0) return found.error();
    if (const Status aside = set_aside(files_, file); !aside) return aside;
    found = std::optional<std::uint64_t>{};
  } else if (!found->has_value() && floor == 0) {
    if (const Status unused = check_unused(files_, path_); !unused) return unused;
  }
  previous_epoch_ = std::max(found->value_or(0), floor);
  if (previous_epoch_ == UINT64_MAX)
    return Error{Errc::usage, "an epoch floor of " + std::to_string(floor) + " leaves no epoch to go on with"};
  epoch_ = previous_epoch_ + 1;
  const std::string text = epoch_text(epoch_);
  return replace_whole(files_, file, std::as_bytes(std::span(text.data(), text.size())));
}

Status StateFolder::check_epoch() {
  if (!fenced_) {
    const Result<std::optional<std::uint64_t>> found = read_epoch(files_, path_ + "/epoch");
    if (!found) return found.error();
    epoch_found_ = found->value_or(0);
    fenced_ = epoch_found_ != epoch_;
  }
  if (!fenced_) return {};
  return Error{Errc::fenced, path_ + " is of epoch " + std::to_string(epoch_found_) + " now, we are " + std::to_string(epoch_) +
                                 ": another process has taken over (or the folder was exchanged); this one writes and sends nothing more"};
}

}  // namespace martinet
