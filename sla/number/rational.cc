// SPDX-License-Identifier: Apache-2.0
#include "sla/number/rational.h"

#include "base/assert.h"

namespace nines::sla {
namespace {

constexpr std::size_t kMaxDecimalDigits = 12;
constexpr unsigned kMaxPlaces = 24;  // the 9 of a nanosecond and those of a target in percent

bool all_digits(std::string_view text) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return !text.empty() && text.size() <= kMaxDecimalDigits;
}

std::string with_point(const Integer& scaled, unsigned decimals) {
  std::string digits = (scaled.is_negative() ? -scaled : scaled).text();
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, 1, '.');
  return scaled.is_negative() ? "-" + digits : digits;
}

}  // namespace

Rational::Rational(Integer numerator, Integer denominator)
    : numerator_(std::move(numerator)), denominator_(std::move(denominator)) {
  ASSERT(denominator_ > Integer(0));
}

Integer Rational::floor() const { return Integer::floor_divide(numerator_, denominator_).first; }

Integer Rational::ceil() const { return -Integer::floor_divide(-numerator_, denominator_).first; }

Rational Rational::reduced() const {
  const Integer divisor = greatest_common_divisor(numerator_, denominator_);
  return {Integer::floor_divide(numerator_, divisor).first,
          Integer::floor_divide(denominator_, divisor).first};
}

Rational operator+(const Rational& a, const Rational& b) {
  return {a.numerator_ * b.denominator_ + b.numerator_ * a.denominator_,
          a.denominator_ * b.denominator_};
}

Rational operator-(const Rational& a, const Rational& b) {
  return {a.numerator_ * b.denominator_ - b.numerator_ * a.denominator_,
          a.denominator_ * b.denominator_};
}

Rational operator*(const Rational& a, const Rational& b) {
  return {a.numerator_ * b.numerator_, a.denominator_ * b.denominator_};
}

Rational operator/(const Rational& a, const Rational& b) {
  ASSERT(b.numerator_ > Integer(0));
  return {a.numerator_ * b.denominator_, a.denominator_ * b.numerator_};
}

std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
  return a.numerator_ * b.denominator_ <=> b.numerator_ * a.denominator_;
}

std::optional<Rational> parse_decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  if (!all_digits(whole)) return std::nullopt;
  if (point == std::string_view::npos) return Rational(Integer::from_digits(whole));
  const std::string_view fraction = text.substr(point + 1);
  if (!all_digits(fraction)) return std::nullopt;
  const Integer scale = Integer::power_of_ten(static_cast<unsigned>(fraction.size()));
  return Rational(Integer::from_digits(whole) * scale + Integer::from_digits(fraction), scale);
}

std::string floor_text(const Rational& value, unsigned decimals) {
  return with_point((value * Rational(Integer::power_of_ten(decimals))).floor(), decimals);
}

std::string ceil_text(const Rational& value, unsigned decimals) {
  return with_point((value * Rational(Integer::power_of_ten(decimals))).ceil(), decimals);
}

std::string decimal_text(const Rational& value) {
  for (unsigned places = 0; places < kMaxPlaces; ++places) {
    const Rational scaled = value * Rational(Integer::power_of_ten(places));
    if (scaled.floor() == scaled.ceil()) return with_point(scaled.floor(), places);
  }
  return floor_text(value, kMaxPlaces);
}

std::string reduced_text(const Rational& value) {
  const Rational lowest = value.reduced();
  if (lowest.denominator() == Integer(1)) return lowest.numerator().text();
  return lowest.numerator().text() + "/" + lowest.denominator().text();
}

std::string tenths_text(const Rational& value) {
  const Rational lowest = value.reduced();
  Integer scale(1);
  for (unsigned places = 0; places <= kMaxPlaces; ++places) {
    const auto [quotient, remainder] = Integer::floor_divide(scale, lowest.denominator());
    if (remainder.is_zero()) {
      const std::string numerator = (lowest.numerator() * quotient).text();
      return places == 0 ? numerator : numerator + "/" + scale.text();
    }
    scale = scale * Integer(10);
  }
  return reduced_text(value);
}

std::string ratio_text(const Rational& nanoseconds) {
  Integer part = nanoseconds.numerator();
  Integer whole = nanoseconds.denominator();
  for (int i = 0; i < 9; ++i) {
    const auto [part_tenth, part_rest] = Integer::floor_divide(part, Integer(10));
    const auto [whole_tenth, whole_rest] = Integer::floor_divide(whole, Integer(10));
    if (!part_rest.is_zero() || !whole_rest.is_zero()) break;
    part = part_tenth;
    whole = whole_tenth;
  }
  return part.text() + "/" + whole.text();
}

}  // namespace nines::sla
