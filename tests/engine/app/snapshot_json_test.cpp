// The body of a snapshot is read back to the last digit, and nothing else is taken for one.
#include "engine/app/snapshot_json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

namespace martinet::snapshot_json_test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }
  std::int64_t any() {
    constexpr std::int64_t kEdges[] = {
        0, 1, -1, 99'999'999, 100'000'001, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min() + 1};
    const auto edge = below(14);
    return edge < 7 ? kEdges[edge] : static_cast<std::int64_t>(engine_()) >> below(60);
  }
  std::string text() {
    constexpr std::string_view kPieces[] = {"BTCUSDT", "m1-2e0", "\"", "\\", "\n", "\x01", "é", "漢", "{", "}", ",", "null", " "};
    std::string out;
    for (std::uint64_t n = below(4); n > 0; --n) out += kPieces[below(std::size(kPieces))];
    return out;
  }
  Price price() { return below(4) == 0 ? kNoPrice : Price{std::max(any(), std::numeric_limits<std::int64_t>::min() + 1)}; }
  SnapshotInstrument instrument() { return {text(), text(), static_cast<std::uint8_t>(below(19)), static_cast<std::uint8_t>(below(19))}; }
  Side side() { return static_cast<Side>(below(3)); }

 private:
  std::mt19937_64 engine_;
};

Snapshot random_snapshot(Random& random) {
  Snapshot s;
  s.epoch = random.below(2) == 0 ? UINT64_MAX : random.below(100);
  for (std::uint64_t n = random.below(4); n > 0; --n) {
    SnapshotPosition p;
    p.instrument = random.instrument();
    p.strategy = random.text();
    p.direction = random.side();
    p.qty = {random.any()};
    p.entry_vwap = random.price();
    p.entry_ts_ns = random.any();
    for (std::uint64_t l = random.below(3); l > 0; --l)
      p.levels.push_back({static_cast<std::uint32_t>(random.below(UINT32_MAX + 1ULL)), {random.any()}, random.price(), random.text()});
    p.entry = {random.text(), random.text()};
    p.stop = {random.text(), random.text()};
    p.target = {random.text(), random.text()};
    p.stop_price = random.price();
    p.target_price = random.price();
    p.trailing = {random.below(2) == 0, random.price(), static_cast<std::uint32_t>(random.below(9))};
    s.positions.push_back(p);
  }
  s.ledgers = {random.any(), {random.any()}, {random.any()}, {random.any()}, {random.any()}};
  for (std::uint64_t n = random.below(3); n > 0; --n) s.latches.push_back({random.text(), random.text(), random.any()});
  for (std::uint64_t n = random.below(3); n > 0; --n) s.twin.capital.push_back({random.text(), {random.any()}});
  for (std::uint64_t n = random.below(3); n > 0; --n)
    s.twin.positions.push_back(
        {random.instrument(), random.text(), random.side(), {random.any()}, random.price(), random.any(), {random.any()}});
  return s;
}

std::string text_of(const Snapshot& snapshot) {
  const auto body = snapshot_to_json(snapshot);
  return {reinterpret_cast<const char*>(body.data()), body.size()};
}

Result<Snapshot> read(const std::string& text) { return snapshot_of_json(std::as_bytes(std::span(text.data(), text.size()))); }

