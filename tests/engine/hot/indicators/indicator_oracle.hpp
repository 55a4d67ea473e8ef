#pragma once
// The indicators once more, written from their definitions in long double, over a whole prefix of bars at a time: slow, plain, and
// sharing nothing with the engine's code.
#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include "engine/hot/indicators/bar.hpp"
#include "engine/messages/indicator_request.hpp"

namespace martinet::test {

class IndicatorOracle {
 public:
  using Real = long double;
  using Value = std::optional<Real>;

  /// The value after the last bar of `bars`, or nothing where there is none yet.
  static Value at(std::span<const Bar> bars, const IndicatorRequest& request) {
    if (bars.empty()) return std::nullopt;
    const Bar& last = bars.back();
    const auto [p0, p1, p2] = request.period;
    const auto n = static_cast<std::size_t>(p0);
    const auto closes = column(bars, [](const Bar& b) { return Real(b.close); });
    const auto volumes = column(bars, [](const Bar& b) { return Real(b.volume); });
    switch (request.kind) {
      case IndicatorKind::open:
        return last.open;
      case IndicatorKind::high:
        return last.high;
      case IndicatorKind::low:
        return last.low;
      case IndicatorKind::close:
        return last.close;
      case IndicatorKind::volume:
        return last.volume;
      case IndicatorKind::sma:
        return mean_of_last(closes, n);
      case IndicatorKind::ema:
        return last_of(ema(closes, n));
      case IndicatorKind::rsi:
        return last_of(rsi(closes, n));
      case IndicatorKind::atr:
        return last_of(smooth(true_ranges(bars), n, Real(1) / Real(n)));
      case IndicatorKind::natr: {
        const Value atr = last_of(smooth(true_ranges(bars), n, Real(1) / Real(n)));
        return atr ? Value(*atr / Real(last.close) * 100) : atr;
      }
      case IndicatorKind::stddev:
        return deviation(closes, n, 0);
      case IndicatorKind::natr_rank: {
        const Column atrs = smooth(true_ranges(bars), n, Real(1) / Real(n));
        const auto window = std::size_t(p1);
        if (atrs.size() <= window) return std::nullopt;
        const auto natr = [&](std::size_t back) { return atrs[atrs.size() - 1 - back] / closes[closes.size() - 1 - back]; };
        std::size_t below = 0;
        for (std::size_t back = 1; back <= window; ++back) below += natr(back) <= natr(0) ? 1 : 0;
        return Real(100) * Real(below) / Real(window);
      }
      case IndicatorKind::adx:
        return last_of(directional(bars, n).adx);
      case IndicatorKind::plus_di:
        return last_of(directional(bars, n).plus);
      case IndicatorKind::minus_di:
        return last_of(directional(bars, n).minus);
      case IndicatorKind::macd:
      case IndicatorKind::macd_signal:
      case IndicatorKind::macd_histogram:
        return macd(closes, n, std::size_t(p1), std::size_t(p2), request.kind);
      case IndicatorKind::bb_upper:
      case IndicatorKind::bb_middle:
      case IndicatorKind::bb_lower:
      case IndicatorKind::bb_percent_b:
      case IndicatorKind::bb_bandwidth:
        return bollinger(closes, n, Real(request.factor), request.kind);
      case IndicatorKind::vwap_session:
        return vwap_session(bars);
      case IndicatorKind::vwap_rolling:
        return bars.size() < n ? Value() : vwap(bars.last(n));
      case IndicatorKind::volume_sma:
        return mean_of_last(volumes, n);
      case IndicatorKind::stochrsi_k:
      case IndicatorKind::stochrsi_d:
        return stoch_rsi(closes, n, std::size_t(p1), std::size_t(p2), request.kind);
      case IndicatorKind::obv:
        return obv(bars);
      case IndicatorKind::mfi:
        return mfi(bars, n);
      case IndicatorKind::cci:
        return cci(bars, n);
      case IndicatorKind::williams_r:
        return williams_r(bars, n);
      case IndicatorKind::roc:
        return closes.size() <= n ? Value() : Value((closes.back() / closes[closes.size() - 1 - n] - 1) * 100);
      case IndicatorKind::historical_volatility:
        return last_of(volatility(closes, n, request.timeframe_ns));
      case IndicatorKind::historical_volatility_z:
        return z(volatility(closes, n, request.timeframe_ns), std::size_t(p1));
      case IndicatorKind::return_simple:
        return closes.size() < 2 ? Value() : Value(closes.back() / closes[closes.size() - 2] - 1);
      case IndicatorKind::return_log:
        return last_of(log_returns(closes));
      case IndicatorKind::volume_price_ratio:
        return volumes.back() / closes.back();
      case IndicatorKind::volume_z:
        return z(volumes, n);
      default:
        return std::nullopt;
    }
  }

