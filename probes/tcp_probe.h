// SPDX-License-Identifier: Apache-2.0
// Connect, optionally TLS from the first byte, then a dialogue of send and expect steps.
//
// An expect pattern is searched in the bytes received since the end of the last match, at each
// arrival, whatever segments they came in. Phases: first_byte runs from the first step to the first
// byte received, transfer from there to the end of the dialogue.
#pragma once

#include "probes/tools.h"

namespace nines::probes {

// The most that an unmatched answer may hold; more is tcp_too_large.
inline constexpr std::size_t kMaxDialogue = 64 << 10;

// `spec` must outlive the run. Outcome, total and latency are the caller's to judge.
Task<ProbeResult> run_tcp(Run& run, Tools tools, const TcpSpec& spec);

}  // namespace nines::probes
