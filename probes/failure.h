// SPDX-License-Identifier: Apache-2.0
// From error numbers and resolver statuses to the closed list of reasons. The one distinction that
// matters: what this host could not do (unknown) against what the network or the service did
// (down).
#pragma once

#include <string>

#include "net/resolver.h"
#include "probes/run.h"

namespace nines::probes {

// A system call refused before anything left this host: socket(), connect() or sendto() at once.
Failure local_failure(int error_number, const std::string& what);

// A connection attempt that ended in `error_number`. `at_once`: connect() itself said so, so that
// "no route" is this host's own table and not a router's answer.
Failure connect_failure(int error_number, bool at_once, const std::string& address);

Failure resolve_failure(const net::Resolution& resolution, const std::string& host);

Failure stopped_failure();

}  // namespace nines::probes
