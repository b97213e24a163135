// SPDX-License-Identifier: Apache-2.0
// The style sheet of a report's page: light and dark on a screen, A4 on paper.
#pragma once

#include <string_view>

namespace nines::sla {

extern const std::string_view kReportStyle;

}  // namespace nines::sla
