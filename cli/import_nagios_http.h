// SPDX-License-Identifier: Apache-2.0
// check_http and check_curl. Internal to the importer.
#pragma once

#include <string>
#include <vector>

#include "cli/import_draft.h"

namespace nines::cli {

bool draft_check_http(const std::vector<std::string>& words, bool curl, Draft& draft);

}  // namespace nines::cli
