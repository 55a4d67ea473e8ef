// Goal: the two forms of a request that others depend on do not change by accident: the bytes of the order stream (I2) and the id
// that a venue sees. Method: golden bytes written by hand from the header's words; ids read back.
#include "engine/messages/order_request.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace martinet::order_request_test {
namespace {

OrderRequest sample() {
  OrderRequest request;
  request.ts_ns = 0x0102030405060708;
  request.sequence = 0x1112131415161718;
  request.request_id = 0x2122232425262728;
  request.key = {0x3132333435363738, OrderPurpose::target, 0x41, {}};
  request.qty = {0x5152535455565758};
  request.price = {-2};
  request.trigger_price = {0x6162636465666768};
  request.stop_price = kNoPrice;
  request.target_price = {1};
  request.instrument = 0x7172;
  request.strategy = 0x8182;
  request.action = OrderAction::cancel;
  request.type = OrderType::take_profit_limit;
  request.side = Side::sell;
  request.time_in_force = TimeInForce::post_only;
  request.trigger_ref = TriggerRef::mark;
  request.reduce_only = 1;
  return request;
}

TEST(OrderStreamForm, HasTheseBytes) {
  const std::vector<int> expected = {
      0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,  // ts_ns
      0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11,  // sequence
      0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21,  // request_id
      0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x32, 0x31,  // key.intent_id
      0x02, 0x41,                                      // key.leg, key.attempt
      0x58, 0x57, 0x56, 0x55, 0x54, 0x53, 0x52, 0x51,  // qty
      0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,  // price
      0x68, 0x67, 0x66, 0x65, 0x64, 0x63, 0x62, 0x61,  // trigger_price
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80,  // stop_price: none
      0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // target_price
      0x72, 0x71, 0x82, 0x81,                          // instrument, strategy
      0x01, 0x04, 0x02, 0x02, 0x01, 0x01,              // action, type, side, time_in_force, trigger_ref, reduce_only
  };
  ASSERT_EQ(expected.size(), kOrderStreamBytes);
  const auto form = order_stream_form(sample());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(std::to_integer<int>(form[i]), expected[i]) << "byte " << i;
}

TEST(OrderStreamForm, LeavesOutThePadding) {
  OrderRequest request = sample();
  const auto before = order_stream_form(request);
  std::fill(std::begin(request.pad), std::end(request.pad), std::uint8_t{0xAA});
  std::fill(std::begin(request.key.pad), std::end(request.key.pad), std::uint8_t{0xBB});
  EXPECT_EQ(order_stream_form(request), before);
}

TEST(OrderStreamForm, ChangesWithEveryField) {
  std::vector<OrderRequest> changed(19, sample());
  std::size_t at = 0;
  ++changed[at++].ts_ns;
  ++changed[at++].sequence;
  ++changed[at++].request_id;
  ++changed[at++].key.intent_id;
  changed[at++].key.leg = OrderPurpose::stop;
  ++changed[at++].key.attempt;
  ++changed[at++].qty.v;
  ++changed[at++].price.v;
  ++changed[at++].trigger_price.v;
  ++changed[at++].stop_price.v;
  ++changed[at++].target_price.v;
  ++changed[at++].instrument;
  ++changed[at++].strategy;
  changed[at++].action = OrderAction::place;
  changed[at++].type = OrderType::market;
  changed[at++].side = Side::buy;
  changed[at++].time_in_force = TimeInForce::ioc;
  changed[at++].trigger_ref = TriggerRef::last;
  changed[at++].reduce_only = 0;
  ASSERT_EQ(at, changed.size());
  std::set<std::array<std::byte, kOrderStreamBytes>> forms = {order_stream_form(sample())};
  for (const OrderRequest& request : changed) EXPECT_TRUE(forms.insert(order_stream_form(request)).second) << forms.size();
}

std::string id_of(std::uint64_t epoch, const OrderKey& key) {
  std::array<char, 32> buffer{};
  return std::string(client_id(epoch, key, buffer));
}

TEST(ClientId, HasThisForm) {
  EXPECT_EQ(id_of(1, {1, OrderPurpose::entry, 0, {}}), "m1-1e0");
  EXPECT_EQ(id_of(35, {36, OrderPurpose::stop, 1, {}}), "mz-10s1");
  EXPECT_EQ(id_of(0, {0, OrderPurpose::target, 255, {}}), "m0-0t73");
  EXPECT_EQ(id_of(1'722'816'000, {123'456'789, OrderPurpose::close, 2, {}}), "mshpxc0-21i3v9c2");
}

TEST(ClientId, FitsItsLengthAndItsLettersAtTheLargest) {
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const std::string id = id_of(most, {most, OrderPurpose::close, 255, {}});
  EXPECT_EQ(id, "m3w5e11264sgsf-3w5e11264sgsfc73");
  EXPECT_LE(id.size(), 32U);
  EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string::npos);
}

TEST(ClientId, NamesEpochIntentLegAndAttemptUniquely) {
  // Read back by hand: what can be read back cannot be shared by two orders.
  std::mt19937_64 random(4);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t epoch = random() >> (random() % 64);
    const OrderKey key{random() >> (random() % 64), static_cast<OrderPurpose>(random() % 4), static_cast<std::uint8_t>(random()), {}};
    const std::string id = id_of(epoch, key);
    ASSERT_LE(id.size(), 32U);
    const std::size_t dash = id.find('-');
    ASSERT_NE(dash, std::string::npos);
    // Base 36 has the leg's letters too, so the leg is found from the end: an attempt of two digits begins with 1 to 7 (255 is "73").
    const bool attempt_has_one_digit = std::string_view("estc").find(id[id.size() - 2]) != std::string_view::npos;
    const std::size_t leg = id.size() - (attempt_has_one_digit ? 2 : 3);
    const auto number = [&id](std::size_t from, std::size_t to) {
      std::uint64_t value = 0;
      const auto read = std::from_chars(id.data() + from, id.data() + to, value, 36);
      EXPECT_EQ(read.ptr, id.data() + to);
      return value;
    };
    ASSERT_EQ(number(1, dash), epoch) << id;
    ASSERT_EQ(number(dash + 1, leg), key.intent_id) << id;
    ASSERT_EQ(id[leg], "estc"[static_cast<std::size_t>(key.leg)]) << id;
    ASSERT_EQ(number(leg + 1, id.size()), key.attempt) << id;
  }
}

}  // namespace
}  // namespace martinet::order_request_test
