// SPDX-License-Identifier: Apache-2.0
#include "sla/time/lengths.h"

#include <algorithm>

namespace nines::sla {

Lengths::Lengths(const IntervalSet& set) : intervals_(set.intervals()) {
  std::int64_t sum = 0;
  for (const Interval& each : intervals_) {
    sums_.push_back(sum);
    sum += each.to - each.from;
  }
}

std::int64_t Lengths::before(std::int64_t at) const {
  const auto after =
      std::upper_bound(intervals_.begin(), intervals_.end(), at,
                       [](std::int64_t instant, const Interval& i) { return instant < i.from; });
  if (after == intervals_.begin()) return 0;
  const auto last = static_cast<std::size_t>(after - intervals_.begin()) - 1;
  return sums_[last] + std::min(at, intervals_[last].to) - intervals_[last].from;
}

std::int64_t Lengths::between(std::int64_t from, std::int64_t to) const {
  return to <= from ? 0 : before(to) - before(from);
}

}  // namespace nines::sla
