// SPDX-License-Identifier: Apache-2.0
// The report as one HTML page that stands alone: no script, no font, no picture from elsewhere. It
// opens in a browser, prints on A4, is read aloud by a screen reader, and is well-formed XML. The
// same report gives the same bytes.
#pragma once

#include <string>

#include "sla/judge/report.h"
#include "sla/render/report_words.h"

namespace nines::sla {

std::string report_html(const Report& report, Language language);

}  // namespace nines::sla
