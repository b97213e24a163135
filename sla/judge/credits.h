// SPDX-License-Identifier: Apache-2.0
// What the missed promises of a period are worth (S55–S57): a pure function of the judged figures.
#pragma once

#include <optional>
#include <vector>

#include "sla/judge/report.h"
#include "sla/text/versions.h"

namespace nines::sla {

// Nothing where no version that was in force in the period agrees on compensation. Each version's
// tiers are paid from its own share of the fee. A verdict that the unknown time decides pays as the
// burden of proof says: with the provider's, by the worst figures, with the customer's, by the
// best.
std::optional<Credits> credits_of(const std::vector<InForce>& versions,
                                  const std::vector<ObjectiveReport>& objectives,
                                  const std::vector<SupportReport>& support);

}  // namespace nines::sla
