// SPDX-License-Identifier: Apache-2.0
// When the next unread byte of a TCP socket reached this host, by the kernel's clock. The loop may
// be late; what it waits for is not. One peek per wake-up, TLS or not: it looks at segments.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace nines::probes {

void ask_for_arrivals(int descriptor);

// Nothing where no byte waits, or the stamp cannot be right: before `not_before` or after now.
std::optional<BootTime> next_arrival(int descriptor, const Clock& clock, BootTime not_before);

// Bytes of payload that the kernel has taken from the other end of a TCP connection, read or not.
std::uint64_t bytes_received(int descriptor);

}  // namespace nines::probes
