#pragma once
// Saving and restoring an indicator: each class lists its state once, in visit(), and these two visitors write or read it.
#include <span>
#include <type_traits>
#include <vector>

#include "engine/base/archive.hpp"

namespace martinet {

class StateWriter {
 public:
  explicit StateWriter(ArchiveWriter& archive) noexcept : archive_(archive) {}
  template <class... T>
  void operator()(const T&... fields) {
    (one(fields), ...);
  }
  void operator()(const std::vector<double>& values) { archive_.put_span(std::span<const double>(values)); }

 private:
  template <class T>
  void one(const T& field) {
    if constexpr (requires { T::visit(field, *this); }) {
      T::visit(field, *this);
    } else if constexpr (std::is_same_v<T, std::vector<double>>) {
      (*this)(field);
    } else {
      archive_.put(field);
    }
  }
  ArchiveWriter& archive_;
};

/// Vectors keep the size they were made with: another size in the archive is a failure.
class StateReader {
 public:
  explicit StateReader(ArchiveReader& archive) noexcept : archive_(archive) {}
  template <class... T>
  void operator()(T&... fields) noexcept {
    (one(fields), ...);
  }
  void refuse() noexcept { ok_ = false; }
  [[nodiscard]] bool ok() const noexcept { return ok_; }

 private:
  template <class T>
  void one(T& field) noexcept {
    if constexpr (requires { T::visit(field, *this); }) {
      T::visit(field, *this);
      if constexpr (requires { field.in_bounds(); }) ok_ = field.in_bounds() && ok_;
    } else if constexpr (std::is_same_v<T, std::vector<double>>) {
      ok_ = archive_.get_span(std::span<double>(field)) && ok_;
    } else {
      ok_ = archive_.get(field) && ok_;
    }
  }
  ArchiveReader& archive_;
  bool ok_ = true;
};

}  // namespace martinet
