// SPDX-License-Identifier: Apache-2.0
// One result as the judge uses it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "model/outcome.h"
#include "sla/input/causes.h"

namespace nines::sla {

inline constexpr std::int64_t kMaxTotalUs = 86'400'000'000;  // one day
inline constexpr std::int64_t kNotReceived = std::numeric_limits<std::int64_t>::min();

struct Sample {
  std::int64_t at_ns = 0;  // start of the attempt, corrected by `corrected_start`
  Outcome outcome = Outcome::unknown;
  Cause cause = Cause::unstated;            // of an unknown sample, and of a failure
  std::optional<std::int64_t> total_us;     // 0 to kMaxTotalUs: whoever makes one sees to it
  std::int64_t received_ns = kNotReceived;  // S4: when it arrived, where that is stated

  bool operator==(const Sample&) const = default;
};

}  // namespace nines::sla
