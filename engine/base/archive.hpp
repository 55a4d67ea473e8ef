#pragma once
// Checkpoints: a stage's state as bytes, in the order it is written, little-endian as in memory. A stage has
//   void save(ArchiveWriter&) const;   and   Errc load(ArchiveReader&);
// and opens with its tag, so that a checkpoint read by another build or configuration is refused, not misread.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/base/errc.hpp"

namespace martinet {

class ArchiveWriter {
 public:
  template <class T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    put_bytes({reinterpret_cast<const std::byte*>(&value), sizeof(T)});
  }
  template <class T>
  void put_span(std::span<const T> values) {
    static_assert(std::is_trivially_copyable_v<T>);
    put(static_cast<std::uint64_t>(values.size()));
    put_bytes(std::as_bytes(values));
  }
  void put_bytes(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
  void clear() noexcept { bytes_.clear(); }

 private:
  std::vector<std::byte> bytes_;
};

/// Reads what ArchiveWriter wrote. After the first failure every read fails and leaves its target alone.
class ArchiveReader {
 public:
  explicit ArchiveReader(std::span<const std::byte> bytes) noexcept : left_(bytes) {}

  template <class T>
  [[nodiscard]] bool get(T& value) noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    if (failed_ || left_.size() < sizeof(T)) return fail();
    std::memcpy(&value, left_.data(), sizeof(T));
    left_ = left_.subspan(sizeof(T));
    return true;
  }
  /// Reads exactly `values.size()` elements; another count in the archive is a failure.
  template <class T>
  [[nodiscard]] bool get_span(std::span<T> values) noexcept {
    std::uint64_t count = 0;
    if (!get(count) || count != values.size()) return fail();
    return get_elements(values);
  }
  /// Reads a span of at most `count_max` elements into a vector.
  template <class T>
  [[nodiscard]] bool get_vector(std::vector<T>& values, std::size_t count_max) {
    std::uint64_t count = 0;
    if (!get(count) || count > count_max || count > left_.size() / sizeof(T)) return fail();
    values.resize(static_cast<std::size_t>(count));
    return get_elements(std::span<T>(values));
  }
  /// True if the next value equals `expected`.
  template <class T>
  [[nodiscard]] bool expect(const T& expected) noexcept {
    T found{};
    return get(found) && (found == expected || fail());
  }
  [[nodiscard]] bool done() const noexcept { return !failed_ && left_.empty(); }
  [[nodiscard]] Errc status() const noexcept { return failed_ ? Errc::checkpoint_mismatch : Errc::ok; }

 private:
  template <class T>
  bool get_elements(std::span<T> values) noexcept {
    if (left_.size() < values.size_bytes()) return fail();
    if (!values.empty()) std::memcpy(values.data(), left_.data(), values.size_bytes());
    left_ = left_.subspan(values.size_bytes());
    return true;
  }
  bool fail() noexcept {
    failed_ = true;
    return false;
  }
  std::span<const std::byte> left_;
  bool failed_ = false;
};

}  // namespace martinet
