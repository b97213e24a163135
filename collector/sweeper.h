// SPDX-License-Identifier: Apache-2.0
// Drops evidence that is old enough (collector/retention.h), in small steps: planned on the reading
// thread, done one transaction at a time on the writing one, where batches that arrive have their
// turn in between. What to do is read from the store each time, so a collector that was killed goes
// on where it was.
#pragma once

#include <memory>
#include <vector>

#include "base/async.h"
#include "collector/retention.h"
#include "collector/store.h"

namespace nines::collector {

inline constexpr Duration kSweepEvery = hours(1);
inline constexpr Duration kSweepOn = seconds(5);           // while there is more to drop
inline constexpr std::size_t kSweepSteps = 20;             // in one look
inline constexpr Duration kSweepTime = milliseconds(500);  // of one look, and the step under way

class Sweeper {
 public:
  // All must outlive it; `reader` is touched on `read_thread` alone, `store` on `disk` alone.
  Sweeper(
      const Clock& clock, DiskThread& read_thread, Database& reader, DiskThread& disk, Store& store)
      : clock_(clock), read_thread_(read_thread), reader_(reader), disk_(disk), store_(store) {}

  // Where it is time: drops a little of what may go. Only one call at a time.
  Task<void> look(std::shared_ptr<const Agreements> agreements, Duration retention);

 private:
  using Plans = Expected<std::vector<Drop>>;
  Task<std::shared_ptr<Plans>> plan(std::shared_ptr<const Agreements> agreements,
                                    Duration retention);
  Task<bool> drop(Drop step, Duration retention);

  const Clock& clock_;
  DiskThread& read_thread_;
  Database& reader_;
  DiskThread& disk_;
  Store& store_;
  BootTime next_look_{};
};

}  // namespace nines::collector
