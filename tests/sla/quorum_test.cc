// SPDX-License-Identifier: Apache-2.0
#include "sla/rules/quorum.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"

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

constexpr std::int64_t kEnd = 40;

Timeline random_timeline(Random& random) {
  Timeline out;
  std::int64_t at = random.below(4) == 0 ? std::numeric_limits<std::int64_t>::min() : -3;
  for (; at < kEnd; at = std::max<std::int64_t>(at, -4) + 1 + static_cast<int>(random.below(9))) {
    out.append(at, static_cast<Outcome>(random.below(3)));
  }
  return out;
}

IntervalSet random_set(Random& random) {
  std::vector<Interval> out;
  for (auto left = random.below(4); left > 0; --left) {
    const auto from = static_cast<std::int64_t>(random.below(kEnd));
    out.push_back({from, from + 1 + static_cast<std::int64_t>(random.below(12))});
  }
  constexpr auto kAlways = std::numeric_limits<std::int64_t>::max();
  if (random.below(3) == 0) out.push_back({std::numeric_limits<std::int64_t>::min(), 5});
  if (random.below(3) == 0) out.push_back({static_cast<std::int64_t>(random.below(kEnd)), kAlways});
  return IntervalSet(std::move(out));
}

// Counted at each instant by itself.
Outcome counted(const std::vector<CountedPart>& parts,
                std::size_t silent,
                const CountRule& rule,
                std::int64_t at) {
  std::size_t down = 0;
  std::size_t up = 0;
  std::size_t n = silent;
  for (const CountedPart& part : parts) {
    if (part.in_service != nullptr && !part.in_service->contains(at)) continue;
    ++n;
    const Outcome state = part.timeline->at(at);
    down += state == Outcome::down ? 1U : 0U;
    up += state == Outcome::up ? 1U : 0U;
  }
  return n == 0 ? Outcome::unknown : rule(down, up, n);
}

TEST(Quorum, OfManyTimelinesIsThatOfEachInstant) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Random random(seed);
    std::vector<Timeline> timelines;
    std::vector<IntervalSet> services;
    const auto count = 1 + random.below(6);
    for (std::uint64_t i = 0; i < count; ++i) {
      timelines.push_back(random_timeline(random));
      services.push_back(random_set(random));
    }
    std::vector<CountedPart> parts;
    for (std::size_t i = 0; i < count; ++i) {
      parts.push_back({&timelines[i], random.below(2) == 0 ? nullptr : &services[i]});
    }
    const auto silent = random.below(3);
    CountRule rule;
    rule.kind = static_cast<CountRule::Kind>(random.below(3));
    if (random.below(3) > 0) rule.number = 1 + random.below(count + silent);
    const Timeline whole = combine(parts, silent, rule);
    for (std::int64_t at = -6; at < kEnd + 15; ++at) {
      ASSERT_EQ(whole.at(at), counted(parts, silent, rule, at)) << "seed " << seed << ", " << at;
    }
  }
}

}  // namespace
}  // namespace nines::sla::quorum_test
