#pragma once
// `martinet import`: what others recorded becomes a capture. Sources are recognised by their content: raw WebSocket dumps, files
// of REST answers, venue rule documents, and CSV files of trades, bars and quotes (see import_source.hpp for each). Every source
// is read twice: first for symbols, markets and the finest decimals, so that the instrument table is complete before the first
// record is written and every malformed row is found before the output exists; then for the records, merged by receive time.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/result.hpp"

namespace martinet {

enum class OnRowError : std::uint8_t {
  stop,  ///< the first malformed row ends the import; nothing is written
  skip,  ///< malformed rows are left out and counted
};

struct ImportOptions {
  std::vector<std::filesystem::path> sources;  ///< at least one
  std::filesystem::path output;
  OnRowError on_error = OnRowError::stop;
  bool overwrite = false;  ///< an output that exists is an error otherwise
  bool compress = true;
  std::optional<Market> market;                ///< overrides what the frames show; the market of CSV files (none otherwise)
  std::optional<ContractKind> kind;            ///< of CSV instruments; default linear
  std::string symbol;                          ///< of CSV files; empty = from the file name (symbol_of_file_name)
  std::int64_t timeframe_ns = 0;               ///< length of CSV bars; 0 = the most common step of the file
  std::map<std::string, std::string> columns;  ///< meaning -> column name: "price" -> "close"; meanings are those of csv_columns.hpp
  std::vector<std::filesystem::path> rules;    ///< exchangeInfo or contracts documents, beside those among the sources
  std::vector<std::string> instruments;        ///< "BTCUSDT:tick=0.1,lot=0.001,min_notional=5,kind=linear"; see instrument_rules.hpp
  std::string note;                            ///< free text for the capture's header
};

struct ImportedInstrument {
  Instrument instrument;
  std::string rules_from;  ///< "exchangeInfo", "contracts", "--instrument", "finest decimals seen", or several joined by " + "
};

struct ImportedFile {
  std::filesystem::path path;
  std::string kind;        ///< "WebSocket dump", "REST answers", "rules document", "CSV trades", "CSV bars", "CSV quote bars", "CSV quotes"
  std::uint64_t rows = 0;  ///< lines with content, header apart
  std::uint64_t rows_skipped = 0;  ///< malformed ones among them
  std::uint64_t records = 0;       ///< records written from it (a quote bar makes two)
};

struct ImportReport {
  std::uint64_t raw_frames = 0;  ///< of which rest_frames are REST answers
  std::uint64_t rest_frames = 0;
  std::uint64_t trades = 0;
  std::uint64_t quotes = 0;
  std::uint64_t candles = 0;
  std::uint64_t rows_skipped = 0;
  std::uint64_t quantities_rounded = 0;  ///< CSV quantities with more than 10 decimals (binary rounding noise), taken to the nearest 1e-10
  std::vector<std::string> messages;     ///< the first few skipped rows and every assumption made, a sentence each
  std::vector<ImportedFile> files;       ///< in the order of the options: sources, then rules
  std::vector<ImportedInstrument> instruments;  ///< in the order of the capture's table
  std::int64_t ts_first_ns = 0;                 ///< receive times of the first and last record; 0 without records
  std::int64_t ts_last_ns = 0;
  std::uint64_t bytes_written = 0;
};

/// Called now and then with bytes done and to do (both passes, compressed sizes). Returning false ends the import (interrupted).
using ImportProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

/// Imports. On failure the output is as it was before: absent, or the older capture.
/// fails usage, not_found, exists_already, empty_file, truncated, corrupted (a damaged .gz), bad_header, bad_row, bad_json, out_of_order,
///       old_protocol (Bitget v1), config_contradiction (market), config_missing (a choice is needed), too_many_instruments, no_capacity
///       (more than capacity::streams_max streams), number_too_large, interrupted, and whatever the capture writer fails with
/// cost  two passes over the sources; memory independent of their length
Result<ImportReport> import_files(const ImportOptions& options, const ImportProgress& progress = {});

}  // namespace martinet
