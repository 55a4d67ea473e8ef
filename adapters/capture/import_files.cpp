#include "adapters/capture/import_files.hpp"

#include <algorithm>
#include <queue>
#include <utility>

#include "adapters/capture/capture_format.hpp"
#include "adapters/capture/import_json.hpp"
#include "adapters/capture/import_source.hpp"
#include "engine/base/time.hpp"

namespace martinet {
namespace {

using importing::ImportPlan;
using importing::ImportSource;
using importing::RuleRow;
using importing::SymbolNeeds;
using Sources = std::vector<std::unique_ptr<ImportSource>>;

bool is_text(std::string_view line) {
  return std::none_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(line.size(), 256)),
                      [](char c) { return static_cast<unsigned char>(c) < 0x09; });
}

// A dump's line: something, one space, a JSON message.
bool is_dump_line(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || space == 0 || line[0] == '{' || line[0] == '[' || line[0] == '"') return false;
  const std::string_view message = line.substr(space + 1);
  return message.starts_with('{') || message.starts_with('[') || message == "pong" || message == "ping";
}

Result<std::unique_ptr<ImportSource>> make_source(ImportPlan& plan, const std::filesystem::path& path) {
  Result<TextSource> opened = TextSource::open(path);
  if (!opened) return opened.error();
  std::string_view line;
  do {
    if (opened->next(line)) continue;
    if (!opened->status().ok()) return opened->status().error();
    return Error{Errc::empty_file, path.string() + " holds no text"};
  } while (line.find_first_not_of(" \t") == std::string_view::npos);
  if (line.starts_with(std::string_view(capture::kFileMagic.data(), capture::kFileMagic.size()))) {
    return Error{Errc::unsupported, path.string() + " is a martinet capture already; replay or inspect it"};
  }
  if (!is_text(line))
    return Error{Errc::unsupported, path.string() + " is not a text file; import reads dumps, REST answers and CSV, plain or gzip"};
  if (is_dump_line(line)) return importing::make_frame_source(plan, path);
  if (importing::json_kind(line) == '{' && !importing::json_member(line, "url").empty() && !importing::json_member(line, "body").empty()) {
    return importing::make_rest_source(plan, path);
  }
  if (importing::json_kind(line) == '{' || importing::json_kind(line) == '[') return importing::make_rules_source(plan, path);
  return importing::make_csv_source(plan, path);
}

Status check_options(const ImportOptions& options) {
  if (options.sources.empty()) return Error{Errc::usage, "no source is given; say which files to import"};
  if (options.output.empty()) return Error{Errc::usage, "no output is given; say -o CAPTURE"};
  std::error_code error;
  if (!options.overwrite && std::filesystem::exists(options.output, error)) {
    return Error{Errc::exists_already, options.output.string() + " exists already; choose another name or say --overwrite"};
  }
  for (const std::filesystem::path& source : options.sources) {
    if (std::filesystem::equivalent(source, options.output, error)) {
      return Error{Errc::usage, options.output.string() + " is both a source and the output"};
    }
  }
  return {};
}

Status parse_specs(ImportPlan& plan) {
  for (const std::string& text : plan.options.instruments) {
    Result<RuleRow> spec = importing::parse_instrument_spec(text);
    if (!spec) return spec.error();
    plan.specs.push_back(std::move(spec.value()));
  }
  return {};
}

std::uint64_t size_of(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::uint64_t>(size);
}

Status scan_all(ImportPlan& plan, Sources& sources) {
  const auto add = [&](const std::filesystem::path& path, bool rules_only) -> Status {
    Result<std::unique_ptr<ImportSource>> source = make_source(plan, path);
    if (!source) return source.error();
    if (const Status scanned = (*source)->scan(); !scanned) return scanned;
    if (rules_only && (*source)->file().kind != "rules document" && (*source)->file().kind != "REST answers") {
      return Error{Errc::usage,
                   path.string() + " is no rule document (exchangeInfo, contracts); name it as a source if its rows are wanted"};
    }
    plan.bytes_done += size_of(path);
    if (rules_only) {
      plan.report.files.push_back((*source)->file());
    } else {
      sources.push_back(std::move(source.value()));
    }
    return plan.tell(0);
  };
  for (const std::filesystem::path& path : plan.options.sources) plan.bytes_total += 2 * size_of(path);
  for (const std::filesystem::path& path : plan.options.rules) plan.bytes_total += size_of(path);
  for (const std::filesystem::path& path : plan.options.sources) {
    if (const Status added = add(path, false); !added) return added;
  }
  for (const std::filesystem::path& path : plan.options.rules) {
    if (const Status added = add(path, true); !added) return added;
  }
  return {};
}

