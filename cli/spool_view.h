// SPDX-License-Identifier: Apache-2.0
// The answer of /v1/spool as people read it. Pure.
#pragma once

#include <string>

#include "cli/fields.h"
#include "cli/terminal.h"

namespace nines::cli {

std::string spool_view(const Json& spool, WallTime now, const Style& style);

}  // namespace nines::cli
