// SPDX-License-Identifier: Apache-2.0
// Writes to a ledger's directory outside of commits: creation and repair. Each step leaves a state
// that survey() reads correctly, so that a cut at any point is repaired by the next open.
#pragma once

#include "ledger/survey.h"

namespace nines::ledger {

// Makes an empty ledger in place of whatever is there. `lost`: there was one; a cut half-way must
// not turn that into "there never was".
Expected<void> make_ledger(Directory& directory, const Geometry& geometry, bool lost);

// Overwrites both slots in place, one after the other; never needs space.
Expected<void> update_superblock(Directory& directory, const Superblock& superblock);

// After the superblock holds the new lower bounds: zeroes every suspect page, so that the next open
// finds a proven end, and completes files that are missing or short. Files that fail, or that could
// not be read, are named in `failed` and left alone.
void scrub(Directory& directory, Survey& survey, std::vector<bool>& failed);

}  // namespace nines::ledger
