// SPDX-License-Identifier: Apache-2.0
// The slots of one check, one after the other: what is due, what was missed, what is next. Each
// slot is handed out exactly once, either to be run or as missed. Pure: it is given instants
// (labels of the slot clock).
#pragma once

#include <cstdint>
#include <optional>

#include "model/slot.h"

namespace nines::agent {

class Schedule {
 public:
  // `next`: the first slot to hand out.
  Schedule(SlotGrid grid, std::int64_t next) : grid_(grid), next_(next) {}

  // The instant of the next slot.
  WallTime next_at() const { return grid_.at(next_); }

  std::int64_t next() const { return next_; }

  const SlotGrid& grid() const { return grid_; }

  struct Due {
    std::int64_t missed_first = 0;  // `missed` slots in a row from here were not run in time
    std::int64_t missed = 0;
    std::optional<std::int64_t> run;  // this one is to be run now
    Duration late{0};                 // how far `now` is behind its instant
  };

  // Hands out every slot whose instant is not after `now`. The last of them is to be run if it is
  // at most a quarter interval late; a later start would measure at another time than it says. All
  // others are missed: there is no burst to catch up.
  Due take(WallTime now);

 private:
  SlotGrid grid_;
  std::int64_t next_;
};

}  // namespace nines::agent
