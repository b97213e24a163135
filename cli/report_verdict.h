// SPDX-License-Identifier: Apache-2.0
// A report's verdicts as an exit code: the worst counts.
#pragma once

#include "cli/fields.h"

namespace nines::cli {

int code_of_report(const Json& report);

}  // namespace nines::cli