  /// Pearson correlation of the last n log returns of two columns of equal length.
  static Value correlation(const std::vector<Real>& a, const std::vector<Real>& b, std::size_t n) {
    if (a.size() <= n) return std::nullopt;
    const auto x = log_returns(a);
    const auto y = log_returns(b);
    const Real mx = *mean_of_last(x, n);
    const Real my = *mean_of_last(y, n);
    Real xx = 0, yy = 0, xy = 0;
    for (std::size_t i = 1; i <= n; ++i) {
      const Real dx = x[x.size() - i] - mx;
      const Real dy = y[y.size() - i] - my;
      xx += dx * dx;
      yy += dy * dy;
      xy += dx * dy;
    }
    return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
  }

 private:
  using Column = std::vector<Real>;

  template <class Of>
  static Column column(std::span<const Bar> bars, Of of) {
    Column out;
    for (const Bar& bar : bars) out.push_back(of(bar));
    return out;
  }
  static Real typical(const Bar& bar) { return (Real(bar.high) + Real(bar.low) + Real(bar.close)) / 3; }
  static Value last_of(const Column& values) { return values.empty() ? Value() : Value(values.back()); }

  static Value mean_of_last(const Column& values, std::size_t n) {
    if (values.size() < n) return std::nullopt;
    Real sum = 0;
    for (std::size_t i = values.size() - n; i < values.size(); ++i) sum += values[i];
    return sum / Real(n);
  }
  static Value deviation(const Column& values, std::size_t n, std::size_t less) {
    const Value mean = mean_of_last(values, n);
    if (!mean) return mean;
    Real sum = 0;
    for (std::size_t i = values.size() - n; i < values.size(); ++i) sum += (values[i] - *mean) * (values[i] - *mean);
    return std::sqrt(sum / Real(n - less));
  }
  static Value z(const Column& values, std::size_t n) {
    const Value d = deviation(values, n, 1);
    if (!d) return d;
    return *d > 0 ? (values.back() - *mean_of_last(values, n)) / *d : 0;
  }
  /// Mean of the first n, then v += (x - v) * factor. The first element stands for input n-1.
  static Column smooth(const Column& values, std::size_t n, Real factor) {
    Column out;
    Real v = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i < n) {
        v += values[i] / Real(n);
      } else {
        v += (values[i] - v) * factor;
      }
      if (i + 1 >= n) out.push_back(v);
    }
    return out;
  }
  static Column ema(const Column& values, std::size_t n) { return smooth(values, n, Real(2) / Real(n + 1)); }

  static Column rsi(const Column& closes, std::size_t n) {
    Column up, down, out;
    for (std::size_t i = 1; i < closes.size(); ++i) {
      up.push_back(std::max(closes[i] - closes[i - 1], Real(0)));
      down.push_back(std::max(closes[i - 1] - closes[i], Real(0)));
    }
    const Column g = smooth(up, n, Real(1) / Real(n));
    const Column l = smooth(down, n, Real(1) / Real(n));
    for (std::size_t i = 0; i < g.size(); ++i) out.push_back(g[i] + l[i] > 0 ? 100 * g[i] / (g[i] + l[i]) : 0);
    return out;
  }
  static Column true_ranges(std::span<const Bar> bars) {
    Column out;
    for (std::size_t i = 1; i < bars.size(); ++i) {
      const Real c = bars[i - 1].close;
      out.push_back(std::max({Real(bars[i].high) - bars[i].low, std::fabs(bars[i].high - c), std::fabs(bars[i].low - c)}));
    }
    return out;
  }
  struct Directional {
    Column plus, minus, adx;
  };
  static Directional directional(std::span<const Bar> bars, std::size_t n) {
    Directional out;
    const Column range = true_ranges(bars);
    Real plus = 0, minus = 0, tr = 0, adx = 0;
    std::size_t dx_count = 0;
    for (std::size_t i = 1; i < bars.size(); ++i) {
      const Real up = Real(bars[i].high) - bars[i - 1].high;
      const Real down = Real(bars[i - 1].low) - bars[i].low;
      const Real p = up > down && up > 0 ? up : 0;
      const Real m = down > up && down > 0 ? down : 0;
      const Real fade = i < n ? 1 : 1 - Real(1) / Real(n);
      plus = plus * fade + p;
      minus = minus * fade + m;
      tr = tr * fade + range[i - 1];
      if (i < n) continue;
      const Real pdi = tr > 0 ? 100 * plus / tr : 0;
      const Real mdi = tr > 0 ? 100 * minus / tr : 0;
      out.plus.push_back(pdi);
      out.minus.push_back(mdi);
      const bool defined = pdi + mdi > 0;
      const Real dx = defined ? 100 * std::fabs(pdi - mdi) / (pdi + mdi) : 0;
      if (dx_count < n) {
        adx += dx / Real(n);
        ++dx_count;
      } else if (defined) {
        adx += (dx - adx) / Real(n);
      }
      if (dx_count == n) out.adx.push_back(adx);
    }
    return out;
  }
  static Value macd(const Column& closes, std::size_t fast, std::size_t slow, std::size_t signal, IndicatorKind kind) {
    if (closes.size() < slow + signal - 1) return std::nullopt;
    const Column s = ema(closes, slow);
    const Column f = ema(Column(closes.begin() + std::ptrdiff_t(slow - fast), closes.end()), fast);
    Column line;
    for (std::size_t i = 0; i < s.size(); ++i) line.push_back(f[i] - s[i]);
    const Real signal_value = ema(line, signal).back();
    if (kind == IndicatorKind::macd) return line.back();
    return kind == IndicatorKind::macd_signal ? signal_value : line.back() - signal_value;
  }
  static Value bollinger(const Column& closes, std::size_t n, Real factor, IndicatorKind kind) {
    const Value d = deviation(closes, n, 0);
    if (!d) return d;
    const Real middle = *mean_of_last(closes, n);
    const Real reach = factor * *d;
    switch (kind) {
      case IndicatorKind::bb_upper:
        return middle + reach;
      case IndicatorKind::bb_middle:
        return middle;
      case IndicatorKind::bb_lower:
        return middle - reach;
      case IndicatorKind::bb_percent_b:
        return reach > 0 ? (closes.back() - middle + reach) / (2 * reach) : Real(0.5);
      default:
        return 2 * reach / middle;
    }
  }
  static Value vwap(std::span<const Bar> bars) {
    Real turnover = 0, volume = 0;
    for (const Bar& bar : bars) {
      turnover += typical(bar) * bar.volume;
      volume += bar.volume;
    }
    return volume > 0 ? Value(turnover / volume) : Value();
  }
  static Value vwap_session(std::span<const Bar> bars) {
    constexpr std::int64_t kDay_ns = 86'400'000'000'000;
    std::size_t first = bars.size() - 1;
    while (first > 0 && bars[first - 1].ts_open_ns / kDay_ns == bars.back().ts_open_ns / kDay_ns) --first;
    return vwap(bars.subspan(first));
  }
  static Value stoch_rsi(const Column& closes, std::size_t n, std::size_t window, std::size_t smoothing, IndicatorKind kind) {
    const Column r = rsi(closes, n);
    Column k;
    for (std::size_t i = window; i <= r.size(); ++i) {
      Real high = r[i - 1], low = r[i - 1];
      for (std::size_t j = i - window; j < i; ++j) {
        high = std::max(high, r[j]);
        low = std::min(low, r[j]);
      }
      k.push_back(high - low > 1e-9L ? 100 * (r[i - 1] - low) / (high - low) : 0);
    }
    const Value d = mean_of_last(k, smoothing);
    return d && kind == IndicatorKind::stochrsi_k ? Value(k.back()) : d;
  }
  static Value obv(std::span<const Bar> bars) {
    Real sum = bars[0].volume;
    for (std::size_t i = 1; i < bars.size(); ++i) {
      if (bars[i].close > bars[i - 1].close) sum += bars[i].volume;
      if (bars[i].close < bars[i - 1].close) sum -= bars[i].volume;
    }
    return sum;
  }
  static Value mfi(std::span<const Bar> bars, std::size_t n) {
    if (bars.size() <= n) return std::nullopt;
    Real up = 0, down = 0;
    for (std::size_t i = bars.size() - n; i < bars.size(); ++i) {
      // Whether it rose is a question about the doubles the engine sees.
      if (bars[i].typical() > bars[i - 1].typical()) up += typical(bars[i]) * bars[i].volume;
      if (bars[i].typical() < bars[i - 1].typical()) down += typical(bars[i]) * bars[i].volume;
    }
    return up + down > 0 ? 100 * up / (up + down) : 0;
  }
  static Value cci(std::span<const Bar> bars, std::size_t n) {
    const Column prices = column(bars, typical);
    const Value mean = mean_of_last(prices, n);
    if (!mean) return mean;
    Real sum = 0;
    bool equal = true;
    for (std::size_t i = prices.size() - n; i < prices.size(); ++i) {
      sum += std::fabs(prices[i] - *mean);
      equal = equal && prices[i] == prices.back();
    }
    return equal ? 0 : (prices.back() - *mean) / (0.015L * sum / Real(n));
  }
  static Value williams_r(std::span<const Bar> bars, std::size_t n) {
    if (bars.size() < n) return std::nullopt;
    Real high = bars.back().high, low = bars.back().low;
    for (const Bar& bar : bars.last(n)) {
      high = std::max(high, Real(bar.high));
      low = std::min(low, Real(bar.low));
    }
    return high > low ? -100 * (high - bars.back().close) / (high - low) : 0;
  }
  static Column log_returns(const Column& closes) {
    Column out;
    for (std::size_t i = 1; i < closes.size(); ++i) out.push_back(std::log(closes[i] / closes[i - 1]));
    return out;
  }
  static Column volatility(const Column& closes, std::size_t n, std::int64_t timeframe_ns) {
    const Column returns = log_returns(closes);
    const Real bars_per_year = Real(365) * 86'400 * 1e9L / Real(timeframe_ns);
    Column out;
    for (std::size_t i = n; i <= returns.size(); ++i) {
      out.push_back(*deviation(Column(returns.begin(), returns.begin() + std::ptrdiff_t(i)), n, 1) * std::sqrt(bars_per_year));
    }
    return out;
  }
};

}  // namespace martinet::test
