// SPDX-License-Identifier: Apache-2.0
// What the live page carries beside its text: how it looks beyond a report's style, and the script
// that keeps it up to date.
#pragma once

#include <string>
#include <string_view>

namespace nines::collector {

extern const std::string_view kLiveStyle;   // added to sla::kReportStyle
extern const std::string_view kLiveScript;  // polls GET /v1/live; see docs/page.md

// Nothing but this style and this script counts, and nothing is asked but the collector itself.
const std::string& live_policy();  // of the header Content-Security-Policy

// The style element's whole content.
const std::string& live_style();

}  // namespace nines::collector
