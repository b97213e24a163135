// SPDX-License-Identifier: Apache-2.0
// The sections of the live page.
#pragma once

#include <string>

#include "collector/live_view.h"
#include "sla/render/report_sections.h"

namespace nines::collector {

void agreement_section(const sla::Page& page,
                       const LiveAgreement& agreement,
                       WallTime as_of,
                       const std::string& id);
void agents_section(const sla::Page& page,
                    const Visible& visible,
                    const sla::Zone& zone,
                    WallTime as_of);
void log_section(const sla::Page& page, const Live& live);

}  // namespace nines::collector
