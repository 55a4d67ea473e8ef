#include "engine/cold/journal/file_steps.hpp"

#include <algorithm>

namespace martinet {
namespace {

constexpr int kInterruptionsMax = 16;  // in a row, of one step; a call that is interrupted more often than this is not getting anywhere

// Does `step` again as long as it was interrupted. Never used for a sync.
template <class Step>
Errc uninterrupted(Step step) noexcept {
  Errc result = step();
  for (int tries = 1; result == Errc::interrupted && tries < kInterruptionsMax; ++tries) result = step();
  return result == Errc::interrupted ? Errc::io_failed : result;
}

// The same for steps that answer with words.
template <class Step>
auto undisturbed(Step step) {
  auto answer = step();
  for (int tries = 1; !answer && answer.error().code == Errc::interrupted && tries < kInterruptionsMax; ++tries) answer = step();
  if (!answer && answer.error().code == Errc::interrupted) answer = Error{Errc::io_failed, answer.error().what};
  return answer;
}

Error cannot(Errc code, const char* verb, const std::string& path) {
  return {code,
          std::string("cannot ") + verb + " " + path + ": " + std::string(sentence_of(code)) + "; check the disk and the space on it"};
}

Errc write_all(Files& files, FileId file, std::uint64_t offset, std::span<const std::byte> bytes) noexcept {
  for (int idle = 0; !bytes.empty();) {
    std::size_t count = 0;
    if (const Errc result = uninterrupted([&] { return files.write(file, offset, bytes, count); }); result != Errc::ok) return result;
    idle = count == 0 ? idle + 1 : 0;
    if (idle == kInterruptionsMax || count > bytes.size()) return Errc::io_failed;
    offset += count;
    bytes = bytes.subspan(count);
  }
  return Errc::ok;
}

// The end of whatever was done to a file: synced once (after a failed sync the pages may be gone, and the next would say ok), closed.
Status finished(Files& files, FileId file, Errc result, const char* verb, const std::string& path) {
  if (result == Errc::ok) result = files.sync(file);
  const Errc closed = files.close(file);
  if (result == Errc::ok) result = closed;
  return result == Errc::ok ? Status{} : cannot(result == Errc::interrupted ? Errc::io_failed : result, verb, path);
}

}  // namespace

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_in_folder(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

Result<std::vector<std::string>> list_names(Files& files, const std::string& folder) {
  return undisturbed([&] { return files.list(folder); });
}

Status rename_file(Files& files, const std::string& from, const std::string& to) {
  return undisturbed([&] { return files.rename(from, to); });
}

Status remove_file(Files& files, const std::string& path) {
  return undisturbed([&] { return files.remove(path); });
}

Result<std::vector<std::byte>> read_whole(Files& files, const std::string& path, std::uint64_t size_max) {
  const Result<FileId> file = undisturbed([&] { return files.open_to_read(path); });
  if (!file) return file.error();
  std::vector<std::byte> bytes;
  std::uint64_t size = 0;
  Errc result = uninterrupted([&] { return files.size(*file, size); });
  if (result == Errc::ok && size > size_max) result = Errc::frame_too_large;
  if (result == Errc::ok) bytes.resize(static_cast<std::size_t>(size));
  for (std::size_t offset = 0; result == Errc::ok && offset < bytes.size();) {
    std::size_t count = 0;
    const std::span<std::byte> rest = std::span(bytes).subspan(offset);
    result = uninterrupted([&] { return files.read(*file, offset, rest, count); });
    if (result == Errc::ok && (count == 0 || count > rest.size())) result = Errc::io_failed;  // it shrank while it was read
    offset += count;
  }
  (void)files.close(*file);
  if (result == Errc::frame_too_large) {
    return Error{result, path + " has " + std::to_string(size) + " bytes, more than such a file ever has (" + std::to_string(size_max) +
                             "); it is not ours"};
  }
  if (result != Errc::ok) return cannot(result, "read", path);
  return bytes;
}

Status write_new(Files& files, const std::string& path, std::span<const std::byte> bytes) {
  const Result<FileId> file = undisturbed([&] { return files.create_new(path); });
  if (!file) return file.error();
  Status done = finished(files, *file, write_all(files, *file, 0, bytes), "write", path);
  if (!done) (void)remove_file(files, path);
  return done;
}

Status replace_whole(Files& files, const std::string& path, std::span<const std::byte> bytes) {
  const std::string part = path + ".tmp";
  Status written = write_new(files, part, bytes);
  if (!written && written.error().code == Errc::exists_already) {  // a crash left it: nobody else writes here, we hold the lock
    if (const Status removed = remove_file(files, part); !removed) return removed;
    written = write_new(files, part, bytes);
  }
  if (!written) return written;
  if (const Status renamed = rename_file(files, part, path); !renamed) return renamed;
  return files.sync_folder(folder_of(path));
}

Status cut_file(Files& files, const std::string& path, std::uint64_t bytes) {
  const Result<FileId> file = undisturbed([&] { return files.open_to_write(path); });
  if (!file) return file.error();
  return finished(files, *file, uninterrupted([&] { return files.truncate(*file, bytes); }), "cut", path);
}

Status write_again(Files& files, const std::string& path, std::uint64_t offset, std::span<const std::byte> bytes) {
  const Result<FileId> file = undisturbed([&] { return files.open_to_write(path); });
  if (!file) return file.error();
  return finished(files, *file, write_all(files, *file, offset, bytes), "write", path);
}

Status wait_for_writer(Files& files, const std::string& path) {
  const Result<FileId> file = undisturbed([&] { return files.open_to_write(path); });
  if (!file) return file.error();
  (void)files.close(*file);
  return {};
}

Result<std::string> free_broken_name(Files& files, const std::string& path) {
  const Result<std::vector<std::string>> names = list_names(files, folder_of(path));
  if (!names) return names.error();
  const std::string base = name_in_folder(path) + ".broken";
  std::string name = base;
  for (int n = 2; std::binary_search(names->begin(), names->end(), name); ++n) name = base + "-" + std::to_string(n);
  return folder_of(path) + "/" + name;
}

Status set_aside(Files& files, const std::string& path) {
  const Result<std::string> aside = free_broken_name(files, path);
  if (!aside) return aside.error();
  const Status renamed = rename_file(files, path, *aside);
  return !renamed && renamed.error().code == Errc::not_found ? Status{} : renamed;
}

}  // namespace martinet
