#include <fmt/format.h>

#include <array>
#include <fstream>
#include <map>

#include "adapters/capture/capture_inspect.hpp"
#include "adapters/capture/capture_reader.hpp"
#include "engine/app/journal_text.hpp"
#include "engine/app/replay_input.hpp"
#include "engine/cold/journal/journal_reader.hpp"
#include "tools/martinet/command.hpp"

namespace martinet::cli {
namespace {

bool starts_as_journal(const std::filesystem::path& file) {
  std::array<char, 8> magic{};
  std::ifstream in(file, std::ios::binary);
  in.read(magic.data(), magic.size());
  return in.gcount() == static_cast<std::streamsize>(magic.size()) && magic == journal::kMagic;
}

int inspect_journal(const InspectArguments& arguments) {
  const Result<JournalSummary> summary = summarise_journal(arguments.file);
  if (!summary) return fail(summary.error());
  fmt::print("{}", arguments.json ? journal_json(*summary) + "\n" : journal_text(*summary));
  if (arguments.head == 0) return 0;
  const Status listed = list_journal(arguments.file, arguments.head, [](const std::string& line) { fmt::print("{}\n", line); });
  return listed ? 0 : fail(listed.error());
}

/// Names the channel of a frame by decoding it, as the engine would.
class Namer {
 public:
  explicit Namer(const CaptureHeader& header) : decoder_(header.instruments, header.streams), streams_(header.streams), frame_(std::make_unique<DecodedFrame>()) {}
  std::string_view operator()(const StreamInfo& stream, std::string_view frame) {
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (streams_[i] != stream) continue;
      const Errc error = decoder_.decode(static_cast<std::uint16_t>(i), frame, 1, *frame_);
      if (error == Errc::ok) return name_of(frame_->channel);
      text_ = fmt::format("refused ({})", name_of(error));
      return text_;
    }
    return "frame";
  }

 private:
  FrameDecoder decoder_;
  const std::vector<StreamInfo>& streams_;
  std::unique_ptr<DecodedFrame> frame_;
  std::string text_;
};

int inspect_capture_file(const InspectArguments& arguments) {
  Result<CaptureReader> reader = CaptureReader::open(arguments.file);
  if (!reader) return fail(reader.error());
  const CaptureHeader header = reader->header();
  auto namer = std::make_shared<Namer>(header);
  const Result<capture::CaptureSummary> summary =
      capture::inspect_capture(arguments.file, {}, [namer](const StreamInfo& stream, std::string_view frame) { return (*namer)(stream, frame); });
  if (!summary) return fail(summary.error());
  fmt::print("{}", arguments.json ? capture::summary_json(*summary) + "\n" : capture::summary_text(*summary));
  if (arguments.head == 0) return 0;
  const Status listed = capture::list_records(arguments.file, arguments.head, 160, [](std::string_view line) { fmt::print("{}\n", line); });
  return listed ? 0 : fail(listed.error());
}

}  // namespace

int run_inspect(const InspectArguments& arguments) {
  return starts_as_journal(arguments.file) ? inspect_journal(arguments) : inspect_capture_file(arguments);
}

}  // namespace martinet::cli
