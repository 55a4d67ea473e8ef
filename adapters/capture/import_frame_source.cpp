// Raw WebSocket dumps.
#include <charconv>
#include <map>
#include <utility>

#include "adapters/capture/import_frames.hpp"
#include "adapters/capture/import_json.hpp"
#include "adapters/capture/import_source.hpp"
#include "engine/base/time.hpp"

namespace martinet::importing {
namespace {

// 2001-09-09: an earlier stamp is one in microseconds or coarser, not one in nanoseconds.
constexpr std::int64_t kReceiveNsMin = 1'000'000'000 * kNanosPerSecond;

bool is_binance_market(Market market) { return market == Market::spot || market == Market::usdm || market == Market::coinm; }

class FrameSource final : public ImportSource {
 public:
  FrameSource(ImportPlan& plan, const std::filesystem::path& path) : ImportSource(plan, path, "WebSocket dump") {}

  Status scan() override {
    if (const Status opened = open(); !opened) return opened;
    for (;;) {
      const Result<bool> row = next_row();
      if (!row) return row.error();
      if (!*row) return {};
      if (const Status noted = note_row(); !noted) return noted;
    }
  }

  Status settle() override {
    if (const Status decided = decide_market(); !decided) return decided;
    for (auto& [key, needs] : symbols_) {
      needs.market = venue_ == Venue::binance ? market_ : needs.market;
      if (needs.symbol.empty()) continue;
      const Result<InstrumentId> id = plan_.enter(needs);
      if (!id) return id.error();
      ids_[key] = *id;
    }
    if (const Status rest = settle_rest(); !rest) return rest;
    return settle_streams();
  }

  Status begin() override {
    judge_.second_pass();
    ts_last_ns_ = 0;
    if (const Status opened = open(); !opened) return opened;
    return fetch();
  }

  Status write(CaptureWriter& writer) override {
    if (const Status written = writer.raw_frame(stream_of_row(), ts_ns_, frame_); !written) {
      return Error{written.error().code, sentence("", written.error().what)};
    }
    ++plan_.report.raw_frames;
    if (facts_.kind == FrameKind::binance_rest) ++plan_.report.rest_frames;
    ++file_.records;
    return fetch();
  }

 private:
  Status fetch() {
    const Result<bool> row = next_row();
    if (!row) return row.error();
    ts_next_ns_ = *row ? ts_ns_ : kNever;
    return {};
  }

  // The next good row: ts_ns_, frame_ and facts_ are set.
  Result<bool> next_row() {
    std::string_view line;
    for (;;) {
      const Result<bool> got = next_line(line);
      if (!got || !*got) return got;
      std::string what;
      const Errc error = read_row(line, what);
      if (error == Errc::ok) return true;
      if (error == Errc::old_protocol || error == Errc::unsupported) return Error{error, sentence("", what)};
      if (const Status judged = judge_.malformed(error, sentence("", what)); !judged) return judged.error();
    }
  }

  Errc read_row(std::string_view line, std::string& what) {
    const std::size_t space = line.find(' ');
    const std::string_view digits = line.substr(0, space);
    std::int64_t ts_ns = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ts_ns);
    if (error != std::errc{} || end != digits.data() + digits.size() || ts_ns < kReceiveNsMin) {
      what = "'" + std::string(digits.substr(0, 32)) + "' is not a receive time in nanoseconds since 1970";
      return Errc::bad_row;
    }
    if (space == std::string_view::npos || space + 1 == line.size()) {
      what = "there is no message after the receive time";
      return Errc::bad_row;
    }
    const std::string_view frame = line.substr(space + 1);
    if (frame.size() > capacity::frame_bytes_max) {
      what = "the message has " + std::to_string(frame.size()) + " bytes, more than the " + std::to_string(capacity::frame_bytes_max) +
             " accepted";
      return Errc::frame_too_large;
    }
    if (std::size_t at = 0; frame != "pong" && frame != "ping" && !json_valid(frame, at)) {
      what = "the message is not JSON from byte " + std::to_string(space + 1 + at + 1) + " of the line on";
      return Errc::bad_json;
    }
    return read_facts(ts_ns, frame, what);
  }

