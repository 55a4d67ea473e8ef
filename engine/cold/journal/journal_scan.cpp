#include "engine/cold/journal/journal_scan.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "engine/cold/journal/file_steps.hpp"

namespace martinet {
namespace {

template <std::size_t N>
std::string text_of(const std::array<char, N>& text) {
  return {text.begin(), std::find(text.begin(), text.end(), '\0')};
}

class Scanner {
 public:
  Scanner(Files& files, const JournalScanOptions& options, const RecordSink& sink) : files_(files), options_(options), sink_(sink) {}

  JournalScan run() {
    const Result<std::vector<std::string>> names = list_names(files_, options_.folder);
    if (!names) {
      if (names.error().code != Errc::not_found) found(JournalFinding::unreadable, names.error());
      return std::move(scan_);
    }
    std::vector<std::pair<std::uint64_t, std::string>> files;
    for (const std::string& name : *names) {
      if (const std::uint64_t number = segment_number(name); number != 0) files.emplace_back(number, options_.folder + "/" + name);
    }
    std::sort(files.begin(), files.end());
    if (!files.empty()) scan_.finding = JournalFinding::whole;
    // The one that was written, and one that was made ahead: a writer has no others.
    for (std::size_t i = files.size() - std::min<std::size_t>(files.size(), 2); options_.wait_for_writer && i < files.size(); ++i) {
      if (const Status released = wait_for_writer(files_, files[i].second); !released) {
        found(JournalFinding::unreadable, released.error());
        return std::move(scan_);
      }
    }
    for (std::size_t i = 0; i < files.size() && scan_.is_sound(); ++i) {
      if (i > 0 && files[i].first != files[i - 1].first + 1) {
        found(JournalFinding::segment_missing,
              {Errc::corrupted, options_.folder + " lacks segment " + std::to_string(files[i - 1].first + 1) +
                                    " of its journal, yet holds " + name_in_folder(files[i].second) + "; restore it from a copy"});
        break;
      }
      take(files[i].second);
    }
    return std::move(scan_);
  }

 private:
  void found(JournalFinding finding, const Error& error) {
    scan_.finding = finding;
    scan_.code = error.code;
    scan_.sentence = error.what;
  }

  void take(const std::string& path) {
    Result<std::vector<std::byte>> bytes = read_whole(files_, path, journal::kSegmentBytesMax);
    if (!bytes)
      return found(bytes.error().code == Errc::frame_too_large ? JournalFinding::not_a_journal : JournalFinding::unreadable, bytes.error());
    Result<JournalReader> reader = JournalReader::from_bytes(std::move(*bytes), path);
    if (!reader) return without_header(path, reader.error());
    const std::string here = path + " (segment " + std::to_string(reader->header().segment) + ", offset 0) ";
    // A crash leaves its traces at the end of the last segment only.
    if (scan_.finding != JournalFinding::whole) {
      return found(JournalFinding::torn_inside,
                   {Errc::corrupted,
                    scan_.sentence + ", yet segment " + std::to_string(reader->header().segment) + " follows it; restore it from a copy"});
    }
    if (segment_number(name_in_folder(path)) != reader->header().segment) {
      return found(JournalFinding::chain_broken, {Errc::corrupted, here + "has the name of another segment; restore both from a copy"});
    }
    if (!options_.account.empty() && text_of(reader->header().account) != options_.account) {
      return found(JournalFinding::other_account,
                   {Errc::corrupted, here + "is of account " + text_of(reader->header().account) + ", not of " + options_.account +
                                         "; give the session folder of this account"});
    }
    if (reader->header().epoch >= options_.epoch_end) {
      return found(JournalFinding::epoch_newer,
                   {Errc::needs_operator, here + "is of epoch " + std::to_string(reader->header().epoch) +
                                              ", newer than any process of this state folder before us: the folder is an old copy"});
    }
    if (previous_ && !check_chain(*reader, here)) return;
    read_records(path, *reader);
  }

