// SPDX-License-Identifier: Apache-2.0
// What must hold of any judgement, whatever was agreed and measured. Over the random worlds of
// world.h; the seed is fixed and printed in a failure with the world.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <sstream>

#include "sla/input/events_file.h"
#include "sla/render/report_json.h"
#include "sla/text/agreement_decoder.h"
#include "world.h"

namespace nines::sla::invariants_test {
namespace {

constexpr int kWorlds = 100;
constexpr std::int64_t kWeek = 604'800;

Report judged(const World& w) {
  std::vector<Agreement> versions;
  for (const std::string& text : agreement_texts(w)) {
    auto agreement = read_agreement(text, "agreement.yaml");
    EXPECT_TRUE(agreement) << (agreement ? "" : agreement.error().message) << text;
    if (agreement) versions.push_back(*agreement);
  }
  std::istringstream lines(event_lines(w));
  const auto events = read_events(lines, "events.jsonl");
  EXPECT_TRUE(events) << (events ? "" : events.error().message);
  const auto report = judge(versions, series_of(w), question_of(w), events ? *events : Events{});
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  return report ? *report : Report{};
}

ObjectiveReport time_of(const World& w) {
  const Report report = judged(w);
  for (const ObjectiveReport& each : report.objectives) {
    if (each.name == "time") return each;
  }
  ADD_FAILURE() << "no objective";
  return {};
}

// Hands `body` random worlds that `change` has made fit for the invariant.
void of_worlds(unsigned seed,
               const std::function<void(World&)>& change,
               const std::function<void(World&, std::mt19937&)>& body) {
  std::mt19937 random(seed);
  for (int i = 0; i < kWorlds; ++i) {
    World w = draw_world(random);
    change(w);
    draw_results(w, random);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", world " + std::to_string(i) + "\n" +
                 agreement_texts(w)[0] + event_lines(w) + question_of(w).period.value_or(""));
    body(w, random);
    if (testing::Test::HasFailure()) return;
  }
}

void leave(World&) {}

void one_version(World& w) { w.versions.resize(1); }

// Without what is shared out over a whole period.
void nothing_rationed(World& w) {
  one_version(w);
  w.versions[0].cap = -1;
  for (World::Kind& kind : w.versions[0].kinds) kind.allowance = -1;
}

void with_kinds(World& w, World::Effect effect) {
  one_version(w);
  w.versions[0].effect = effect;
  w.versions[0].kinds = {{"maintenance", 0, -1, false, {}}, {"customer", 0, -1, false, {}}};
}

World::Exclusion approved(int from, int to) {
  return {"added", "maintenance", from, to, "approved", false, from - 1, true, true, 0};
}

Seconds sum(const Seconds& a, const Seconds& b) {
  return {a.not_in_force + b.not_in_force,
          a.out_of_hours + b.out_of_hours,
          a.future + b.future,
          a.excluded + b.excluded,
          a.unknown + b.unknown,
          a.down + b.down,
          a.up + b.up};
}

void expect_no_better(const std::optional<Rational>& a, const std::optional<Rational>& b) {
  if (!a || !b) return;
  EXPECT_LE(*a, *b);
}

TEST(InvariantOfAll, CategoriesAddUpToThePeriod) {
  of_worlds(1, leave, [](World& w, std::mt19937&) {
    const ObjectiveReport o = time_of(w);
    const Seconds& s = o.seconds;
    EXPECT_EQ(s.not_in_force + s.out_of_hours + s.future + s.excluded + s.accountable(),
              o.period.to - o.period.from);
    std::int64_t charged = 0;
    for (const Outage& outage : o.outages) charged += outage.down_ns;
    EXPECT_EQ(charged, s.down);
  });
}

TEST(InvariantOfAll, WorstIsAtMostNominalIsAtMostBest) {
  of_worlds(2, leave, [](World& w, std::mt19937&) {
    if (w.versions.size() > 1) return;  // parts may count unknown time differently
    const ObjectiveReport o = time_of(w);
    expect_no_better(o.worst, o.nominal);
    expect_no_better(o.nominal, o.best);
  });
}

TEST(InvariantOfAll, PartsOfAPeriodAddUp) {
  of_worlds(3, nothing_rationed, [](World& w, std::mt19937&) {
    w.as_of.reset();
    if (w.to - w.from < 2) return;
    World left = w;
    World right = w;
    left.to = right.from = (w.from + w.to) / 2;
    EXPECT_EQ(sum(time_of(left).seconds, time_of(right).seconds), time_of(w).seconds);
  });
}

TEST(InvariantOfAll, OrderAndRepetitionOfResultsDoNotMatter) {
  of_worlds(4, leave, [](World& w, std::mt19937& random) {
    World other = w;
    std::shuffle(other.seen.begin(), other.seen.end(), random);
    for (auto& seen : other.seen) std::shuffle(seen.samples.begin(), seen.samples.end(), random);
    EXPECT_EQ(report_json(judged(w)), report_json(judged(other)));
    for (auto& seen : other.seen) {
      const auto copy = seen.samples;
      seen.samples.insert(seen.samples.end(), copy.begin(), copy.end());
    }
    EXPECT_EQ(time_of(other).seconds, time_of(w).seconds);
  });
}

TEST(InvariantOfAll, RepeatingAnExclusionDoesNothing) {
  of_worlds(5, leave, [](World& w, std::mt19937&) {
    if (w.exclusions.empty()) return;
    World twice = w;
    std::vector<World::Exclusion> last;  // the lines that speak
    for (const World::Exclusion& line : w.exclusions) {
      std::erase_if(last, [&](const World::Exclusion& other) { return other.id == line.id; });
      if (!w.as_of || line.at <= *w.as_of) last.push_back(line);
    }
    for (World::Exclusion line : last) {
      const bool later_line_unknown =
          std::count_if(w.exclusions.begin(), w.exclusions.end(),
                        [&](const World::Exclusion& e) { return e.id == line.id; }) > 1;
      if (later_line_unknown) continue;
      line.id = "again-" + line.id;
      twice.exclusions.push_back(line);
    }
    EXPECT_EQ(time_of(twice).seconds, time_of(w).seconds);
  });
}

TEST(InvariantOfAll, AnExclusionNeverAddsDowntime) {
  for (const auto effect :
       {World::Effect::remove, World::Effect::remove_down, World::Effect::forgive}) {
    of_worlds(
        6, [&](World& w) { with_kinds(w, effect); },
        [](World& w, std::mt19937& random) {
          World more = w;
          const int from = std::uniform_int_distribution<int>(w.end / 8, w.end * 2 / 3)(random);
          more.exclusions.push_back(approved(from, from + w.end / 7));
          EXPECT_LE(time_of(more).seconds.down, time_of(w).seconds.down);
        });
  }
}

TEST(InvariantOfAll, ForgivingNeverLowersAvailability) {
  of_worlds(
      7, [](World& w) { with_kinds(w, World::Effect::forgive); },
      [](World& w, std::mt19937& random) {
        World more = w;
        const int from = std::uniform_int_distribution<int>(w.end / 8, w.end * 2 / 3)(random);
        more.exclusions.push_back(approved(from, from + w.end / 7));
        const ObjectiveReport before = time_of(w);
        const ObjectiveReport after = time_of(more);
        expect_no_better(before.nominal, after.nominal);
        expect_no_better(before.worst, after.worst);
        expect_no_better(before.best, after.best);
      });
}

TEST(InvariantOfAll, NeedingMoreWitnessesNeverAddsDowntime) {
  of_worlds(8, leave, [](World& w, std::mt19937&) {
    const int vantages = static_cast<int>(w.vantages.size());
    w.memberships.clear();
    for (auto& r : w.versions) r.majority = false;
    for (int k = 1; k < vantages; ++k) {
      World more = w;
      for (auto& r : w.versions) r.k = k;
      for (auto& r : more.versions) r.k = k + 1;
      EXPECT_LE(time_of(more).seconds.down, time_of(w).seconds.down) << k;
    }
  });
}

// Where one success is a success: with confirmation an unconfirmed one may join two segments.
TEST(InvariantOfAll, ASuccessNeverAddsDowntime) {
  const auto unconfirmed = [](World& w) {
    for (auto& r : w.versions) {
      r.down_after = r.up_after = 1;
      r.majority = false;
    }
  };
  of_worlds(9, unconfirmed, [](World& w, std::mt19937& random) {
    World more = w;
    for (auto& seen : more.seen) {
      if (seen.samples.empty()) continue;
      const std::size_t last = seen.samples.size() - 1;
      seen.samples[std::uniform_int_distribution<std::size_t>(0, last)(random)].second =
          Outcome::up;
    }
    EXPECT_LE(time_of(more).seconds.down, time_of(w).seconds.down);
  });
}

TEST(InvariantOfAll, ShiftingByWholeWeeksInUtcChangesNothing) {
  const auto in_utc = [](World& w) {
    constexpr std::int64_t kMidnight = 1'772'496'000;
    w.zone = "UTC";
    w.before = w.after = 0;
    w.origin = kMidnight - w.change;
  };
  of_worlds(10, in_utc, [](World& w, std::mt19937& random) {
    World later = w;
    later.origin += std::uniform_int_distribution<int>(1, 60)(random) * kWeek;
    const ObjectiveReport a = time_of(w);
    const ObjectiveReport b = time_of(later);
    EXPECT_EQ(a.seconds, b.seconds);
    EXPECT_EQ(a.verdict, b.verdict);
    EXPECT_EQ(a.partial_ns, b.partial_ns);
    EXPECT_EQ(a.least_down_ns, b.least_down_ns);
    EXPECT_EQ(a.most_down_ns, b.most_down_ns);
    EXPECT_EQ(a.outages.size(), b.outages.size());
  });
}

TEST(InvariantOfAll, TheSameQuestionHasTheSameAnswerByteForByte) {
  of_worlds(11, leave, [](World& w, std::mt19937&) {
    EXPECT_EQ(report_json(judged(w)), report_json(judged(w)));
  });
}

}  // namespace
}  // namespace nines::sla::invariants_test
