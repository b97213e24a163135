// SPDX-License-Identifier: Apache-2.0
// A TLS check: connect, shake hands, and look at what the handshake showed.
#pragma once

#include "probes/tools.h"

namespace nines::probes {

// `spec` must outlive the run. Outcome, total and limits are the caller's to judge.
Task<Failure> run_tls(Run& run, Tools tools, const HandshakeSpec& spec, ProbeResult& result);

}  // namespace nines::probes
