// SPDX-License-Identifier: Apache-2.0
#include "sla/input/samples.h"

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

// Samples of one outcome (unknown ones: of one cause too), each within belief of the one before.
// A series has far fewer stretches than samples, and all that follows works on them.
struct Stretch {
  std::int64_t first = 0, last = 0;  // samples
  std::size_t count = 0;
  Outcome outcome = Outcome::unknown;
  Cause cause = Cause::unstated;
};

struct Stretches {
  std::vector<Stretch> list;    // in order of time
  std::vector<Interval> stale;  // within stretches: longer than fresh_for() after a sample
};

bool continues(const Stretch& stretch, const Sample& next, Duration belief) {
  return next.outcome == stretch.outcome &&
         (next.outcome != Outcome::unknown || next.cause == stretch.cause) &&
         next.at_ns <= plus(stretch.last, belief);
}

// Nothing where the samples are not in order of time, or two of them are at one instant.
template <class Samples>
std::optional<Stretches> stretches_of(const Samples& samples, Duration belief, Duration every) {
  Stretches out;
  const Duration fresh = fresh_for(every);
  for (const Sample& sample : samples) {
    if (!out.list.empty()) {
      Stretch& current = out.list.back();
      if (sample.at_ns <= current.last) return std::nullopt;
      if (continues(current, sample, belief)) {
        const std::int64_t fresh_until = plus(current.last, fresh);
        if (fresh_until < sample.at_ns) out.stale.push_back({fresh_until, sample.at_ns});
        current.last = sample.at_ns;
        ++current.count;
        continue;
      }
    }
    out.list.push_back({sample.at_ns, sample.at_ns, 1, sample.outcome, sample.cause});
  }
  return out;
}

// Of several samples at one instant only the best one, which is the last of a sorted series.
std::vector<Sample> one_per_instant(const std::vector<Sample>& sorted) {
  std::vector<Sample> out;
  out.reserve(sorted.size());
  for (const Sample& sample : sorted) {
    if (!out.empty() && out.back().at_ns == sample.at_ns) out.pop_back();
    out.push_back(sample);
  }
  return out;
}

void put_in_order(std::vector<Sample>& samples) {
  std::sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
    if (a.at_ns != b.at_ns) return a.at_ns < b.at_ns;
    if (a.outcome != b.outcome) return rank(a.outcome) < rank(b.outcome);
    if (a.cause != b.cause) return a.cause < b.cause;
    return a.total_us < b.total_us;
  });
}

