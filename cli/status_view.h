// SPDX-License-Identifier: Apache-2.0
// The answers of /v1/status and /v1/checks/{name} as people read them. Pure: text out of JSON and
// an instant.
#pragma once

#include <string>

#include "cli/fields.h"
#include "cli/terminal.h"

namespace nines::cli {

// The whole agent: header, table, what to do next. Also takes the list of checks alone, which is
// what a collector knows.
std::string status_view(const Json& status, WallTime now, const Style& style);

// One check, with its last result and its outages.
std::string check_view(const Json& check, WallTime now, const Style& style);

// The last outage of a check with its evidence.
std::string why_view(const Json& check, WallTime now, const Style& style);

// The worst of all checks as an exit code: down, then unknown and pending, then up.
int worst_code(const Json& status);

// The checks of either shape of answer; an empty list where there are none.
const Json& checks_of(const Json& status);

}  // namespace nines::cli
