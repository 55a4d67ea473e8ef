// Bars and depth: the two other forms in which the market comes.
#include "adapters/paper/paper_venue.hpp"

namespace martinet {
namespace {

/// Whether a waiting order fires within a closed bar, and the price the market has then: the open if the bar began beyond the
/// trigger, else the trigger itself.
bool fires_in(const Candle& candle, const OrderRequest& request, Price& price) noexcept {
  const Price trigger = request.trigger_price;
  const bool at_open = fires(request.type, request.side, trigger, candle.open);
  if (!at_open && !fires(request.type, request.side, trigger, candle.low) && !fires(request.type, request.side, trigger, candle.high)) {
    return false;
  }
  price = at_open ? candle.open : trigger;
  return true;
}

}  // namespace

void PaperVenue::on_candle(const Candle& candle) noexcept {
  MT_DASSERT(candle.instrument < markets_.size());
  advance(candle.ts_receive_ns);
  now_ns_ = std::max(now_ns_, candle.ts_receive_ns);
  MarketState& market = markets_[candle.instrument];
  if (candle.closed == 0 || candle.history != 0 || market.streamed != 0) return;
  if (instruments_[candle.instrument].rules.status != TradingStatus::halted) {
    // Nothing says in which order a bar touched its prices: assume the worse one.
    match_bar(candle, true);
    watch_margin_of_bar(candle);
    match_bar(candle, false);
  }
  market.set_bar_price(candle.close);
  if (market.held == 0) return;
  value(candle.instrument);
  watch_margin(candle.instrument);
}

/// What the stops have left over meets the bar's worst price.
void PaperVenue::watch_margin_of_bar(const Candle& candle) noexcept {
  MarketState& market = markets_[candle.instrument];
  if (market.held == 0) return;
  market.set_bar_price(account_.position(candle.instrument).qty.v > 0 ? candle.low : candle.high);
  value(candle.instrument);
  watch_margin(candle.instrument);
}

void PaperVenue::match_bar(const Candle& candle, bool stops) noexcept {
  MarketState& market = markets_[candle.instrument];
  const std::uint64_t newest = venue_order_id_;
  for (OpenOrders::Slot slot = open_.first(candle.instrument); slot != OpenOrders::kNone; slot = cursor_) {
    cursor_ = open_.next(slot);
    const PaperOrder& order = open_[slot];
    const OrderRequest& request = order.request;
    if (order.venue_order_id > newest) break;  // attached within this bar: nothing says that it was in time for it
    if (!has_event_room()) {
      ++counters_.deferred;
      break;
    }
    Price price;
    if (order.waiting != 0) {
      if ((request.type == OrderType::stop_market) == stops && fires_in(candle, request, price)) {
        market.set_bar_price(price);
        trigger(slot);
      }
    } else if (!stops && (request.side == Side::buy ? candle.low < request.price : candle.high > request.price)) {
      fill_resting(slot, order.leaves);
    }
  }
  cursor_ = OpenOrders::kNone;
}

void PaperVenue::on_depth(const DepthUpdate& update) noexcept {
  MT_DASSERT(update.instrument < markets_.size());
  if (update.ts_receive_ns >= arrival_next_ns_) advance(update.ts_receive_ns);
  now_ns_ = std::max(now_ns_, update.ts_receive_ns);
  markets_[update.instrument].streamed = 1;
  if (!config_.use_depth) return;
  apply(update);
  if (book_states_[update.instrument] != BookState::trusted || open_.empty(update.instrument)) return;
  match(update.instrument, nullptr);
}

void PaperVenue::apply(const DepthUpdate& update) noexcept {
  Book& book = books_[update.instrument];
  BookState& state = book_states_[update.instrument];
  if (update.has(depth_flag::invalidate)) {
    book.clear();
    state = BookState::none;
    markets_[update.instrument].drop_quote_of_book();
    return;
  }
  if (update.has(depth_flag::first)) {
    const bool whole = update.has(depth_flag::snapshot) || update.has(depth_flag::partial);
    if (whole) book.clear();
    if (whole) {
      state = BookState::building;
    } else {
      state = state == BookState::trusted ? BookState::changing : BookState::none;
    }
  } else if (state == BookState::trusted) {
    state = BookState::none;  // a piece without its beginning
  }
  if (state == BookState::none) return;
  for (std::size_t i = 0; i < update.level_count; ++i) {
    const DepthLevel& level = update.levels[i];
    // A full side drops its worst level; has_book() asks whether the best ones can still be believed.
    static_cast<void>(book.set(level.side, level.price, level.qty));
  }
  if (update.has(depth_flag::last)) state = BookState::trusted;
}

}  // namespace martinet