Snapshot sample() {
  Snapshot s;
  s.epoch = 3;
  SnapshotPosition p;
  p.instrument = {"usdm", "BTCUSDT", 4, 5};
  p.strategy = "trend";
  p.direction = Side::buy;
  p.qty = {12'345};
  p.entry_vwap = {650'001'234};
  p.entry_ts_ns = 1'700'000'000'123'456'789;
  p.levels = {{0, {12'345}, {650'001'234}, "998"}};
  p.entry = {"998", "m3-1e0"};
  p.stop = {"999", "m3-1s0"};
  p.stop_price = {640'000'000};
  s.positions = {p};
  s.ledgers = {1'699'920'000'000'000'000, {10'000 * kMoneyUnit}, {-1}, {kMoneyUnit / 2}, {10'100 * kMoneyUnit}};
  s.latches = {{"drawdown", "15 % below the peak", 5}};
  s.twin.capital = {{"trend", {500 * kMoneyUnit}}};
  return s;
}

TEST(SnapshotJson, IsExactlyThisText) {
  EXPECT_EQ(
      text_of(sample()),
      "{\n\"epoch\":3,\n\"positions\":[\n"
      R"({"market":"usdm","symbol":"BTCUSDT","price_decimals":4,"qty_decimals":5,"strategy":"trend","direction":"long","qty":"0.12345",)"
      R"("entry_vwap":"65000.1234","entry_ts_ns":1700000000123456789,"levels":[{"index":0,"qty":"0.12345","price":"65000.1234","order_id":"998"}],)"
      R"("entry":{"venue_id":"998","client_id":"m3-1e0"},"stop":{"venue_id":"999","client_id":"m3-1s0"},"target":{"venue_id":"","client_id":""},)"
      R"("stop_price":"64000","target_price":null,"trailing":{"active":false,"extreme":null,"level":0}})"
      "\n],\n\"ledgers\":"
      R"({"day_start_ts_ns":1699920000000000000,"day_start_equity":"10000","day_pnl":"-0.00000001","session_pnl":"0.5","peak_equity":"10100"})"
      ",\n\"latches\":[\n"
      R"({"name":"drawdown","reason":"15 % below the peak","since_ts_ns":5})"
      "\n],\n\"twin\":{\n\"capital\":[\n"
      R"({"strategy":"trend","capital":"500"})"
      "\n],\n\"positions\":[]\n}\n}");
}

TEST(SnapshotJson, ReadsBackWhatItWroteToTheLastDigit) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    Random random(seed);
    const Snapshot snapshot = random_snapshot(random);
    const auto back = read(text_of(snapshot));
    ASSERT_TRUE(back.ok()) << "seed " << seed << ": " << back.error().what << "\n" << text_of(snapshot);
    ASSERT_EQ(*back, snapshot) << "seed " << seed;
  }
  EXPECT_EQ(*read(text_of({})), Snapshot{});
}

TEST(SnapshotJson, NoOtherTextIsTakenForASnapshot) {
  const std::string text = text_of(sample());
  for (std::size_t size = 0; size < text.size(); ++size) ASSERT_FALSE(read(text.substr(0, size)).ok()) << size;
  std::size_t taken = 0;
  for (std::size_t bit = 0; bit < text.size() * 8; bit += 3) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const auto back = read(flipped);
    if (!back.ok()) {
      ASSERT_NE(back.error().what.find("snapshot"), std::string::npos);
      continue;
    }
    ++taken;  // another digit or letter in a value: the checksum's business. What is read is then what stands there.
    ASSERT_EQ(text_of(*back), flipped);
  }
  EXPECT_LT(taken, text.size() * 8 / 6);
  for (const std::string& more : {text + " ", " " + text, "[" + text + "]", std::string("[]"), std::string("{}"), std::string("null")})
    EXPECT_FALSE(read(more).ok());
}

TEST(SnapshotJson, AFaultIsNamedByItsKey) {
  const auto fault = [](const std::string& from, const std::string& to) {
    std::string text = text_of(sample());
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const auto back = read(text);
    EXPECT_FALSE(back.ok());
    return back.ok() ? std::string() : std::string(name_of(back.error().code)) + ": " + back.error().what;
  };
  EXPECT_NE(fault("\"qty\":", "\"qtt\":").find("missing_field: the snapshot's qty is missing"), std::string::npos);
  EXPECT_NE(fault("\"0.12345\"", "\"0.123456\"").find("off_grid"), std::string::npos);
  EXPECT_NE(fault("\"0.12345\"", "0.12345").find("qty is no text"), std::string::npos);
  EXPECT_NE(fault("\"10000\"", "\"999999999999\"").find("number_too_large: the snapshot's day_start_equity"), std::string::npos);
  EXPECT_NE(fault("\"price_decimals\":4", "\"price_decimals\":19").find("bad_number: the snapshot's price_decimals"), std::string::npos);
  EXPECT_NE(fault("\"epoch\":3", "\"epoch\":-3").find("epoch"), std::string::npos);
  EXPECT_NE(fault("long", "up").find("direction"), std::string::npos);
  EXPECT_NE(fault("false", "0").find("active"), std::string::npos);
  EXPECT_NE(fault("\"latches\":[", "\"future\":1,\"latches\":[").find("more or other"), std::string::npos);
  EXPECT_NE(fault("\"epoch\":3", "\"epoch\":3,\"epoch\":4").find("more or other"), std::string::npos);
}

}  // namespace martinet::snapshot_json_test
