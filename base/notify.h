// SPDX-License-Identifier: Apache-2.0
// sd_notify(3) without libsystemd: one datagram to the socket that the service manager names. Does
// nothing where there is none.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace nines {

void notify_service_manager(std::string_view state);  // "READY=1", "STOPPING=1", "WATCHDOG=1", …

// Half of what WATCHDOG_USEC asks for; nothing when the manager does not watch this process.
std::optional<Duration> watchdog_interval();

}  // namespace nines
