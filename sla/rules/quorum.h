// SPDX-License-Identifier: Apache-2.0
// Several timelines become one by counting: vantages of a check (S14, S15), parts of a service
// (S53). Three-valued after Kleene: unknown only where some completion of the unknowns is down and
// some other is not. The majority of the known is not, since it looks only at what is known.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "sla/time/timeline.h"

namespace nines::sla {

// When the whole is down, by how many of its parts are.
struct CountRule {
  enum class Kind {
    at_least,          // `number` of them, at most all; without a number more than half
    all_but,           // more than n − `number`, so that `number` are needed; at least one
    majority_of_known  // more down than up of at least `number` that are known
  } kind = Kind::at_least;
  std::optional<std::size_t> number;

  Outcome operator()(std::size_t down, std::size_t up, std::size_t n) const;
};

// Serial: one part down is enough; parallel: all must be.
inline constexpr CountRule kSerial{CountRule::Kind::at_least, 1};
inline constexpr CountRule kParallel{CountRule::Kind::all_but, 1};

struct CountedPart {
  const Timeline* timeline = nullptr;
  // When it is one of the counted; null: always. Time before everything is INT64_MIN.
  const IntervalSet* in_service = nullptr;
};

// Of `parts` and of `silent` more that are unknown throughout. Where none is in service: unknown.
Timeline combine(const std::vector<CountedPart>& parts, std::size_t silent, const CountRule& rule);

// Down where at least `k` of `n` are down, up where down + unknown < k, else unknown. The inputs
// may be fewer than `n`: the missing ones are unknown throughout. 1 ≤ k ≤ n, parts.size() ≤ n.
Timeline threshold(const std::vector<const Timeline*>& parts, std::size_t k, std::size_t n);

}  // namespace nines::sla
