// SPDX-License-Identifier: Apache-2.0
#include "sla/samples.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace nines::sla {
namespace {

int rank(Outcome outcome) { return outcome == Outcome::up ? 2 : outcome == Outcome::down ? 1 : 0; }

// Instants lie within the years 1678 to 2261 but a belief may be centuries: saturate.
std::int64_t plus(std::int64_t at, Duration d) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(at, d.count(), &sum)) return std::numeric_limits<std::int64_t>::max();
  return sum;
}

// Of several samples at one instant only the best one.
std::vector<Sample> one_per_instant(const std::vector<Sample>& sorted) {
  std::vector<Sample> out;
  out.reserve(sorted.size());
  for (const Sample& sample : sorted) {
    if (!out.empty() && out.back().at_ns == sample.at_ns) out.pop_back();
    out.push_back(sample);
  }
  return out;
}

// S7: from the success before the first failure to the success after the last one. Where there is
// no success before, from the first failure; where there is none after, to the end of belief.
Timeline most_down(const std::vector<Sample>& samples,
                   Duration belief,
                   const Timeline& nominal,
                   std::int64_t wall) {
  std::vector<Interval> down;
  std::optional<std::int64_t> success;  // the last one
  std::optional<Interval> run;          // failures since then
  for (const Sample& sample : samples) {
    if (sample.outcome == Outcome::up) {
      if (run) down.push_back({run->from, sample.at_ns});
      run.reset();
      success = sample.at_ns + wall;
    } else if (sample.outcome == Outcome::down) {
      if (!run) run = Interval{success.value_or(sample.at_ns), sample.at_ns};
      run->to = plus(sample.at_ns, belief);
    }
  }
  if (run) {
    // A later unknown sample ends belief in the failure before it.
    const IntervalSet believed = nominal.where(Outcome::down);
    if (!believed.empty()) run->to = std::min(run->to, believed.intervals().back().to);
    down.push_back(*run);
  }
  const IntervalSet all_down(std::move(down));
  const IntervalSet up = subtract(nominal.where(Outcome::up), all_down);
  std::vector<Change> edges;
  for (const Interval& i : all_down.intervals()) {
    edges.push_back({i.to, Outcome::unknown});
    edges.push_back({i.from, Outcome::down});
  }
  for (const Interval& i : up.intervals()) {
    edges.push_back({i.to, Outcome::unknown});
    edges.push_back({i.from, Outcome::up});
  }
  // At one instant an end comes before a beginning.
  std::sort(edges.begin(), edges.end(), [](const Change& a, const Change& b) {
    return a.at != b.at ? a.at < b.at : rank(a.state) < rank(b.state);
  });
  Timeline out;
  for (const Change& edge : edges) out.append(edge.at, edge.state);
  return out;
}

}  // namespace

WallTime corrected_start(WallTime started, std::int64_t ahead_us, std::int64_t bound_us) {
  constexpr std::int64_t kSecond = 1'000'000;
  const std::int64_t limit = std::max(kSecond, bound_us);
  if (ahead_us <= limit && ahead_us >= -limit) return started;
  std::int64_t ahead_ns = 0;
  std::int64_t at = 0;
  if (__builtin_mul_overflow(ahead_us, 1000, &ahead_ns) ||
      __builtin_sub_overflow(started.ns, ahead_ns, &at)) {
    return started;  // no clock is off by centuries: such an offset is no measurement
  }
  return {at};
}

Timelines timelines_of(std::vector<Sample>& samples, Duration belief, Duration every) {
  ASSERT(belief.count() > 0 && every.count() > 0);
  std::sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
    if (a.at_ns != b.at_ns) return a.at_ns < b.at_ns;
    if (a.outcome != b.outcome) return rank(a.outcome) < rank(b.outcome);
    if (a.cause != b.cause) return a.cause < b.cause;
    return a.total_us < b.total_us;
  });
  const std::vector<Sample> held = one_per_instant(samples);
  Timelines out;
  for (std::size_t i = 0; i < held.size(); ++i) {
    const Sample& sample = held[i];
    const bool last = i + 1 == held.size();
    const std::int64_t next = last ? std::numeric_limits<std::int64_t>::max() : held[i + 1].at_ns;
    const std::int64_t end = std::min(next, plus(sample.at_ns, belief));
    const bool fails = sample.outcome == Outcome::down;
    const bool fails_on = !last && next == end && held[i + 1].outcome == Outcome::down;
    out.nominal.append(sample.at_ns, sample.outcome);
    out.nominal.append(end, Outcome::unknown);
    const bool known = sample.outcome != Outcome::unknown;
    out.causes.append(sample.at_ns, known ? std::nullopt : std::optional(sample.cause));
    out.causes.append(end, Cause::no_results);
    out.least.append(sample.at_ns, fails && !fails_on ? Outcome::up : sample.outcome);
    out.least.append(end, Outcome::unknown);
    out.fresh.append(sample.at_ns, sample.outcome);
    out.fresh.append(std::min(end, plus(sample.at_ns, every)), Outcome::unknown);
  }
  out.most = most_down(held, belief, out.nominal, 0);
  out.walled = most_down(held, belief, out.nominal, 1);
  return out;
}

}  // namespace nines::sla
