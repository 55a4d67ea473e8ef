// Goal: every indicator equals its definition on every prefix of seeded bars. Method: indicator_oracle.hpp, which shares no code with
// the engine; tolerance 1e-9 of the value or its scale.
#include <gtest/gtest.h>

#include "engine/hot/indicators/batch.hpp"
#include "tests/engine/hot/indicators/indicator_oracle.hpp"
#include "tests/engine/hot/indicators/stage_fixture.hpp"

namespace martinet::oracle_test {
namespace {

using test::IndicatorOracle;

#ifdef MARTINET_SANITIZED
constexpr std::uint64_t kSeeds[] = {11};
#else
constexpr std::uint64_t kSeeds[] = {11, 12, 13, 14};
#endif

/// What 1e-9 refers to: 100 for bounded indicators, the price for price-like ones, 1 for ratios.
long double scale_of(IndicatorKind kind, const Bar& bar) {
  switch (kind) {
    case IndicatorKind::rsi:
    case IndicatorKind::adx:
    case IndicatorKind::plus_di:
    case IndicatorKind::minus_di:
    case IndicatorKind::stochrsi_k:
    case IndicatorKind::stochrsi_d:
    case IndicatorKind::mfi:
    case IndicatorKind::cci:
    case IndicatorKind::roc:
    case IndicatorKind::williams_r:
    case IndicatorKind::natr_rank:
      return 100;
    case IndicatorKind::natr:
    case IndicatorKind::return_simple:
    case IndicatorKind::return_log:
    case IndicatorKind::historical_volatility:
    case IndicatorKind::historical_volatility_z:
    case IndicatorKind::volume_z:
    case IndicatorKind::bb_percent_b:
    case IndicatorKind::bb_bandwidth:
    case IndicatorKind::volume_price_ratio:
      return 1;
    case IndicatorKind::volume:
    case IndicatorKind::volume_sma:
    case IndicatorKind::obv:
      return 1000;
    default:
      return bar.close;
  }
}

void check_every_prefix(const IndicatorRequest& asked, const std::vector<Bar>& bars) {
  IndicatorPlan plan(1);
  const std::uint16_t slot = test::must_slot(plan, asked);
  const IndicatorNodePlan& node_plan = plan.of(0).nodes.at(0);
  IndicatorNode node{make_indicator(node_plan.family, node_plan.request), node_plan.slot};
  IndicatorFrame frame;
  std::size_t first_ready = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    node.on_bar(bars[i], frame);
    const auto expected = IndicatorOracle::at(std::span(bars).first(i + 1), asked);
    ASSERT_EQ(frame.warm(slot), expected.has_value()) << describe(asked) << " after bar " << i;
    if (!expected) {
      ASSERT_EQ(frame.slots[slot], 0.0);
      continue;
    }
    if (first_ready == 0) first_ready = i + 1;
    const long double tolerance = 1e-9L * std::max(std::fabs(*expected), scale_of(asked.kind, bars[i]));
    ASSERT_NEAR(static_cast<double>(frame.slots[slot] - *expected), 0.0, static_cast<double>(tolerance))
        << describe(asked) << " after bar " << i << ": " << frame.slots[slot] << " instead of " << static_cast<double>(*expected);
  }
  EXPECT_EQ(first_ready, static_cast<std::size_t>(IndicatorPlan::warmup_bars(asked))) << describe(asked);
}

TEST(IndicatorOracleTest, EveryKindEqualsItsDefinitionOnEveryPrefix) {
  constexpr std::int64_t kTenMinutes_ns = 10 * kNanosPerMinute;
  for (const std::uint64_t seed : kSeeds) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto bars = test::random_bars(seed, 400, kTenMinutes_ns);  // 66 hours: sessions change
    for (const IndicatorRequest& asked : test::every_kind(kTenMinutes_ns)) {
      check_every_prefix(asked, bars);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(IndicatorOracleTest, ShortestAndOddPeriodsEqualTheirDefinitionToo) {
  const auto bars = test::random_bars(13, 300);
  const std::int64_t m = kNanosPerMinute;
  using K = IndicatorKind;
  const std::vector<IndicatorRequest> all = {
      test::request(K::sma, m, {1}),
      test::request(K::ema, m, {1}),
      test::request(K::rsi, m, {2}),
      test::request(K::atr, m, {1}),
      test::request(K::stddev, m, {2}),
      test::request(K::adx, m, {2}),
      test::request(K::plus_di, m, {2}),
      test::request(K::macd, m, {1, 2, 1}),
      test::request(K::macd_histogram, m, {3, 5, 2}),
      test::request(K::roc, m, {1}),
      test::request(K::bb_upper, m, {2}, .5),
      test::request(K::stochrsi_k, m, {2, 1, 1}),
      test::request(K::stochrsi_d, m, {3, 2, 5}),
      test::request(K::mfi, m, {2}),
      test::request(K::cci, m, {7}),
      test::request(K::williams_r, m, {2}),
      test::request(K::vwap_rolling, m, {1}),
      test::request(K::volume_sma, m, {1}),
      test::request(K::volume_z, m, {2}),
      test::request(K::historical_volatility_z, m, {2, 2}),
      test::request(K::sma, m, {299}),
      test::request(K::williams_r, m, {97}),
      test::request(K::cci, m, {101}),
      test::request(K::stddev, m, {250}),
  };
  for (const IndicatorRequest& asked : all) {
    check_every_prefix(asked, bars);
    if (HasFatalFailure()) return;
  }
}

TEST(IndicatorOracleTest, BatchGivesTheSameBitsAsBarByBarAndCanBeRunInPieces) {
  const auto bars = test::random_bars(14, 1000);
  std::vector<std::int64_t> ts;
  std::vector<double> open, high, low, close, volume;
  for (const Bar& bar : bars) {
    ts.push_back(bar.ts_open_ns);
    open.push_back(bar.open);
    high.push_back(bar.high);
    low.push_back(bar.low);
    close.push_back(bar.close);
    volume.push_back(bar.volume);
  }
  const BarColumns columns{ts, open, high, low, close, volume};
  const auto check = [&]<class Indicator>(const Indicator& fresh) {
    constexpr std::size_t kOutputs = Indicator::kOutputs;
    std::array<std::vector<double>, kOutputs> out;
    std::array<std::span<double>, kOutputs> first, second;
    const std::size_t cut = 333;
    for (std::size_t i = 0; i < kOutputs; ++i) {
      out[i].resize(bars.size());
      first[i] = std::span(out[i]).first(cut);
      second[i] = std::span(out[i]).subspan(cut);
    }
    Indicator batch = fresh;
    run_batch(columns, cut, batch, first);
    const auto from = [cut](const auto& column) { return std::span(column).subspan(cut); };
    run_batch({from(ts), from(open), from(high), from(low), from(close), from(volume)}, bars.size() - cut, batch, second);
    Indicator single = fresh;
    for (std::size_t i = 0; i < bars.size(); ++i) {
      single.on_bar(bars[i]);
      for (std::size_t o = 0; o < kOutputs; ++o) {
        if (single.ready(o)) {
          ASSERT_EQ(out[o][i], single.value(o)) << "bar " << i << " output " << o;
        } else {
          ASSERT_TRUE(std::isnan(out[o][i])) << "bar " << i << " output " << o;
        }
      }
    }
  };
  check(Sma(20));
  check(Ema(20));
  check(Rsi(14));
  check(Macd(12, 26, 9));
  check(Bollinger(20, 2.0));
  check(Atr(14));
  check(Adx(14));
  check(StochRsi(14, 14, 3));
  check(Mfi(14));
  check(VwapSession());
  check(HistoricalVolatility(20, 50, kNanosPerMinute));
}

TEST(IndicatorOracleTest, CorrelationUsesCommonBarsOnly) {
  const std::uint64_t seed = 15;
  auto a = test::random_bars(seed, 500);
  auto b = test::random_bars(seed + 1, 500);
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < a.size(); ++i) b[i].close = 0.5 * a[i].close + 0.5 * b[i].close;  // something to correlate
  Correlation correlation(20);
  std::vector<long double> common_a, common_b;
  std::size_t next_b = 0;
  std::size_t compared = 0;
  std::vector<bool> has_a, has_b;
  for (std::size_t i = 0; i < a.size(); ++i) {
    has_a.push_back(random() % 10 != 0);
    has_b.push_back(random() % 10 != 0);
  }
  // b comes up to 9 bars behind a, in bursts.
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (has_a[i]) correlation.on_bar(0, a[i]);
    if (random() % 4 != 0 && i - next_b < 9) continue;
    for (; next_b <= i; ++next_b) {
      if (!has_b[next_b]) continue;
      correlation.on_bar(1, b[next_b]);
      if (has_a[next_b]) {
        common_a.push_back(a[next_b].close);
        common_b.push_back(b[next_b].close);
      }
    }
    const auto expected = IndicatorOracle::correlation(common_a, common_b, 20);
    ASSERT_EQ(correlation.ready(), expected.has_value()) << i;
    if (!expected) continue;
    ASSERT_NEAR(correlation.value(), static_cast<double>(*expected), 1e-9) << i;
    ++compared;
  }
  EXPECT_GT(compared, 100U);
}

TEST(IndicatorOracleTest, TheDoorRefusesEveryBarThatIsNotANumberOrNotAPrice) {
  const Bar good{0, 10, 12, 9, 11, 5};
  ASSERT_TRUE(is_usable(good));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  for (double Bar::* field : {&Bar::open, &Bar::high, &Bar::low, &Bar::close, &Bar::volume}) {
    for (const double bad : {nan, inf, -inf, -1.0}) {
      Bar bar = good;
      bar.*field = bad;
      EXPECT_FALSE(is_usable(bar)) << bad;
    }
  }
  Bar bar = good;
  bar.volume = 0;
  EXPECT_TRUE(is_usable(bar));
  bar.low = 0;
  EXPECT_FALSE(is_usable(bar));
  bar = good;
  bar.low = 10.5;  // above the open
  EXPECT_FALSE(is_usable(bar));
  bar = good;
  bar.high = 10.5;  // below the close
  EXPECT_FALSE(is_usable(bar));
}

}  // namespace
}  // namespace martinet::oracle_test
