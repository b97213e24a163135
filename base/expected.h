// SPDX-License-Identifier: Apache-2.0
// Expected<T>: a value, or why there is none. For trouble that is expected (a full disk, a file
// that does not parse). A failed measurement is not an Error, it is data; our own bugs are ASSERTs.
// Same names as std::expected, which libstdc++ 12 has only from C++23 on.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace nines {

struct Error {
  std::string message;  // what, where and what to do, without the program's name
  int code = 0;         // errno or a library's code where one exists, else 0

  Error within(const std::string& context) && {
    return {context + ": " + std::move(message), code};
  }
};

template <class E>
struct Unexpected {
  explicit Unexpected(E e) : error(std::move(e)) {}

  E error;
};

template <class T, class E = Error>
class [[nodiscard]] Expected {
 public:
  // Default-constructible because Asio 1.22 needs it of what crosses co_spawn: holds an error.
  Expected() : state_(std::in_place_index<1>) {}

  Expected(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit

  Expected(Unexpected<E> e) : state_(std::in_place_index<1>, std::move(e.error)) {}  // NOLINT

  bool has_value() const { return state_.index() == 0; }

  explicit operator bool() const { return has_value(); }

  T& operator*() & {
    ASSERT(has_value());
    return std::get<0>(state_);
  }

  const T& operator*() const& {
    ASSERT(has_value());
    return std::get<0>(state_);
  }

  T&& operator*() && {
    ASSERT(has_value());
    return std::get<0>(std::move(state_));
  }

  T* operator->() { return &**this; }

  const T* operator->() const { return &**this; }

  E& error() {
    ASSERT(!has_value());
    return std::get<1>(state_);
  }

  const E& error() const {
    ASSERT(!has_value());
    return std::get<1>(state_);
  }

 private:
  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Expected<void, E> {
 public:
  Expected() = default;

  Expected(Unexpected<E> e) : error_(std::move(e.error)) {}  // NOLINT: implicit

  bool has_value() const { return !error_; }

  explicit operator bool() const { return has_value(); }

  E& error() {
    ASSERT(error_);
    return *error_;
  }

  const E& error() const {
    ASSERT(error_);
    return *error_;
  }

 private:
  std::optional<E> error_;
};

inline Unexpected<Error> fail(std::string message, int code = 0) {
  return Unexpected<Error>(Error{std::move(message), code});
}

// "open /x/y: No such file or directory"
Unexpected<Error> fail_errno(const std::string& what, int error_number);

}  // namespace nines

// TRY(name, expression): `name` is the value, or the error is returned to the caller.
// TRY_VOID(expression): the same for Expected<void>. CO_ forms are for coroutines.
#define NINES_TRY_IMPL(ret, name, ...)                                   \
  auto name##_or = (__VA_ARGS__);                                        \
  if (!name##_or) ret ::nines::Unexpected(std::move(name##_or.error())); \
  auto name = *std::move(name##_or)
#define TRY(name, ...) NINES_TRY_IMPL(return, name, __VA_ARGS__)
#define CO_TRY(name, ...) NINES_TRY_IMPL(co_return, name, __VA_ARGS__)
#define TRY_VOID(...)                                                         \
  do {                                                                        \
    auto try_void_ = (__VA_ARGS__);                                           \
    if (!try_void_) return ::nines::Unexpected(std::move(try_void_.error())); \
  } while (false)
