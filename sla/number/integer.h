// SPDX-License-Identifier: Apache-2.0
// Whole numbers of any size, for the few exact steps of a judgement that could pass 64 or 128 bits
// (nanoseconds of a year × elapsed time × decimals of a target). Speed does not matter here: a
// report needs some hundred operations.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nines::sla {

class Integer {
 public:
  Integer() = default;

  Integer(std::int64_t value);  // NOLINT: implicit, as of any number

  static Integer power_of_ten(unsigned exponent);

  // Only digits, at least one; the caller has checked.
  static Integer from_digits(std::string_view digits);

  bool is_zero() const { return limbs_.empty(); }

  bool is_negative() const { return negative_; }

  // Whether the value fits a 64-bit integer, which `to_int64` then is.
  bool fits_int64() const;
  std::int64_t to_int64() const;

  std::string text() const;  // decimal

  Integer operator-() const;
  friend Integer operator+(const Integer& a, const Integer& b);
  friend Integer operator-(const Integer& a, const Integer& b);
  friend Integer operator*(const Integer& a, const Integer& b);

  // Quotient rounded towards minus infinity and a remainder in [0, divisor). `divisor` > 0.
  static std::pair<Integer, Integer> floor_divide(const Integer& dividend, const Integer& divisor);

  friend std::strong_ordering operator<=>(const Integer& a, const Integer& b);
  friend bool operator==(const Integer& a, const Integer& b) = default;

 private:
  // What the compiler can divide by itself; nearly all numbers here are that small.
  __extension__ using Wide = unsigned __int128;
  static Integer of_wide(Wide value);
  Wide wide() const;  // of the magnitude, at most four limbs

  static std::strong_ordering compare_magnitude(const Integer& a, const Integer& b);
  static Integer add_magnitude(const Integer& a, const Integer& b);
  static Integer subtract_magnitude(const Integer& a, const Integer& b);  // |a| ≥ |b|
  static std::pair<Integer, Integer> divide_magnitude(const Integer& a, const Integer& b);
  void trim();

  bool negative_ = false;             // never with zero
  std::vector<std::uint32_t> limbs_;  // least significant first, no leading zero
};

Integer greatest_common_divisor(Integer a, Integer b);  // of the magnitudes

}  // namespace nines::sla
