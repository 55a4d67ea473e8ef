#pragma once
// A file being imported. Each kind of file is one implementation; the driver (import_files.cpp) calls them in this order:
//   scan()    first pass: every row is read and checked, symbols and the finest decimals are noted
//   settle()  markets are decided, symbols and streams are entered in the plan
//   begin()   second pass opens; the instrument table is complete now
//   write()   the record in hand (due at ts_receive_ns()) goes into the capture and the next one is fetched
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "adapters/capture/capture_writer.hpp"
#include "adapters/capture/import_files.hpp"
#include "adapters/capture/import_needs.hpp"
#include "adapters/capture/instrument_rules.hpp"
#include "adapters/capture/text_source.hpp"

namespace martinet::importing {

/// What all sources together make.
struct ImportPlan {
  const ImportOptions& options;
  ImportReport& report;
  const ImportProgress& progress;
  std::vector<RuleRow> specs;        ///< --instrument, parsed
  std::vector<RuleRow> rules;        ///< of every rule document read
  std::vector<SymbolNeeds> symbols;  ///< index = the instrument's id
  CaptureHeader header;              ///< instruments are filled between settle() and begin()
  std::uint64_t bytes_done = 0;      ///< of finished files and passes
  std::uint64_t bytes_total = 0;
  bool merging = false;  ///< second pass: the driver tells, for all files together

  /// Enters a symbol, or adds to what is known of it. Gives the instrument's id.
  Result<InstrumentId> enter(const SymbolNeeds& needs);
  /// Enters a stream, or finds the equal one.
  Result<std::uint16_t> stream(const StreamInfo& info);
  /// Tells how far we are; fails interrupted.
  Status tell(std::uint64_t bytes_of_file);
  /// A sentence for the report: an assumption that was made.
  void remark(std::string sentence);
};

inline constexpr std::size_t kRowMessagesMax = 10;    ///< skipped rows quoted in the report
inline constexpr std::uint64_t kRowsPerTell = 8'192;  ///< rows between two calls of the progress function

/// Counts the rows of one file and applies on_error. A row is judged the same way in both passes, so only the first reports.
class RowJudge {
 public:
  RowJudge(ImportPlan& plan, ImportedFile& file) : plan_(plan), file_(file) {}
  void second_pass() noexcept { counting_ = false; }
  void row() noexcept { file_.rows += counting_ ? 1 : 0; }
  /// A malformed row: fails with it (stop), or counts it (skip).
  Status malformed(Errc code, std::string sentence);

 private:
  ImportPlan& plan_;
  ImportedFile& file_;
  std::uint64_t quoted_ = 0;
  bool counting_ = true;
};

class ImportSource {
 public:
  virtual ~ImportSource() = default;
  virtual Status scan() = 0;
  virtual Status settle() = 0;
  virtual Status begin() = 0;
  virtual Status write(CaptureWriter& writer) = 0;

  [[nodiscard]] std::int64_t ts_receive_ns() const noexcept { return ts_next_ns_; }  ///< kNever after the last record
  [[nodiscard]] ImportedFile& file() noexcept { return file_; }
  [[nodiscard]] std::uint64_t bytes_read() const noexcept { return text_ == nullptr ? 0 : text_->bytes_read(); }

 protected:
  ImportSource(ImportPlan& plan, std::filesystem::path path, std::string kind) : plan_(plan), judge_(plan, file_) {
    file_.path = std::move(path);
    file_.kind = std::move(kind);
  }
  /// Opens the file anew for a pass.
  Status open();
  /// The next line that holds something. False at the end and on a damaged file (judge decides about that).
  Result<bool> next_line(std::string_view& line);
  /// "FILE line 12 column 'price': what; advice"
  [[nodiscard]] std::string sentence(const std::string& column, const std::string& what) const;

  ImportPlan& plan_;
  ImportedFile file_;
  RowJudge judge_;
  std::unique_ptr<TextSource> text_;
  std::int64_t ts_next_ns_ = std::numeric_limits<std::int64_t>::max();
};

/// A raw WebSocket dump: lines of `recv_ns`, one space, the message as received. Binance frames go to one stream per market, REST depth
/// answers written in line to a rest_depth stream of their symbol, Bitget v2 frames to one stream per instType.
std::unique_ptr<ImportSource> make_frame_source(ImportPlan& plan, const std::filesystem::path& path);

/// REST answers, one JSON object a line with url, recv_ns and body: Binance depth answers become rest_depth frames (the body's exact
/// bytes), rule documents become instrument rules.
std::unique_ptr<ImportSource> make_rest_source(ImportPlan& plan, const std::filesystem::path& path);

/// A rule document alone: the whole file is its JSON. No records.
std::unique_ptr<ImportSource> make_rules_source(ImportPlan& plan, const std::filesystem::path& path);

/// CSV of trades, bars, quote bars or quotes; the header row tells (csv_columns.hpp).
std::unique_ptr<ImportSource> make_csv_source(ImportPlan& plan, const std::filesystem::path& path);

}  // namespace martinet::importing
