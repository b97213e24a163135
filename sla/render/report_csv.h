// SPDX-License-Identifier: Apache-2.0
// The report as a table for spreadsheets (RFC 4180, UTF-8, CRLF): a head, then for each objective a
// row of the whole period and, where several versions were in force, one of each version's part;
// then a row for each promise of a supplier, under the supplier's own text.
// The columns are a promise (docs/nines.md): new ones come at the end.
#pragma once

#include <string>

#include "sla/judge/report.h"

namespace nines::sla {

std::string report_csv(const Report& report);

}  // namespace nines::sla
