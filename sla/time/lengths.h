// SPDX-License-Identifier: Apache-2.0
// Many questions "how much of this set lies between a and b", each answered by search.
#pragma once

#include <cstdint>
#include <vector>

#include "sla/time/timeline.h"

namespace nines::sla {

class Lengths {
 public:
  explicit Lengths(const IntervalSet& set);

  std::int64_t between(std::int64_t from, std::int64_t to) const;  // ns; 0 when to ≤ from

 private:
  std::int64_t before(std::int64_t at) const;

  std::vector<Interval> intervals_;
  std::vector<std::int64_t> sums_;  // length of all intervals before each
};

}  // namespace nines::sla
