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
  return timeline_of(all_down, subtract(nominal.where(Outcome::up), all_down));
}

// S8. A run is a stretch of equal outcomes; runs follow each other within a segment, in which no
// sample is unknown and none comes later than belief in the one before. A run that nothing confirms
// takes the state confirmed before it in the segment, else the first confirmed after it, else none.
class Confirming {
 public:
  Confirming(std::vector<Sample>& samples, Duration belief, const Confirmation& rule)
      : samples_(samples), belief_(belief), rule_(rule) {}

  std::vector<Interval> run() {
    for (std::size_t i = 0; i < samples_.size();) {
      std::size_t end = i;
      while (end < samples_.size() && samples_[end].outcome != Outcome::unknown &&
             (end == i || samples_[end].at_ns <= plus(samples_[end - 1].at_ns, belief_))) {
        ++end;
      }
      segment(i, end);
      i = std::max(end, i + 1);
    }
    return std::move(blips_);
  }

 private:
  struct Run {
    std::size_t from, to;
    Outcome outcome;
  };

  bool confirmed(const Run& run) const {
    const int needed = run.outcome == Outcome::down ? rule_.down_after : rule_.up_after;
    return run.to - run.from >= static_cast<std::size_t>(needed);
  }

  void segment(std::size_t from, std::size_t to) {
    std::vector<Run> runs;
    for (std::size_t i = from; i < to; ++i) {
      if (runs.empty() || runs.back().outcome != samples_[i].outcome) {
        runs.push_back({i, i, samples_[i].outcome});
      }
      runs.back().to = i + 1;
    }
    const auto first =
        std::find_if(runs.begin(), runs.end(), [&](const Run& run) { return confirmed(run); });
    Outcome state = first == runs.end() ? Outcome::unknown : first->outcome;
    for (const Run& run : runs) {
      if (confirmed(run)) state = run.outcome;
      if (state != run.outcome) settle(run, state);
    }
  }

  void settle(const Run& run, Outcome state) {
    for (std::size_t i = run.from; i < run.to; ++i) {
      samples_[i].outcome = state;
      samples_[i].cause = state == Outcome::unknown ? Cause::unconfirmed : Cause::unstated;
    }
    if (state != Outcome::up) return;
    const std::int64_t end = plus(samples_[run.to - 1].at_ns, belief_);
    const bool last = run.to == samples_.size();
    blips_.push_back(
        {samples_[run.from].at_ns, last ? end : std::min(end, samples_[run.to].at_ns)});
  }

  std::vector<Sample>& samples_;
  Duration belief_;
  const Confirmation& rule_;
  std::vector<Interval> blips_;
};

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

Timelines timelines_of(std::vector<Sample>& samples,
                       Duration belief,
                       Duration every,
                       const Confirmation& confirmation) {
  ASSERT(belief.count() > 0 && every.count() > 0);
  const auto before = [](const Sample& a, const Sample& b) {
    if (a.at_ns != b.at_ns) return a.at_ns < b.at_ns;
    if (a.outcome != b.outcome) return rank(a.outcome) < rank(b.outcome);
    if (a.cause != b.cause) return a.cause < b.cause;
    return a.total_us < b.total_us;
  };
  // Results come in order and one at a time, nearly always: then nothing is moved or copied.
  if (!std::is_sorted(samples.begin(), samples.end(), before)) {
    std::sort(samples.begin(), samples.end(), before);
  }
  const bool confirms = confirmation != Confirmation{};
  const bool distinct =
      std::adjacent_find(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
        return a.at_ns == b.at_ns;
      }) == samples.end();
  std::vector<Sample> copy;
  if (confirms || !distinct) copy = one_per_instant(samples);
  Timelines out;
  if (confirms) out.blips = Confirming(copy, belief, confirmation).run();
  const std::vector<Sample>& held = confirms || !distinct ? copy : samples;
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
