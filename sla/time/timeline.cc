// SPDX-License-Identifier: Apache-2.0
#include "sla/time/timeline.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace nines::sla {

IntervalSet::IntervalSet(std::vector<Interval> intervals) {
  std::erase_if(intervals, [](const Interval& i) { return i.to <= i.from; });
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& a, const Interval& b) { return a.from < b.from; });
  for (const Interval& next : intervals) {
    if (!intervals_.empty() && next.from <= intervals_.back().to) {
      intervals_.back().to = std::max(intervals_.back().to, next.to);
    } else {
      intervals_.push_back(next);
    }
  }
}

IntervalSet IntervalSet::of(std::int64_t from, std::int64_t to) {
  return IntervalSet({Interval{from, to}});
}

std::int64_t IntervalSet::length() const {
  std::int64_t sum = 0;
  for (const Interval& i : intervals_) sum += i.to - i.from;
  return sum;
}

std::int64_t IntervalSet::length_in(const Interval& interval) const {
  auto piece =
      std::lower_bound(intervals_.begin(), intervals_.end(), interval.from,
                       [](const Interval& i, std::int64_t instant) { return i.to <= instant; });
  std::int64_t sum = 0;
  for (; piece != intervals_.end() && piece->from < interval.to; ++piece) {
    sum += std::min(piece->to, interval.to) - std::max(piece->from, interval.from);
  }
  return sum;
}

bool IntervalSet::contains(std::int64_t at) const {
  const auto after =
      std::upper_bound(intervals_.begin(), intervals_.end(), at,
                       [](std::int64_t instant, const Interval& i) { return instant < i.from; });
  return after != intervals_.begin() && at < std::prev(after)->to;
}

IntervalSet unite(const IntervalSet& a, const IntervalSet& b) {
  std::vector<Interval> all = a.intervals_;
  all.insert(all.end(), b.intervals_.begin(), b.intervals_.end());
  return IntervalSet(std::move(all));
}

IntervalSet intersect(const IntervalSet& a, const IntervalSet& b) {
  IntervalSet out;
  auto i = a.intervals_.begin();
  auto j = b.intervals_.begin();
  while (i != a.intervals_.end() && j != b.intervals_.end()) {
    const std::int64_t from = std::max(i->from, j->from);
    const std::int64_t to = std::min(i->to, j->to);
    if (from < to) out.intervals_.push_back({from, to});
    if (i->to < j->to) {
      ++i;
    } else {
      ++j;
    }
  }
  return out;
}

IntervalSet subtract(const IntervalSet& a, const IntervalSet& b) {
  IntervalSet out;
  auto j = b.intervals_.begin();
  for (const Interval& piece : a.intervals_) {
    std::int64_t from = piece.from;
    while (j != b.intervals_.end() && j->to <= from) ++j;
    for (auto k = j; k != b.intervals_.end() && k->from < piece.to; ++k) {
      if (from < k->from) out.intervals_.push_back({from, k->from});
      from = std::max(from, k->to);
    }
    if (from < piece.to) out.intervals_.push_back({from, piece.to});
  }
  return out;
}

IntervalSet first_of(const IntervalSet& set, std::int64_t length) {
  std::vector<Interval> out;
  for (const Interval& each : set.intervals()) {
    if (length <= 0) break;
    const std::int64_t part = std::min(length, each.to - each.from);
    out.push_back({each.from, each.from + part});
    length -= part;
  }
  return IntervalSet(std::move(out));
}

void Timeline::append(std::int64_t at, Outcome state) {
  ASSERT(changes_.empty() || changes_.back().at <= at);
  if (!changes_.empty() && changes_.back().at == at) changes_.pop_back();
  const Outcome before = changes_.empty() ? Outcome::unknown : changes_.back().state;
  if (state != before) changes_.push_back({at, state});
}

Outcome Timeline::at(std::int64_t instant) const {
  const auto after =
      std::upper_bound(changes_.begin(), changes_.end(), instant,
                       [](std::int64_t t, const Change& change) { return t < change.at; });
  return after == changes_.begin() ? Outcome::unknown : std::prev(after)->state;
}

IntervalSet Timeline::where(Outcome state) const {
  ASSERT(state != Outcome::unknown);
  std::vector<Interval> out;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (changes_[i].state != state) continue;
    ASSERT(i + 1 < changes_.size());  // a series always ends in unknown
    out.push_back({changes_[i].at, changes_[i + 1].at});
  }
  return IntervalSet(std::move(out));
}

Timeline timeline_of(const IntervalSet& down, const IntervalSet& up) {
  std::vector<Change> edges;
  for (const auto& [set, state] : {std::pair(&down, Outcome::down), std::pair(&up, Outcome::up)}) {
    for (const Interval& i : set->intervals()) {
      edges.push_back({i.from, state});
      edges.push_back({i.to, Outcome::unknown});
    }
  }
  // At one instant an end comes before a beginning, which then replaces it.
  std::sort(edges.begin(), edges.end(), [](const Change& a, const Change& b) {
    if (a.at != b.at) return a.at < b.at;
    return a.state == Outcome::unknown && b.state != Outcome::unknown;
  });
  Timeline out;
  for (const Change& edge : edges) out.append(edge.at, edge.state);
  return out;
}

}  // namespace nines::sla
