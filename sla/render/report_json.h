// SPDX-License-Identifier: Apache-2.0
// The report as JSON: the shape that scripts rely on. Two spaces of indentation, a newline at the
// end; the same report gives the same bytes. Keys of rules that are not judged yet are null or
// empty.
#pragma once

#include <string>

#include "sla/judge/report.h"

namespace nines::sla {

std::string report_json(const Report& report);

}  // namespace nines::sla
