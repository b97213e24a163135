// SPDX-License-Identifier: Apache-2.0
// Hours, exclusions, short outages and confirmation against a second-by-second reading of the
// rules, and what must hold whatever the data: S8, S18, S21 to S27.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "support.h"

namespace nines::sla::time_invariants_test {
namespace {

constexpr int kCases = 3000;
constexpr std::int64_t kOrigin = 1'772'409'600;  // 2026-03-02T00:00:00Z, a Monday
constexpr int kSpan = 240;                       // seconds that results and windows lie in

using Effect = Exclusions::Effect;

struct World {
  std::vector<std::pair<int, Outcome>> samples;  // second from kOrigin, rising
  int belief = 1;
  int from = 0, to = 0, now = 0;
  int down_after = 1, up_after = 1;
  int minimum = 0, gap = 0;
  std::optional<int> cap;
  Effect effect = Effect::remove;
  std::vector<std::array<int, 3>> events;  // from, to, kind 0 or 1
  std::optional<int> allowance;            // of kind 0
  int open_from = 0, open_to = 0;          // hours of the day, in minutes; 0 0: always
};

std::int64_t ns(int second) { return (kOrigin + second) * kSecondNs; }

// ---- the slow reading ----

// S8, result by result: each looks for the run that it belongs to.
std::vector<Outcome> confirmed(const World& w) {
  const auto& s = w.samples;
  const int n = static_cast<int>(s.size());
  const auto joined = [&](int i) {  // to the result before
    return i > 0 && s[static_cast<std::size_t>(i)].second != Outcome::unknown &&
           s[static_cast<std::size_t>(i - 1)].second != Outcome::unknown &&
           s[static_cast<std::size_t>(i)].first - s[static_cast<std::size_t>(i - 1)].first <=
               w.belief;
  };
  const auto outcome = [&](int i) { return s[static_cast<std::size_t>(i)].second; };
  const auto is_confirmed = [&](int i) {
    int length = 1;
    for (int j = i; joined(j) && outcome(j - 1) == outcome(i); --j) ++length;
    for (int j = i + 1; j < n && joined(j) && outcome(j) == outcome(i); ++j) ++length;
    return length >= (outcome(i) == Outcome::down ? w.down_after : w.up_after);
  };
  std::vector<Outcome> out;
  for (int i = 0; i < n; ++i) {
    Outcome state = Outcome::unknown;
    if (outcome(i) != Outcome::unknown) {
      int j = i;
      while (!is_confirmed(j) && joined(j)) --j;
      if (!is_confirmed(j)) {
        for (j = i; !is_confirmed(j) && j + 1 < n && joined(j + 1);) ++j;
      }
      if (is_confirmed(j)) state = outcome(j);
    }
    out.push_back(state);
  }
  return out;
}

struct Counts {
  int out_of_hours = 0, future = 0, excluded = 0, unknown = 0, down = 0, up = 0;
  int forgiven_short = 0, forgiven_excluded = 0;
};

bool open_at(const World& w, int t) {
  return w.open_to == 0 || (t >= w.open_from * 60 && t < w.open_to * 60);
}

Counts count(const World& w) {
  const std::vector<Outcome> outcomes = confirmed(w);
  std::vector<Outcome> state(2 * kSpan, Outcome::unknown);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const int next = i + 1 < outcomes.size() ? w.samples[i + 1].first : 2 * kSpan;
    const int end = std::min(next, w.samples[i].first + w.belief);
    for (int t = w.samples[i].first; t < end; ++t)
      state.at(static_cast<std::size_t>(t)) = outcomes[i];
  }
  // An outage is as long as it is known at the instant of the question.
  for (int t = w.now; w.now < w.to && t < 2 * kSpan; ++t) {
    state.at(static_cast<std::size_t>(t)) = Outcome::unknown;
  }
  const auto is = [&](int t, Outcome o) { return state[static_cast<std::size_t>(t)] == o; };
  // S18: from each down second to both sides, over gaps shorter than agreed.
  const auto too_short = [&](int t) {
    int first = t;
    int last = t;
    for (int u = t - 1, quiet = 0; u >= 0; --u) {
      quiet = is(u, Outcome::down) ? 0 : quiet + 1;
      if (quiet == 0) first = u;
      if (quiet > 0 && quiet >= w.gap) break;
    }
    for (int u = t + 1, quiet = 0; u < 2 * kSpan; ++u) {
      quiet = is(u, Outcome::down) ? 0 : quiet + 1;
      if (quiet == 0) last = u;
      if (quiet > 0 && quiet >= w.gap) break;
    }
    return last + 1 - first < w.minimum;
  };
  Counts out;
  int allowed = w.allowance.value_or(2 * kSpan);
  int cap = w.cap.value_or(2 * kSpan);
  for (int t = w.from; t < w.to; ++t) {
    if (!open_at(w, t)) {
      ++out.out_of_hours;
      continue;
    }
    bool kinds[2] = {false, false};
    for (const auto& [from, to, kind] : w.events)
      kinds[kind] = kinds[kind] || (t >= from && t < to);
    if (kinds[0] && allowed-- <= 0) kinds[0] = false;
    const bool excluded = kinds[0] || kinds[1];
    if (t >= w.now) {
      ++out.future;
    } else if (excluded && (w.effect == Effect::remove ||
                            (w.effect == Effect::remove_down && !is(t, Outcome::up)))) {
      ++out.excluded;
    } else if (excluded && w.effect == Effect::forgive) {
      out.forgiven_excluded += is(t, Outcome::up) ? 0 : 1;
      ++out.up;
    } else if (is(t, Outcome::unknown)) {
      ++out.unknown;
    } else if (is(t, Outcome::up)) {
      ++out.up;
    } else if (too_short(t) && cap-- > 0) {
      ++out.forgiven_short;
      ++out.up;
    } else {
      ++out.down;
    }
  }
  return out;
}

// ---- the judgement ----

Agreement agreement_of(const World& w) {
  Agreement a = agreement({});
  a.checks[0].belief = seconds(w.belief);
  a.checks[0].check.every = seconds(1);
  a.confirm = {w.down_after, w.up_after};
  a.minimum_outage.duration = seconds(w.minimum);
  a.minimum_outage.merge_gap = seconds(w.gap);
  if (w.cap) a.minimum_outage.forgiven_cap = seconds(*w.cap);
  a.exclusions.effect = w.effect;
  a.exclusions.kinds.resize(2);
  a.exclusions.kinds[0].name = "maintenance";
  a.exclusions.kinds[1].name = "customer";
  if (w.allowance) a.exclusions.kinds[0].allowance = seconds(*w.allowance);
  if (w.open_to > 0) {
    Calendar calendar;
    calendar.weekly[0] = {{minutes(w.open_from), minutes(w.open_to)}};
    a.calendars.emplace("hours", calendar);
    a.objectives[0].hours = "hours";
  }
  return a;
}

ObjectiveReport judge_one(const World& w) {
  Series series{"web", "edge", std::nullopt, {}};
  for (const auto& [t, outcome] : w.samples) series.samples.push_back({ns(t), outcome, {}, {}});
  Events events;
  for (const auto& [from, to, kind] : w.events) {
    ExclusionEvent event;
    event.id = std::to_string(events.exclusions.size());
    event.kind = kind == 0 ? "maintenance" : "customer";
    event.span = {ns(from), ns(to)};
    event.state = ExclusionEvent::State::approved;
    event.approved_by = "acme";
    event.approved_at = WallTime{0};
    events.exclusions.push_back(event);
  }
  Question question;
  question.period = format_rfc3339({ns(w.from)}) + "/" + format_rfc3339({ns(w.to)});
  if (w.now < w.to) question.as_of = WallTime{ns(w.now)};
  const auto report = judge({agreement_of(w)}, {series}, question, events);
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  return report ? report->objectives.at(0) : ObjectiveReport{};
}

World draw(std::mt19937& random) {
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  World w;
  w.belief = pick(1, 8);
  w.from = pick(0, 120);
  w.to = w.from + pick(1, 110);
  w.now = pick(0, 3) == 0 ? pick(w.from, w.to) : w.to;
  w.down_after = pick(1, 3);
  w.up_after = pick(1, 3);
  if (pick(0, 1) == 0) {
    w.minimum = pick(0, 12);
    w.gap = pick(0, 6);
    if (pick(0, 1) == 0) w.cap = pick(0, 10);
  }
  w.effect = static_cast<Effect>(pick(0, 2));
  for (int i = pick(0, 4); i > 0; --i) {
    const int from = pick(0, 200);
    w.events.push_back({from, from + pick(1, 40), pick(0, 1)});
  }
  if (pick(0, 2) == 0) w.allowance = pick(0, 40);
  if (pick(0, 2) == 0) {
    w.open_from = pick(0, 2);
    w.open_to = w.open_from + pick(1, 2);
  }
  Outcome outcome = Outcome::up;
  for (int t = pick(0, 9); t < std::min(kSpan, w.now < w.to ? w.now + 1 : kSpan);
       t += pick(0, 9) == 0 ? pick(1, 20) : pick(1, 3)) {
    if (pick(0, 2) == 0) outcome = static_cast<Outcome>(pick(0, 2));
    w.samples.emplace_back(t, outcome);
  }
  return w;
}

TEST(TimeOracle, ReadsEverySecondAlike) {
  std::mt19937 random(20261125);
  Counts seen;
  for (int i = 0; i < kCases; ++i) {
    const World w = draw(random);
    const Counts expected = count(w);
    const ObjectiveReport o = judge_one(w);
    const auto in_ns = [](int s) { return s * kSecondNs; };
    ASSERT_EQ(o.seconds.out_of_hours, in_ns(expected.out_of_hours)) << i;
    ASSERT_EQ(o.seconds.future, in_ns(expected.future)) << i;
    ASSERT_EQ(o.seconds.excluded, in_ns(expected.excluded)) << i;
    ASSERT_EQ(o.seconds.unknown, in_ns(expected.unknown)) << i;
    ASSERT_EQ(o.seconds.down, in_ns(expected.down)) << i;
    ASSERT_EQ(o.seconds.up, in_ns(expected.up)) << i;
    ASSERT_EQ(o.forgiven_short_ns, in_ns(expected.forgiven_short)) << i;
    ASSERT_EQ(o.forgiven_excluded_ns, in_ns(expected.forgiven_excluded)) << i;
    ASSERT_LE(o.least_down_ns, o.seconds.down) << i;
    ASSERT_LE(o.seconds.down, o.most_down_ns) << i;
    std::int64_t charged = 0;
    for (const Outage& outage : o.outages) charged += outage.down_ns;
    ASSERT_EQ(charged, o.seconds.down) << i;
    std::int64_t windows = 0;
    for (const auto& [kind, length] : o.excluded_by) windows += length;
    if (w.effect == Effect::remove) {
      ASSERT_EQ(windows, o.seconds.excluded) << i;
    }
    seen.excluded += expected.excluded;
    seen.forgiven_short += expected.forgiven_short;
    seen.forgiven_excluded += expected.forgiven_excluded;
    seen.out_of_hours += expected.out_of_hours;
  }
  EXPECT_GT(seen.excluded, 0);
  EXPECT_GT(seen.forgiven_short, 0);
  EXPECT_GT(seen.forgiven_excluded, 0);
  EXPECT_GT(seen.out_of_hours, 0);
}

TEST(TimeInvariant, AnExclusionNeverAddsDowntimeAndTwiceIsOnce) {
  std::mt19937 random(21);
  for (int i = 0; i < 300; ++i) {
    World w = draw(random);
    w.allowance.reset();
    w.cap.reset();
    const ObjectiveReport with = judge_one(w);
    World twice = w;
    twice.events.insert(twice.events.end(), w.events.begin(), w.events.end());
    EXPECT_EQ(judge_one(twice).seconds, with.seconds);
    World without = w;
    without.events.clear();
    EXPECT_LE(with.seconds.down, judge_one(without).seconds.down);
  }
}

TEST(TimeInvariant, ForgivingNeverLowersAvailability) {
  std::mt19937 random(22);
  for (int i = 0; i < 300; ++i) {
    World w = draw(random);
    w.effect = Effect::forgive;
    w.allowance.reset();
    w.cap.reset();
    World without = w;
    without.events.clear();
    const ObjectiveReport a = judge_one(w);
    const ObjectiveReport b = judge_one(without);
    if (a.worst && b.worst) {
      EXPECT_GE(*a.worst, *b.worst);
      EXPECT_GE(*a.best, *b.best);
    }
  }
}

TEST(TimeInvariant, PartsOfAPeriodAddUp) {
  std::mt19937 random(23);
  for (int i = 0; i < 300; ++i) {
    World w = draw(random);
    w.allowance.reset();  // both are of a period
    w.cap.reset();
    w.now = w.to;
    if (w.to - w.from < 2) continue;
    World left = w;
    World right = w;
    left.to = left.now = right.from = (w.from + w.to) / 2;
    const Seconds whole = judge_one(w).seconds;
    const Seconds a = judge_one(left).seconds;
    const Seconds b = judge_one(right).seconds;
    EXPECT_EQ(whole.up, a.up + b.up);
    EXPECT_EQ(whole.down, a.down + b.down);
    EXPECT_EQ(whole.unknown, a.unknown + b.unknown);
    EXPECT_EQ(whole.excluded, a.excluded + b.excluded);
    EXPECT_EQ(whole.out_of_hours, a.out_of_hours + b.out_of_hours);
  }
}

}  // namespace
}  // namespace nines::sla::time_invariants_test
