// What a person may mean by an order: every client id that we make is read back as the key it was made of.
#include <gtest/gtest.h>

#include <random>

#include "engine/app/explain.hpp"

namespace martinet {
namespace order_query_test {

TEST(OrderQuery, EveryClientIdIsReadBackAsItsKey) {
  constexpr std::uint64_t kSeed = 20261121;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t epoch = random() >> (random() % 64);
    // Every attempt of every leg, under intents of every length, those made of the legs' own letters too.
    const OrderKey key{random() >> (random() % 64), static_cast<OrderPurpose>(i % 4), static_cast<std::uint8_t>(i / 4 % 256), {}};
    const std::string id = client_id_text(epoch, key);
    const Result<OrderQuery> query = parse_order_query(id);
    ASSERT_TRUE(query.ok()) << id;
    ASSERT_TRUE(query->key.has_value()) << id;
    EXPECT_EQ(*query->key, key) << id;
    EXPECT_EQ(query->epoch, epoch) << id;
    EXPECT_FALSE(query->venue_order_id || query->intent_id) << id;
  }
}

TEST(OrderQuery, APlainNumberIsBothAndAPrefixSaysWhich) {
  const Result<OrderQuery> plain = parse_order_query("17");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->venue_order_id, 17U);
  EXPECT_EQ(plain->intent_id, 17U);
  const Result<OrderQuery> venue = parse_order_query("venue:18446744073709551615");
  ASSERT_TRUE(venue.ok());
  EXPECT_EQ(venue->venue_order_id, UINT64_MAX);
  EXPECT_FALSE(venue->intent_id.has_value());
  const Result<OrderQuery> intent = parse_order_query("intent:100");
  ASSERT_TRUE(intent.ok());
  EXPECT_EQ(intent->intent_id, 100U);
  EXPECT_FALSE(intent->venue_order_id.has_value());
}

TEST(OrderQuery, OtherWordsAreRefusedInOneSentenceThatShowsTheForms) {
  for (const std::string text : {"",
                                 "m",
                                 "m-",
                                 "m1-",
                                 "m1-e0",
                                 "m1-2",
                                 "m1-2x0",
                                 "m1-2s",
                                 "m1-2s80",
                                 "m1-2S0",
                                 "m1 -2s0",
                                 "-17",
                                 "+17",
                                 "17 ",
                                 "0x11",
                                 "1.5",
                                 "venue:",
                                 "venue:x",
                                 "intent:-1",
                                 "intent:18446744073709551616",
                                 "m1-zzzzzzzzzzzzzzzzzzzzs0",
                                 "order\n17",
                                 "m1-2s0\n"}) {
    const Result<OrderQuery> query = parse_order_query(text);
    ASSERT_FALSE(query.ok()) << text;
    EXPECT_EQ(query.error().code, Errc::unknown_order) << text;
    EXPECT_NE(query.error().what.find("m1-2se0"), std::string::npos) << text;
    EXPECT_EQ(query.error().what.find('\n'), std::string::npos) << text;
  }
  EXPECT_LT(parse_order_query(std::string(100'000, 'm')).error().what.size(), 400U);
}

}  // namespace order_query_test
}  // namespace martinet
