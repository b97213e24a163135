// SPDX-License-Identifier: Apache-2.0
// Several timelines become one by counting: S14 (k of n vantages) and S53 serial (one check down is
// enough). Three-valued after Kleene: unknown only where some completion of the unknowns is down
// and some other is not.
#pragma once

#include <cstddef>
#include <vector>

#include "sla/timeline.h"

namespace nines::sla {

// Down where at least `k` of `n` are down, up where down + unknown < k, else unknown. The inputs
// may be fewer than `n`: the missing ones are unknown throughout. 1 ≤ k ≤ n, parts.size() ≤ n.
Timeline threshold(const std::vector<const Timeline*>& parts, std::size_t k, std::size_t n);

}  // namespace nines::sla