  Errc read_facts(std::int64_t ts_ns, std::string_view frame, std::string& what) {
    FrameFacts facts;
    read_frame_facts(frame, facts);
    if (facts.kind == FrameKind::bitget_v1) {
      what = "these are Bitget v1 frames (instType '" + facts.inst_type +
             "'), a protocol Bitget has switched off; this build reads v2: convert or record anew";
      return Errc::old_protocol;
    }
    if (facts.kind == FrameKind::bitget_v3) {
      what = "these are Bitget v3 (unified account) frames, recognised by their 'topic'; this build reads v2: record from the v2 address";
      return Errc::unsupported;
    }
    if (facts.kind == FrameKind::bitget && facts.market == Market::none) {
      what = "Bitget v2 has no instType '" + facts.inst_type + "'";
      return Errc::bad_row;
    }
    if (ts_ns < ts_last_ns_) {
      what = "the receive time goes back by " + std::to_string(ts_last_ns_ - ts_ns) + " ns";
      return Errc::out_of_order;
    }
    ts_last_ns_ = ts_ns_ = ts_ns;
    frame_ = frame;
    facts_ = std::move(facts);
    return Errc::ok;
  }

  // First pass: what the row says about venue, market and symbol.
  Status note_row() {
    if (facts_.kind == FrameKind::other) return {};
    const Venue venue = facts_.kind == FrameKind::bitget ? Venue::bitget : Venue::binance;
    if (venue_ != Venue::none && venue_ != venue) {
      return Error{Errc::config_contradiction, sentence("", "a " + std::string(name_of(venue)) + " message in a file of " +
                                                                std::string(name_of(venue_)) + " messages; split the file by venue")};
    }
    venue_ = venue;
    if (facts_.kind == FrameKind::binance_rest) {
      rest_streams_[facts_.symbol] = 0;
      if (facts_.symbol.empty() && unnamed_rest_line_ == 0) unnamed_rest_line_ = text_->line_number();
      read_frame_numbers(frame_, facts_, needs_of(facts_));
      return {};
    }
    if (venue == Venue::bitget) return note_bitget();
    if (const std::uint32_t sign = facts_.signs & market_sign::strong;
        sign != 0 && (signs_ & market_sign::strong & ~sign) != 0 && !plan_.options.market) {
      return Error{Errc::config_contradiction,
                   sentence("", "this message has the shape of " + words_of(sign) + ", earlier ones that of " +
                                    words_of(signs_ & market_sign::strong) + "; split the file or say --market")};
    }
    signs_ |= facts_.signs;
    SymbolNeeds& needs = needs_of(facts_);
    if (facts_.is_depth) depth_symbols_[facts_.symbol] = true;
    read_frame_numbers(frame_, facts_, needs);
    return {};
  }

  Status note_bitget() {
    const auto forced = plan_.options.market;
    if (forced && *forced != facts_.market) {
      return Error{Errc::config_contradiction, sentence("", "the message says instType " + facts_.inst_type + ", but --market is " +
                                                                std::string(name_of(*forced)) + "; leave --market out for Bitget")};
    }
    markets_[facts_.market] = 0;
    if (market_ == Market::none) market_ = facts_.market;
    if (!facts_.symbol.empty()) read_frame_numbers(frame_, facts_, needs_of(facts_));
    return {};
  }

  static std::string words_of(std::uint32_t signs) {
    std::string text;
    if ((signs & market_sign::spot) != 0) text += "spot";
    if ((signs & market_sign::usdm) != 0) text += std::string(text.empty() ? "" : " and ") + "USD-M";
    if ((signs & market_sign::coinm) != 0) text += std::string(text.empty() ? "" : " and ") + "COIN-M";
    return text;
  }

  SymbolNeeds& needs_of(const FrameFacts& facts) {
    SymbolNeeds& needs = symbols_[{facts.market, facts.symbol}];
    needs.venue = venue_;
    needs.market = facts.market;
    needs.symbol = facts.symbol;
    return needs;
  }

