// SPDX-License-Identifier: Apache-2.0
// Does the printed interval hold as often as it claims? Months of known truth are sampled, judged
// by the judge, and the truth is looked for between the least downtime and the most downtime plus
// the bound of what was not seen. `bench_unseen [MONTHS]` prints a table.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/random.h"
#include "sla/judge/judge.h"
#include "sla/text/agreement_decoder.h"

namespace nines::sla {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kEvery = 300;  // s
constexpr std::int64_t kMonth = 2'592'000;
constexpr std::int64_t kFrom = 1'775'001'600;  // 2026-04-01T00:00:00Z
constexpr std::int64_t kMilli = 1000;          // outages are placed to the millisecond

struct Scenario {
  const char* name;
  int outages;                  // in a month
  std::int64_t least, longest;  // s each
};

constexpr Scenario kScenarios[] = {{"no outage", 0, 1, 2},
                                   {"5 of 1 to 10 s", 5, 1, 10},
                                   {"20 of 5 to 60 s", 20, 5, 60},
                                   {"200 of 1 to 30 s", 200, 1, 30},
                                   {"3 of 250 to 299 s", 3, 250, 299},
                                   {"10 of 60 to 299 s", 10, 60, 299},
                                   {"4 of 10 to 60 min", 4, 600, 3600},
                                   {"30 of 10 s to 20 min", 30, 10, 1200}};

Agreement agreement() {
  const auto out = read_agreement(
      "apiVersion: nines/v1\nkind: Agreement\nmetadata: {name: truth, version: \"1.0.0\"}\n"
      "spec:\n  effective: {from: \"2020-01-01T00:00:00\"}\n  scope: {services: [{name: s}]}\n"
      "  measurement: {checks: [{name: web, every: 5m, http: {url: \"https://a.example/\"}}]}\n"
      "  objectives: [{name: a, target: \"99.9\"}]\n",
      "truth");
  if (!out) std::printf("%s\n", out.error().message.c_str());
  return *out;
}

// Outages begin anywhere, each in its own piece of the month so that no two meet.
IntervalSet truth_of(const Scenario& scenario, Random& random) {
  std::vector<Interval> out;
  if (scenario.outages == 0) return {};
  const std::int64_t piece = kMonth * kMilli / scenario.outages;
  for (int i = 0; i < scenario.outages; ++i) {
    const auto spread =
        static_cast<std::uint64_t>((scenario.longest - scenario.least) * kMilli + 1);
    const std::int64_t length =
        scenario.least * kMilli + static_cast<std::int64_t>(random.below(spread));
    const std::int64_t room = piece - length - 2 * kEvery * kMilli;
    const std::int64_t begin =
        i * piece + kEvery * kMilli +
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(room)));
    out.push_back({begin, begin + length});
  }
  return IntervalSet(std::move(out));
}

struct Held {
  int below = 0, above = 0, inside = 0;  // the truth, of the interval
  std::int64_t width = 0;                // s, summed
};

void judge_month(const Agreement& agreed, const Scenario& scenario, Random& random, Held& held) {
  const IntervalSet truth = truth_of(scenario, random);
  Series series{"web", "edge", std::nullopt, {}};
  const auto phase = static_cast<std::int64_t>(random.below(kEvery * kMilli));
  for (std::int64_t t = phase - kEvery * kMilli; t < (kMonth + 2 * kEvery) * kMilli;
       t += kEvery * kMilli) {
    const Outcome outcome = truth.contains(t) ? Outcome::down : Outcome::up;
    series.samples.push_back({kFrom * kSecond + t * (kSecond / kMilli), outcome, {}, {}});
  }
  const auto report = judge({agreed}, {series}, {"2026-04", std::nullopt});
  const ObjectiveReport& o = report->objectives.front();
  const Rational down(truth.length() * (kSecond / kMilli));
  const Rational low(o.least_down_ns);
  const Rational high = Rational(o.most_down_ns) + *o.unseen_down_95_ns;
  ++(down < low ? held.below : down > high ? held.above : held.inside);
  held.width += ((high - low) * Rational(Integer(1), Integer(kSecond))).floor().to_int64();
}

void run(int months) {
  const Agreement agreed = agreement();
  Random random(20'260'401);
  std::printf("%d months at %lld s\n\n%-22s %10s %14s %14s %16s\n", months,
              static_cast<long long>(kEvery), "outages in a month", "held", "truth below",
              "truth above", "mean width");
  for (const Scenario& scenario : kScenarios) {
    Held held;
    for (int i = 0; i < months; ++i) judge_month(agreed, scenario, random, held);
    std::printf("%-22s %8.2f %% %14d %14d %14lld s\n", scenario.name, 100.0 * held.inside / months,
                held.below, held.above, static_cast<long long>(held.width / months));
  }
}

}  // namespace
}  // namespace nines::sla

int main(int argc, char** argv) {
  constexpr int kMonths = 10'000;
  nines::sla::run(argc > 1 ? std::max(1, std::atoi(argv[1])) : kMonths);
}
