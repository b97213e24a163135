// SPDX-License-Identifier: Apache-2.0
// What is derived from the batches, and how it is read. Derivation runs in the transaction that
// stores the batch: there is no watermark that could be wrong, one fsync pays for both, and a
// receipt means that reports already see the results. Every row is a function of the set of batches
// alone. Rows of results belong to one epoch, within which the chain fixes the order; epochs meet
// only when they are read. So arrival order cannot matter, and
// --rebuild gives the same rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/database.h"
#include "collector/timeline_blob.h"
#include "model/batch.h"
#include "proto/codec.h"

namespace nines::collector {

inline constexpr std::int64_t kDerivedVersion = 2;
// A range record is cut into one piece for each hour; beyond so many pieces in one batch the rest
// of it is left out, which is unknown time as well.
inline constexpr std::size_t kMaxRangePieces = 20'000;

// How the body of a stored batch was understood.
enum class BatchState {
  derived = 0,
  undecodable = 1,
  no_table = 2,
  failed = 3,
  repeated = 4,  // its results carry sequence numbers that were used before in the epoch
};

void create_derived(Database& db);
void drop_derived(Database& db);
bool derived_is_current(Database& db);

struct Placed {
  std::uint64_t number = 0;  // of its row
  WallTime received;
};

// False when the body says nothing to us: the batch is kept and counted, and the queue goes on.
bool derive(Database& db, const Placed& placed, const proto::OpenedHeader& opened, ByteView bytes);

// Of one epoch, what retention drops: rows of `batches` up to `number`, whose results began between
// `from` and `to`, as the agent had it.
struct DroppedSpan {
  std::string agent;
  EpochId epoch{};
  std::uint64_t number = 0;
  WallTime from, to;
};

// Takes what they brought out of the timeline of one check. Answers the start of the last result
// among it, if there was any.
Expected<std::optional<WallTime>> drop_pieces(Database& db,
                                              const DroppedSpan& span,
                                              const std::string& check);

// Takes out everything else that was derived from rows of `batches` up to `number`, but for the
// epoch itself, its check tables and definitions of checks.
void drop_rows(Database& db, const std::string& agent, const EpochId& epoch, std::uint64_t number);

// One definition of a check, addressed by what it says.
Digest entry_digest(const CheckEntry& entry);

// The pieces of one hour of one check, with what is needed to place them in time.
struct TimelineRow {
  EpochId epoch{};
  Digest entry{};
  std::int64_t hour = 0;  // since 1970
  std::uint64_t up = 0, down = 0, unknown = 0;
  std::vector<Piece> pieces;
};

// Rows of (agent, check) whose slots may touch [from, to), in order of hour, epoch, entry. Calls
// `take` for each until it answers false. Lateness moves a start by at most kMaxLate beyond its
// slot.
inline constexpr Duration kMaxLate = hours(1);
template <class Take>
Expected<void> read_rows(Database& db,
                         const std::string& agent,
                         const std::string& check,
                         WallTime from,
                         WallTime to,
                         Take take);

std::optional<CheckEntry> find_entry(Database& db, const Digest& digest);

namespace detail {
Expected<std::optional<TimelineRow>> next_row(Rows& rows);
Rows select_rows(
    Database& db, const std::string& agent, const std::string& check, WallTime from, WallTime to);
}  // namespace detail

template <class Take>
Expected<void> read_rows(Database& db,
                         const std::string& agent,
                         const std::string& check,
                         WallTime from,
                         WallTime to,
                         Take take) {
  auto rows = detail::select_rows(db, agent, check, from, to);
  for (;;) {
    TRY(row, detail::next_row(rows));
    if (!row || !take(*row)) break;
  }
  return db.take_failure();
}

// A digest of everything derived, in a fixed order: equal digests are equal tables.
Expected<Digest> derived_digest(Database& db);

}  // namespace nines::collector
