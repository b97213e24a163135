// SPDX-License-Identifier: Apache-2.0
// `GET /v1/alerts` as people read it.
#pragma once

#include <string>

#include "cli/fields.h"
#include "cli/terminal.h"

namespace nines::cli {

// What pends and fires, the longest first, and messages that did not get through; `all`: resolved
// ones too.
std::string alerts_view(const Json& answer, bool all, WallTime now, const Style& style);

}  // namespace nines::cli
