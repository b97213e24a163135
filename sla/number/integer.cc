// SPDX-License-Identifier: Apache-2.0
#include "sla/number/integer.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace nines::sla {

Integer::Integer(std::int64_t value) : negative_(value < 0) {
  auto magnitude =
      value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  for (; magnitude != 0; magnitude >>= 32) {
    limbs_.push_back(static_cast<std::uint32_t>(magnitude));
  }
}

Integer Integer::power_of_ten(unsigned exponent) {
  Integer out(1);
  for (; exponent > 0; --exponent) out = out * Integer(10);
  return out;
}

Integer Integer::from_digits(std::string_view digits) {
  Integer out;
  for (const char c : digits) {
    ASSERT(c >= '0' && c <= '9');
    out = out * Integer(10) + Integer(c - '0');
  }
  return out;
}

bool Integer::fits_int64() const {
  return *this >= Integer(std::numeric_limits<std::int64_t>::min()) &&
         *this <= Integer(std::numeric_limits<std::int64_t>::max());
}

std::int64_t Integer::to_int64() const {
  ASSERT(fits_int64());
  std::uint64_t magnitude = 0;
  for (std::size_t i = limbs_.size(); i > 0; --i) magnitude = magnitude << 32 | limbs_[i - 1];
  return static_cast<std::int64_t>(negative_ ? 0 - magnitude : magnitude);
}

std::string Integer::text() const {
  if (is_zero()) return "0";
  std::string out;
  std::vector<std::uint32_t> rest = limbs_;
  while (!rest.empty()) {
    std::uint64_t carry = 0;
    for (std::size_t i = rest.size(); i > 0; --i) {
      carry = carry << 32 | rest[i - 1];
      rest[i - 1] = static_cast<std::uint32_t>(carry / 10);
      carry %= 10;
    }
    out.push_back(static_cast<char>('0' + carry));
    while (!rest.empty() && rest.back() == 0) rest.pop_back();
  }
  if (negative_) out.push_back('-');
  std::reverse(out.begin(), out.end());
  return out;
}

Integer Integer::operator-() const {
  Integer out = *this;
  out.negative_ = !negative_ && !is_zero();
  return out;
}

void Integer::trim() {
  while (!limbs_.empty() && limbs_.back() == 0) limbs_.pop_back();
  if (limbs_.empty()) negative_ = false;
}

std::strong_ordering Integer::compare_magnitude(const Integer& a, const Integer& b) {
  if (a.limbs_.size() != b.limbs_.size()) return a.limbs_.size() <=> b.limbs_.size();
  for (std::size_t i = a.limbs_.size(); i > 0; --i) {
    if (a.limbs_[i - 1] != b.limbs_[i - 1]) return a.limbs_[i - 1] <=> b.limbs_[i - 1];
  }
  return std::strong_ordering::equal;
}

Integer Integer::add_magnitude(const Integer& a, const Integer& b) {
  Integer out;
  const std::size_t size = std::max(a.limbs_.size(), b.limbs_.size());
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (i < a.limbs_.size()) carry += a.limbs_[i];
    if (i < b.limbs_.size()) carry += b.limbs_[i];
    out.limbs_.push_back(static_cast<std::uint32_t>(carry));
    carry >>= 32;
  }
  if (carry != 0) out.limbs_.push_back(static_cast<std::uint32_t>(carry));
  return out;
}

Integer Integer::subtract_magnitude(const Integer& a, const Integer& b) {
  Integer out = a;
  out.negative_ = false;
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < out.limbs_.size(); ++i) {
    const std::uint64_t take = borrow + (i < b.limbs_.size() ? b.limbs_[i] : 0U);
    borrow = out.limbs_[i] < take ? 1 : 0;
    out.limbs_[i] = static_cast<std::uint32_t>((borrow << 32) + out.limbs_[i] - take);
  }
  out.trim();
  return out;
}

constexpr std::size_t kWideLimbs = 4;

Integer Integer::of_wide(Wide value) {
  Integer out;
  for (; value != 0; value >>= 32) out.limbs_.push_back(static_cast<std::uint32_t>(value));
  return out;
}

Integer::Wide Integer::wide() const {
  Wide out = 0;
  for (std::size_t i = limbs_.size(); i > 0; --i) out = out << 32 | limbs_[i - 1];
  return out;
}

// Bit by bit from the top: the numbers have at most some hundred bits.
std::pair<Integer, Integer> Integer::divide_magnitude(const Integer& a, const Integer& b) {
  if (a.limbs_.size() <= kWideLimbs && b.limbs_.size() <= kWideLimbs) {
    return {of_wide(a.wide() / b.wide()), of_wide(a.wide() % b.wide())};
  }
  Integer quotient;
  Integer remainder;
  quotient.limbs_.assign(a.limbs_.size(), 0);
  for (std::size_t bit = a.limbs_.size() * 32; bit > 0; --bit) {
    const std::size_t limb = (bit - 1) / 32;
    const std::size_t shift = (bit - 1) % 32;
    remainder = add_magnitude(remainder, remainder);
    if ((a.limbs_[limb] >> shift & 1U) != 0) remainder = add_magnitude(remainder, Integer(1));
    if (compare_magnitude(remainder, b) >= 0) {
      remainder = subtract_magnitude(remainder, b);
      quotient.limbs_[limb] |= 1U << shift;
    }
  }
  quotient.trim();
  return {quotient, remainder};
}

Integer operator+(const Integer& a, const Integer& b) {
  if (a.negative_ == b.negative_) {
    Integer out = Integer::add_magnitude(a, b);
    out.negative_ = a.negative_ && !out.is_zero();
    return out;
  }
  const bool a_larger = Integer::compare_magnitude(a, b) >= 0;
  Integer out = a_larger ? Integer::subtract_magnitude(a, b) : Integer::subtract_magnitude(b, a);
  out.negative_ = (a_larger ? a.negative_ : b.negative_) && !out.is_zero();
  return out;
}

Integer operator-(const Integer& a, const Integer& b) { return a + -b; }

Integer operator*(const Integer& a, const Integer& b) {
  Integer out;
  out.limbs_.assign(a.limbs_.size() + b.limbs_.size(), 0);
  for (std::size_t i = 0; i < a.limbs_.size(); ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < b.limbs_.size(); ++j) {
      carry += static_cast<std::uint64_t>(a.limbs_[i]) * b.limbs_[j] + out.limbs_[i + j];
      out.limbs_[i + j] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    out.limbs_[i + b.limbs_.size()] = static_cast<std::uint32_t>(carry);
  }
  out.negative_ = a.negative_ != b.negative_;
  out.trim();
  return out;
}

std::pair<Integer, Integer> Integer::floor_divide(const Integer& dividend, const Integer& divisor) {
  ASSERT(divisor > Integer(0));
  auto [quotient, remainder] = divide_magnitude(dividend, divisor);
  if (!dividend.negative_) return {quotient, remainder};
  if (remainder.is_zero()) return {-quotient, remainder};
  return {-quotient - Integer(1), divisor - remainder};
}

std::strong_ordering operator<=>(const Integer& a, const Integer& b) {
  if (a.negative_ != b.negative_) {
    return a.negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return a.negative_ ? Integer::compare_magnitude(b, a) : Integer::compare_magnitude(a, b);
}

Integer greatest_common_divisor(Integer a, Integer b) {
  if (a.is_negative()) a = -a;
  if (b.is_negative()) b = -b;
  while (!b.is_zero()) {
    Integer remainder = Integer::floor_divide(a, b).second;
    a = std::move(b);
    b = std::move(remainder);
  }
  return a;
}

}  // namespace nines::sla
