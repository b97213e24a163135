// SPDX-License-Identifier: Apache-2.0
// A UDP check: one datagram out, one back. Nothing is sent twice: a lost datagram is what the check
// is there to see.
#pragma once

#include "probes/tools.h"

namespace nines::probes {

// `spec` must outlive the run. Outcome, total and limits are the caller's to judge.
Task<Failure> run_udp(Run& run, Tools tools, const UdpSpec& spec, ProbeResult& result);

}  // namespace nines::probes
