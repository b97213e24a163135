// SPDX-License-Identifier: Apache-2.0
// What every kind may be held to: latency, and the days that its certificates have left.
#pragma once

#include "model/check.h"
#include "model/result.h"
#include "probes/run.h"

namespace nines::probes {

// What the name, the network and the service took: the phases. This host's own waiting between them
// is not the service's. The mean round trip of ICMP, the whole run where there are no phases.
std::optional<Duration> latency_of(const ProbeResult& result);

// Why `result` exceeds `limits` at the instant `now`; ok where it does not.
Failure judge_limits(const Limits& limits, const ProbeResult& result, WallTime now);

// At most kMaxWarnings, each cut to kMaxText; one more is left out.
void add_warning(ProbeResult& result, std::string text);

// Fails an ok result that exceeds what is expected, and lists what it is warned of.
void apply_limits(const Check& check, ProbeResult& result, WallTime now);

}  // namespace nines::probes
