// SPDX-License-Identifier: Apache-2.0
// What the commands about agreement files share: reading one, days of a calendar, lines of 80
// columns.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "sla/text/agreement_files.h"
#include "sla/time/zone.h"

namespace nines::cli {

// The error holds all complaints, one a line.
Expected<sla::AgreementFile> agreement_from(const std::string& path,
                                            const std::vector<std::string>& others = {});

// "2026-11-25"; without one this machine's day in UTC.
Expected<sla::LocalDate> day_from(const std::string& text);

}  // namespace nines::cli
