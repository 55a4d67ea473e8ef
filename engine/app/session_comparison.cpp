#include "engine/app/session_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace martinet {
namespace {

using journal::RecordType;

constexpr std::size_t kDecisionsKept = 4096;  // a stop may come long after the decision that opened its position

bool is_of_orders(RecordType type) noexcept { return type == RecordType::decision || type == RecordType::sent; }

// What begins and ends a segment is not of the session's course.
bool is_of_course(RecordType type) noexcept {
  return type != RecordType::session && type != RecordType::configuration && type != RecordType::instruments &&
         type != RecordType::checkpoint && type != RecordType::segment_end;
}

template <class T>
std::optional<T> as(const SideRecord& record, RecordType type) {
  T value;
  if (record.type != type || record.payload.size() != sizeof(T)) return std::nullopt;
  std::memcpy(&value, record.payload.data(), sizeof(T));
  return value;
}

std::optional<OrderRequest> order_in(const SideRecord& record) {
  if (const auto sent = as<OrderRequest>(record, RecordType::sent)) return sent;
  const auto decision = as<GateDecision>(record, RecordType::decision);
  return decision && decision->verdict == Verdict::admitted ? std::optional(decision->request) : std::nullopt;
}

}  // namespace

void RecordedStream::advance() {
  next_.reset();
  JournalRecord record;
  while (journal_.next(record)) {
    if (!is_of_course(record.type()) || is_of_orders(record.type()) != of_orders_) continue;
    next_ = SideRecord{record.type(),
                       record.head.t_wall_ns,
                       {record.payload.begin(), record.payload.end()},
                       fmt::format("record {}, {} offset {}", record.head.sequence, journal_.segment().filename().string(), record.offset)};
    return;
  }
}

SessionComparison::SessionComparison(SessionJournal orders, SessionJournal others, DecisionProbe& probe)
    : orders_{RecordedStream(std::move(orders), true), 0, false, {}},
      others_{RecordedStream(std::move(others), false), 0, false, {}},
      probe_(probe) {
  watch_next();
}

void SessionComparison::watch_next() noexcept {
  const SideRecord* const next = orders_.recorded.next();
  if (next == nullptr) return;
  if (const auto decision = as<GateDecision>(*next, RecordType::decision)) {
    probe_.watch(decision->intent.sequence, decision->intent.instrument);
  } else if (const auto sent = as<OrderRequest>(*next, RecordType::sent)) {
    probe_.watch(sent->sequence, sent->instrument);
  }
}

void SessionComparison::hear(RecordType type, std::int64_t ts_ns, std::span<const std::byte> payload) {
  if (enough_.load(std::memory_order_relaxed)) return;
  const bool of_orders = is_of_orders(type);
  Side& side = of_orders ? orders_ : others_;
  if (awaits_order_ && of_orders) {
    orders_.part->order_made = order_in({type, ts_ns, {payload.begin(), payload.end()}, {}});
    awaits_order_ = !orders_.part->order_made;
  } else if (!side.over && !side.part) {
    compare(side, of_orders, {type, ts_ns, {payload.begin(), payload.end()}, {}});
  }
  const bool prefix_done = orders_.over && others_.over;
  if (prefix_done || (orders_.part && !awaits_order_)) enough_.store(true, std::memory_order_relaxed);
}

void SessionComparison::compare(Side& side, bool of_orders, const SideRecord& made) {
  const SideRecord* const recorded = side.recorded.next();
  if (recorded == nullptr && side.recorded.journal().ending() != SessionEnding::complete) {
    side.over = true;
    return;
  }
  if (recorded != nullptr && recorded->type == made.type && recorded->ts_ns == made.ts_ns && recorded->payload == made.payload) {
    ++side.same;
    if (of_orders) accept(made);
    side.recorded.advance();
    if (of_orders) watch_next();
    return;
  }
  if (of_orders) {
    part_orders(&made);
  } else {
    side.part = Divergence{};
    side.part->records_before = side.same;
    if (recorded != nullptr) side.part->recorded = *recorded;
    side.part->made = made;
    side.part->input = probe_.last_input();
  }
}

void SessionComparison::accept(const SideRecord& record) {
  if (const auto decision = as<GateDecision>(record, RecordType::decision)) {
    decisions_.push_back(*decision);
    if (decisions_.size() > kDecisionsKept) decisions_.pop_front();
  } else if (const auto sent = as<OrderRequest>(record, RecordType::sent)) {
    ++order_count_;
    stream_.update(order_stream_form(*sent));
  }
}

std::optional<GateDecision> SessionComparison::decision_of(const SideRecord& record) const {
  if (const auto decision = as<GateDecision>(record, RecordType::decision)) return decision;
  const auto sent = as<OrderRequest>(record, RecordType::sent);
  if (!sent) return std::nullopt;
  // The very decision that sent it; else (stops, targets, closes) the one that opened their position.
  const GateDecision* best = nullptr;
  for (const GateDecision& decision : decisions_) {
    if (decision.verdict == Verdict::admitted && decision.request.key == sent->key) return decision;
    if (decision.intent.intent_id == sent->key.intent_id) best = &decision;
  }
  return best != nullptr ? std::optional(*best) : std::nullopt;
}

void SessionComparison::part_orders(const SideRecord* made) {
  Divergence part;
  part.records_before = orders_.same;
  if (const SideRecord* const recorded = orders_.recorded.next()) {
    part.recorded = *recorded;
    part.decision_recorded = decision_of(*recorded);
    part.order_recorded = order_in(*recorded);
  }
  if (made != nullptr) {
    part.made = *made;
    part.decision_made = decision_of(*made);
    part.order_made = order_in(*made);
  }
  // Where both sides tell of the same input, the frame is that one; else that of the side that comes first, which is ours: it is being
  // made.
  part.input = probe_.last_input();
  const DecisionContext* const context = part.decision_made ? probe_.of(part.decision_made->intent.intent_id) : nullptr;
  if (context != nullptr) {
    part.frame = context->frame;
    part.input = context->input;
  }
  const bool ours_is_later = part.recorded && (!made || part.recorded->ts_ns < made->ts_ns);
  if (ours_is_later || !part.frame) {
    if (probe_.watched_input() != nullptr) part.input = *probe_.watched_input();
    if (probe_.watched_frame() != nullptr) part.frame = *probe_.watched_frame();
  }
  while (!part.order_recorded && orders_.recorded.next() != nullptr) {
    orders_.recorded.advance();
    if (orders_.recorded.next() != nullptr) part.order_recorded = order_in(*orders_.recorded.next());
  }
  awaits_order_ = made != nullptr && !part.order_made;
  orders_.part = std::move(part);
}

void SessionComparison::run_ended() {
  if (!orders_.over && !orders_.part && orders_.recorded.next() != nullptr) part_orders(nullptr);
  if (!others_.over && !others_.part && others_.recorded.next() != nullptr) {
    others_.part = Divergence{};
    others_.part->records_before = others_.same;
    others_.part->recorded = *others_.recorded.next();
    others_.part->input = probe_.last_input();
  }
}

void SessionComparison::report(Reproduction& out) const {
  out.orders = order_count_;
  out.decisions = orders_.same - order_count_;
  out.others = others_.same;
  out.orders_sha256 = stream_.hex();
  out.orders_part = orders_.part;
  out.others_part = others_.part;
}

}  // namespace martinet
