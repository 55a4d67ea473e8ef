// What a person may mean by an order: its client id, the venue's number, the intent's number.
#include <fmt/format.h>

#include <charconv>

#include "engine/app/config_text.hpp"
#include "engine/app/explain.hpp"

namespace martinet {
namespace {

template <class T>
std::optional<T> number(std::string_view text, int base) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<OrderPurpose> leg_of(char letter) {
  const std::size_t at = std::string_view("estc").find(letter);
  return at == std::string_view::npos ? std::nullopt : std::optional(static_cast<OrderPurpose>(at));
}

/// "m<epoch>-<intent><leg><attempt>" (client_id). The legs' letters are digits of base 36 too; yet an attempt is at most 255, so that one
/// of two digits begins with 1 to 7: the last letter or the last but one is the leg, and never both.
std::optional<OrderQuery> client_id_of(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (!text.starts_with('m') || dash == std::string_view::npos) return std::nullopt;
  const auto epoch = number<std::uint64_t>(text.substr(1, dash - 1), 36);
  const std::string_view rest = text.substr(dash + 1);
  for (const std::size_t digits : {std::size_t{1}, std::size_t{2}}) {
    if (!epoch || rest.size() < digits + 2) return std::nullopt;
    const auto leg = leg_of(rest[rest.size() - digits - 1]);
    const auto attempt = number<std::uint8_t>(rest.substr(rest.size() - digits), 36);
    const auto intent = number<std::uint64_t>(rest.substr(0, rest.size() - digits - 1), 36);
    if (leg && attempt && intent) return OrderQuery{OrderKey{*intent, *leg, *attempt, {}}, *epoch, {}, {}};
  }
  return std::nullopt;
}

}  // namespace

Result<OrderQuery> parse_order_query(const std::string& text) {
  if (const auto query = client_id_of(text)) return *query;
  const std::string_view all = text;
  const auto behind = [all](std::string_view prefix) {
    return all.starts_with(prefix) ? number<std::uint64_t>(all.substr(prefix.size()), 10) : std::nullopt;
  };
  if (const auto intent = behind("intent:")) return OrderQuery{{}, 0, {}, intent};
  if (const auto venue = behind("venue:")) return OrderQuery{{}, 0, venue, {}};
  if (const auto plain = behind("")) return OrderQuery{{}, 0, plain, plain};
  return Error{Errc::unknown_order,
               fmt::format("\"{}\" names no order; give a client id such as m1-2se0, a venue's order id, or an intent as intent:100",
                           one_line(shortened(text)))};
}

}  // namespace martinet
