// SPDX-License-Identifier: Apache-2.0
// What retention took out of the store (docs/formats/store.md, "Retention"). Of a dropped batch its
// row stays, with number and hashes, so that chains still follow and duplicates are still known;
// its bytes are empty, and nothing derived from it is left. Only the first batches of an epoch are
// ever dropped, so one number for each epoch says which, and a rebuild knows where to begin.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/time.h"
#include "collector/database.h"
#include "model/batch.h"

namespace nines::collector {

void create_pruned(Database& db);  // where it is not there yet

// Rows `first` to `last` of `batches` of one epoch: the first that are not dropped yet.
struct Drop {
  std::string agent;
  EpochId epoch{};
  std::uint64_t first = 0, last = 0;
};

struct Dropped {
  std::uint64_t batches = 0, results = 0, bytes = 0;
  std::optional<WallTime> from, to;  // starts of the first and the last result, as agents have it

  bool operator==(const Dropped&) const = default;
};

// Within a transaction: drops them and says so in the log. Nothing happens, and nothing is said,
// where `first` is not the first that is left.
Expected<Dropped> drop_batches(Database& db, const Drop& drop, Duration kept_for, WallTime now);

// Everything that was ever dropped here.
struct DroppedTotal {
  std::uint64_t batches = 0, results = 0, bytes = 0;
};

DroppedTotal dropped_total(Database& db);

// The start of the last result among those of these checks at these agents that were dropped.
std::optional<WallTime> dropped_until(Database& db,
                                      const std::vector<std::string>& checks,
                                      const std::vector<std::string>& agents);

// For a rebuild: what the derived tables begin with, since its batches are gone.
void restore_pruned(Database& db);

}  // namespace nines::collector
