// SPDX-License-Identifier: Apache-2.0
// A TCP check: connect, by TCP or to a Unix socket, then a dialogue in clear or over TLS.
//
// Phases: tls are the handshakes; first_byte runs from what was sent, or the connection, to the
// first byte received, transfer from there to the last one, both without the handshakes.
#pragma once

#include "probes/dialogue.h"
#include "probes/tools.h"

namespace nines::probes {

// `spec` must outlive the run. Outcome, total and limits are the caller's to judge.
Task<Failure> run_tcp(Run& run, Tools tools, const TcpSpec& spec, ProbeResult& result);

}  // namespace nines::probes
