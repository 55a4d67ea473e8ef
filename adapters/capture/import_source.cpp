#include "adapters/capture/import_source.hpp"

#include <algorithm>
#include <utility>

namespace martinet::importing {

Result<InstrumentId> ImportPlan::enter(const SymbolNeeds& needs) {
  for (std::size_t id = 0; id < symbols.size(); ++id) {
    SymbolNeeds& known = symbols[id];
    if (known.venue == needs.venue && known.market == needs.market && known.symbol == needs.symbol) {
      known.merge(needs);
      return static_cast<InstrumentId>(id);
    }
  }
  if (symbols.size() == capacity::instruments_max) {
    return Error{Errc::too_many_instruments, "the sources hold more than " + std::to_string(capacity::instruments_max) + " symbols (" +
                                                 needs.symbol + " is one too many); import fewer files at once"};
  }
  symbols.push_back(needs);
  return static_cast<InstrumentId>(symbols.size() - 1);
}

Result<std::uint16_t> ImportPlan::stream(const StreamInfo& info) {
  const auto found = std::find(header.streams.begin(), header.streams.end(), info);
  if (found != header.streams.end()) return static_cast<std::uint16_t>(found - header.streams.begin());
  if (header.streams.size() == capacity::streams_max) {
    return Error{Errc::no_capacity, "the sources make more than " + std::to_string(capacity::streams_max) + " streams ('" + info.name +
                                        "' is one too many); import fewer files at once"};
  }
  header.streams.push_back(info);
  return static_cast<std::uint16_t>(header.streams.size() - 1);
}

Status ImportPlan::tell(std::uint64_t bytes_of_file) {
  if (!progress || progress(std::min(bytes_done + bytes_of_file, bytes_total), bytes_total)) return {};
  return Error{Errc::interrupted, "the import was interrupted; nothing was written"};
}

void ImportPlan::remark(std::string sentence) {
  if (std::find(report.messages.begin(), report.messages.end(), sentence) == report.messages.end())
    report.messages.push_back(std::move(sentence));
}

Status RowJudge::malformed(Errc code, std::string sentence) {
  if (plan_.options.on_error == OnRowError::stop) {
    return Error{code, std::move(sentence) + "; fix the row or use --on-error skip"};
  }
  if (!counting_) return {};
  ++file_.rows_skipped;
  ++plan_.report.rows_skipped;
  if (quoted_ < kRowMessagesMax) plan_.report.messages.push_back(std::move(sentence));
  ++quoted_;
  return {};
}

Status ImportSource::open() {
  auto opened = TextSource::open(file_.path);
  if (!opened) return opened.error();
  text_ = std::make_unique<TextSource>(std::move(opened.value()));
  return {};
}

Result<bool> ImportSource::next_line(std::string_view& line) {
  while (text_->next(line)) {
    if (!plan_.merging && text_->line_number() % kRowsPerTell == 0) {
      if (const Status told = plan_.tell(text_->bytes_read()); !told) return told.error();
    }
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    judge_.row();
    return true;
  }
  // A damaged file: what came before the damage is good, so skipping goes on with that and says so.
  if (!text_->status().ok()) {
    if (const Status judged = judge_.malformed(text_->status().error().code, text_->status().error().what); !judged) return judged.error();
  }
  return false;
}

std::string ImportSource::sentence(const std::string& column, const std::string& what) const {
  return file_.path.string() + " line " + std::to_string(text_->line_number()) + (column.empty() ? "" : " column " + column) + ": " + what;
}

}  // namespace martinet::importing
