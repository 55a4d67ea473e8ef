// Files of REST answers, and rule documents.
#include <charconv>
#include <map>
#include <utility>

#include "adapters/capture/import_frames.hpp"
#include "adapters/capture/import_json.hpp"
#include "adapters/capture/import_source.hpp"
#include "engine/base/time.hpp"

namespace martinet::importing {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool is_rules_url(std::string_view url) {
  return contains(url, "/exchangeInfo") || contains(url, "/contracts") || contains(url, "/public/products") ||
         contains(url, "/public/symbols");
}

/// Binance depth addresses: spot /api/v3/depth, USD-M /fapi/v1/depth, COIN-M /dapi/v1/depth (venue documentation, "Order book").
Market market_of_depth_url(std::string_view url) {
  if (!contains(url, "/depth")) return Market::none;
  if (contains(url, "/fapi/")) return Market::usdm;
  if (contains(url, "/dapi/")) return Market::coinm;
  return contains(url, "/api/v") ? Market::spot : Market::none;
}

std::string_view symbol_of_url(std::string_view url) {
  for (const std::string_view name : {std::string_view("?symbol="), std::string_view("&symbol=")}) {
    const std::size_t at = url.find(name);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = url.substr(at + name.size());
    return rest.substr(0, rest.find('&'));
  }
  return {};
}

class RestSource final : public ImportSource {
 public:
  RestSource(ImportPlan& plan, const std::filesystem::path& path) : ImportSource(plan, path, "REST answers") {}

  Status scan() override {
    if (const Status opened = open(); !opened) return opened;
    for (;;) {
      const Result<bool> row = next_row(true);
      if (!row) return row.error();
      if (!*row) return {};
      SymbolNeeds& needs = symbols_[{market_, symbol_}];
      needs.venue = Venue::binance;
      needs.market = market_;
      needs.symbol = symbol_;
      read_depth_numbers(body_, needs);
    }
  }

  Status settle() override {
    for (const auto& [key, needs] : symbols_) {
      const Result<InstrumentId> id = plan_.enter(needs);
      if (!id) return id.error();
      const std::string name = "binance " + std::string(name_of(needs.market)) + " depth answers " + needs.symbol;
      const Result<std::uint16_t> stream = plan_.stream({Venue::binance, needs.market, StreamKind::rest_depth, *id, name});
      if (!stream) return stream.error();
      streams_[key] = *stream;
    }
    return {};
  }

  Status begin() override {
    judge_.second_pass();
    ts_last_ns_ = 0;
    if (const Status opened = open(); !opened) return opened;
    return fetch();
  }

  Status write(CaptureWriter& writer) override {
    if (const Status written = writer.raw_frame(streams_[{market_, symbol_}], ts_ns_, body_); !written) {
      return Error{written.error().code, sentence("", written.error().what)};
    }
    ++plan_.report.raw_frames;
    ++plan_.report.rest_frames;
    ++file_.records;
    return fetch();
  }

 private:
  using Key = std::pair<Market, std::string>;

  Status fetch() {
    const Result<bool> row = next_row(false);
    if (!row) return row.error();
    ts_next_ns_ = *row ? ts_ns_ : kNever;
    return {};
  }

  // The next depth answer: ts_ns_, body_, market_ and symbol_ are set. Rule documents on the way are taken (first pass) or passed.
  Result<bool> next_row(bool take_rules) {
    std::string_view line;
    for (;;) {
      const Result<bool> got = next_line(line);
      if (!got || !*got) return got;
      std::string what;
      bool is_rules = false;
      const Errc error = read_row(line, take_rules, is_rules, what);
      if (error == Errc::ok && !is_rules) return true;
      if (error == Errc::ok) continue;
      if (const Status judged = judge_.malformed(error, sentence("", what)); !judged) return judged.error();
    }
  }

  Errc read_row(std::string_view line, bool take_rules, bool& is_rules, std::string& what) {
    if (std::size_t at = 0; !json_valid(line, at)) {
      what = "the line is not JSON from byte " + std::to_string(at + 1) + " on";
      return Errc::bad_json;
    }
    const std::string_view url = json_scalar(json_member(line, "url"));
    const std::string_view body = json_member(line, "body");
    if (url.empty() || body.empty()) {
      what = "the line has no url and body";
      return Errc::missing_field;
    }
    is_rules = is_rules_url(url);
    return is_rules ? read_rules(url, body, take_rules, what) : read_depth(line, url, body, what);
  }