  Status decide_market() {
    if (venue_ != Venue::binance) {
      if (venue_ != Venue::none) return {};
      return Error{Errc::unsupported, file_.path.string() + " holds no message of a venue this build reads (Binance, Bitget v2)"};
    }
    if (plan_.options.market) {
      market_ = *plan_.options.market;
      if (is_binance_market(market_)) return {};
      return Error{Errc::config_contradiction, file_.path.string() + " holds Binance messages, but --market is " +
                                                   std::string(name_of(market_)) + "; Binance has spot, usdm and coinm"};
    }
    const std::uint32_t signs = signs_;
    if ((signs & market_sign::strong) != 0) {
      market_ = (signs & market_sign::spot) != 0 ? Market::spot : (signs & market_sign::usdm) != 0 ? Market::usdm : Market::coinm;
      return {};
    }
    const std::uint32_t weak = signs & (market_sign::weak_spot | market_sign::weak_usdm);
    if (weak == market_sign::weak_spot || weak == market_sign::weak_usdm) {
      market_ = weak == market_sign::weak_spot ? Market::spot : Market::usdm;
      plan_.remark(file_.path.string() + ": market " + std::string(name_of(market_)) +
                   " is guessed from the decimals of its klines; say --market if that is wrong");
      return {};
    }
    return Error{Errc::config_missing,
                 file_.path.string() + ": its messages do not show which Binance market they are from; say --market spot, usdm or coinm"};
  }

  // REST answers that name no symbol belong to the one symbol whose depth stream the file holds.
  Status settle_rest() {
    if (unnamed_rest_line_ == 0) return {};
    if (depth_symbols_.size() != 1) {
      return Error{Errc::config_missing, file_.path.string() + " line " + std::to_string(unnamed_rest_line_) +
                                             ": a REST depth answer without a symbol in a file with depth streams of " +
                                             std::to_string(depth_symbols_.size()) +
                                             " symbols; put the answers into a file of lines with url, recv_ns and body"};
    }
    SymbolNeeds needs = symbols_[{Market::none, std::string()}];
    needs.symbol = depth_symbols_.begin()->first;
    needs.market = market_;
    const Result<InstrumentId> id = plan_.enter(needs);
    if (!id) return id.error();
    ids_[{Market::none, std::string()}] = *id;
    return {};
  }

  Status settle_streams() {
    if (venue_ == Venue::binance) markets_[market_] = 0;
    for (auto& [market, stream] : markets_) {
      const std::string name = std::string(name_of(venue_)) + " " + std::string(name_of(market));
      const Result<std::uint16_t> entered = plan_.stream({venue_, market, StreamKind::public_ws, kNoInstrument, name});
      if (!entered) return entered.error();
      stream = *entered;
    }
    for (auto& [symbol, stream] : rest_streams_) {
      const InstrumentId id = ids_[{Market::none, symbol}];
      const std::string name = "binance " + std::string(name_of(market_)) + " depth answers " + plan_.symbols[id].symbol;
      const Result<std::uint16_t> entered = plan_.stream({venue_, market_, StreamKind::rest_depth, id, name});
      if (!entered) return entered.error();
      stream = *entered;
    }
    return {};
  }

  std::uint16_t stream_of_row() {
    if (facts_.kind == FrameKind::binance_rest) return rest_streams_[facts_.symbol];
    return markets_[facts_.kind == FrameKind::bitget ? facts_.market : market_];
  }

  using Key = std::pair<Market, std::string>;  // ordered, so that instrument ids do not depend on anything but the file

  std::int64_t ts_ns_ = 0;
  std::int64_t ts_last_ns_ = 0;
  std::string_view frame_;
  FrameFacts facts_;

  Venue venue_ = Venue::none;
  Market market_ = Market::none;  // Binance: the file's; Bitget: the first one met
  std::uint32_t signs_ = 0;
  std::map<Key, SymbolNeeds> symbols_;
  std::map<Key, InstrumentId> ids_;
  std::map<std::string, bool> depth_symbols_;
  std::map<Market, std::uint16_t> markets_;            // public streams
  std::map<std::string, std::uint16_t> rest_streams_;  // of answers in line, by the symbol they name; "" = they name none
  std::uint64_t unnamed_rest_line_ = 0;                // first of those
};

}  // namespace

std::unique_ptr<ImportSource> make_frame_source(ImportPlan& plan, const std::filesystem::path& path) {
  return std::make_unique<FrameSource>(plan, path);
}

}  // namespace martinet::importing
