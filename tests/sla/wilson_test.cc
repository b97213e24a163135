// SPDX-License-Identifier: Apache-2.0
// The reference numbers come from another program with 60 digits.
#include "sla/judge/wilson.h"

#include <gtest/gtest.h>

namespace nines::sla::wilson_test {
namespace {

TEST(SquareRoot, IsTheLargestWholeNumberThatFits) {
  for (std::int64_t n = 0; n < 3000; ++n) {
    const std::int64_t root = square_root(n).to_int64();
    EXPECT_LE(root * root, n);
    EXPECT_GT((root + 1) * (root + 1), n);
  }
  EXPECT_EQ(square_root(Integer::power_of_ten(80)), Integer::power_of_ten(40));
  EXPECT_EQ(square_root(Integer::power_of_ten(80) - Integer(1)),
            Integer::power_of_ten(40) - Integer(1));
}

TEST(Interval95, HoldsWilsonsDecimalsRoundedOutwards) {
  const Interval95 some = interval95(95, 100);
  EXPECT_EQ(floor_text(some.low, 15), "0.888248034727911");
  EXPECT_EQ(floor_text(some.high, 15), "0.978456638543687");
  EXPECT_FALSE(some.failure_upper);
  const Interval95 day = interval95(86'390, 86'400);
  EXPECT_EQ(floor_text(day.low, 15), "0.999786938520004");
  EXPECT_EQ(floor_text(day.high, 15), "0.999937129304313");
}

TEST(Interval95, OfNoFailureIsOneAndSaysHowManyThereMayBe) {
  const Interval95 all = interval95(100, 100);
  EXPECT_EQ(floor_text(all.low, 15), "0.963005192523998");
  EXPECT_EQ(floor_text(all.high, 15), "1.000000000000000");
  ASSERT_TRUE(all.failure_upper);
  EXPECT_EQ(floor_text(*all.failure_upper, 15), "0.029513049607040");
  EXPECT_EQ(floor_text(*interval95(1, 1).failure_upper, 15), "0.950000000000001");
  EXPECT_EQ(floor_text(*interval95(86'400, 86'400).failure_upper, 15), "0.000034672226145");
}

TEST(Interval95, OfNoSuccessBeginsAtZero) {
  const Interval95 none = interval95(0, 10);
  EXPECT_EQ(floor_text(none.low, 15), "0.000000000000000");
  EXPECT_EQ(floor_text(none.high, 15), "0.277540168766617");
}

}  // namespace
}  // namespace nines::sla::wilson_test
