// SPDX-License-Identifier: Apache-2.0
// Events (JSON lines) become the values of sla/input/events.h. A line that is no event fails the
// whole file: leaving out an exclusion or an incident would change the judgement. Unknown keys are
// ignored. At most a million events; bounds of lines and files are those of sla/input/lines.h.
#pragma once

#include <istream>
#include <string>

#include "base/expected.h"
#include "sla/input/events.h"
#include "sla/input/lines.h"

namespace nines::sla {

Expected<Events> read_events(std::istream& in, const std::string& name);
Expected<Events> read_events_file(const std::string& path);

// One event, as the same object anywhere else (a request, a ledger entry) is read; it is added to
// `out`. The error says what is wrong with it, without a place.
Expected<void> read_event(const nlohmann::json& event, Events& out);

}  // namespace nines::sla
