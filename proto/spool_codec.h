// SPDX-License-Identifier: Apache-2.0
// What the agent's spool keeps beside results, events and batches (proto/codec.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "model/batch.h"

namespace nines::proto {

struct LastSlot {
  std::string check;
  SlotGrid grid;
  std::int64_t slot = 0;
};

struct CollectorMark {
  std::string collector;  // its URL
  EpochId epoch{};
  std::uint64_t durable = 0;
};

struct SpoolState {
  EpochId epoch{};
  std::uint64_t next_number = 1;
  Digest chain_hash{};
  std::uint64_t next_seq = 1;
  std::string table;                 // serialised, may be empty
  std::optional<Digest> table_sent;  // named by the last batch of the epoch
  std::vector<LastSlot> last;
  std::vector<CollectorMark> marks;
  std::vector<EpochId> epochs;  // all that the spool may still hold, in order, the current one last
};

std::string encode_spool_state(const SpoolState& state);
Expected<SpoolState> decode_spool_state(ByteView bytes);
std::string encode_mark(const CollectorMark& mark);
Expected<CollectorMark> decode_mark(ByteView bytes);

}  // namespace nines::proto
