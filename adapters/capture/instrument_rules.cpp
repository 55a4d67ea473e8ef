#include "adapters/capture/instrument_rules.hpp"

#include <algorithm>
#include <array>

#include "engine/base/decimal.hpp"

namespace martinet::importing {
namespace {

constexpr int kSpareDecimals = 2;        // DESIGN section 5: the venue's decimals plus two
constexpr int kUnseenPriceDecimals = 8;  // every venue read stays within eight
constexpr int kUnseenQtyDecimals = 4;    // a lot of 0.0001 is small money in bitcoin and in currencies, and room is left for large sizes
constexpr int kDigitsComfort = 16;       // of the 18 that always fit 64 bits: sums of a hundred largest values still fit
constexpr int kDecimalsTotalMax = kDecimalsMax + kMoneyDecimals;  // set_linear_value

// Quote assets of the venues read. Those that end in another one come before it and need a base of three letters or more, so that
// BNBUSD is not BN against BUSD. The names are for people and for the account currency; no number depends on the split.
constexpr std::array<std::string_view, 16> kQuotes = {"FDUSD", "USDT", "USDC", "TUSD", "BUSD", "USD", "EUR", "GBP",
                                                      "JPY",   "CHF",  "AUD",  "TRY",  "BRL",  "BTC", "ETH", "BNB"};

// The first source that states `field`.
const RuleRow* stated(const std::vector<const RuleRow*>& sources, std::string RuleRow::* field) {
  for (const RuleRow* row : sources) {
    if (!(row->*field).empty()) return row;
  }
  return nullptr;
}

std::string value_or_empty(const std::vector<const RuleRow*>& sources, std::string RuleRow::* field) {
  const RuleRow* const row = stated(sources, field);
  return row == nullptr ? std::string() : row->*field;
}

struct Grid {
  int decimals = 0;
  bool fits = true;
};

Grid choose_grid(int decimals, int integers) {
  Grid grid;
  grid.decimals = std::max(decimals, std::min(decimals + kSpareDecimals, kDigitsComfort - integers));
  grid.fits = decimals + integers <= kDecimalsMax;
  return grid;
}

int integer_digits(std::string_view plain_decimal) {
  ImportNumber number;
  return parse_import_number(plain_decimal, true, number) == Errc::ok ? integer_digits_of(number) : 0;
}

// Decimals of a rule, or -1 where there is none.
int rule_decimals(const std::string& text) { return text.empty() ? -1 : decimals_needed(text); }

Error bad_rule(const std::string& symbol, const char* rule, const std::string& text) {
  return {Errc::bad_number, "the " + std::string(rule) + " of " + symbol + " is '" + text + "'; it must be a plain decimal above zero"};
}

Status set_rule(const std::string& symbol, const char* name, const std::string& text, int decimals, std::int64_t& value) {
  if (text.empty()) return {};
  std::int64_t parsed = 0;
  if (parse_decimal(text, decimals, parsed) != Errc::ok || parsed < 0) return bad_rule(symbol, name, text);
  value = parsed;
  return {};
}

// Fills `grid` and the tick or lot; `seen` is the finest step seen where nobody states one.
Status set_step(const std::string& symbol, const char* name, const std::string& text, int decimals, int seen, std::int64_t& step) {
  if (text.empty()) {
    step = pow10_i64(decimals - seen);
    return {};
  }
  if (const Status status = set_rule(symbol, name, text, decimals, step); !status) return status;
  if (step <= 0) return bad_rule(symbol, name, text);
  return {};
}

void set_assets(Instrument& instrument, const std::string& symbol, const std::vector<const RuleRow*>& sources) {
  std::string base = value_or_empty(sources, &RuleRow::base);
  std::string quote = value_or_empty(sources, &RuleRow::quote);
  if (base.empty() && quote.empty()) split_symbol(symbol, base, quote);
  std::string settle = value_or_empty(sources, &RuleRow::settle);
  if (settle.empty()) settle = instrument.kind == ContractKind::inverse ? base : quote;
  // A name longer than its field stays empty ("may be empty where unknown"): nothing computes with it.
  (void)instrument.base.assign(base);
  (void)instrument.quote.assign(quote);
  (void)instrument.settle.assign(settle);
}

std::string seen_words(const SymbolNeeds& needs, bool tick_seen, bool lot_seen) {
  const bool any_price = needs.price_decimals_any >= 0;
  const bool any_qty = needs.qty_decimals >= 0;
  if (tick_seen && lot_seen && any_price && any_qty) return "finest decimals seen";
  std::string text;
  if (tick_seen) text = any_price ? "finest price decimals seen" : "no price seen";
  if (lot_seen) text += std::string(text.empty() ? "" : " + ") + (any_qty ? "finest quantity decimals seen" : "no quantity seen");
  return text;
}

std::string origin_of(const SymbolNeeds& needs, const std::vector<const RuleRow*>& sources, bool tick_seen, bool lot_seen) {
  std::vector<std::string> origins;
  const auto add = [&origins](const std::string& origin) {
    if (std::find(origins.begin(), origins.end(), origin) == origins.end()) origins.push_back(origin);
  };
  for (const RuleRow* row : sources) {
    if (stated(sources, &RuleRow::tick) == row || stated(sources, &RuleRow::lot) == row) add(row->origin);
  }
  if (tick_seen || lot_seen) add(seen_words(needs, tick_seen, lot_seen));
  std::string text;
  for (const std::string& origin : origins) text += (text.empty() ? "" : " + ") + origin;
  return text;
}

}  // namespace

std::optional<ContractKind> kind_of(Market market) noexcept {
  switch (market) {
    case Market::spot:
      return ContractKind::spot;
    case Market::usdm:
    case Market::usdt_futures:
    case Market::usdc_futures:
      return ContractKind::linear;
    case Market::coinm:
    case Market::coin_futures:
      return ContractKind::inverse;
    case Market::cfd:
      return ContractKind::cfd;
    case Market::none:
      break;
  }
  return std::nullopt;
}

bool split_symbol(std::string_view symbol, std::string& base, std::string& quote) {
  const std::string_view pair = symbol.substr(0, symbol.find('_'));
  for (const std::string_view candidate : kQuotes) {
    const std::size_t base_size_min = candidate.size() > 3 && candidate.ends_with("USD") ? 3 : 1;
    if (pair.size() >= candidate.size() + base_size_min && pair.ends_with(candidate)) {
      base = pair.substr(0, pair.size() - candidate.size());
      quote = candidate;
      while (!base.empty() && (base.back() == '-' || base.back() == '/')) base.pop_back();
      return true;
    }
  }
  return false;
}

Result<BuiltInstrument> build_instrument(const SymbolNeeds& needs, ContractKind default_kind, const std::vector<const RuleRow*>& sources) {
  BuiltInstrument built;
  Instrument& instrument = built.instrument;
  if (!instrument.symbol.assign(needs.symbol)) {
    return Error{Errc::number_too_large,
                 "the symbol " + needs.symbol + " is longer than " + std::to_string(instrument.symbol.bytes.size()) + " bytes"};
  }
  instrument.venue = needs.venue;
  instrument.market = needs.market;
  instrument.kind = default_kind;
  for (const RuleRow* row : sources) {
    if (row->kind) {
      instrument.kind = *row->kind;
      break;
    }
  }

  const std::string tick = value_or_empty(sources, &RuleRow::tick);
  const std::string lot = value_or_empty(sources, &RuleRow::lot);
  const std::string qty_min = value_or_empty(sources, &RuleRow::qty_min);
  const std::string qty_max = value_or_empty(sources, &RuleRow::qty_max);
  const int price_seen = needs.price_decimals >= 0       ? needs.price_decimals
                         : needs.price_decimals_any >= 0 ? needs.price_decimals_any
                                                         : kUnseenPriceDecimals;
  const int qty_seen = needs.qty_decimals >= 0 ? needs.qty_decimals : kUnseenQtyDecimals;
  const int price_needed = std::max({needs.price_decimals_any, rule_decimals(tick), tick.empty() ? price_seen : 0});
  const int qty_needed = std::max({needs.qty_decimals, rule_decimals(lot), rule_decimals(qty_min), lot.empty() ? qty_seen : 0});
  Grid price = choose_grid(price_needed, std::max(needs.price_integers, integer_digits(tick)));
  Grid qty = choose_grid(qty_needed, std::max({needs.qty_integers, integer_digits(lot), integer_digits(qty_min)}));
  while (price.decimals + qty.decimals > kDecimalsTotalMax && qty.decimals > qty_needed) --qty.decimals;
  while (price.decimals + qty.decimals > kDecimalsTotalMax && price.decimals > price_needed) --price.decimals;
  if (!price.fits || !qty.fits || price.decimals + qty.decimals > kDecimalsTotalMax) {
    return Error{Errc::number_too_large, "the numbers of " + needs.symbol + " need " + std::to_string(price_needed) + " price and " +
                                             std::to_string(qty_needed) +
                                             " quantity decimals, which do not fit 64 bits with values this large"};
  }
  instrument.price_decimals = static_cast<std::uint8_t>(price.decimals);
  instrument.qty_decimals = static_cast<std::uint8_t>(qty.decimals);

  InstrumentRules& rules = instrument.rules;
  if (const Status s = set_step(needs.symbol, "tick", tick, price.decimals, price_seen, rules.tick_size.v); !s) return s.error();
  if (const Status s = set_step(needs.symbol, "lot", lot, qty.decimals, qty_seen, rules.lot_size.v); !s) return s.error();
  rules.qty_min = Qty{rules.lot_size.v};
  if (const Status s = set_rule(needs.symbol, "qty_min", qty_min, qty.decimals, rules.qty_min.v); !s) return s.error();
  if (rules.qty_min.v == 0) rules.qty_min = Qty{rules.lot_size.v};
  // A maximum beyond 64 bits of the grid is no limit that an order on that grid could reach.
  if (!qty_max.empty() && integer_digits(qty_max) + qty.decimals <= kDecimalsMax) {
    if (const Status s = set_rule(needs.symbol, "qty_max", qty_max, qty.decimals, rules.qty_max.v); !s) return s.error();
  }
  const std::string notional = value_or_empty(sources, &RuleRow::notional_min);
  if (const Status s = set_rule(needs.symbol, "min_notional", notional, kMoneyDecimals, rules.notional_min.v); !s) return s.error();
  for (const RuleRow* row : sources) {
    if (row->status != TradingStatus::trading) rules.status = row->status;
  }

  set_assets(instrument, needs.symbol, sources);
  if (set_linear_value(instrument) != Errc::ok) {
    return Error{Errc::number_too_large, "the grid of " + needs.symbol + " is too fine for money of 1e-8"};
  }
  instrument.rules_assumed = tick.empty() || lot.empty() ? 1 : 0;
  built.rules_from = origin_of(needs, sources, tick.empty(), lot.empty());
  return built;
}

}  // namespace martinet::importing
