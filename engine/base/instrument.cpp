#include "engine/base/instrument.hpp"

#include <limits>
#include <string>

#include "engine/base/decimal.hpp"

namespace martinet {
namespace {

using Wide = __int128;

Errc narrow(Wide value, std::int64_t& out) noexcept {
  if (value > std::numeric_limits<std::int64_t>::max() || value < std::numeric_limits<std::int64_t>::min()) return Errc::overflow;
  out = static_cast<std::int64_t>(value);
  return Errc::ok;
}

constexpr Wide div_down(Wide numerator, Wide denominator) noexcept {
  const Wide quotient = numerator / denominator;
  return numerator % denominator != 0 && (numerator < 0) ? quotient - 1 : quotient;
}
constexpr Wide div_up(Wide numerator, Wide denominator) noexcept {
  const Wide quotient = numerator / denominator;
  return numerator % denominator != 0 && (numerator > 0) ? quotient + 1 : quotient;
}

// distance * qty fits 126 bits; times value_num may not: value_num is at most 1e8 for any grid we build from decimals.
Errc product(const Instrument& instrument, Price distance, Qty qty, Wide& out) noexcept {
  Wide area = static_cast<Wide>(distance.v) * qty.v;
  if (__builtin_mul_overflow(area, static_cast<Wide>(instrument.value_num), &out)) return Errc::overflow;
  return Errc::ok;
}

std::size_t hash(Venue venue, Market market, std::string_view symbol) noexcept {
  // FNV-1a, 64 bit (http://www.isthe.com/chongo/tech/comp/fnv/); never iterated, so its order decides nothing.
  std::uint64_t h = 14695981039346656037ULL;
  const auto mix = [&h](unsigned char c) { h = (h ^ c) * 1099511628211ULL; };
  mix(static_cast<unsigned char>(venue));
  mix(static_cast<unsigned char>(market));
  for (const char c : symbol) mix(static_cast<unsigned char>(c));
  return static_cast<std::size_t>(h ^ (h >> 32));
}

}  // namespace

Errc set_linear_value(Instrument& instrument) noexcept {
  const int decimals = instrument.price_decimals + instrument.qty_decimals - kMoneyDecimals;
  if (decimals > kDecimalsMax) return Errc::number_too_large;
  instrument.value_num = decimals >= 0 ? 1 : static_cast<std::uint64_t>(pow10_i64(-decimals));
  instrument.value_den = decimals >= 0 ? static_cast<std::uint64_t>(pow10_i64(decimals)) : 1;
  return Errc::ok;
}

Errc money_of_down(const Instrument& instrument, Price distance, Qty qty, Money& out) noexcept {
  Wide value = 0;
  if (const Errc error = product(instrument, distance, qty, value); error != Errc::ok) return error;
  return narrow(div_down(value, static_cast<Wide>(instrument.value_den)), out.v);
}

Errc money_of_up(const Instrument& instrument, Price distance, Qty qty, Money& out) noexcept {
  Wide value = 0;
  if (const Errc error = product(instrument, distance, qty, value); error != Errc::ok) return error;
  return narrow(div_up(value, static_cast<Wide>(instrument.value_den)), out.v);
}

Errc fee_of_up(Money money, Rate rate, Money& out) noexcept {
  const Wide value = static_cast<Wide>(money.v) * rate.v;
  return narrow(value >= 0 ? div_up(value, kRateUnit) : div_down(value, kRateUnit), out.v);
}

Errc mul_div_down(std::int64_t value, std::int64_t numerator, std::int64_t denominator, std::int64_t& out) noexcept {
  return narrow(div_down(static_cast<Wide>(value) * numerator, denominator), out);
}
Errc mul_div_up(std::int64_t value, std::int64_t numerator, std::int64_t denominator, std::int64_t& out) noexcept {
  return narrow(div_up(static_cast<Wide>(value) * numerator, denominator), out);
}

InstrumentTable::InstrumentTable() {
  rows_.reserve(capacity::instruments_max);
  slots_.fill(kNoInstrument);
}

Result<InstrumentId> InstrumentTable::add(Instrument instrument) {
  const std::string_view symbol = instrument.symbol.view();
  if (const InstrumentId known = find(instrument.venue, instrument.market, symbol); known != kNoInstrument) return known;
  if (rows_.size() == capacity::instruments_max) {
    return Error{Errc::too_many_instruments,
                 "the instrument table holds " + std::to_string(capacity::instruments_max) + " rows; leave some symbols out"};
  }
  if (instrument.rules.tick_size.v <= 0 || instrument.rules.lot_size.v <= 0 || instrument.value_den == 0) {
    return Error{Errc::bad_number, "instrument " + std::string(symbol) + " has a tick or lot size that is not positive"};
  }
  const auto id = static_cast<InstrumentId>(rows_.size());
  instrument.id = id;
  rows_.push_back(instrument);
  std::size_t slot = hash(instrument.venue, instrument.market, symbol) % kSlots;
  while (slots_[slot] != kNoInstrument) slot = (slot + 1) % kSlots;
  slots_[slot] = id;
  return id;
}

InstrumentId InstrumentTable::find(Venue venue, Market market, std::string_view symbol) const noexcept {
  for (std::size_t slot = hash(venue, market, symbol) % kSlots; slots_[slot] != kNoInstrument; slot = (slot + 1) % kSlots) {
    const Instrument& row = rows_[slots_[slot]];
    if (row.venue == venue && row.market == market && row.symbol.view() == symbol) return row.id;
  }
  return kNoInstrument;
}

std::string_view name_of(Venue venue) noexcept {
  constexpr std::array<std::string_view, 5> kNames = {"none", "bitget", "binance", "mt5", "file"};
  return kNames[static_cast<std::size_t>(venue)];
}
std::string_view name_of(Market market) noexcept {
  constexpr std::array<std::string_view, 8> kNames = {"none", "spot", "usdm", "coinm", "usdt_futures", "coin_futures", "usdc_futures", "cfd"};
  return kNames[static_cast<std::size_t>(market)];
}
std::string_view name_of(ContractKind kind) noexcept {
  constexpr std::array<std::string_view, 4> kNames = {"spot", "linear", "inverse", "cfd"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace martinet
