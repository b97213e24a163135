// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "sla/number/integer.h"
#include "sla/number/rational.h"

namespace nines::sla::numbers_test {
namespace {

__extension__ using Wide = __int128;

Integer of_wide(Wide value) {
  const bool negative = value < 0;
  std::string digits;
  for (Wide rest = negative ? -value : value; rest != 0; rest /= 10) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  const Integer out = digits.empty() ? Integer(0) : Integer::from_digits(digits);
  return negative ? -out : out;
}

TEST(Integer, AgreesWithTheMachineWhereBothReach) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 3000; ++i) {
    const auto shift = random() % 60;
    const auto a = static_cast<std::int64_t>(random()) >> shift;
    const auto b = static_cast<std::int64_t>(random()) >> (random() % 60);
    const Wide x = a;
    const Wide y = b;
    EXPECT_EQ(Integer(a) + Integer(b), of_wide(x + y));
    EXPECT_EQ(Integer(a) - Integer(b), of_wide(x - y));
    EXPECT_EQ(Integer(a) * Integer(b), of_wide(x * y));
    EXPECT_EQ(Integer(a) <=> Integer(b), a <=> b);
    if (b <= 0) continue;
    const auto [quotient, remainder] = Integer::floor_divide(Integer(a), Integer(b));
    const Wide floor = x / y - (x % y < 0 ? 1 : 0);
    EXPECT_EQ(quotient, of_wide(floor));
    EXPECT_EQ(remainder, of_wide(x - floor * y));
  }
}

TEST(Integer, DividesBackWhatItMultiplied) {
  std::mt19937_64 random(8);
  for (int i = 0; i < 300; ++i) {
    Integer a(1);
    for (int j = 0; j < 5; ++j) a = a * Integer(static_cast<std::int64_t>(random() >> 1) + 1);
    const Integer b = Integer(static_cast<std::int64_t>(random() >> 2) + 2) *
                      Integer(static_cast<std::int64_t>(random() >> 20) + 2);
    const auto [quotient, remainder] = Integer::floor_divide(a, b);
    EXPECT_EQ(quotient * b + remainder, a);
    EXPECT_LT(remainder, b);
  }
}

TEST(Integer, KnowsWhatFitsSixtyFourBits) {
  const Integer most(std::numeric_limits<std::int64_t>::max());
  const Integer least(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(most.to_int64(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(least.to_int64(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(least.text(), "-9223372036854775808");
  EXPECT_FALSE((most + Integer(1)).fits_int64());
  EXPECT_FALSE((least - Integer(1)).fits_int64());
}

TEST(Rational, ReadsPlainDecimalsOnly) {
  EXPECT_EQ(*parse_decimal("99.9"), Rational(Integer(999), Integer(10)));
  EXPECT_EQ(*parse_decimal("0"), Rational(0));
  EXPECT_EQ(*parse_decimal("100.000"), Rational(100));
  EXPECT_EQ(*parse_decimal("99.999999999999"),
            Rational(100) - Rational(Integer(1), Integer::power_of_ten(12)));
  for (const char* bad : {"", ".", "99.", ".9", "-1", "+1", "1e2", " 1", "1 ", "1,5", "0x1", "nan",
                          "1.2.3", "99.9999999999999", "1234567890123"}) {
    EXPECT_FALSE(parse_decimal(bad)) << bad;
  }
}

TEST(Rational, RoundsTowardsTheNamedSide) {
  const Rational third(Integer(1), Integer(3));
  EXPECT_EQ(floor_text(third, 3), "0.333");
  EXPECT_EQ(ceil_text(third, 3), "0.334");
  EXPECT_EQ(floor_text(Rational(0) - third, 3), "-0.334");
  EXPECT_EQ(ceil_text(Rational(0) - third, 3), "-0.333");
  EXPECT_EQ(floor_text(Rational(Integer(199999), Integer(200000)) * Rational(100), 2), "99.99");
  EXPECT_EQ(floor_text(Rational(5), 0), "5");
  EXPECT_EQ(floor_text(Rational(Integer(5), Integer(100)), 2), "0.05");
}

TEST(Rational, PrintsSecondsAsWholeOrAsTenths) {
  const Rational second(Integer(1), Integer(1'000'000'000));
  EXPECT_EQ(tenths_text(Rational(2'592'000'000'000) * second), "2592");
  EXPECT_EQ(tenths_text(Rational(2'674'800'000'000) * second), "26748/10");
  EXPECT_EQ(tenths_text(Rational(1) * second), "1/1000000000");
  EXPECT_EQ(tenths_text(Rational(-1'500'000'000) * second), "-15/10");
}

TEST(Rational, PrintsSharesInTheSecondsTheyCameFrom) {
  EXPECT_EQ(ratio_text({Integer(2'576'995'000'000'000), Integer(2'581'373'000'000'000)}),
            "2576995/2581373");
  EXPECT_EQ(ratio_text({Integer(2'576'995'000'000'000), Integer(2'592'000'000'000'000)}),
            "2576995/2592000");
  EXPECT_EQ(ratio_text({Integer(1'500'000'000), Integer(3'000'000'000)}), "15/30");
  EXPECT_EQ(ratio_text({Integer(0), Integer(3'000'000'000)}), "0/3");
}

TEST(Rational, PrintsExactDecimals) {
  EXPECT_EQ(decimal_text(Rational(2000)), "2000");
  EXPECT_EQ(decimal_text(Rational(Integer(1), Integer(1000))), "0.001");
  EXPECT_EQ(reduced_text(Rational(Integer(144), Integer(10))), "72/5");
  EXPECT_EQ(reduced_text(Rational(Integer(30), Integer(10))), "3");
}

}  // namespace
}  // namespace nines::sla::numbers_test
