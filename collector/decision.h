// SPDX-License-Identifier: Apache-2.0
// What a batch is to a store: pure, so that the whole table can be tested (docs/formats/store.md,
// "Decision"). Numbers of an epoch are stored without holes, each once, as rows that stand for
// number..last_number; a row of more than one number is a gap batch, or the part of one that was
// missing here. Safe side: what cannot be proved to be the same is a fork, so that nobody believes
// a result delivered which is not kept.
#pragma once

#include <cstdint>
#include <optional>

#include "base/hash.h"
#include "model/batch.h"

namespace nines::collector {

struct StoredRow {
  std::uint64_t number = 0, last_number = 0;
  Digest hash{};
  Digest chain_hash{};  // what number last_number+1 must name as previous
};

// What the store knows of the epoch, around one batch.
struct Known {
  std::optional<PublicKey> key;       // of the epoch's first batch
  std::optional<StoredRow> head;      // the highest row
  std::optional<StoredRow> covering;  // the row that stands for the batch's first number
  // Chain hashes after number-1 and after last_number; nothing where no row ends there.
  std::optional<Digest> chain_before, chain_at_last;

  std::uint64_t durable() const { return head ? head->last_number : 0; }
};

enum class Decision {
  store,        // as durable+1..last_number
  duplicate,    // settled here already
  need_from,    // durable+1 is missing in between
  fork,         // another history than ours
  foreign_key,  // the epoch belongs to another key: refused, not kept
};

// `header` is well-formed and verified; `hash` and `chain_hash` are the batch's.
Decision decide(const BatchHeader& header,
                const Digest& hash,
                const Digest& chain_hash,
                const Known& known);

}  // namespace nines::collector
