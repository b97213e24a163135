// SPDX-License-Identifier: Apache-2.0
// Which version of an agreement is in force when (S33): each from its effective date until its end
// or until the next one begins, whichever is earlier.
#pragma once

#include <vector>

#include "base/expected.h"
#include "sla/text/agreement.h"
#include "sla/time/timeline.h"

namespace nines::sla {

struct InForce {
  const Agreement* agreement = nullptr;
  Interval span;  // may be empty (from = to) where a later version begins at once
};

// In order of effective dates. Refuses none at all, two of one date or of one number, different
// names, and a `supersedes` that speaks of another text than the one given.
Expected<std::vector<InForce>> order_versions(const std::vector<Agreement>& versions);

// The version in force just before `as_of`; outside all of them the nearest earlier, else the
// first.
const InForce& version_at(const std::vector<InForce>& versions, std::int64_t as_of_ns);

}  // namespace nines::sla
