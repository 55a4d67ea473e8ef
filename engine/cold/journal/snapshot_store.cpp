#include "engine/cold/journal/snapshot_store.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <string_view>

#include "engine/base/assert.hpp"
#include "engine/base/crc.hpp"
#include "engine/cold/journal/file_steps.hpp"

namespace martinet {
namespace {

constexpr std::string_view kBegin = R"({"format":"martinet-snapshot","version":)";
constexpr std::string_view kEnd = "\n}\n";
constexpr std::size_t kNameMax = 128;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

bool is_name(std::string_view text) noexcept {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  return text.size() <= kNameMax && std::all_of(text.begin(), text.end(), allowed);
}

// All of the head that the checksum covers.
std::string head_text(const SnapshotHead& head, std::size_t size) {
  return std::string(kBegin) + std::to_string(head.version) + R"(,"account":")" + head.account + R"(","generation":)" +
         std::to_string(head.generation) + R"(,"epoch":)" + std::to_string(head.epoch) + R"(,"journal_sequence":)" +
         std::to_string(head.journal_sequence) + R"(,"session":")" + head.session + R"(","size":)" + std::to_string(size);
}

std::string crc_text(std::uint32_t crc) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), ",\"crc32c\":\"%08x\",\"body\":\n", crc);
  return text.data();
}

/// Walks over the head, which has one layout only.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : left_(text) {}
  bool literal(std::string_view text) {
    if (!left_.starts_with(text)) return false;
    left_.remove_prefix(text.size());
    return true;
  }
  template <class T>
  bool number(T& value) {
    const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), value);
    if (error != std::errc{}) return false;
    left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
    return true;
  }
  bool name(std::string& value) {
    const std::size_t quote = left_.substr(0, kNameMax + 1).find('"');
    if (quote == std::string_view::npos || !is_name(left_.substr(0, quote))) return false;
    value = left_.substr(0, quote);
    left_.remove_prefix(quote);
    return true;
  }
  [[nodiscard]] std::string_view left() const noexcept { return left_; }

 private:
  std::string_view left_;
};

}  // namespace

std::string_view name_of(SnapshotFinding finding) noexcept {
  constexpr std::string_view kNames[] = {"both good", "newest bad", "older bad",     "newest only", "older only",    "none good",
                                         "lost",      "first boot", "other account", "epoch newer", "newer version", "unreadable"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(SnapshotFinding::count_));
  return kNames[static_cast<std::size_t>(finding)];
}

std::vector<std::byte> encode_snapshot(const SnapshotHead& head, std::span<const std::byte> body) {
  MT_ASSERT(is_name(head.account) && is_name(head.session));
  std::string text = head_text(head, body.size());
  text += crc_text(crc32c(body, crc32c(bytes_of(text))));
  std::vector<std::byte> file(bytes_of(text).begin(), bytes_of(text).end());
  file.insert(file.end(), body.begin(), body.end());
  file.insert(file.end(), bytes_of(kEnd).begin(), bytes_of(kEnd).end());
  return file;
}