  // What stands before the records of a segment whose header cannot be read.
  void without_header(const std::string& path, const Error& error) {
    switch (error.code) {
      case Errc::empty_file:
        scan_.empty.push_back(path);
        if (scan_.finding == JournalFinding::whole) found(JournalFinding::last_empty, error);
        return;
      case Errc::truncated:
        if (scan_.finding != JournalFinding::whole)
          return found(JournalFinding::torn_inside,
                       {Errc::corrupted, scan_.sentence + ", yet " + path + " follows it; restore it from a copy"});
        scan_.headerless = path;
        return found(JournalFinding::last_headerless, error);
      case Errc::unknown_version:
        return found(JournalFinding::other_version, error);
      case Errc::corrupted:
        return found(JournalFinding::header_damaged, error);
      default:
        return found(JournalFinding::not_a_journal, error);
    }
  }

  bool check_chain(const JournalReader& reader, const std::string& here) {
    const Status follows = reader.follows(*previous_);
    if (follows.ok()) return true;
    const JournalScan::Segment& before = scan_.segments.back();
    if (reader.header().epoch < before.epoch) {
      found(JournalFinding::epoch_backwards,
            {Errc::corrupted, here + "is of epoch " + std::to_string(reader.header().epoch) + ", older than epoch " +
                                  std::to_string(before.epoch) + " of the segment before it; one of them is of another journal"});
    } else if (reader.header().previous_sequence != before.last_sequence) {
      found(JournalFinding::sequence_gap, follows.error());
    } else {
      found(JournalFinding::chain_broken, follows.error());
    }
    return false;
  }

  void read_records(const std::string& path, JournalReader& reader) {
    for (JournalRecord record; reader.next(record);) {
      if (sink_) sink_(record);
    }
    scan_.segments.push_back({path, reader.header().first_sequence, reader.next_sequence() - 1, reader.header().epoch, reader.offset()});
    scan_.end = {reader.header().segment, reader.next_sequence() - 1, reader.chain()};
    const std::uint64_t tail = std::min<std::uint64_t>(reader.offset(), journal::kGroupBytesMax);
    scan_.tail_offset = (reader.offset() - tail) / journal::kSectorBytes * journal::kSectorBytes;
    const auto whole = reader.bytes_read();
    scan_.tail_bytes.assign(whole.begin() + static_cast<std::ptrdiff_t>(scan_.tail_offset), whole.end());
    if (!reader.status()) {
      found(JournalFinding::damaged, reader.status().error());
    } else if (reader.end() == JournalEnd::torn) {
      found(JournalFinding::last_torn,
            {Errc::truncated, path + " is torn at offset " + std::to_string(reader.offset()) + ": record " +
                                  std::to_string(reader.next_sequence()) + " and what follows it never became durable"});
      scan_.torn = path;
      scan_.torn_bytes.assign(reader.used_bytes().begin(), reader.used_bytes().end());
    }
    previous_ = std::move(reader);
  }

  Files& files_;
  const JournalScanOptions& options_;
  const RecordSink& sink_;
  JournalScan scan_;
  std::optional<JournalReader> previous_;
};

}  // namespace

std::string_view name_of(JournalFinding finding) noexcept {
  constexpr std::string_view kNames[] = {
      "none",          "whole",           "last empty",           "last headerless",      "last torn",
      "torn inside",   "damaged",         "header damaged",       "not a journal",        "other version",
      "other account", "segment missing", "sequence gap",         "chain broken",         "epoch backwards",
      "epoch newer",   "unreadable",      "ends before snapshot", "begins after snapshot"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(JournalFinding::count_));
  return kNames[static_cast<std::size_t>(finding)];
}

JournalScan scan_journal(Files& files, const JournalScanOptions& options, const RecordSink& sink) {
  return Scanner(files, options, sink).run();
}

}  // namespace martinet
