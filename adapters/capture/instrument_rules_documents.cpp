// Rule documents of the venues and the command line's --instrument, as RuleRows.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "adapters/capture/import_json.hpp"
#include "adapters/capture/instrument_rules.hpp"
#include "engine/base/decimal.hpp"

namespace martinet::importing {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string scalar_member(std::string_view object, std::string_view key) { return std::string(json_scalar(json_member(object, key))); }

// A rule of zero means "off" in the venues' documents.
std::string rule_text(std::string_view object, std::string_view key) {
  std::string text = scalar_member(object, key);
  return text.find_first_of("123456789") == std::string::npos ? std::string() : text;
}

// "4" -> "0.0001", multiplied by `last_digit` ("5" -> "0.0005"); empty where either is not a small whole number.
std::string step_text(const std::string& places, const std::string& last_digit) {
  int decimals = 0;
  std::int64_t digit = 0;
  const auto places_read = std::from_chars(places.data(), places.data() + places.size(), decimals);
  if (places_read.ec != std::errc{} || decimals < 0 || decimals > kDecimalsMax) return {};
  if (parse_decimal(last_digit, 0, digit) != Errc::ok || digit <= 0) return {};
  return to_text(digit, decimals);
}

TradingStatus binance_status(std::string_view text) {
  if (text.empty() || text == "TRADING") return TradingStatus::trading;
  return text == "CANCEL_ONLY" ? TradingStatus::close_only : TradingStatus::halted;
}

TradingStatus bitget_status(std::string_view text) {
  if (text.empty() || text == "normal" || text == "online" || text == "gray") return TradingStatus::trading;
  return text == "limit_open" || text == "restrictedAPI" ? TradingStatus::close_only : TradingStatus::halted;
}

Market binance_market(std::string_view url, std::string_view symbol_object) {
  if (contains(url, "/dapi/")) return Market::coinm;
  if (contains(url, "/fapi/")) return Market::usdm;
  if (contains(url, "/api/v")) return Market::spot;
  if (!json_member(symbol_object, "contractSize").empty()) return Market::coinm;
  return json_member(symbol_object, "contractType").empty() ? Market::spot : Market::usdm;
}

void read_filter(std::string_view filter, RuleRow& row) {
  const std::string_view type = json_scalar(json_member(filter, "filterType"));
  if (type == "PRICE_FILTER") {
    row.tick = rule_text(filter, "tickSize");
  } else if (type == "LOT_SIZE") {
    row.lot = rule_text(filter, "stepSize");
    row.qty_min = rule_text(filter, "minQty");
    row.qty_max = rule_text(filter, "maxQty");
  } else if (type == "MIN_NOTIONAL" || type == "NOTIONAL") {
    // Spot names it minNotional, USD-M notional.
    row.notional_min = rule_text(filter, "minNotional");
    if (row.notional_min.empty()) row.notional_min = rule_text(filter, "notional");
  }
}

std::vector<RuleRow> binance_rows(std::string_view symbols, std::string_view url) {
  std::vector<RuleRow> rows;
  (void)json_elements(symbols, [&](std::string_view object) {
    RuleRow row;
    row.venue = Venue::binance;
    row.origin = "exchangeInfo";
    row.market = binance_market(url, object);
    (void)json_members(object, [&](std::string_view key, std::string_view value) {
      if (key == "symbol") row.symbol = json_scalar(value);
      if (key == "baseAsset") row.base = json_scalar(value);
      if (key == "quoteAsset") row.quote = json_scalar(value);
      if (key == "marginAsset") row.settle = json_scalar(value);
      if (key == "status" || key == "contractStatus") row.status = binance_status(json_scalar(value));
      if (key == "filters") (void)json_elements(value, [&row](std::string_view filter) { read_filter(filter, row); });
    });
    if (!row.symbol.empty()) rows.push_back(std::move(row));
  });
  return rows;
}

struct BitgetSuffix {
  std::string_view suffix;
  Market market;
};
// v1 names carry the product: venue documentation v1, "symbol naming". v2 names do not.
constexpr std::array<BitgetSuffix, 4> kBitgetSuffixes = {
    {{"_SPBL", Market::spot}, {"_UMCBL", Market::usdt_futures}, {"_DMCBL", Market::coin_futures}, {"_CMCBL", Market::usdc_futures}}};

Market bitget_market(std::string_view url, std::string_view object, std::string& symbol) {
  for (const BitgetSuffix& known : kBitgetSuffixes) {
    if (symbol.ends_with(known.suffix)) {
      symbol.resize(symbol.size() - known.suffix.size());
      return known.market;
    }
  }
  if (contains(url, "/spot/") || !json_member(object, "pricePrecision").empty()) return Market::spot;
  if (contains(url, "USDC-FUTURES")) return Market::usdc_futures;
  if (contains(url, "COIN-FUTURES")) return Market::coin_futures;
  if (contains(url, "USDT-FUTURES")) return Market::usdt_futures;
  const std::string_view quote = json_scalar(json_member(object, "quoteCoin"));
  return quote == "USDC" ? Market::usdc_futures : quote == "USD" ? Market::coin_futures : Market::usdt_futures;
}

// The first of two names a version of the document uses.
std::string either(std::string_view object, std::string_view first, std::string_view second) {
  std::string text = scalar_member(object, first);
  return text.empty() ? scalar_member(object, second) : text;
}

RuleRow bitget_row(std::string_view object, std::string_view url) {
  RuleRow row;
  row.venue = Venue::bitget;
  row.origin = "contracts";
  row.symbol = scalar_member(object, "symbol");
  row.market = bitget_market(url, object, row.symbol);
  row.base = scalar_member(object, "baseCoin");
  row.quote = scalar_member(object, "quoteCoin");
  row.notional_min = rule_text(object, "minTradeUSDT");
  if (row.market == Market::spot) {
    row.tick = step_text(either(object, "pricePrecision", "priceScale"), "1");
    row.lot = step_text(either(object, "quantityPrecision", "quantityScale"), "1");
    row.qty_min = rule_text(object, "minTradeAmount");
    row.qty_max = rule_text(object, "maxTradeAmount");
    row.status = bitget_status(scalar_member(object, "status"));
  } else {
    row.tick = step_text(scalar_member(object, "pricePlace"), scalar_member(object, "priceEndStep"));
    row.lot = rule_text(object, "sizeMultiplier");
    if (row.lot.empty()) row.lot = step_text(scalar_member(object, "volumePlace"), "1");
    row.qty_min = rule_text(object, "minTradeNum");
    row.qty_max = rule_text(object, "maxOrderQty");
    row.status = bitget_status(scalar_member(object, "symbolStatus"));
  }
  return row;
}

bool is_bitget_row(std::string_view object) {
  return !json_member(object, "baseCoin").empty() &&
         (!json_member(object, "pricePlace").empty() || !json_member(object, "priceScale").empty() ||
          !json_member(object, "pricePrecision").empty());
}

std::optional<ContractKind> kind_named(std::string_view name) {
  for (const ContractKind kind : {ContractKind::spot, ContractKind::linear, ContractKind::inverse, ContractKind::cfd}) {
    if (name_of(kind) == name) return kind;
  }
  return std::nullopt;
}

Error bad_spec(std::string_view text, const std::string& why) {
  return {Errc::usage, "--instrument '" + std::string(text) + "' " + why + "; write SYMBOL:tick=0.1,lot=0.001,min_notional=5,kind=linear"};
}

std::string RuleRow::* spec_field(std::string_view key) {
  constexpr std::array<std::pair<std::string_view, std::string RuleRow::*>, 8> kFields = {{{"tick", &RuleRow::tick},
                                                                                           {"lot", &RuleRow::lot},
                                                                                           {"qty_min", &RuleRow::qty_min},
                                                                                           {"qty_max", &RuleRow::qty_max},
                                                                                           {"min_notional", &RuleRow::notional_min},
                                                                                           {"base", &RuleRow::base},
                                                                                           {"quote", &RuleRow::quote},
                                                                                           {"settle", &RuleRow::settle}}};
  for (const auto& [name, field] : kFields) {
    if (name == key) return field;
  }
  return nullptr;
}

bool is_number_field(std::string RuleRow::* field) {
  return field != &RuleRow::base && field != &RuleRow::quote && field != &RuleRow::settle;
}

}  // namespace