Result<StoredSnapshot> decode_snapshot(std::vector<std::byte> file, std::uint32_t version, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  StoredSnapshot snapshot;
  SnapshotHead& head = snapshot.head;
  std::size_t size = 0;
  Cursor cursor(text);
  if (!cursor.literal(kBegin) || !cursor.number(head.version))
    return Error{Errc::corrupted, name + " is damaged: it does not begin as a snapshot does"};
  if (head.version > version) {
    return Error{Errc::unknown_version, name + " has snapshot version " + std::to_string(head.version) +
                                            ", this build knows versions up to " + std::to_string(version) +
                                            "; start the newer build again"};
  }
  const bool whole = cursor.literal(R"(,"account":")") && cursor.name(head.account) && cursor.literal(R"(","generation":)") &&
                     cursor.number(head.generation) && cursor.literal(R"(,"epoch":)") && cursor.number(head.epoch) &&
                     cursor.literal(R"(,"journal_sequence":)") && cursor.number(head.journal_sequence) &&
                     cursor.literal(R"(,"session":")") && cursor.name(head.session) && cursor.literal(R"(","size":)") &&
                     cursor.number(size);
  if (!whole)
    return Error{Errc::corrupted, name + " is damaged in its head (offset " + std::to_string(text.size() - cursor.left().size()) + ")"};
  const std::size_t crc_size = crc_text(0).size();
  if (cursor.left().size() < crc_size || cursor.left().size() - crc_size != size + kEnd.size()) {
    return Error{Errc::corrupted, name + " is damaged: it has " + std::to_string(text.size()) + " bytes, its head promises others"};
  }
  const std::string_view body = cursor.left().substr(crc_size, size);
  // Comparing with what we would have written leaves no byte of the file unchecked.
  const std::string expected_head = head_text(head, size);
  const std::string expected = expected_head + crc_text(crc32c(bytes_of(body), crc32c(bytes_of(expected_head))));
  if (!text.starts_with(expected) || !text.ends_with(kEnd)) return Error{Errc::corrupted, name + " is damaged: its checksum is wrong"};
  snapshot.body.assign(bytes_of(body).begin(), bytes_of(body).end());
  snapshot.file = std::move(file);
  return snapshot;
}

SnapshotStore::SnapshotStore(Files& files, StateFolder& state, SnapshotFormat format)
    : files_(files),
      state_(state),
      format_(std::move(format)),
      newest_path_(state.path() + "/snapshot.json"),
      older_path_(newest_path_ + ".bak") {}

Result<StoredSnapshot> SnapshotStore::read_slot(const std::string& path) const {
  Result<std::vector<std::byte>> bytes = read_whole(files_, path, kSnapshotBytesMax);
  if (bytes) return decode_snapshot(std::move(*bytes), format_.version, path);
  if (bytes.error().code == Errc::frame_too_large) return Error{Errc::corrupted, bytes.error().what};
  return bytes.error();
}

SnapshotSlots SnapshotStore::examine() {
  SnapshotSlots slots;
  Result<StoredSnapshot> newest = read_slot(newest_path_), older = read_slot(older_path_);
  const auto code = [](const Result<StoredSnapshot>& slot) { return slot ? Errc::ok : slot.error().code; };
  const Errc codes[2] = {code(newest), code(older)};
  const auto either = [&codes](Errc wanted) { return codes[0] == wanted || codes[1] == wanted; };
  for (const Result<StoredSnapshot>* slot : {&newest, &older}) {
    if (slot->ok() || slot->error().code == Errc::not_found) continue;
    slots.problem += (slots.problem.empty() ? "" : "; ") + slot->error().what;
  }
  slots.newest_damaged = codes[0] == Errc::corrupted;
  slots.older_damaged = codes[1] == Errc::corrupted;
  if (newest && older && older->head.generation > newest->head.generation) std::swap(newest, older);  // an operator put one back
  if (newest)
    slots.newest = std::move(*newest);
  else if (older)
    slots.newest = std::move(*older);
  if (slots.newest) generation_ = std::max(generation_, slots.newest->head.generation);
  // One that cannot be read might be the newer one: its number is never given again.
  if (slots.newest_damaged || slots.older_damaged) ++generation_;
  const bool known = std::all_of(std::begin(codes), std::end(codes), [](Errc c) {
    return c == Errc::ok || c == Errc::not_found || c == Errc::corrupted || c == Errc::unknown_version;
  });
  if (!known)
    slots.finding = SnapshotFinding::unreadable;
  else if (either(Errc::unknown_version))
    slots.finding = SnapshotFinding::newer_version;
  else if (slots.newest && slots.newest->head.account != state_.account())
    slots.finding = SnapshotFinding::other_account;
  else if (slots.newest && slots.newest->head.epoch >= state_.epoch())
    slots.finding = SnapshotFinding::epoch_newer;
  else if (!slots.newest && either(Errc::corrupted))
    slots.finding = SnapshotFinding::none_good;
  else if (!slots.newest)
    slots.finding = state_.previous_epoch() == 0 ? SnapshotFinding::first_boot : SnapshotFinding::lost;
  else if (slots.newest_damaged)
    slots.finding = SnapshotFinding::newest_bad;
  else if (slots.older_damaged)
    slots.finding = SnapshotFinding::older_bad;
  else if (codes[1] == Errc::not_found)
    slots.finding = SnapshotFinding::newest_only;
  else if (codes[0] == Errc::not_found)
    slots.finding = SnapshotFinding::older_only;
  else
    slots.finding = SnapshotFinding::both_good;
  return slots;
}

