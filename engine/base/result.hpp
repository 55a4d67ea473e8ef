#pragma once
// Result<T>: a value, or an error with the words a person needs (which file, which offset, which order). Cold code only;
// hot code returns Errc.
#include <string>
#include <utility>
#include <variant>

#include "engine/base/assert.hpp"
#include "engine/base/errc.hpp"

namespace martinet {

/// One failure. `what` is one sentence that names the thing and says what to do; it never holds a secret.
struct Error {
  Errc code = Errc::ok;
  std::string what;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}       // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {    // NOLINT(google-explicit-constructor)
    MT_ASSERT(std::get<1>(state_).code != Errc::ok);
  }

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  T& value() { MT_ASSERT(ok()); return std::get<0>(state_); }
  const T& value() const { MT_ASSERT(ok()); return std::get<0>(state_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const { MT_ASSERT(!ok()); return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value: `Status{}` is ok.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) { MT_ASSERT(error_.code != Errc::ok); }  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const noexcept { return error_.code == Errc::ok; }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] const Error& error() const { MT_ASSERT(!ok()); return error_; }

 private:
  Error error_;
};

}  // namespace martinet
