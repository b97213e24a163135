// SPDX-License-Identifier: Apache-2.0
// What may be dropped (docs/formats/store.md, "Retention"): evidence that is older than
// `collector.retention`, but never what a loaded agreement still needs: results of a period that
// runs, or is to be sealed, or may be restated.
#pragma once

#include <vector>

#include "collector/judge.h"
#include "collector/pruned.h"

namespace nines::collector {

// One step, which is one transaction of the writing thread and one entry of the log.
inline constexpr std::size_t kDropBatches = 200;
inline constexpr std::uint64_t kDropBytes = 8 << 20;
inline constexpr Duration kDropSpan = hours(6);  // of results: bounds the rows that are touched

// Evidence that came before it is old at `now`: the beginning of a UTC day, so that little steps do
// not follow each other all day long.
WallTime old_before(Duration retention, WallTime now);

// The next steps, at most `limit` of them and one of each epoch; none where nothing may go. Reads
// one state of the store.
Expected<std::vector<Drop>> droppable(Database& db,
                                      const Agreements& agreements,
                                      Duration retention,
                                      WallTime now,
                                      std::size_t limit);

}  // namespace nines::collector
