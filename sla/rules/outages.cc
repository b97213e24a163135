// SPDX-License-Identifier: Apache-2.0
#include "sla/rules/outages.h"

#include <algorithm>
#include <vector>

#include "base/assert.h"

namespace nines::sla {

IntervalSet too_short(const IntervalSet& down, const MinimumOutage& rule) {
  if (rule.duration.count() == 0) return {};
  const auto& pieces = down.intervals();
  std::vector<Interval> out;
  for (std::size_t first = 0; first < pieces.size();) {
    std::size_t next = first + 1;
    while (next < pieces.size() &&
           pieces[next].from - pieces[next - 1].to < rule.merge_gap.count()) {
      ++next;
    }
    if (pieces[next - 1].to - pieces[first].from < rule.duration.count()) {
      for (std::size_t i = first; i < next; ++i) out.push_back(pieces[i]);
    }
    first = next;
  }
  return IntervalSet(std::move(out));
}

IntervalSet full_minutes(const IntervalSet& down) {
  constexpr std::int64_t kMinute = 60'000'000'000;
  std::vector<Interval> out;
  for (const Interval& each : down.intervals()) {
    out.push_back({each.from, each.from + (each.to - each.from) / kMinute * kMinute});
  }
  return IntervalSet(std::move(out));
}

IntervalSet long_slices(const IntervalSet& down, Duration slice, Duration over) {
  ASSERT(slice.count() > 0);
  const std::int64_t width = slice.count();
  std::vector<Interval> out;
  std::int64_t at = 0;    // the slice that is being filled
  std::int64_t held = 0;  // of downtime
  const auto finish = [&] {
    if (held > over.count()) out.push_back({at, at + width});
    held = 0;
  };
  for (const Interval& each : down.intervals()) {
    for (std::int64_t from = each.from; from < each.to;) {
      const std::int64_t begin = from - ((from % width) + width) % width;
      if (begin != at) finish();
      at = begin;
      if (from == begin && each.to - from >= width) {  // many whole ones at once
        const std::int64_t end = from + (each.to - from) / width * width;
        out.push_back({from, end});
        from = end;
        continue;
      }
      const std::int64_t to = std::min(each.to, begin + width);
      held += to - from;
      from = to;
    }
  }
  finish();
  return IntervalSet(std::move(out));
}

}  // namespace nines::sla
