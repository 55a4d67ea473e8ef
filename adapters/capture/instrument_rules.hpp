#pragma once
// Where an instrument's grid and rules come from: what the user says, else the venue's own documents, else the finest decimals seen.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/capture/import_needs.hpp"
#include "engine/base/instrument.hpp"
#include "engine/base/result.hpp"

namespace martinet::importing {

/// What one source says about one symbol; numbers are plain decimal text, empty where it does not say.
struct RuleRow {
  Venue venue = Venue::none;  ///< none: any (given by the user)
  Market market = Market::none;
  std::string symbol;
  std::string base, quote, settle;
  std::string tick, lot, qty_min, qty_max, notional_min;
  std::optional<ContractKind> kind;
  TradingStatus status = TradingStatus::trading;
  std::string origin;  ///< "exchangeInfo", "contracts", "--instrument"
};

/// Reads a venue's rule document: Binance exchangeInfo (spot, USD-M, COIN-M), Bitget contracts (v1, v2), spot products (v1) and
/// symbols (v2). The market follows from `url` where given, else from the document.
/// in    body: one valid JSON value
/// fails unsupported: no such document
/// from  venue documentation read 2025-01; fields as in the recorded documents of 2021 (Binance) and 2022 (Bitget v1)
Result<std::vector<RuleRow>> parse_rules_document(std::string_view body, std::string_view url);

/// Reads "BTCUSDT:tick=0.1,lot=0.001,min_notional=5,kind=linear". Keys: tick, lot, qty_min, qty_max, min_notional, kind (spot,
/// linear, inverse, cfd), base, quote, settle.
/// fails usage
Result<RuleRow> parse_instrument_spec(std::string_view text);

/// "BTCUSDT" -> BTC, USDT; "BTCUSD_PERP" -> BTC, USD. False (and untouched) where no known quote asset ends the symbol.
bool split_symbol(std::string_view symbol, std::string& base, std::string& quote);

struct BuiltInstrument {
  Instrument instrument;
  std::string rules_from;
};

/// Makes the instrument. Each rule is taken from the first of `sources` that states it; tick and lot nobody states are the
/// finest decimals seen, and rules_assumed is set. The grid holds every number seen and every rule, plus two spare decimals
/// where 64 bits have room for them with two digits to spare.
/// fails number_too_large (the numbers do not fit one grid), bad_number (a rule that is not a positive decimal)
Result<BuiltInstrument> build_instrument(const SymbolNeeds& needs, ContractKind default_kind, const std::vector<const RuleRow*>& sources);

/// The kind of a market's contracts; nothing for Market::none.
std::optional<ContractKind> kind_of(Market market) noexcept;

}  // namespace martinet::importing
