// SPDX-License-Identifier: Apache-2.0
// Which parties signed the versions that are judged by. A signature is over one digest: under a
// text that was changed it counts no more. It changes no verdict; what is missing is a warning.
#pragma once

#include <vector>

#include "sla/input/events.h"
#include "sla/judge/report.h"
#include "sla/text/versions.h"

namespace nines::sla {

// Of those versions that were in force in one of `periods`: for each party the first signature over
// the version's digest. Warns where the text names who signs for a party that did not, and where a
// party signed another text under the same version.
std::vector<SignedVersion> signatures_of(const std::vector<InForce>& versions,
                                         const std::vector<Interval>& periods,
                                         const std::vector<SignatureEvent>& events,
                                         std::vector<Warning>& warnings);

}  // namespace nines::sla
