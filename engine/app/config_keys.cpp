#include "engine/app/config_keys.hpp"

#include <fmt/format.h>

#include <cmath>

namespace martinet {
namespace {

// A key's row in the table below: where it lives in EngineConfig is a function from the configuration to the member.
template <class Member>
using Access = Member& (*)(EngineConfig&);

template <class Member>
const Member& read(Access<Member> member, const EngineConfig& config) {
  return member(const_cast<EngineConfig&>(config));  // the accessors only name a member
}

ConfigKey row(std::string path, ConfigType type, std::string unit, double min, double max, std::string doc) {
  ConfigKey key;
  key.path = std::move(path);
  key.type = type;
  key.unit = std::move(unit);
  key.min = min;
  key.max = max;
  key.doc = std::move(doc);
  return key;
}

/// A whole number; the member holds it times `scale` (a key in ms, a member in ns: 1'000'000).
template <class Member>
ConfigKey integer(std::string path, std::string unit, double min, double max, std::string doc, Access<Member> member, std::int64_t scale = 1) {
  ConfigKey key = row(std::move(path), ConfigType::integer, std::move(unit), min, max, std::move(doc));
  key.set = [member, scale](EngineConfig& config, const ConfigValue& value) { member(config) = static_cast<Member>(std::get<std::int64_t>(value) * scale); };
  key.get = [member, scale](const EngineConfig& config) -> ConfigValue { return static_cast<std::int64_t>(read(member, config)) / scale; };
  return key;
}

// Between a decimal in a file and units of 1e-8. In long double (64 bits of mantissa), because a product or quotient rounded to
// double would be a unit off from about 9e6 on, and a configuration that is printed must load to the very same units.
std::int64_t units_of(double value, std::int64_t unit) { return std::llroundl(static_cast<long double>(value) * static_cast<long double>(unit)); }
double number_of(std::int64_t units, std::int64_t unit) { return static_cast<double>(static_cast<long double>(units) / static_cast<long double>(unit)); }

/// A fraction with up to eight decimals.
ConfigKey fraction(std::string path, double min, double max, std::string doc, Access<Rate> member) {
  ConfigKey key = row(std::move(path), ConfigType::number, "fraction", min, max, std::move(doc));
  key.set = [member](EngineConfig& config, const ConfigValue& value) { member(config).v = units_of(std::get<double>(value), kRateUnit); };
  key.get = [member](const EngineConfig& config) -> ConfigValue { return number_of(read(member, config).v, kRateUnit); };
  return key;
}

/// An amount of account currency with up to eight decimals.
ConfigKey money(std::string path, double min, double max, std::string doc, Access<Money> member) {
  ConfigKey key = row(std::move(path), ConfigType::number, "account currency", min, max, std::move(doc));
  key.set = [member](EngineConfig& config, const ConfigValue& value) { member(config).v = units_of(std::get<double>(value), kMoneyUnit); };
  key.get = [member](const EngineConfig& config) -> ConfigValue { return number_of(read(member, config).v, kMoneyUnit); };
  return key;
}

ConfigKey boolean(std::string path, std::string doc, Access<bool> member) {
  ConfigKey key = row(std::move(path), ConfigType::boolean, "", 0, 0, std::move(doc));
  key.set = [member](EngineConfig& config, const ConfigValue& value) { member(config) = std::get<bool>(value); };
  key.get = [member](const EngineConfig& config) -> ConfigValue { return read(member, config); };
  return key;
}

/// One word of several; their order is that of the enum.
template <class Enum>
ConfigKey choice(std::string path, std::vector<std::string> names, std::string doc, Access<Enum> member) {
  ConfigKey key = row(std::move(path), ConfigType::text, "", 0, 0, std::move(doc));
  key.choices = std::move(names);
  key.set = [member, choices = key.choices](EngineConfig& config, const ConfigValue& value) {
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (choices[i] == std::get<std::string>(value)) member(config) = static_cast<Enum>(i);
    }
  };
  key.get = [member, choices = key.choices](const EngineConfig& config) -> ConfigValue { return choices[static_cast<std::size_t>(read(member, config))]; };
  return key;
}

ConfigKey text(std::string path, std::string doc, Access<std::string> member) {
  ConfigKey key = row(std::move(path), ConfigType::text, "", 0, 0, std::move(doc));
  key.set = [member](EngineConfig& config, const ConfigValue& value) { member(config) = std::get<std::string>(value); };
  key.get = [member](const EngineConfig& config) -> ConfigValue { return read(member, config); };
  return key;
}

ConfigKey integers(std::string path, double min, double max, std::string doc, Access<std::vector<std::int64_t>> member) {
  ConfigKey key = row(std::move(path), ConfigType::integer_list, "", min, max, std::move(doc));
  key.set = [member](EngineConfig& config, const ConfigValue& value) { member(config) = std::get<std::vector<std::int64_t>>(value); };
  key.get = [member](const EngineConfig& config) -> ConfigValue { return read(member, config); };
  return key;
}

ConfigKey texts(std::string path, std::string doc, Access<std::vector<std::string>> member) {
  ConfigKey key = row(std::move(path), ConfigType::text_list, "", 0, 0, std::move(doc));
  key.set = [member](EngineConfig& config, const ConfigValue& value) { member(config) = std::get<std::vector<std::string>>(value); };
  key.get = [member](const EngineConfig& config) -> ConfigValue { return read(member, config); };
  return key;
}

#define MT_AT(member) [](EngineConfig& c) -> auto& { return c.member; }

std::vector<ConfigKey> make_keys() {
  const auto ns = std::int64_t{1};
  const std::int64_t us = 1000 * ns, ms = 1000 * us, s = 1000 * ms;
  return {
      texts("plugins", "shared objects with strategies, by their path from this file; their code runs with all rights of the engine", MT_AT(plugins)),

      choice<Layout>("pipeline.layout", {"fused", "split", "staged"}, "which stages share a thread", MT_AT(pipeline.layout)),
      choice<IdleMode>("pipeline.idle", {"spin", "yield", "park"}, "what a worker without work does; spin only with a core for each hot thread", MT_AT(pipeline.idle)),
      integers("pipeline.cpus", 0, 1023, "cores for the hot threads in data order; empty leaves them unpinned", MT_AT(pipeline.cpus)),
      integer<std::int64_t>("pipeline.latency_sample", "inputs", 1, 1'000'000, "every n-th input is timed", MT_AT(pipeline.latency_sample)),
      integer<std::int64_t>("pipeline.timer_ms", "ms", 10, 60'000, "how often time itself is an input", MT_AT(pipeline.timer_period_ns), ms),

      money("account.initial_balance", 1, 1e9, "what a replay or paper session starts with", MT_AT(account.initial_balance)),
      text("account.currency", "the currency of balance, fees and P&L", MT_AT(account.currency)),
      integer<std::int64_t>("account.leverage", "times", 1, 125, "of contracts; spot always has 1", MT_AT(account.leverage)),
      choice<MarginMode>("account.margin_mode", {"cross", "isolated"}, "what stands behind a position: the whole account or its own margin", MT_AT(account.margin_mode)),

      integer<std::int64_t>("feed.stale_ms", "ms", 100, 3'600'000, "an instrument is stale this long after its last trusted input", MT_AT(feed.stale_ns), ms),
      integer<std::int64_t>("feed.book_stale_ms", "ms", 1000, 86'400'000, "a book without a message for this long is given up", MT_AT(feed.book_stale_ns), ms),
      integer<std::int64_t>("feed.resync_retry_ms", "ms", 100, 600'000, "a snapshot that has not come is asked for again", MT_AT(feed.resync_retry_ns), ms),
      integer<std::int64_t>("feed.source_timeout_ms", "ms", 10, 600'000, "how long a better quote source silences the others", MT_AT(feed.source_timeout_ns), ms),
      integer<std::int64_t>("feed.quote_refresh_ms", "ms", 1, 600'000, "an unchanged top of the book is repeated after this long", MT_AT(feed.quote_refresh_ns), ms),
      integer<std::int64_t>("feed.time_error_ms_max", "ms", 100, 86'400'000, "how far an exchange stamp may be from receive time minus the offset", MT_AT(feed.time_error_ns_max), ms),
      fraction("feed.outlier_fraction", 0.001, 1.0, "a price further than this from the last one waits for others that agree", MT_AT(feed.outlier_fraction)),
      integer<std::uint32_t>("feed.outlier_confirmations", "prices", 1, 100, "so many in a row that agree make a new level", MT_AT(feed.outlier_confirmations)),

      choice<BarConfig::Source>("bars.source", {"trades", "quotes", "candles"}, "what bars are made of", MT_AT(bars.source)),
      integer<std::int64_t>("bars.grace_ms", "ms", 0, 60'000, "how long after a bar's end a timer waits for its last trades", MT_AT(bars.grace_ns), ms),

      fraction("risk.risk_fraction", 0.001, 0.10, "of the sizing base that an entry loses if its stop fills at its price", MT_AT(risk.risk_fraction)),
      choice<SizingBase>("risk.sizing_base", {"equity", "balance", "fixed"}, "what risk_fraction is a fraction of", MT_AT(risk.sizing_base)),
      money("risk.fixed_base", 0, 1e9, "the base where sizing_base is fixed", MT_AT(risk.fixed_base)),
      boolean("risk.cap_size", "an entry too large for a limit is made smaller; false refuses it", MT_AT(risk.cap_size)),
      money("risk.max_order_notional", 0, 1e9, "of one entry, a cycle with all its levels; 0 = no limit", MT_AT(risk.max_order_notional)),
      integer<std::int32_t>("risk.max_open_positions", "positions", 1, 256, "positions and entries under way together; a cycle is one", MT_AT(risk.max_open_positions)),
      fraction("risk.price_collar", 0.0001, 0.5, "how far an intent's reference may be from the last trusted price", MT_AT(risk.price_collar)),
      integer<std::int64_t>("risk.tick_age_ms_max", "ms", 1, 86'400'000, "oldest trusted tick an entry may stand on", MT_AT(risk.tick_age_ns_max), ms),

      integer<std::int64_t>("paper.order_latency_us", "us", 0, 10'000'000, "from us to the simulated venue's matching", MT_AT(paper.order_latency_ns), us),
      integer<std::int64_t>("paper.event_latency_us", "us", 0, 10'000'000, "from its matching back to us", MT_AT(paper.event_latency_ns), us),
      fraction("paper.taker_fee", 0, 0.01, "contracts, of the notional", MT_AT(paper.taker_fee)),
      fraction("paper.maker_fee", -0.001, 0.01, "contracts; negative is a rebate", MT_AT(paper.maker_fee)),
      fraction("paper.spot_taker_fee", 0, 0.01, "spot, of the notional", MT_AT(paper.spot_taker_fee)),
      fraction("paper.spot_maker_fee", -0.001, 0.01, "spot; negative is a rebate", MT_AT(paper.spot_maker_fee)),
      fraction("paper.slippage", 0, 0.05, "of the price, against us, where no book depth says better", MT_AT(paper.slippage)),
      fraction("paper.maintenance_margin", 0, 0.05, "of a position's notional at mark; with less margin left the venue closes it", MT_AT(paper.maintenance_margin)),
      choice<SpotFeeAsset>("paper.spot_fee_asset", {"quote", "base"}, "what the commission of a spot buy is taken from", MT_AT(paper.spot_fee_asset)),
      boolean("paper.stop_locks_asset", "spot: every open sell locks what it would sell, waiting stops too", MT_AT(paper.stop_locks_asset)),
      choice<AttachStop>("paper.attach", {"none", "on_full_fill", "on_each_fill", "position_attribute"}, "when the venue itself places the stop and target that an entry names", MT_AT(paper.attach)),
      integer<std::int64_t>("paper.trigger_orders_max", "orders", 0, 1000, "waiting orders of one instrument; 0 = no limit", MT_AT(paper.trigger_orders_max)),
      fraction("paper.price_band", 0, 1, "how far an order's price may be from mark, else last; 0 = no limit", MT_AT(paper.price_band)),
      integer<std::int64_t>("paper.query_lag_us", "us", 0, 600'000'000, "answers to queries show the venue as it was this long ago", MT_AT(paper.query_lag_ns), us),
      boolean("paper.use_depth", "walk a trusted book level by level where there is one", MT_AT(paper.use_depth)),

      choice<TriggerRef>("position.trigger_ref", {"last", "mark"}, "what stops and targets are triggered by", MT_AT(position.trigger_ref)),
      boolean("position.target_enabled", "place the plan's target as an order of its own", MT_AT(position.target_enabled)),
      integer<std::int32_t>("position.stop_retries", "attempts", 0, 10, "further attempts at a stop that was refused, before the position is closed", MT_AT(position.stop_retries)),
      integer<std::int64_t>("position.stop_retry_ms", "ms", 10, 10'000, "wait between two of them", MT_AT(position.stop_retry_ns), ms),
      integer<std::int64_t>("position.stop_deadline_ms", "ms", 100, 60'000, "longest time without full cover before the position is closed", MT_AT(position.stop_deadline_ns), ms),
      integer<std::int64_t>("position.stop_watchdog_ms", "ms", 100, 60'000, "a triggered stop that has not filled by then is helped by a close", MT_AT(position.stop_watchdog_ns), ms),
      integer<std::int64_t>("position.guard_ttl_ms", "ms", 1000, 600'000, "how long account facts stand before entries stop", MT_AT(position.guard_ttl_ns), ms),
      fraction("position.slippage_guard", 0.0001, 0.5, "entry price further than this from the reference is alerted", MT_AT(position.slippage_guard)),

      integer<std::int64_t>("session.segment_s", "s", 1, 86'400, "length of a session segment; each begins with a full checkpoint", MT_AT(session.segment_ns), s),
  };
}

#undef MT_AT

std::string number_text(double value) {
  std::string out = fmt::format("{}", value);
  if (out.find_first_of(".en") == std::string::npos) out += ".0";
  return out;
}

std::string quoted(const std::string& value) {
  std::string out = "\"";
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

ConfigKey fraction_key(std::string path, double min, double max, std::string doc, Rate& (*member)(EngineConfig&)) {
  return fraction(std::move(path), min, max, std::move(doc), member);
}

const std::vector<ConfigKey>& config_keys() {
  static const std::vector<ConfigKey> kKeys = make_keys();
  return kKeys;
}

std::string_view name_of(ConfigType type) noexcept {
  constexpr std::string_view kNames[] = {"true or false", "whole number", "number", "text", "list of texts", "list of whole numbers"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string to_toml(const ConfigValue& value) {
  return std::visit(
      [](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, bool>) {
          return v ? "true" : "false";
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          return std::to_string(v);
        } else if constexpr (std::is_same_v<T, double>) {
          return number_text(v);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return quoted(v);
        } else {
          std::string out = "[";
          for (const auto& item : v) out += (out.size() > 1 ? ", " : "") + to_toml(ConfigValue(item));
          return out + "]";
        }
      },
      value);
}

}  // namespace martinet
