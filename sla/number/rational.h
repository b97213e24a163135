// SPDX-License-Identifier: Apache-2.0
// Exact fractions, and their texts. Everything that reaches a verdict or a printed ratio is one of
// these; no floating point exists in this folder. A fraction is kept as it was made (2592/2592000
// is not reduced), because reports print the seconds that it came from.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sla/number/integer.h"

namespace nines::sla {

class Rational {
 public:
  Rational() : denominator_(1) {}

  Rational(Integer whole) : numerator_(std::move(whole)), denominator_(1) {}  // NOLINT: implicit

  Rational(std::int64_t whole) : Rational(Integer(whole)) {}  // NOLINT: implicit

  Rational(Integer numerator, Integer denominator);  // denominator > 0

  const Integer& numerator() const { return numerator_; }

  const Integer& denominator() const { return denominator_; }

  Integer floor() const;
  Integer ceil() const;
  Rational reduced() const;

  friend Rational operator+(const Rational& a, const Rational& b);
  friend Rational operator-(const Rational& a, const Rational& b);
  friend Rational operator*(const Rational& a, const Rational& b);
  friend Rational operator/(const Rational& a, const Rational& b);  // b > 0

  friend std::strong_ordering operator<=>(const Rational& a, const Rational& b);

  friend bool operator==(const Rational& a, const Rational& b) { return (a <=> b) == 0; }

 private:
  Integer numerator_;
  Integer denominator_;
};

// "99.9", "95", "0.5": digits with at most one point inside; no sign, no exponent, at most 12
// digits on either side of the point.
std::optional<Rational> parse_decimal(std::string_view text);

// Rounded to `decimals` places towards minus infinity, or plus infinity: "99.830", "-0.5".
std::string floor_text(const Rational& value, unsigned decimals);
std::string ceil_text(const Rational& value, unsigned decimals);

// An exact decimal with as few digits as needed: "2000", "0.5". The denominator divides a power of
// ten.
std::string decimal_text(const Rational& value);

// "72/5" in lowest terms, "3" when whole.
std::string reduced_text(const Rational& value);

// A fraction whose denominator divides a power of ten: "2592", "26748/10"; the least power of ten
// that does. Others as reduced_text.
std::string tenths_text(const Rational& value);

// part/whole of two lengths in nanoseconds, in the largest of s, ds, cs … ns that keeps both whole,
// and not reduced further: "2576995/2581373".
std::string ratio_text(const Rational& nanoseconds);

}  // namespace nines::sla