// Rules that belong to a symbol: what the user says, then the newest document of its venue and market. A CSV file's symbol takes the
// document of any venue, if it is the only one.
std::vector<const RuleRow*> rules_of(ImportPlan& plan, const SymbolNeeds& needs) {
  std::vector<const RuleRow*> found;
  for (const RuleRow& spec : plan.specs) {
    if (spec.symbol == needs.symbol) found.push_back(&spec);
  }
  const RuleRow* document = nullptr;
  bool ambiguous = false;
  for (const RuleRow& row : plan.rules) {
    if (row.symbol != needs.symbol) continue;
    const bool from_file = needs.venue == Venue::file;
    if (from_file ? needs.market != Market::none && row.market != needs.market : row.venue != needs.venue || row.market != needs.market)
      continue;
    ambiguous = ambiguous || (document != nullptr && (document->venue != row.venue || document->market != row.market));
    document = &row;
  }
  if (ambiguous) plan.remark("the rule documents hold " + needs.symbol + " for several markets; say --market to have one of them used");
  if (document != nullptr && !ambiguous) found.push_back(document);
  return found;
}

Status build_instruments(ImportPlan& plan) {
  for (const RuleRow& spec : plan.specs) {
    const bool known =
        std::any_of(plan.symbols.begin(), plan.symbols.end(), [&spec](const SymbolNeeds& needs) { return needs.symbol == spec.symbol; });
    if (!known) return Error{Errc::usage, "--instrument names " + spec.symbol + ", a symbol that no source holds"};
  }
  for (const SymbolNeeds& needs : plan.symbols) {
    const std::vector<const RuleRow*> rules = rules_of(plan, needs);
    ContractKind kind = importing::kind_of(needs.market).value_or(ContractKind::linear);
    if (needs.venue == Venue::file && plan.options.kind) kind = *plan.options.kind;
    Result<importing::BuiltInstrument> built = importing::build_instrument(needs, kind, rules);
    if (!built) return built.error();
    const Result<InstrumentId> id = plan.header.instruments.add(built->instrument);
    if (!id) return id.error();
    MT_ASSERT(*id == static_cast<InstrumentId>(plan.report.instruments.size()));
    plan.report.instruments.push_back({plan.header.instruments[*id], std::move(built->rules_from)});
  }
  return {};
}

Status settle_all(ImportPlan& plan, Sources& sources) {
  std::uint64_t good_rows = 0;
  for (const auto& source : sources) {
    if (const Status settled = source->settle(); !settled) return settled;
    good_rows += source->file().rows - source->file().rows_skipped;
  }
  if (good_rows == 0 || plan.header.streams.empty())
    return Error{Errc::empty_file, "the sources hold no record to import; nothing was written"};
  return build_instruments(plan);
}

// Stable merge by receive time: at equal times the source named first goes first.
Status write_all(ImportPlan& plan, Sources& sources, CaptureWriter& writer) {
  using Due = std::pair<std::int64_t, std::size_t>;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (const Status begun = sources[i]->begin(); !begun) return begun;
    if (sources[i]->ts_receive_ns() != kNever) due.emplace(sources[i]->ts_receive_ns(), i);
  }
  for (std::uint64_t written = 1; !due.empty(); ++written) {
    const std::size_t i = due.top().second;
    due.pop();
    if (const Status wrote = sources[i]->write(writer); !wrote) return wrote;
    if (sources[i]->ts_receive_ns() != kNever) due.emplace(sources[i]->ts_receive_ns(), i);
    if (written % importing::kRowsPerTell != 0) continue;
    std::uint64_t bytes = 0;
    for (const auto& source : sources) bytes += source->bytes_read();
    if (const Status told = plan.tell(bytes); !told) return told;
  }
  return {};
}

}  // namespace

Result<ImportReport> import_files(const ImportOptions& options, const ImportProgress& progress) {
  ImportReport report;
  ImportPlan plan{options, report, progress, {}, {}, {}, {}, 0, 0, false};
  plan.header.note = options.note.empty() ? "import of " + std::to_string(options.sources.size()) + " files" : options.note;
  Sources sources;
  if (const Status s = check_options(options); !s) return s.error();
  if (const Status s = parse_specs(plan); !s) return s.error();
  if (const Status s = scan_all(plan, sources); !s) return s.error();
  if (const Status s = settle_all(plan, sources); !s) return s.error();

  Result<CaptureWriter> writer = CaptureWriter::create(options.output, plan.header, {options.overwrite, options.compress, false});
  if (!writer) return writer.error();
  plan.merging = true;
  if (const Status s = write_all(plan, sources, *writer); !s) return s.error();
  const Result<CaptureTotals> totals = writer->finish();
  if (!totals) return totals.error();

  report.ts_first_ns = totals->ts_first_ns;
  report.ts_last_ns = totals->ts_last_ns;
  report.bytes_written = size_of(options.output);
  std::vector<ImportedFile> files;
  for (const auto& source : sources) files.push_back(source->file());
  files.insert(files.end(), report.files.begin(), report.files.end());
  report.files = std::move(files);
  (void)plan.tell(plan.bytes_total);  // it is written: too late to interrupt
  return report;
}

}  // namespace martinet
