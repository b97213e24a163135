// SPDX-License-Identifier: Apache-2.0
// The answer of /v1/agents as a table. Pure.
#pragma once

#include <string>

#include "cli/fields.h"
#include "cli/terminal.h"

namespace nines::cli {

std::string agents_view(const Json& answer, WallTime now, const Style& style);

// Leaves only the agents that have been silent for at least `silence`.
Json silent_agents(const Json& answer, Duration silence, WallTime now);

}  // namespace nines::cli
