// SPDX-License-Identifier: Apache-2.0
// The report for people, in 80 columns. Colour (ANSI) only on demand, and never the only carrier of
// meaning.
#pragma once

#include <string>

#include "sla/judge/report.h"
#include "sla/render/report_sentences.h"

namespace nines::sla {

std::string report_text(const Report& report, bool colour, Language language = Language::en);

}  // namespace nines::sla
