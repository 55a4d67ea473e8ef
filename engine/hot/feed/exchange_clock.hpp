#pragma once
// How the venue's clock relates to ours: receive time minus exchange time, of which the smallest seen is the offset (clock
// difference plus the shortest way). It may be negative: the receiving clock of the 2024 captures is 1.25 s behind the venue.
#include <cstdint>

namespace martinet {

class ExchangeClock {
 public:
  enum class Answer : std::uint8_t { given, estimated, refused };

  /// Checks an exchange stamp, or makes one where there is none (0): receive time minus offset, or the receive time itself while
  /// no offset is known. A stamp further than error_ns_max from where the offset puts it is refused, until `confirmations` of them
  /// in a row agree within error_ns_max: then a clock was set, and theirs is the new offset.
  /// in    stamps in ns since the epoch; below zero or beyond the year 2096 is refused
  [[nodiscard]] Answer resolve(std::int64_t ts_receive_ns, std::int64_t& ts_exchange_ns, std::int64_t error_ns_max,
                               std::uint32_t confirmations) noexcept {
    if (!in_range(ts_receive_ns) || !in_range(ts_exchange_ns)) return Answer::refused;
    if (ts_exchange_ns == 0) {
      ts_exchange_ns = ts_receive_ns - offset_ns_;
      return Answer::estimated;
    }
    const std::int64_t delta_ns = ts_receive_ns - ts_exchange_ns;
    if (known_ == 0) {
      known_ = 1;
      offset_ns_ = delta_ns;
      return Answer::given;
    }
    const std::int64_t late_ns = delta_ns - offset_ns_;
    if (late_ns > error_ns_max || late_ns < -error_ns_max) [[unlikely]]
      return suspect(delta_ns, error_ns_max, confirmations);
    suspects_ = 0;
    if (late_ns < 0) offset_ns_ = delta_ns;
    return Answer::given;
  }

  /// Takes a stamp into account of which nobody asks whether it is right.
  void learn(std::int64_t ts_receive_ns, std::int64_t ts_exchange_ns, std::int64_t error_ns_max) noexcept {
    if (ts_exchange_ns == 0 || !in_range(ts_receive_ns) || !in_range(ts_exchange_ns)) return;
    const std::int64_t delta_ns = ts_receive_ns - ts_exchange_ns;
    const bool earlier = delta_ns < offset_ns_ && offset_ns_ - delta_ns <= error_ns_max;
    if (known_ != 0 && !earlier) return;
    known_ = 1;
    offset_ns_ = delta_ns;
  }

  [[nodiscard]] bool known() const noexcept { return known_ != 0; }
  [[nodiscard]] std::int64_t offset_ns() const noexcept { return offset_ns_; }  ///< 0 while unknown

  /// A stamp that may enter the arithmetic above: no sum or difference of it leaves 64 bits.
  [[nodiscard]] static constexpr bool in_range(std::int64_t ts_ns) noexcept { return static_cast<std::uint64_t>(ts_ns) <= kTsMax; }

 private:
  static constexpr std::uint64_t kTsMax = 4'000'000'000'000'000'000;  // 2096-10-02

  Answer suspect(std::int64_t delta_ns, std::int64_t error_ns_max, std::uint32_t confirmations) noexcept {
    const std::int64_t apart_ns = delta_ns - suspect_ns_;
    const bool agrees = suspects_ != 0 && apart_ns <= error_ns_max && apart_ns >= -error_ns_max;
    if (!agrees) suspects_ = 0;
    if (!agrees || apart_ns < 0) suspect_ns_ = delta_ns;
    if (++suspects_ < confirmations) return Answer::refused;
    offset_ns_ = suspect_ns_;
    suspects_ = 0;
    return Answer::given;
  }

  std::int64_t offset_ns_ = 0;
  std::int64_t suspect_ns_ = 0;  // smallest of the suspects in a row
  std::uint32_t suspects_ = 0;
  std::uint32_t known_ = 0;
};

}  // namespace martinet