Result<std::vector<RuleRow>> parse_rules_document(std::string_view body, std::string_view url) {
  if (const std::string_view symbols = json_member(body, "symbols"); json_kind(symbols) == '[') {
    std::vector<RuleRow> rows = binance_rows(symbols, url);
    if (!rows.empty()) return rows;
  }
  const std::string_view data = json_kind(body) == '[' ? body : json_member(body, "data");
  std::vector<RuleRow> rows;
  if (json_kind(data) == '[') {
    (void)json_elements(data, [&](std::string_view object) {
      if (is_bitget_row(object)) rows.push_back(bitget_row(object, url));
    });
  }
  if (!rows.empty()) return rows;
  return Error{Errc::unsupported, "is neither a Binance exchangeInfo nor a Bitget contracts, products or symbols document"};
}

Result<RuleRow> parse_instrument_spec(std::string_view text) {
  RuleRow row;
  row.origin = "--instrument";
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return bad_spec(text, "names no symbol or no rule");
  row.symbol = text.substr(0, colon);
  for (std::string_view rest = text.substr(colon + 1); !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view item = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos || equals + 1 == item.size())
      return bad_spec(text, "holds '" + std::string(item) + "', which is no key=value");
    const std::string_view key = item.substr(0, equals);
    const std::string_view value = item.substr(equals + 1);
    if (key == "kind") {
      row.kind = kind_named(value);
      if (!row.kind) return bad_spec(text, "has kind '" + std::string(value) + "', which is not spot, linear, inverse or cfd");
      continue;
    }
    std::string RuleRow::* const field = spec_field(key);
    if (field == nullptr) {
      return bad_spec(
          text, "has key '" + std::string(key) + "', which is not tick, lot, qty_min, qty_max, min_notional, kind, base, quote or settle");
    }
    const int decimals = is_number_field(field) ? decimals_needed(value) : 0;
    const bool positive = !is_number_field(field) || (value[0] != '-' && value.find_first_of("123456789") != std::string_view::npos);
    if (decimals < 0 || decimals > kDecimalsMax || !positive) {
      return bad_spec(text, "has " + std::string(key) + " '" + std::string(value) + "', which is not a plain decimal above zero");
    }
    row.*field = value;
  }
  return row;
}

}  // namespace martinet::importing
