// SPDX-License-Identifier: Apache-2.0
// The judgement against a slow oracle that looks at every second by itself and tries every
// completion of what is unknown. Written from the rules, sharing no code with the judgement but the
// samples.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "sla/render/report_json.h"
#include "support.h"

namespace nines::sla::oracle_test {
namespace {

constexpr std::int64_t kOrigin = 1'767'225'600;  // 2026-01-01T00:00:00Z
constexpr int kCases = 2000;

struct World {
  struct Seen {
    std::string check, vantage;
    std::vector<std::pair<int, Outcome>> samples;  // second from kOrigin
  };

  std::vector<std::string> checks;
  std::vector<int> belief;  // of each check, in seconds
  std::vector<int> every;
  std::vector<std::string> vantages;
  int k = 1;
  std::vector<Seen> seen;
  int from = 0, to = 0, as_of = 0;  // the period, and the instant of the question
  int force_from = 0, force_to = 0;
  UnknownPolicy::Treat treat = UnknownPolicy::Treat::verdict;
  int min_coverage = 0;  // percent
  int target = 99;       // percent
};

// ---- the oracle ----

Outcome state_of(const World::Seen& seen, int belief, int t) {
  int last = -1;
  Outcome state = Outcome::unknown;
  for (const auto& [second, outcome] : seen.samples) {
    if (second > t || second < last) continue;
    const bool better = second > last || outcome == Outcome::up ||
                        (outcome == Outcome::down && state == Outcome::unknown);
    if (better) state = outcome;
    last = second;
  }
  return last >= 0 && t < last + belief ? state : Outcome::unknown;
}

// All completions of the unknowns; the common answer, or unknown where they differ.
Outcome complete(const std::vector<Outcome>& states, int k) {
  bool may_be_down = false;
  bool may_be_up = false;
  for (unsigned mask = 0; mask < 1U << states.size(); ++mask) {
    int down = 0;
    bool fits = true;
    for (std::size_t i = 0; i < states.size(); ++i) {
      const bool is_down = (mask >> i & 1U) != 0;
      fits = fits && (states[i] == Outcome::unknown || (states[i] == Outcome::down) == is_down);
      down += is_down ? 1 : 0;
    }
    if (!fits) continue;
    (down >= k ? may_be_down : may_be_up) = true;
  }
  if (may_be_down && may_be_up) return Outcome::unknown;
  return may_be_down ? Outcome::down : Outcome::up;
}

Outcome service_state(const World& w, int t) {
  std::vector<Outcome> checks;
  for (std::size_t c = 0; c < w.checks.size(); ++c) {
    std::vector<Outcome> states;
    for (const std::string& vantage : w.vantages) {
      Outcome state = Outcome::unknown;
      for (const World::Seen& seen : w.seen) {
        if (seen.check == w.checks[c] && seen.vantage == vantage) {
          state = state_of(seen, w.belief[c], t);
        }
      }
      states.push_back(state);
    }
    checks.push_back(complete(states, w.k));
  }
  return complete(checks, 1);
}

struct Counts {
  std::int64_t not_in_force = 0, future = 0, up = 0, down = 0, unknown = 0;
};

Counts count(const World& w) {
  Counts out;
  for (int t = w.from; t < w.to; ++t) {
    if (t < w.force_from || t >= w.force_to) {
      ++out.not_in_force;
    } else if (t >= w.as_of) {
      ++out.future;
    } else {
      const Outcome state = service_state(w, t);
      ++(state == Outcome::up ? out.up : state == Outcome::down ? out.down : out.unknown);
    }
  }
  return out;
}

// In percent, multiplied out; no fraction of the code under test is used.
Verdict verdict(const World& w, const Counts& c) {
  const std::int64_t whole = c.up + c.down + c.unknown;
  if (whole == 0) return Verdict::not_applicable;
  if (c.up + c.down == 0 || (c.up + c.down) * 100 < w.min_coverage * whole) {
    return Verdict::no_data;
  }
  using Treat = UnknownPolicy::Treat;
  const std::int64_t worst = w.treat == Treat::up ? c.up + c.unknown : c.up;
  const std::int64_t best = w.treat == Treat::down ? c.up : c.up + c.unknown;
  if (worst * 100 >= w.target * whole) return Verdict::met;
  return best * 100 < w.target * whole ? Verdict::breached : Verdict::indeterminate;
}

// ---- the same world for the judgement ----

std::int64_t ns(int second) { return (kOrigin + second) * kSecondNs; }

Agreement agreement_of(const World& w) {
  Agreement out;
  out.name = "random";
  out.version = "1";
  out.effective_from = {ns(w.force_from)};
  out.effective_to = WallTime{ns(w.force_to)};
  out.services = {"s"};
  for (std::size_t i = 0; i < w.checks.size(); ++i) {
    MeasuredCheck check;
    check.check.name = w.checks[i];
    check.check.every = seconds(w.every[i]);
    check.service = "s";
    check.belief = seconds(w.belief[i]);
    out.checks.push_back(check);
    out.composition["s"].push_back(w.checks[i]);
  }
  out.vantages = w.vantages;
  out.quorum.k = static_cast<std::size_t>(w.k);
  out.unknown.treat = w.treat;
  out.unknown.min_coverage = Rational(Integer(w.min_coverage), Integer(100));
  Objective objective;
  objective.name = "a";
  objective.service = "s";
  objective.target = Rational(Integer(w.target), Integer(100));
  objective.target_text = std::to_string(w.target);
  out.objectives.push_back(objective);
  return out;
}

std::vector<Series> series_of(const World& w) {
  std::vector<Series> out;
  for (const World::Seen& seen : w.seen) {
    Series each{seen.check, seen.vantage, std::nullopt, {}};
    for (const auto& [second, outcome] : seen.samples) {
      each.samples.push_back({ns(second), outcome, {}, std::nullopt});
    }
    out.push_back(each);
  }
  return out;
}

Report judge_world(const World& w) {
  Question question;
  question.period = format_rfc3339({ns(w.from)}) + "/" + format_rfc3339({ns(w.to)});
  if (w.as_of < w.to) question.as_of = WallTime{ns(w.as_of)};
  return judged({agreement_of(w)}, series_of(w), question);
}

ObjectiveReport judge_one(const World& w) { return judge_world(w).objectives.at(0); }

World draw(std::mt19937& random) {
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  World w;
  const int checks = pick(1, 2);
  const int vantages = pick(1, 3);
  for (int c = 0; c < checks; ++c) {
    w.checks.push_back("c" + std::to_string(c));
    w.every.push_back(pick(1, 8));
    w.belief.push_back(w.every.back() * pick(1, 3) + pick(0, 3));
  }
  for (int v = 0; v < vantages; ++v) w.vantages.push_back("v" + std::to_string(v));
  w.k = pick(1, vantages);
  w.from = pick(10, 60);
  w.to = w.from + pick(1, 60);
  w.as_of = pick(0, 2) == 0 ? pick(w.from, w.to) : w.to;
  w.force_from = pick(0, 3) == 0 ? pick(w.from - 5, w.to - 1) : 0;
  w.force_to = pick(0, 3) == 0 ? pick(std::max(w.force_from, w.from) + 1, w.to + 5) : 1000;
  w.treat = static_cast<UnknownPolicy::Treat>(pick(0, 2));
  w.min_coverage = pick(0, 2) == 0 ? pick(1, 100) : 0;
  w.target = pick(50, 100);
  for (int c = 0; c < checks; ++c) {
    for (int v = 0; v < vantages; ++v) {
      if (pick(0, 9) == 0) continue;  // a silent vantage
      World::Seen seen{
          w.checks[static_cast<std::size_t>(c)], w.vantages[static_cast<std::size_t>(v)], {}};
      Outcome outcome = Outcome::up;
      for (int t = pick(0, 9); t < 130;
           t += pick(0, 7) == 0 ? pick(1, 30) : w.every[static_cast<std::size_t>(c)]) {
        if (pick(0, 4) == 0) outcome = static_cast<Outcome>(pick(0, 2));
        if (t > w.as_of && w.as_of < w.to) break;
        seen.samples.emplace_back(t, outcome);
      }
      w.seen.push_back(seen);
    }
  }
  return w;
}

TEST(Oracle, ClassifiesEverySecondAlikeAndReachesTheSameVerdict) {
  std::mt19937 random(20261123);
  std::array<int, 5> verdicts{};
  for (int i = 0; i < kCases; ++i) {
    const World w = draw(random);
    const Counts expected = count(w);
    const ObjectiveReport o = judge_one(w);
    ASSERT_EQ(o.seconds.not_in_force, expected.not_in_force * kSecondNs) << i;
    ASSERT_EQ(o.seconds.future, expected.future * kSecondNs) << i;
    ASSERT_EQ(o.seconds.up, expected.up * kSecondNs) << i;
    ASSERT_EQ(o.seconds.down, expected.down * kSecondNs) << i;
    ASSERT_EQ(o.seconds.unknown, expected.unknown * kSecondNs) << i;
    std::int64_t caused = 0;
    for (const auto& [cause, length] : o.unknown_by) {
      ASSERT_GT(length, 0);
      caused += length;
    }
    ASSERT_EQ(caused, o.seconds.unknown) << i;
    ASSERT_EQ(o.verdict, verdict(w, expected)) << i;
    ++verdicts.at(static_cast<std::size_t>(o.verdict));
    // The order least ≤ nominal ≤ most, of times and of shares.
    ASSERT_LE(o.least_down_ns, o.seconds.down);
    ASSERT_LE(o.seconds.down, o.most_down_ns);
    if (o.nominal && w.treat == UnknownPolicy::Treat::verdict) {
      ASSERT_LE(*o.worst, *o.nominal);
      ASSERT_LE(*o.nominal, *o.best);
    }
    // What the outages say adds up to what the seconds say.
    std::int64_t charged = 0;
    for (const Outage& outage : o.outages) {
      charged += outage.down_ns;
      ASSERT_LE(outage.least_ns, outage.whole.to - outage.whole.from);
      ASSERT_GE(outage.most_ns, outage.whole.to - outage.whole.from);
    }
    ASSERT_EQ(charged, o.seconds.down) << i;
  }
  // A test that never meets a verdict would not test it.
  for (const int times : verdicts) EXPECT_GT(times, 0);
}

// S7 for one series, second by second.
TEST(Oracle, BoundsOfOneSeriesAreFirstToLastFailureAndSuccessToSuccess) {
  std::mt19937 random(5);
  for (int i = 0; i < 400; ++i) {
    World w = draw(random);
    w.checks.resize(1);
    w.vantages.resize(1);
    w.k = 1;
    std::erase_if(w.seen,
                  [](const World::Seen& s) { return s.check != "c0" || s.vantage != "v0"; });
    w.as_of = w.to;
    w.force_from = 0;
    w.force_to = 1000;
    const ObjectiveReport o = judge_one(w);
    if (w.seen.empty()) continue;
    const auto& samples = w.seen[0].samples;
    const int belief = w.belief[0];
    for (const Outage& outage : o.outages) {
      const int from = static_cast<int>(outage.whole.from / kSecondNs - kOrigin);
      const int to = static_cast<int>(outage.whole.to / kSecondNs - kOrigin);
      int first = -1, last = -1, before = -1, after = -1;
      for (const auto& [t, outcome] : samples) {
        const bool inside = t >= from && t < to;
        if (inside && outcome == Outcome::down) last = t;
        if (inside && outcome == Outcome::down && first < 0) first = t;
        if (outcome == Outcome::up && t < from) before = t;
        if (outcome == Outcome::up && t >= to && after < 0) after = t;
      }
      ASSERT_GE(first, 0);
      ASSERT_EQ(outage.least_ns, std::int64_t{last - first} * kSecondNs) << i;
      // Without a success on a side, failures further out belong to the same uncertainty.
      if (before < 0 || after < 0) continue;
      ASSERT_EQ(outage.most_ns, std::int64_t{after - before} * kSecondNs) << i << " " << belief;
    }
  }
}

TEST(Invariant, OrderAndRepetitionOfResultsDoNotMatter) {
  std::mt19937 random(11);
  for (int i = 0; i < 150; ++i) {
    const World w = draw(random);
    World shuffled = w;
    std::shuffle(shuffled.seen.begin(), shuffled.seen.end(), random);
    for (auto& seen : shuffled.seen) {
      std::shuffle(seen.samples.begin(), seen.samples.end(), random);
    }
    EXPECT_EQ(report_json(judge_world(w)), report_json(judge_world(shuffled)));
    World doubled = w;
    for (auto& seen : doubled.seen) {
      const auto copy = seen.samples;
      seen.samples.insert(seen.samples.end(), copy.begin(), copy.end());
    }
    EXPECT_EQ(judge_one(doubled).seconds, judge_one(w).seconds);
    EXPECT_EQ(judge_one(doubled).most_down_ns, judge_one(w).most_down_ns);
  }
}

TEST(Invariant, PartsOfAPeriodAddUpToTheWhole) {
  std::mt19937 random(12);
  for (int i = 0; i < 150; ++i) {
    World w = draw(random);
    w.as_of = w.to;
    if (w.to - w.from < 2) continue;
    World left = w;
    World right = w;
    left.to = left.as_of = right.from = (w.from + w.to) / 2;
    const Seconds whole = judge_one(w).seconds;
    const Seconds a = judge_one(left).seconds;
    const Seconds b = judge_one(right).seconds;
    EXPECT_EQ(whole.up, a.up + b.up);
    EXPECT_EQ(whole.down, a.down + b.down);
    EXPECT_EQ(whole.unknown, a.unknown + b.unknown);
    EXPECT_EQ(whole.not_in_force, a.not_in_force + b.not_in_force);
  }
}

TEST(Invariant, NeedingMoreWitnessesNeverAddsDowntime) {
  std::mt19937 random(13);
  for (int i = 0; i < 150; ++i) {
    World w = draw(random);
    if (w.k == static_cast<int>(w.vantages.size())) continue;
    World stricter = w;
    ++stricter.k;
    EXPECT_LE(judge_one(stricter).seconds.down, judge_one(w).seconds.down);
    EXPECT_GE(judge_one(stricter).seconds.up, judge_one(w).seconds.up);
  }
}

TEST(Invariant, ASuccessNeverAddsDowntime) {
  std::mt19937 random(14);
  for (int i = 0; i < 150; ++i) {
    World w = draw(random);
    if (w.seen.empty()) continue;
    World kinder = w;
    const int t = std::uniform_int_distribution<int>(0, w.as_of)(random);
    kinder.seen[0].samples.emplace_back(t, Outcome::up);
    EXPECT_LE(judge_one(kinder).seconds.down, judge_one(w).seconds.down);
    EXPECT_GE(judge_one(kinder).seconds.up, judge_one(w).seconds.up);
  }
}

TEST(Invariant, ShiftingEverythingByWholeWeeksChangesNothing) {
  std::mt19937 random(15);
  for (int i = 0; i < 100; ++i) {
    World w = draw(random);
    World later = w;
    const int shift = 7 * 86'400 * 3;
    for (int* instant :
         {&later.from, &later.to, &later.as_of, &later.force_from, &later.force_to}) {
      *instant += shift;
    }
    for (auto& seen : later.seen) {
      for (auto& sample : seen.samples) sample.first += shift;
    }
    const ObjectiveReport a = judge_one(w);
    const ObjectiveReport b = judge_one(later);
    EXPECT_EQ(a.seconds, b.seconds);
    EXPECT_EQ(a.verdict, b.verdict);
    EXPECT_EQ(a.certain, b.certain);
    EXPECT_EQ(a.believed_ns, b.believed_ns);
  }
}

}  // namespace
}  // namespace nines::sla::oracle_test
