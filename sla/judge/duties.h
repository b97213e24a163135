// SPDX-License-Identifier: Apache-2.0
// Which due days of the dated duties were said to be done. Beside the judgement: no figure counts
// them.
#pragma once

#include <string_view>
#include <vector>

#include "sla/input/events.h"
#include "sla/text/duty.h"
#include "sla/text/versions.h"

namespace nines::sla {

struct DutyDay {
  enum class State { open, done, missed } state = State::open;
  Due due;
  DutyEvent said;  // where it is done
};

std::string_view name(DutyDay::State state);  // "missed"

// The due days up to `day` and the next ones (due_until()) of a version while it is in force. A
// duty that is done after its day is done.
std::vector<DutyDay> duty_days(const InForce& version,
                               const std::vector<DutyEvent>& said,
                               const LocalDate& day);

}  // namespace nines::sla
