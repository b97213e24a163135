// SPDX-License-Identifier: Apache-2.0
// A descriptor that is closed when nobody owns it any more.
#pragma once

#include <unistd.h>

#include <utility>

namespace nines {

class Descriptor {
 public:
  // Takes what open(2), socket(2) and their like answered: -1 is none.
  explicit Descriptor(int number = -1) : number_(number) {}

  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}

  Descriptor& operator=(Descriptor&& other) noexcept {
    Descriptor old(std::exchange(number_, other.release()));
    return *this;
  }

  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  explicit operator bool() const { return number_ >= 0; }

  int number() const { return number_; }

  // Gives it away: whoever takes the number closes it.
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

}  // namespace nines