// S7: from the success before the first failure to the success after the last one. Where there is
// no success before, from the first failure; where there is none after, to the end of belief.
Timeline most_down(const std::vector<Stretch>& stretches,
                   Duration belief,
                   const Timeline& nominal,
                   std::int64_t wall) {
  std::vector<Interval> down;
  std::optional<std::int64_t> success;  // the last one
  std::optional<Interval> run;          // failures since then
  for (const Stretch& stretch : stretches) {
    if (stretch.outcome == Outcome::up) {
      if (run) down.push_back({run->from, stretch.first});
      run.reset();
      success = stretch.last + wall;
    } else if (stretch.outcome == Outcome::down) {
      if (!run) run = Interval{success.value_or(stretch.first), stretch.first};
      run->to = plus(stretch.last, belief);
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

// S8. Stretches follow each other within a segment, in which no sample is unknown and none comes
// later than belief in the one before. A stretch that has too few samples to confirm it takes the
// state confirmed before it in the segment, else the first confirmed after it, else none.
class Confirming {
 public:
  Confirming(std::vector<Stretch>& stretches, Duration belief, const Confirmation& rule)
      : stretches_(stretches), belief_(belief), rule_(rule) {}

  std::vector<Interval> run() {
    for (std::size_t i = 0; i < stretches_.size();) {
      std::size_t end = i;
      while (end < stretches_.size() && stretches_[end].outcome != Outcome::unknown &&
             (end == i || stretches_[end].first <= plus(stretches_[end - 1].last, belief_))) {
        ++end;
      }
      segment(i, end);
      i = std::max(end, i + 1);
    }
    return std::move(blips_);
  }

 private:
  bool confirmed(const Stretch& stretch) const {
    const int needed = stretch.outcome == Outcome::down ? rule_.down_after : rule_.up_after;
    return stretch.count >= static_cast<std::size_t>(needed);
  }

  void segment(std::size_t from, std::size_t to) {
    Outcome state = Outcome::unknown;
    for (std::size_t i = from; i < to && state == Outcome::unknown; ++i) {
      if (confirmed(stretches_[i])) state = stretches_[i].outcome;
    }
    for (std::size_t i = from; i < to; ++i) {
      if (confirmed(stretches_[i])) state = stretches_[i].outcome;
      if (state != stretches_[i].outcome) settle(i, state);
    }
  }

  void settle(std::size_t i, Outcome state) {
    Stretch& stretch = stretches_[i];
    stretch.outcome = state;
    stretch.cause = state == Outcome::unknown ? Cause::unconfirmed : Cause::unstated;
    if (state != Outcome::up) return;
    const std::int64_t end = plus(stretch.last, belief_);
    const bool last = i + 1 == stretches_.size();
    blips_.push_back({stretch.first, last ? end : std::min(end, stretches_[i + 1].first)});
  }

  std::vector<Stretch>& stretches_;
  Duration belief_;
  const Confirmation& rule_;
  std::vector<Interval> blips_;
};

Timelines timelines_from(Stretches made,
                         Duration belief,
                         Duration every,
                         const Confirmation& confirmation) {
  auto& stretches = made.list;
  Timelines out;
  if (confirmation != Confirmation{}) out.blips = Confirming(stretches, belief, confirmation).run();
  auto stale = made.stale.begin();
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const auto& [first, final, count, outcome, cause] = stretches[i];
    const std::int64_t believed = plus(final, belief);
    const bool goes_on = i + 1 < stretches.size() && stretches[i + 1].first <= believed;
    const std::int64_t end = goes_on ? stretches[i + 1].first : believed;
    out.nominal.append(first, outcome);
    out.nominal.append(end, Outcome::unknown);
    const bool known = outcome != Outcome::unknown;
    out.causes.append(first, known ? std::nullopt : std::optional(cause));
    out.causes.append(end, Cause::no_results);
    out.least.append(first, outcome);
    if (outcome == Outcome::down && !(goes_on && stretches[i + 1].outcome == Outcome::down)) {
      out.least.append(final, Outcome::up);
    }
    out.least.append(end, Outcome::unknown);
    out.fresh.append(first, outcome);
    for (; stale != made.stale.end() && stale->from < final; ++stale) {
      out.fresh.append(stale->from, Outcome::unknown);
      out.fresh.append(stale->to, outcome);
    }
    out.fresh.append(std::min(end, plus(final, fresh_for(every))), Outcome::unknown);
  }
  out.most = most_down(stretches, belief, out.nominal, 0);
  out.walled = most_down(stretches, belief, out.nominal, 1);
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

Timelines timelines_of(std::vector<Sample>& samples,
                       Duration belief,
                       Duration every,
                       const Confirmation& confirmation) {
  ASSERT(belief.count() > 0 && every.count() > 0);
  auto made = stretches_of(samples, belief, every);  // as they come, they are in order
  if (!made) {
    put_in_order(samples);
    made = stretches_of(one_per_instant(samples), belief, every);
    ASSERT(made.has_value());
  }
  return timelines_from(*std::move(made), belief, every, confirmation);
}

std::optional<Timelines> timelines_in_order(const PackedSamples& samples,
                                            Duration belief,
                                            Duration every,
                                            const Confirmation& confirmation) {
  ASSERT(belief.count() > 0 && every.count() > 0);
  auto made = stretches_of(samples, belief, every);
  if (!made) return std::nullopt;
  return timelines_from(*std::move(made), belief, every, confirmation);
}

}  // namespace nines::sla
