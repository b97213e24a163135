// SPDX-License-Identifier: Apache-2.0
// An optional value that lives on the heap, for parts of a structure that are large and mostly
// absent: absent, it takes one word, and moving it never touches the value. Copies are deep, and
// equality is that of the values.
#pragma once

#include <memory>
#include <utility>

namespace nines {

template <class T>
class Boxed {
 public:
  Boxed() = default;

  Boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}

  Boxed(const Boxed& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}

  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(Boxed&&) noexcept = default;
  ~Boxed() = default;

  Boxed& operator=(const Boxed& other) {
    if (this != &other) *this = Boxed(other);
    return *this;
  }

  template <class... Arguments>
  T& emplace(Arguments&&... arguments) {
    value_ = std::make_unique<T>(std::forward<Arguments>(arguments)...);
    return *value_;
  }

  void reset() { value_.reset(); }

  bool has_value() const { return value_ != nullptr; }

  explicit operator bool() const { return has_value(); }

  T& operator*() { return *value_; }

  const T& operator*() const { return *value_; }

  T* operator->() { return value_.get(); }

  const T* operator->() const { return value_.get(); }

  friend bool operator==(const Boxed& a, const Boxed& b) {
    return a && b ? *a == *b : a.has_value() == b.has_value();
  }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace nines
