// SPDX-License-Identifier: Apache-2.0
// The report for people, in 80 columns. Colour (ANSI) only on demand, and never the only carrier of
// meaning.
#pragma once

#include <string>

#include "sla/report.h"

namespace nines::sla {

std::string report_text(const Report& report, bool colour);

// One objective in one line: value, target, verdict, bounds, margin.
std::string report_line(const ObjectiveReport& objective);

}  // namespace nines::sla