Status SnapshotStore::settle(const SnapshotSlots& slots) {
  for (const auto& [path, damaged] : {std::pair(&newest_path_, slots.newest_damaged), std::pair(&older_path_, slots.older_damaged)}) {
    // Left in its place it would become the .bak with the next write, and push the good one out.
    if (!damaged) continue;
    if (const Status aside = set_aside(files_, *path); !aside) return aside;
  }
  const Status removed = remove_file(files_, newest_path_ + ".tmp");
  if (!removed && removed.error().code != Errc::not_found) return removed;
  settled_ = true;
  return files_.sync_folder(state_.path());
}

Status SnapshotStore::set_all_aside(const SnapshotSlots& slots) {
  SnapshotSlots all = slots;
  all.newest_damaged = all.older_damaged = true;
  return settle(all);
}

Result<std::vector<std::byte>> SnapshotStore::migrated(const StoredSnapshot& snapshot) {
  std::uint32_t version = snapshot.head.version;
  if (version == format_.version) return snapshot.body;
  if (version < format_.oldest) {
    return Error{Errc::unknown_version, "the snapshot of " + state_.path() + " has version " + std::to_string(version) +
                                            ", this build migrates from " + std::to_string(format_.oldest) +
                                            " on; migrate it with a build in between"};
  }
  const std::string kept = newest_path_ + ".v" + std::to_string(version) + ".bak";
  if (const Status copied = replace_whole(files_, kept, snapshot.file); !copied) return copied.error();
  std::vector<std::byte> body = snapshot.body;
  for (; version < format_.version; ++version) {
    const auto step = std::find_if(format_.migrations.begin(), format_.migrations.end(),
                                   [version](const SnapshotMigration& m) { return m.from == version; });
    MT_ASSERT(step != format_.migrations.end());  // the format promised every step from `oldest` on
    Result<std::vector<std::byte>> next = step->step(body);
    if (!next) return next.error();
    body = std::move(*next);
  }
  return body;
}

Status SnapshotStore::write(const std::string& session, std::uint64_t journal_sequence, std::span<const std::byte> body) {
  MT_ASSERT(settled_);  // what was found damaged must be out of the way first
  if (const Status ours = state_.check_epoch(); !ours) return ours;
  if (!is_name(session))
    return Error{Errc::usage, "the session folder's name '" + session + "' does not fit a snapshot; use letters, digits, '.', '_' and '-'"};
  SnapshotHead head{format_.version, state_.account(), ++generation_, state_.epoch(), journal_sequence, session};
  const std::vector<std::byte> file = encode_snapshot(head, body);
  if (file.size() > kSnapshotBytesMax) {
    return Error{Errc::frame_too_large, "the snapshot of " + state_.path() + " would have " + std::to_string(file.size()) +
                                            " bytes, at most " + std::to_string(kSnapshotBytesMax) +
                                            " can be read back; the one before it stays"};
  }
  const std::string part = newest_path_ + ".tmp";
  Status done = write_new(files_, part, file);
  if (!done && done.error().code == Errc::exists_already) {
    if (const Status removed = remove_file(files_, part); !removed) return removed;
    done = write_new(files_, part, file);
  }
  if (!done) return done;
  done = rename_file(files_, newest_path_, older_path_);
  if (!done && done.error().code != Errc::not_found) return done;
  if (done = rename_file(files_, part, newest_path_); !done) return done;
  return files_.sync_folder(state_.path());
}

}  // namespace martinet
