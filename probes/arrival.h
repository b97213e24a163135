// SPDX-License-Identifier: Apache-2.0
// When the next unread byte of a TCP socket reached this host, by the kernel's clock. The loop may
// be late; what it waits for is not. One peek per wake-up, TLS or not: it looks at segments.
#pragma once

#include <optional>

#include "base/clock.h"

namespace nines::probes {

void ask_for_arrivals(int descriptor);

// Nothing where no byte waits, or the stamp cannot be right: before `not_before` or after now.
std::optional<BootTime> next_arrival(int descriptor, const Clock& clock, BootTime not_before);

}  // namespace nines::probes
