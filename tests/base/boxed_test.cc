// SPDX-License-Identifier: Apache-2.0
#include "base/boxed.h"

#include <gtest/gtest.h>

#include <string>

namespace nines::boxed_test {

TEST(Boxed, ACopyIsAnotherValue) {
  Boxed<std::string> one(std::string("as it was"));
  auto other = one;
  EXPECT_EQ(one, other);
  *other = "changed";
  EXPECT_EQ(*one, "as it was");
  EXPECT_NE(one, other);
  one = other;
  other->clear();
  EXPECT_EQ(*one, "changed");
}

TEST(Boxed, MovingTakesTheValueAlong) {
  Boxed<std::string> one(std::string("here"));
  const auto* value = &*one;
  const Boxed<std::string> other(std::move(one));
  EXPECT_EQ(&*other, value);
}

TEST(Boxed, NothingEqualsNothingOnly) {
  const Boxed<int> nothing, nothing_either, zero(0);
  EXPECT_EQ(nothing, nothing_either);
  EXPECT_NE(nothing, zero);
  EXPECT_FALSE(nothing.has_value());
}

TEST(Boxed, IsFilledAndEmptied) {
  Boxed<std::string> one;
  EXPECT_EQ(one.emplace(3, 'x'), "xxx");
  const auto& same = one;
  one = same;
  EXPECT_EQ(*one, "xxx");
  one.reset();
  EXPECT_FALSE(one);
}

}  // namespace nines::boxed_test
