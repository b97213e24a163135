// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/slices.h"

#include <algorithm>
#include <map>
#include <utility>

namespace nines::sla {
namespace {

std::int64_t number_of(std::int64_t at, std::int64_t origin, std::int64_t window) {
  const std::int64_t off = at - origin;
  return off >= 0 ? off / window : -((-off + window - 1) / window);
}

// How many slices touch the set.
std::int64_t touched(const IntervalSet& set, std::int64_t origin, std::int64_t window) {
  std::int64_t count = 0;
  std::int64_t last = 0;
  bool any = false;
  for (const Interval& each : set.intervals()) {
    std::int64_t first = number_of(each.from, origin, window);
    if (any && first <= last) first = last + 1;
    const std::int64_t end = number_of(each.to - 1, origin, window);
    if (end < first) continue;
    count += end - first + 1;
    last = end;
    any = true;
  }
  return count;
}

// A sum of fractions with ever new denominators would grow without bound. One that needs more than
// 60 digits is rounded down to 18 decimals; slices of the same few results never come near.
Rational bounded(const Rational& sum) {
  constexpr unsigned kMostDigits = 60;
  constexpr unsigned kDecimals = 18;
  static const Integer kWidest = Integer::power_of_ten(kMostDigits);
  const Rational out = sum.reduced();
  if (out.denominator() <= kWidest) return out;
  const Integer scale = Integer::power_of_ten(kDecimals);
  return {(out * Rational(scale)).floor(), scale};
}

struct Vote {
  std::int64_t slice;
  bool up;
};

// up/known → how many slices have it.
using Ratios = std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t>;

Ratios ratios_of(const SampleLists& samples,
                 const IntervalSet& accountable,
                 std::int64_t origin,
                 std::int64_t window) {
  std::vector<Vote> votes;
  for (const auto& list : samples) {
    visit_within(list, accountable, [&](const Sample& sample) {
      if (sample.outcome == Outcome::unknown) return;
      votes.push_back({number_of(sample.at_ns, origin, window), sample.outcome == Outcome::up});
    });
  }
  std::sort(votes.begin(), votes.end(),
            [](const Vote& a, const Vote& b) { return a.slice < b.slice; });
  Ratios out;
  for (std::size_t i = 0; i < votes.size();) {
    const std::size_t first = i;
    std::int64_t up = 0;
    for (; i < votes.size() && votes[i].slice == votes[first].slice; ++i) up += votes[i].up ? 1 : 0;
    ++out[{up, static_cast<std::int64_t>(i - first)}];
  }
  return out;
}

}  // namespace

Tally count_results(const SampleLists& samples, const IntervalSet& accountable) {
  std::int64_t up = 0;
  std::int64_t down = 0;
  std::int64_t unknown = 0;
  for (const auto& list : samples) {
    visit_within(list, accountable, [&](const Sample& sample) {
      ++(sample.outcome == Outcome::up ? up : sample.outcome == Outcome::down ? down : unknown);
    });
  }
  return {up, down, unknown};
}

std::int64_t count_samples(const SampleLists& samples, const IntervalSet& accountable) {
  std::size_t out = 0;
  for (const auto& list : samples) {
    for (const Interval& each : accountable.intervals()) {
      out += list.from(each.to).index() - list.from(each.from).index();
    }
  }
  return static_cast<std::int64_t>(out);
}

void SliceFigures::add(const SliceFigures& other) {
  slices.good += other.slices.good;
  slices.with_data += other.slices.with_data;
  slices.empty += other.slices.empty;
  good_with_data += other.good_with_data;
  ratios = bounded(ratios + other.ratios);
}

SliceFigures count_slices(const SampleLists& samples,
                          const IntervalSet& accountable,
                          std::int64_t origin,
                          const SliceRule& rule) {
  const std::int64_t window = rule.window.count();
  SliceFigures out;
  std::map<std::int64_t, std::int64_t> up_of;  // known results of a slice → up results of all such
  for (const auto& [ratio, count] : ratios_of(samples, accountable, origin, window)) {
    const auto& [up, known] = ratio;
    out.slices.with_data += count;
    if (Rational(Integer(up), Integer(known)) >= rule.target) out.good_with_data += count;
    up_of[known] += up * count;
  }
  for (const auto& [known, up] : up_of) {
    out.ratios = bounded(out.ratios + Rational(Integer(up), Integer(known)));
  }
  out.slices.empty = touched(accountable, origin, window) - out.slices.with_data;
  out.slices.good = out.good_with_data + (rule.empty_is_good ? out.slices.empty : 0);
  return out;
}

Tally tally_of(const SliceFigures& figures, const SliceRule& rule, Objective::Method method) {
  const Slices& slices = figures.slices;
  const std::int64_t sure = rule.empty_is_good ? slices.empty : 0;
  if (method == Objective::Method::timeslices) {
    return {slices.good, slices.with_data - figures.good_with_data, slices.empty - sure};
  }
  // Everything times the denominator of the sum, so that the numbers stay whole.
  const Integer& scale = figures.ratios.denominator();
  const Integer& up = figures.ratios.numerator();
  return {up + Integer(sure) * scale, Integer(slices.with_data) * scale - up,
          Integer(slices.empty - sure) * scale};
}

}  // namespace nines::sla
