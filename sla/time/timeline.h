// SPDX-License-Identifier: Apache-2.0
// Time as data: sets of half-open intervals [from, to) and timelines that give every instant an
// Outcome. Instants are nanoseconds of POSIX time. Both are kept canonical (sorted, merged, no
// empty piece), so equal meaning is equal bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "model/outcome.h"

namespace nines::sla {

struct Interval {
  std::int64_t from = 0;
  std::int64_t to = 0;  // > from

  bool operator==(const Interval&) const = default;
};

class IntervalSet {
 public:
  IntervalSet() = default;

  // Empty and overlapping intervals are welcome; the set is their union.
  explicit IntervalSet(std::vector<Interval> intervals);

  static IntervalSet of(std::int64_t from, std::int64_t to);  // empty when to ≤ from

  const std::vector<Interval>& intervals() const { return intervals_; }

  bool empty() const { return intervals_.empty(); }

  std::int64_t length() const;                             // in ns
  std::int64_t length_in(const Interval& interval) const;  // of the part that lies in it
  bool contains(std::int64_t at) const;

  friend IntervalSet unite(const IntervalSet& a, const IntervalSet& b);
  friend IntervalSet intersect(const IntervalSet& a, const IntervalSet& b);
  friend IntervalSet subtract(const IntervalSet& a, const IntervalSet& b);

  bool operator==(const IntervalSet&) const = default;

 private:
  std::vector<Interval> intervals_;
};

// The first `length` ns of it, in order of time.
IntervalSet first_of(const IntervalSet& set, std::int64_t length);

struct Change {
  std::int64_t at = 0;
  Outcome state = Outcome::unknown;  // from here to the next change

  bool operator==(const Change&) const = default;
};

// Before the first change everything is unknown; after the last one its state holds for ever, so a
// timeline that ends, ends with a change to unknown.
class Timeline {
 public:
  // Appends; `at` must not fall. A change at the instant of the previous one replaces it.
  void append(std::int64_t at, Outcome state);

  const std::vector<Change>& changes() const { return changes_; }

  Outcome at(std::int64_t instant) const;
  IntervalSet where(Outcome state) const;  // state ≠ unknown: unknown has no bounds

  bool operator==(const Timeline&) const = default;

 private:
  std::vector<Change> changes_;
};

// Down and up as given, which are apart; elsewhere unknown.
Timeline timeline_of(const IntervalSet& down, const IntervalSet& up);

}  // namespace nines::sla
