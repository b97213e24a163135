// SPDX-License-Identifier: Apache-2.0
// Events (JSON lines) beside results: exclusions, incidents, vantages that join and retire. This
// version judges none of them: what would change a number is refused, the rest is said in a
// warning.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "base/expected.h"

namespace nines::sla {

// The warnings; an error where an event would change the judgement.
Expected<std::vector<std::string>> check_events(std::istream& in, const std::string& name);
Expected<std::vector<std::string>> check_events_file(const std::string& path);

}  // namespace nines::sla
