#pragma once
// Whole small files, made of the single steps of the files port: read to the end, written and durable, replaced in one instant.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/ports/files.hpp"

namespace martinet {

/// The file's bytes. fails as Files::open_to_read; frame_too_large; io_failed (an early end, too)
[[nodiscard]] Result<std::vector<std::byte>> read_whole(Files& files, const std::string& path, std::uint64_t size_max);

/// Makes a new file that holds `bytes`, durable; its name is not (sync_folder). What is left of a failure is removed where possible.
/// fails disk_full, io_failed, exists_already, unsafe_permissions
[[nodiscard]] Status write_new(Files& files, const std::string& path, std::span<const std::byte> bytes);

/// Puts `bytes` in the place of what `path` holds: PATH.tmp, sync, rename, sync of the folder. After a crash it holds one or the
/// other, whole; when this returns ok, the new.
[[nodiscard]] Status replace_whole(Files& files, const std::string& path, std::span<const std::byte> bytes);

/// Cuts the file to its first `bytes`, durable.
[[nodiscard]] Status cut_file(Files& files, const std::string& path, std::uint64_t bytes);

/// Writes `bytes`, which the file holds at `offset`, once more, and makes them durable: whoever wrote them may have died, or failed,
/// before they were, and what a read shows is only in memory then. A sync alone would not do: after a failed one it says ok.
[[nodiscard]] Status write_again(Files& files, const std::string& path, std::uint64_t offset, std::span<const std::byte> bytes);

/// Returns when no other process has the file open for writing. fails held_elsewhere where one keeps it
[[nodiscard]] Status wait_for_writer(Files& files, const std::string& path);

/// A name that nothing has yet: "PATH.broken", "PATH.broken-2", ... What was damaged is kept, and kept apart from earlier damage.
[[nodiscard]] Result<std::string> free_broken_name(Files& files, const std::string& path);

/// Renames the file to its free_broken_name; not there is ok. The folder is not synced.
[[nodiscard]] Status set_aside(Files& files, const std::string& path);

/// The steps of the port that change or list names; one that was interrupted is done again.
[[nodiscard]] Result<std::vector<std::string>> list_names(Files& files, const std::string& folder);
[[nodiscard]] Status rename_file(Files& files, const std::string& from, const std::string& to);
[[nodiscard]] Status remove_file(Files& files, const std::string& path);

[[nodiscard]] std::string folder_of(const std::string& path);  ///< "." where the path has no folder
[[nodiscard]] std::string name_in_folder(const std::string& path);

}  // namespace martinet
