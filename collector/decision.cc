// SPDX-License-Identifier: Apache-2.0
#include "collector/decision.h"

namespace nines::collector {
namespace {

// Everything that the batch stands for is settled here: is it the same?
Decision decide_settled(const BatchHeader& header,
                        const Digest& hash,
                        const Digest& chain_hash,
                        const Known& known) {
  if (known.covering && known.covering->hash == hash) return Decision::duplicate;
  // A plain batch whose number holds other bytes, or was closed by a gap: its results are not kept
  // here, so calling it a duplicate would lose them.
  if (!header.resume_hash) return Decision::fork;
  if (known.chain_before && *known.chain_before != header.previous_hash) return Decision::fork;
  // A gap carries no results. Ending in the middle of a longer gap it cannot be checked further,
  // and whoever goes on from it with other batches is found out at the next number.
  if (known.chain_at_last && *known.chain_at_last != chain_hash) return Decision::fork;
  return Decision::duplicate;
}

}  // namespace

Decision decide(const BatchHeader& header,
                const Digest& hash,
                const Digest& chain_hash,
                const Known& known) {
  if (known.key && *known.key != header.public_key) return Decision::foreign_key;
  const std::uint64_t durable = known.durable();
  if (header.last_number <= durable) return decide_settled(header, hash, chain_hash, known);
  if (header.number > durable + 1) return Decision::need_from;
  // From here on it brings what is missing, perhaps after what is known.
  if (known.chain_before && *known.chain_before != header.previous_hash) return Decision::fork;
  return Decision::store;
}

}  // namespace nines::collector
