// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/wilson.h"

#include <algorithm>

#include "base/assert.h"

namespace nines::sla {
namespace {

constexpr unsigned kWilsonDecimals = 15;
constexpr unsigned kGuard = 30;  // decimals of the root

// z = 1.96.
const Rational& z() {
  static const Rational kZ(Integer(49), Integer(25));
  return kZ;
}

// Outwards to the printed decimals.
Rational down(const Rational& value) {
  const Integer scale = Integer::power_of_ten(kWilsonDecimals);
  return {std::max((value * Rational(scale)).floor(), Integer(0)), scale};
}

Rational up(const Rational& value) {
  const Integer scale = Integer::power_of_ten(kWilsonDecimals);
  return {std::min((value * Rational(scale)).ceil(), scale), scale};
}

// At least √value, and less than 10^-30 more.
Rational root_above(const Rational& value) {
  const Integer scale = Integer::power_of_ten(kGuard);
  const Integer scaled = (value * Rational(scale * scale)).floor();
  return {square_root(scaled) + Integer(1), scale};
}

// Fractions from 0 to 1 in units of 2^-62, so that products fit.
__extension__ using Wide = unsigned __int128;
constexpr unsigned kBits = 62;
constexpr Wide kOne = Wide{1} << kBits;

// A power lies between the two.
struct Between {
  Wide low, high;
};

Between multiply(const Between& a, const Between& b) {
  return {(a.low * b.low) >> kBits, (a.high * b.high + (kOne - 1)) >> kBits};
}

Between power(Between base, std::int64_t n) {
  Between out{kOne, kOne};
  for (; n > 0; n /= 2) {
    if (n % 2 == 1) out = multiply(out, base);
    base = multiply(base, base);
  }
  return out;
}

}  // namespace

Integer square_root(const Integer& value) {
  ASSERT(!value.is_negative());
  if (value.is_zero()) return value;
  // Newton from above falls until it is there.
  Integer root = Integer::power_of_ten(static_cast<unsigned>(value.text().size() + 1) / 2);
  while (true) {
    const Integer next =
        Integer::floor_divide(root + Integer::floor_divide(value, root).first, Integer(2)).first;
    if (next >= root) return root;
    root = next;
  }
}

std::int64_t most_failures(std::int64_t n, int one_in) {
  ASSERT(n > 0 && one_in > 1);
  std::int64_t low = 0;
  std::int64_t high = kFailureUnits;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    const Wide left = (Wide(kFailureUnits - middle) << kBits) / kFailureUnits;
    const Between value = power({left, std::min(left + 1, kOne)}, n);
    // Undecided by rounding counts as still possible.
    (value.high * static_cast<unsigned>(one_in) >= kOne ? low : high) = middle;
  }
  return low;
}

Interval95 interval95(const Integer& good, const Integer& total) {
  ASSERT(total > Integer(0) && total.fits_int64() && good <= total && !good.is_negative());
  // (g + z²/2 ∓ z·√(g·f/n + z²/4)) / (n + z²)
  const Rational square = z() * z();
  const Rational bad(total - good);
  const Rational inside =
      Rational(good) * bad / Rational(total) + square * Rational(Integer(1), Integer(4));
  const Rational reach = z() * root_above(inside);
  const Rational middle = Rational(good) + square * Rational(Integer(1), Integer(2));
  const Rational whole = Rational(total) + square;
  Interval95 out{down((middle - reach) / whole), up((middle + reach) / whole), {}};
  if (good == total) {
    constexpr int kOneIn = 20;  // 5 %
    const std::int64_t most = most_failures(total.to_int64(), kOneIn);
    out.failure_upper = Rational(Integer(most + 1), Integer(kFailureUnits));
  }
  return out;
}

}  // namespace nines::sla
