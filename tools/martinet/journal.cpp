// For the person at 3 a.m.: is the journal whole, what is in it, and what may be done about what is not.
#include <fmt/format.h>

#include <limits>

#include "adapters/io/posix_files.hpp"
#include "engine/app/journal_text.hpp"
#include "engine/cold/journal/file_steps.hpp"
#include "engine/cold/journal/recovery.hpp"
#include "tools/martinet/command.hpp"

namespace martinet::cli {
namespace {

constexpr const char* kRepairHint =
    "nothing that was acknowledged is lost; a start clears it away by itself, and so does: martinet journal repair";

int verify_segment(const std::filesystem::path& file) {
  const Result<JournalSummary> summary = summarise_journal(file);
  if (!summary) return fail(summary.error());
  fmt::print("{}", journal_text(*summary));
  if (summary->end != JournalEnd::torn) return 0;
  fmt::print("  torn at offset {}: record {} and what follows it never became durable\n", summary->bytes, summary->last_sequence + 1);
  return 1;
}

std::string folder_name(const std::filesystem::path& path) {
  const std::filesystem::path folder = std::filesystem::is_directory(path) ? path : path.parent_path();
  return folder.empty() ? "." : folder.lexically_normal().string();
}

void print_segments(const std::string& folder, const JournalScan& scan) {
  fmt::print("{}: journal, {}\n", folder, name_of(scan.finding));
  for (const JournalScan::Segment& segment : scan.segments) {
    fmt::print("  {}  epoch {}  {} records ({} to {})  {} bytes\n", name_in_folder(segment.path), segment.epoch,
               grouped(segment.last_sequence + 1 - segment.first_sequence), segment.first_sequence, segment.last_sequence,
               grouped(segment.bytes));
  }
}

}  // namespace

int run_journal_verify(const JournalArguments& arguments) {
  if (!std::filesystem::is_directory(arguments.path)) return verify_segment(arguments.path);
  PosixFiles files(FileOwner::anybody);
  const std::string folder = folder_name(arguments.path);
  const JournalScan scan = scan_journal(files, {folder, "", UINT64_MAX});
  if (scan.finding == JournalFinding::none)
    return fail({Errc::not_found, folder + " holds no journal-NNNNNN.mtj; give the folder of a session"});
  print_segments(folder, scan);
  if (!scan.is_sound()) return fail({scan.code, scan.sentence});
  if (scan.finding == JournalFinding::whole) return 0;
  fmt::print("  a crash left its traces: {}\n  {} {}\n", scan.sentence, kRepairHint, folder);
  return 1;
}

int run_journal_dump(const JournalArguments& arguments) {
  std::vector<std::filesystem::path> segments = {arguments.path};
  if (std::filesystem::is_directory(arguments.path)) {
    Result<std::vector<std::filesystem::path>> found = journal_segments(arguments.path);
    if (!found) return fail(found.error());
    segments = std::move(*found);
  }
  std::uint64_t left = arguments.head == 0 ? std::numeric_limits<std::uint64_t>::max() : arguments.head;
  for (const std::filesystem::path& segment : segments) {
    const Status listed = list_journal(
        segment, left,
        [&left](const std::string& line) {
          fmt::print("{}\n", line);
          --left;
        },
        arguments.json ? RecordForm::json : RecordForm::text);
    // A last segment without records is what a crash, or a live session that has made it ahead, leaves.
    const bool unwritten = !listed && listed.error().code == Errc::empty_file && segment == segments.back() && segments.size() > 1;
    if (!listed && !unwritten) return fail(listed.error());
  }
  return 0;
}

int run_journal_repair(const JournalArguments& arguments) {
  PosixFiles files;
  const std::string folder = folder_name(arguments.path);
  const JournalScan scan = scan_journal(files, {folder, "", UINT64_MAX, true});
  if (scan.finding == JournalFinding::none)
    return fail({Errc::not_found, folder + " holds no journal-NNNNNN.mtj; give the folder of a session"});
  if (scan.finding == JournalFinding::unreadable) return fail({scan.code, scan.sentence});
  if (!scan.is_sound()) {
    return fail(
        {scan.code, scan.sentence + " (this is no trace of a crash: cutting it would drop what was acknowledged, so it is not repaired)"});
  }
  if (scan.finding == JournalFinding::whole) {
    fmt::print("{}: whole to record {}, nothing to repair\n", folder, scan.end.sequence);
    return 0;
  }
  fmt::print("{}: {}\n", folder, scan.sentence);
  for (const std::string& words : words_of_crash_traces(scan)) fmt::print("  {}{}\n", arguments.dry_run ? "would " : "", words);
  if (arguments.dry_run) {
    fmt::print("  nothing was changed (--dry-run)\n");
    return 0;
  }
  if (const Status cleared = clear_crash_traces(files, scan); !cleared) return fail(cleared.error());
  fmt::print("  done: whole to record {}\n", scan.end.sequence);
  return 0;
}

}  // namespace martinet::cli