  Errc read_rules(std::string_view url, std::string_view body, bool take_rules, std::string& what) {
    Result<std::vector<RuleRow>> rows = parse_rules_document(body, url);
    if (!rows) {
      what = "the body " + rows.error().what;
      return rows.error().code;
    }
    if (take_rules) plan_.rules.insert(plan_.rules.end(), rows->begin(), rows->end());
    return Errc::ok;
  }

  Errc read_depth(std::string_view line, std::string_view url, std::string_view body, std::string& what) {
    const Market market = market_of_depth_url(url);
    const std::string_view symbol = symbol_of_url(url);
    if (market == Market::none || symbol.empty()) {
      what = "'" + std::string(url.substr(0, 120)) + "' is neither a Binance depth answer with a symbol nor a rule document";
      return Errc::unsupported;
    }
    if (json_member(body, "lastUpdateId").empty() || json_member(body, "bids").empty()) {
      what = "the body is not a depth answer: lastUpdateId or bids is missing";
      return Errc::missing_field;
    }
    if (body.size() > capacity::frame_bytes_max) {
      what = "the body has " + std::to_string(body.size()) + " bytes, more than the " + std::to_string(capacity::frame_bytes_max) +
             " accepted";
      return Errc::frame_too_large;
    }
    const std::string_view digits = json_scalar(json_member(line, "recv_ns"));
    std::int64_t ts_ns = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ts_ns);
    if (error != std::errc{} || end != digits.data() + digits.size() || ts_ns <= 0) {
      what = "recv_ns is '" + std::string(digits) + "', not nanoseconds since 1970";
      return Errc::bad_row;
    }
    if (ts_ns < ts_last_ns_) {
      what = "the receive time goes back by " + std::to_string(ts_last_ns_ - ts_ns) + " ns";
      return Errc::out_of_order;
    }
    ts_last_ns_ = ts_ns_ = ts_ns;
    body_ = body;
    market_ = market;
    symbol_ = symbol;
    return Errc::ok;
  }

  std::int64_t ts_ns_ = 0;
  std::int64_t ts_last_ns_ = 0;
  std::string_view body_;
  Market market_ = Market::none;
  std::string symbol_;
  std::map<Key, SymbolNeeds> symbols_;
  std::map<Key, std::uint16_t> streams_;
};

class RulesSource final : public ImportSource {
 public:
  RulesSource(ImportPlan& plan, const std::filesystem::path& path) : ImportSource(plan, path, "rules document") {}

  Status scan() override {
    if (const Status opened = open(); !opened) return opened;
    std::string document;
    for (std::string_view line; text_->next(line);) {
      if (document.size() + line.size() > kTextLineBytesMax) {
        return Error{Errc::frame_too_large,
                     file_.path.string() + " is longer than " + std::to_string(kTextLineBytesMax >> 20) + " MiB; it is no rule document"};
      }
      document.append(line).push_back('\n');
    }
    if (!text_->status().ok()) return text_->status();
    if (std::size_t at = 0; !json_valid(document, at)) {
      return Error{Errc::bad_json, file_.path.string() + " begins like JSON but is not valid from byte " + std::to_string(at + 1) +
                                       " on; a dump needs lines of a receive time in ns, a space and the message"};
    }
    Result<std::vector<RuleRow>> rows = parse_rules_document(document, {});
    if (!rows) return Error{rows.error().code, file_.path.string() + " " + rows.error().what};
    file_.rows = rows->size();
    plan_.rules.insert(plan_.rules.end(), rows->begin(), rows->end());
    return {};
  }
  Status settle() override { return {}; }
  Status begin() override { return {}; }
  Status write(CaptureWriter&) override { return {}; }
};

}  // namespace

std::unique_ptr<ImportSource> make_rest_source(ImportPlan& plan, const std::filesystem::path& path) {
  return std::make_unique<RestSource>(plan, path);
}
std::unique_ptr<ImportSource> make_rules_source(ImportPlan& plan, const std::filesystem::path& path) {
  return std::make_unique<RulesSource>(plan, path);
}

}  // namespace martinet::importing
