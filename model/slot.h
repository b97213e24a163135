// SPDX-License-Identifier: Apache-2.0
// The slot grid: slot k of a check lies at k·every + phase on the Unix time line. The phase comes
// from a hash of (agent, check name): spread without randomness, the same after a restart or a
// reload.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace nines {

struct SlotGrid {
  Duration every{0};  // > 0
  Duration phase{0};  // in [0, every)

  WallTime at(std::int64_t slot) const { return {slot * every.count() + phase.count()}; }

  // The last slot at or before `t`.
  std::int64_t slot_at(WallTime t) const;

  bool operator==(const SlotGrid&) const = default;
};

// SHA-256(agent ‖ 0 ‖ check), first eight bytes, little endian, modulo `every` in whole
// milliseconds (in whole microseconds where `every` is below one second).
Duration phase_of(std::string_view agent, std::string_view check, Duration every);

}  // namespace nines
