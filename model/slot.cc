// SPDX-License-Identifier: Apache-2.0
#include "model/slot.h"

#include "base/assert.h"
#include "base/hash.h"

namespace nines {

std::int64_t SlotGrid::slot_at(WallTime t) const {
  ASSERT(every.count() > 0);
  const std::int64_t offset = t.ns - phase.count();
  const std::int64_t quotient = offset / every.count();
  return offset % every.count() < 0 ? quotient - 1 : quotient;
}

Duration phase_of(std::string_view agent, std::string_view check, Duration every) {
  ASSERT(every.count() > 0);
  const std::uint8_t zero = 0;
  const auto digest = sha256({as_bytes(agent), ByteView(&zero, 1), as_bytes(check)});
  const Duration grain = every < seconds(1) ? Duration(microseconds(1)) : Duration(milliseconds(1));
  const auto places = static_cast<std::uint64_t>(every / grain);
  if (places == 0) return Duration(0);
  return grain * static_cast<std::int64_t>(get_le<std::uint64_t>(digest.data()) % places);
}

}  // namespace nines
