#pragma once
// A journal segment in words: counts, span, how it ends, and records one by one.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/cold/journal/journal_reader.hpp"

namespace martinet {

struct JournalSummary {
  std::string file;
  journal::SegmentHeader header;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;           ///< up to the last whole record
  std::uint64_t last_sequence = 0;
  std::int64_t ts_first_ns = 0, ts_last_ns = 0;
  JournalEnd end = JournalEnd::clean;
  bool is_complete = false;          ///< its segment_end record is there
  std::vector<std::pair<std::string, std::uint64_t>> by_type;
};

/// fails as JournalReader
[[nodiscard]] Result<JournalSummary> summarise_journal(const std::filesystem::path& file);
[[nodiscard]] std::string journal_text(const JournalSummary& summary);
[[nodiscard]] std::string journal_json(const JournalSummary& summary);

enum class RecordForm : std::uint8_t {
  text,  ///< sequence, time, type, and what it says
  json   ///< an object: sequence, offset, type, version, t_mono_ns, t_wall_ns, size (of the payload), text
};

/// One line per record, at most `count`. fails as JournalReader, behind the records that stand before the damage
Status list_journal(const std::filesystem::path& file, std::uint64_t count, const std::function<void(const std::string&)>& out,
                    RecordForm form = RecordForm::text);

}  // namespace martinet
