// SPDX-License-Identifier: Apache-2.0
// What judging costs: a year of a thousand checks from stored timelines, a month of one, raw
// results, and how the cost grows. `bench_judge` prints a table; each number is the best of several
// runs on one core.
#include "sla/judge/judge.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "base/random.h"
#include "sla/input/samples.h"
#include "sla/judge/objective_report.h"
#include "sla/text/agreement_decoder.h"

namespace nines::sla {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kEvery = 30 * kSecond;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr std::int64_t kFrom = 1'767'225'600 * kSecond;  // 2026-01-01T00:00:00Z

double best_ms(int runs, const std::function<void()>& work) {
  double best = 1e18;
  for (int i = 0; i < runs; ++i) {
    const auto before = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> took =
        std::chrono::steady_clock::now() - before;
    best = std::min(best, took.count());
  }
  return best;
}

// Up every 30 s, up to 2 ms late, in some 100 ms, but for `outages` of two minutes each.
std::vector<Sample> results(std::int64_t days, std::int64_t outages) {
  std::vector<Sample> out;
  Random random(1);
  const std::int64_t count = days * kDay / kEvery;
  out.reserve(static_cast<std::size_t>(count));
  const std::int64_t apart = outages == 0 ? count : count / outages;
  for (std::int64_t i = 0; i < count; ++i) {
    const bool down = outages > 0 && i % apart >= apart / 2 && i % apart < apart / 2 + 4;
    const auto late_us = static_cast<std::int64_t>(random.below(2'000));
    const auto total_us = static_cast<std::int64_t>(80'000 + random.below(40'000));
    out.push_back(
        {kFrom + i * kEvery + late_us * 1000, down ? Outcome::down : Outcome::up, {}, total_us});
  }
  return out;
}

// What a store of timelines would hand over: no results.
ServiceTimelines stored(std::int64_t days, std::int64_t outages) {
  std::vector<Sample> samples = results(days, outages);
  Timelines timelines = timelines_of(samples, Duration(kEvery * 5 / 2), Duration(kEvery));
  ServiceTimelines out;
  out.any_down = timelines.nominal;
  out.nominal = std::move(timelines.nominal);
  out.least = std::move(timelines.least);
  out.most = std::move(timelines.most);
  out.walled = std::move(timelines.walled);
  out.fresh = std::move(timelines.fresh);
  out.causes = std::move(timelines.causes);
  out.resolution = Duration(kEvery);
  return out;
}

Agreement agreement() {
  const auto out = read_agreement(
      "apiVersion: nines/v1\nkind: Agreement\nmetadata: {name: bench, version: \"1.0.0\"}\n"
      "spec:\n  effective: {from: \"2020-01-01T00:00:00\"}\n  scope: {services: [{name: s}]}\n"
      "  measurement: {checks: [{name: web, every: 30s, http: {url: \"https://a.example/\"}}]}\n"
      "  objectives: [{name: a, target: \"99.9\"}]\n",
      "bench");
  if (!out) std::printf("%s\n", out.error().message.c_str());
  return *out;
}

Verdict judge_stored(const Agreement& agreement,
                     const ServiceTimelines& timelines,
                     std::int64_t days) {
  const Interval period{kFrom, kFrom + days * kDay};
  Part part{&agreement, &agreement.objectives.front(), {}};
  part.stretch.listed = period;
  part.stretch.in_force = IntervalSet::of(period.from, period.to);
  part.stretch.open = part.stretch.in_force;
  part.stretch.around = part.stretch.in_force;
  part.stretch.elapsed_until = period.to;
  part.timelines = &timelines;
  return report_objective({part.objective, period, {}}, {part}).verdict;
}

void run() {
  const Agreement agreed = agreement();
  constexpr int kRuns = 7;
  constexpr std::int64_t kYear = 365;
  constexpr std::int64_t kMonth = 30;

  std::vector<ServiceTimelines> checks;
  for (std::int64_t i = 0; i < 1000; ++i) checks.push_back(stored(kYear, i % 100));
  const double year = best_ms(kRuns, [&] {
    for (const auto& each : checks) judge_stored(agreed, each, kYear);
  });
  std::printf("a year of 1,000 checks from stored timelines  %9.1f ms   (goal 100)\n", year);
  checks.clear();

  const ServiceTimelines month = stored(kMonth, 5);
  std::printf("a month of one check from a stored timeline   %9.3f ms   (goal 1)\n",
              best_ms(kRuns, [&] { judge_stored(agreed, month, kMonth); }));

  const PackedSamples raw(results(kMonth, 5));
  const Question question{"2026-01-01T00:00:00Z/2026-01-31T00:00:00Z", std::nullopt};
  const double whole = best_ms(kRuns, [&] {
    std::vector<Series> series{{"web", "edge", std::nullopt, raw}};
    const auto report = judge({agreed}, std::move(series), question);
    if (!report) std::printf("%s\n", report.error().message.c_str());
  });
  std::printf("a month of one check from its results         %9.3f ms   (goal 1)\n", whole);
  const PackedSamples long_raw(results(kYear, 50));
  const double raw_ms = best_ms(
      kRuns, [&] { timelines_in_order(long_raw, Duration(kEvery * 5 / 2), Duration(kEvery)); });
  std::printf("packed results into timelines                 %9.1f ns each (goal 5)\n",
              raw_ms * 1e6 / static_cast<double>(long_raw.size()));
  std::printf("a packed result                               %9.1f bytes\n\n",
              static_cast<double>(long_raw.bytes()) / static_cast<double>(long_raw.size()));

  std::printf("%-10s %12s %18s %18s\n", "period", "results", "20 outages", "an outage a day");
  const std::pair<const char*, std::int64_t> periods[] = {
      {"1 day", 1}, {"1 week", 7}, {"1 month", 30}, {"1 year", 365}, {"10 years", 3650}};
  for (const auto& [name, days] : periods) {
    const ServiceTimelines few = stored(days, 20);
    const ServiceTimelines daily = stored(days, days);
    std::printf("%-10s %12lld %15.1f us %15.1f us\n", name,
                static_cast<long long>(days * kDay / kEvery),
                1000 * best_ms(kRuns, [&] { judge_stored(agreed, few, days); }),
                1000 * best_ms(kRuns, [&] { judge_stored(agreed, daily, days); }));
  }
}

}  // namespace
}  // namespace nines::sla

int main() { nines::sla::run(); }
