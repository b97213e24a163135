// SPDX-License-Identifier: Apache-2.0
#include "sla/rules/quorum.h"

#include <gtest/gtest.h>

namespace nines::sla::quorum_test {
namespace {

Timeline constant(Outcome state) {
  Timeline out;
  out.append(0, state);
  out.append(10, Outcome::unknown);
  return out;
}

// The state of k-of-n with so many parts of each kind.
Outcome count(std::size_t k, int down, int up, int unknown) {
  std::vector<Timeline> parts;
  for (int i = 0; i < down; ++i) parts.push_back(constant(Outcome::down));
  for (int i = 0; i < up; ++i) parts.push_back(constant(Outcome::up));
  for (int i = 0; i < unknown; ++i) parts.push_back(constant(Outcome::unknown));
  std::vector<const Timeline*> pointers;
  for (const Timeline& part : parts) pointers.push_back(&part);
  return threshold(pointers, k, parts.size()).at(5);
}

TEST(Quorum, IsTheAnswerThatNoCompletionOfTheUnknownsCouldChange) {
  struct Row {
    std::size_t k;
    int down, up, unknown;
    Outcome expected;
  };

  const Row rows[] = {
      {1, 1, 0, 0, Outcome::down},    {1, 0, 1, 0, Outcome::up},
      {2, 2, 1, 0, Outcome::down},    {2, 1, 2, 0, Outcome::up},
      {2, 1, 1, 1, Outcome::unknown}, {2, 0, 2, 1, Outcome::up},
      {2, 2, 0, 1, Outcome::down},    {2, 0, 1, 2, Outcome::unknown},
      {2, 0, 0, 3, Outcome::unknown}, {3, 2, 0, 1, Outcome::unknown},
      {3, 2, 1, 0, Outcome::up},      {3, 3, 0, 0, Outcome::down},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(count(row.k, row.down, row.up, row.unknown), row.expected)
        << row.k << " of " << row.down << " down, " << row.up << " up, " << row.unknown;
  }
}

TEST(Quorum, SerialIsDownWhereAnyIsDownAndUpOnlyWhereAllAreUp) {
  EXPECT_EQ(count(1, 1, 1, 1), Outcome::down);
  EXPECT_EQ(count(1, 0, 2, 1), Outcome::unknown);
  EXPECT_EQ(count(1, 0, 3, 0), Outcome::up);
}

TEST(Quorum, TakesMissingPartsAsUnknown) {
  const Timeline up = constant(Outcome::up);
  const Timeline down = constant(Outcome::down);
  EXPECT_EQ(threshold({&up}, 2, 3).at(5), Outcome::unknown);
  EXPECT_EQ(threshold({&up, &up}, 2, 3).at(5), Outcome::up);
  EXPECT_EQ(threshold({&down, &down}, 2, 3).at(5), Outcome::down);
  EXPECT_EQ(threshold({}, 1, 1).at(5), Outcome::unknown);
}

TEST(Quorum, ChangesAtEveryEdgeOfItsParts) {
  Timeline a;
  a.append(0, Outcome::up);
  a.append(4, Outcome::down);
  a.append(8, Outcome::unknown);
  Timeline b;
  b.append(2, Outcome::up);
  b.append(6, Outcome::down);
  b.append(7, Outcome::up);
  b.append(9, Outcome::unknown);
  const Timeline both = threshold({&a, &b}, 2, 2);
  EXPECT_EQ(both.changes(),
            (std::vector<Change>{
                {0, Outcome::up}, {6, Outcome::down}, {7, Outcome::up}, {9, Outcome::unknown}}));
}

}  // namespace
}  // namespace nines::sla::quorum_test
