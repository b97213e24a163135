// SPDX-License-Identifier: Apache-2.0
// What an event says of one recheck. docs/formats/wire.md promises the form.
#pragma once

#include <cstdint>
#include <string>

#include "model/result.h"

namespace nines::agent {

struct RecheckName {
  const std::string& check;
  std::int64_t slot = 0;  // whose failure it follows
  int number = 1;         // of `times`
  int times = 1;
};

// "db slot 59846400 recheck 1/2: down connect_refused 302us 192.0.2.1:5432 refused"; at most
// kMaxText bytes.
std::string recheck_text(const RecheckName& name, const ProbeResult& found);

}  // namespace nines::agent
