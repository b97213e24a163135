// SPDX-License-Identifier: Apache-2.0
// Probe results as lines of a table, for history, why and status.
#pragma once

#include <string>
#include <vector>

#include "cli/fields.h"
#include "cli/terminal.h"

namespace nines::cli {

std::string result_rows(const std::vector<const Json*>& results, const Style& style);

// "dns 0.8 ms · connect 10.1 ms · …", indented; nothing where no phase was reached.
std::string phases_line(const Json& result, const Style& style);

}  // namespace nines::cli
