// SPDX-License-Identifier: Apache-2.0
#include "agent/schedule.h"

namespace nines::agent {

Schedule::Due Schedule::take(WallTime now) {
  Due due;
  const auto current = grid_.slot_at(now);
  if (current < next_) return due;
  due.missed_first = next_;
  due.missed = current - next_;
  due.late = now - grid_.at(current);
  if (due.late <= grid_.every / 4) {
    due.run = current;
  } else {
    ++due.missed;
  }
  next_ = current + 1;
  return due;
}

}  // namespace nines::agent
