// SPDX-License-Identifier: Apache-2.0
// The canary rule by hand, clause by clause, and against a second reading of it that looks at every
// instant by itself.
#include "sla/rules/canaries.h"

#include <gtest/gtest.h>

#include <random>

#include "support.h"

namespace nines::sla::canaries_test {
namespace {

// Instants are small numbers here: nanoseconds are as good as seconds.
using Results = std::vector<std::pair<std::int64_t, Outcome>>;
using Losses = std::vector<UplinkLoss>;

Losses losses(const std::vector<Results>& canaries, std::int64_t belief = 75) {
  std::vector<CanaryResult> all;
  for (std::size_t i = 0; i < canaries.size(); ++i) {
    for (const auto& [at, outcome] : canaries[i]) all.push_back({i, at, outcome});
  }
  return uplink_losses(all, std::vector<Duration>(canaries.size(), Duration(belief)));
}

TEST(Canaries, NothingIsLostWhereAllAnswerOrNoneIsMeasured) {
  EXPECT_EQ(losses({}), Losses{});
  EXPECT_EQ(losses({{}, {}}), Losses{});
  EXPECT_EQ(losses({{{0, kUp}, {30, kUp}}, {{10, kUp}, {40, kUp}}}), Losses{});
}

TEST(Canaries, ALossReachesFromTheAnswerBeforeToTheAnswerAfterBothExcluded) {
  const Losses found = losses({{{0, kUp}, {30, kDown}, {60, kDown}, {90, kUp}}});
  EXPECT_EQ(found, (Losses{{1, 90}}));
  EXPECT_FALSE(lost_at(found, 0));
  EXPECT_TRUE(lost_at(found, 1));
  EXPECT_TRUE(lost_at(found, 89));
  EXPECT_FALSE(lost_at(found, 90));
}

TEST(Canaries, OneThatAnswersMakesTheUplinkGood) {
  EXPECT_EQ(losses({{{0, kUp}, {30, kDown}, {60, kDown}, {90, kDown}},
                    {{10, kUp}, {40, kUp}, {70, kUp}, {100, kUp}}}),
            Losses{});
}

TEST(Canaries, AnAnswerOfAnyEndsTheLossOfAll) {
  // Lost once the second fails too, at 40; the last answer was its own at 10, the next is at 70.
  EXPECT_EQ(losses({{{0, kUp}, {30, kDown}, {60, kDown}, {90, kUp}},
                    {{10, kUp}, {40, kDown}, {70, kUp}, {100, kUp}}}),
            (Losses{{11, 70}}));
}

TEST(Canaries, AnAnswerBetweenTwoFailingRoundsMakesTwoLosses) {
  EXPECT_EQ(losses({{{0, kUp}, {30, kDown}, {60, kUp}, {90, kDown}, {120, kUp}}}),
            (Losses{{1, 60}, {61, 120}}));
}

TEST(Canaries, AFailureBesideABelievedAnswerIsNoLossUntilThatAnswerIsReplaced) {
  // The first answers every 60 only; while its answer holds, the second's failures prove nothing.
  EXPECT_EQ(losses({{{0, kUp}, {60, kUp}}, {{10, kDown}, {40, kDown}, {70, kDown}}}, 70),
            (Losses{{61, 140}}));
  EXPECT_EQ(
      losses({{{0, kUp}, {60, kUp}, {120, kUp}}, {{10, kDown}, {40, kDown}, {70, kDown}}}, 70),
      Losses{});
}

TEST(Canaries, AnUnknownResultSaysNothing) {
  // As if it had not come: the answer before it holds for its belief, then the other one decides.
  EXPECT_EQ(losses({{{0, kUp}, {30, kUnknown}, {60, kUnknown}}}), Losses{});
  EXPECT_EQ(losses({{{0, kUp}, {30, kUnknown}, {60, kUnknown}, {90, kUnknown}, {120, kUp}},
                    {{10, kUp}, {40, kDown}, {70, kDown}, {100, kUp}}}),
            (Losses{{11, 100}}));
  EXPECT_EQ(losses({{{30, kUnknown}}, {{40, kUnknown}}}), Losses{});
}

TEST(Canaries, SilenceIsNoEvidence) {
  // The failure at 30 is believed until 105; what fails later finds nothing said of the uplink.
  const Losses one = losses({{{0, kUp}, {30, kDown}, {300, kUp}}});
  EXPECT_EQ(one, (Losses{{1, 105}}));
  // Nor does a later failure reach back over silence to an answer long ago.
  EXPECT_EQ(losses({{{0, kUp}, {300, kDown}, {330, kUp}}}), (Losses{{300, 330}}));
  // A failure at the very end of belief continues.
  EXPECT_EQ(losses({{{0, kUp}, {75, kDown}, {150, kUp}}}), (Losses{{1, 150}}));
  EXPECT_EQ(losses({{{0, kUp}, {76, kDown}, {150, kUp}}}), (Losses{{76, 150}}));
}

TEST(Canaries, ASilentOneLeavesTheOthersToDecide) {
  EXPECT_EQ(losses({{}, {{0, kUp}, {30, kDown}, {60, kUp}}}), (Losses{{1, 60}}));
  // The first stopped after its answer at 20, which is believed until 95: bad from there, but the
  // loss reaches back to that answer.
  EXPECT_EQ(losses({{{20, kUp}}, {{0, kUp}, {30, kDown}, {60, kDown}, {90, kDown}, {120, kUp}}}),
            (Losses{{21, 120}}));
}

TEST(Canaries, FailuresFromTheVeryFirstAreALossFromThere) {
  EXPECT_EQ(losses({{{30, kDown}, {60, kDown}, {90, kUp}}}), (Losses{{30, 90}}));
  EXPECT_EQ(losses({{{30, kDown}, {60, kDown}}}), (Losses{{30, 135}}));
}

TEST(Canaries, OfTwoResultsAtOneInstantTheAnswerHolds) {
  EXPECT_EQ(losses({{{0, kUp}, {30, kDown}, {30, kUp}, {60, kUp}}}), Losses{});
  EXPECT_EQ(losses({{{0, kUp}, {30, kDown}}, {{0, kUp}, {30, kUp}}, {{0, kDown}, {30, kDown}}}, 30),
            Losses{});
}

TEST(Canaries, EachHasItsOwnBelief) {
  std::vector<CanaryResult> all{{0, 0, kUp}, {1, 0, kUp}, {1, 30, kDown}, {1, 60, kDown}};
  // The slow one's answer outlives the failures of the quick one.
  EXPECT_EQ(uplink_losses(all, {Duration(1000), Duration(40)}), Losses{});
  EXPECT_EQ(uplink_losses(all, {Duration(50), Duration(40)}), (Losses{{1, 100}}));
}

TEST(Canaries, ABeliefForEverDoesNotOverflow) {
  const std::vector<CanaryResult> all{{0, INT64_MAX - 10, kDown}};
  EXPECT_EQ(uplink_losses(all, {hours(24)}), (Losses{{INT64_MAX - 10, INT64_MAX}}));
}

TEST(Canaries, ExcuseDownOnlyAndOnlyWithinALoss) {
  std::vector<Sample> samples;
  for (const std::int64_t at : {0, 1, 50, 89, 90}) {
    for (const Outcome outcome : {kUp, kDown, kUnknown}) {
      samples.push_back({at, outcome, static_cast<Cause>(Reason::agent_overlap), 7});
    }
  }
  const std::vector<Sample> before = samples;
  EXPECT_EQ(excuse(samples, {{1, 90}}), 3U);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const bool inside = before[i].at_ns > 0 && before[i].at_ns < 90;
    if (before[i].outcome == kDown && inside) {
      EXPECT_EQ(samples[i].outcome, kUnknown);
      EXPECT_EQ(samples[i].cause, Cause::uplink);
      EXPECT_FALSE(samples[i].total_us);
    } else {
      EXPECT_EQ(samples[i], before[i]) << i;
    }
  }
  EXPECT_EQ(excuse(samples, {}), 0U);
}

// ---- a second reading, instant by instant ----

enum class State { silent, good, lost };

struct World {
  std::vector<Results> canaries;
  std::vector<std::int64_t> beliefs;
};

State state_at(const World& w, std::int64_t t) {
  State state = State::silent;
  for (std::size_t c = 0; c < w.canaries.size(); ++c) {
    std::int64_t latest = -1;
    bool answered = false;
    for (const auto& [at, outcome] : w.canaries[c]) {
      if (outcome == kUnknown || at > t || at < latest) continue;
      answered = outcome == kUp || (at == latest && answered);
      latest = at;
    }
    if (latest < 0 || t >= latest + w.beliefs[c]) continue;
    if (answered) return State::good;
    state = State::lost;
  }
  return state;
}

bool answer_at(const World& w, std::int64_t t) {
  for (const Results& each : w.canaries) {
    for (const auto& [at, outcome] : each) {
      if (at == t && outcome == kUp) return true;
    }
  }
  return false;
}

// Walks away from `t` until an answer or silence stops it, looking for a lost instant.
bool excused(const World& w, std::int64_t t, std::int64_t end) {
  for (const int step : {1, -1}) {
    for (std::int64_t at = t; at >= 0 && at < end; at += step) {
      if (answer_at(w, at) || state_at(w, at) == State::silent) break;
      if (state_at(w, at) == State::lost) return true;
    }
  }
  return false;
}

TEST(Canaries, AgreeWithASecondReadingOfTheRuleAtEveryInstant) {
  std::mt19937 random(20261124);
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  constexpr std::int64_t kEnd = 150;
  std::int64_t lost = 0;
  std::int64_t kept = 0;
  for (int i = 0; i < 1500; ++i) {
    World w;
    w.canaries.resize(static_cast<std::size_t>(pick(1, 3)));
    for (Results& each : w.canaries) {
      const int every = pick(1, 12);
      w.beliefs.push_back(pick(1, 3 * every));
      Outcome outcome = kUp;
      for (int t = pick(0, 12); t < 120; t += pick(0, 9) == 0 ? pick(0, 40) : every) {
        if (pick(0, 2) == 0) outcome = static_cast<Outcome>(pick(0, 2));
        each.emplace_back(t, outcome);
      }
      std::shuffle(each.begin(), each.end(), random);
    }
    std::vector<CanaryResult> all;
    std::vector<Duration> beliefs;
    for (std::size_t c = 0; c < w.canaries.size(); ++c) {
      beliefs.emplace_back(w.beliefs[c]);
      for (const auto& [at, outcome] : w.canaries[c]) all.push_back({c, at, outcome});
    }
    const Losses found = uplink_losses(all, beliefs);
    for (std::size_t l = 0; l < found.size(); ++l) {
      ASSERT_LT(found[l].from_ns, found[l].to_ns);
      if (l > 0) {
        ASSERT_LE(found[l - 1].to_ns, found[l].from_ns);
      }
    }
    for (std::int64_t t = 0; t < kEnd + 10; ++t) {
      const bool expected = excused(w, t, kEnd + 10);
      ASSERT_EQ(lost_at(found, t), expected) << "case " << i << " at " << t;
      ++(expected ? lost : kept);
    }
  }
  EXPECT_GT(lost, 10'000);
  EXPECT_GT(kept, 10'000);
}

}  // namespace
}  // namespace nines::sla::canaries_test
