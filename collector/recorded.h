// SPDX-License-Identifier: Apache-2.0
// Results as they are read back from the timeline, one for each slot, with where they came from.
// The judge and the export read through this one door, so what is judged is what anyone can
// recompute.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/timeline_store.h"

namespace nines::collector {

// Of a sealed report: what counts is what was in the log by then. Both bounds hold, since a clock
// may be set back and a log cannot.
struct Cut {
  WallTime at;                 // received or said at or before
  std::uint64_t log_size = 0;  // among so many first entries of the log

  bool counts(WallTime received, std::uint64_t position) const {
    return received <= at && position < log_size;
  }
};

struct BatchClock {  // of the batch that brought a result
  WallTime received;
  std::int64_t ahead_us = 0, bound_us = 0;  // the agent's clock against ours (S5)
  std::uint64_t position = 0;               // of its log entry, where that was asked for
};

struct Recorded {
  EpochId epoch{};
  std::int64_t slot = 0;
  WallTime started;    // as the agent's clock had it
  bool range = false;  // one of the slots of a range record: `seq` is not its own
  Piece piece;
};

struct Definition {
  CheckEntry entry;
  Digest check_digest{};  // SHA-256 of the canonical text
};

// Reads the results of one (agent, check) whose starts lie in [from, to). Remembers definitions and
// clocks, so it serves many calls; belongs to one connection.
class RecordReader {
 public:
  // `placed`: BatchClock::position is wanted.
  explicit RecordReader(Database& db, bool placed = false) : db_(db), placed_(placed) {}

  RecordReader(const RecordReader&) = delete;  // it points into itself
  RecordReader& operator=(const RecordReader&) = delete;

  // `take(const Definition&, const BatchClock&, const Recorded&)` answers false to stop. In order
  // of hour; within an hour in order of epoch, definition and record.
  template <class Take>
  Expected<void> read(
      const std::string& agent, const std::string& check, WallTime from, WallTime to, Take take);

 private:
  const Definition* definition(const Digest& entry);
  const BatchClock& clock(const std::string& agent, const EpochId& epoch, std::uint64_t number);

  Database& db_;
  const bool placed_;
  std::map<Digest, std::optional<Definition>> definitions_;

  struct Clocks {  // of the batches of one epoch, by number
    std::map<std::uint64_t, BatchClock> known;
    std::map<std::uint64_t, BatchClock>::const_iterator last = known.end();  // asked for
  };

  std::map<std::pair<std::string, EpochId>, Clocks> clocks_;
  std::pair<const std::pair<std::string, EpochId>, Clocks>* current_ = nullptr;  // among them
};

template <class Take>
Expected<void> RecordReader::read(
    const std::string& agent, const std::string& check, WallTime from, WallTime to, Take take) {
  return read_rows(db_, agent, check, from, to, [&](const TimelineRow& row) {
    const auto* known = definition(row.entry);
    if (known == nullptr) return true;
    for (const auto& piece : row.pieces) {
      const auto& batch = clock(agent, row.epoch, piece.number);
      for (std::int64_t i = 0; i < piece.span; ++i) {
        const auto slot = piece.slot + i;
        const auto started = known->entry.grid.at(slot) + microseconds(piece.late_us);
        if (started < from || started >= to) continue;
        if (!take(*known, batch, Recorded{row.epoch, slot, started, piece.span > 1, piece})) {
          return false;
        }
      }
    }
    return true;
  });
}

// Agents that have results of the check, in order; every agent that ever sent, without one.
Expected<std::vector<std::string>> agents_of(Database& db, const std::string& check);
Expected<std::vector<std::string>> all_agents(Database& db);
Expected<std::vector<std::string>> checks_of(Database& db, const std::string& agent);

// Results that started in [from, to) as JSON lines, as `nines sla eval --results` takes them; with
// a cut, those that count. Holds one line at a time.
class ResultLines {
 public:
  ResultLines(Database& db, WallTime from, WallTime to, const std::optional<Cut>& cut)
      : reader_(db, cut.has_value()), from_(from), to_(to), cut_(cut) {}

  // Of one (check, vantage), in the order of RecordReader. `take` answers false to stop; its line
  // ends with a newline and is gone when it returns.
  Expected<void> read(const std::string& check,
                      const std::string& vantage,
                      const std::function<bool(std::string_view line)>& take);

 private:
  RecordReader reader_;
  WallTime from_, to_;
  std::optional<Cut> cut_;
};

// Those lines of each check in order, and of each of its vantages in order; stops with an error
// beyond `limit` bytes.
Expected<std::string> export_results(Database& db,
                                     const std::vector<std::string>& checks,
                                     const std::vector<std::string>& vantages,
                                     WallTime from,
                                     WallTime to,
                                     std::size_t limit);

}  // namespace nines::collector
