// SPDX-License-Identifier: Apache-2.0
// Was every slot that was due accounted for exactly once? Slots lie on a grid that the agent's
// check tables name, so what is missing is known and not only what came: a slot is recorded once,
// recorded more often (an error), or missing, and then for a cause that the agent's own records
// prove, or for none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/database.h"
#include "model/slot.h"

namespace nines::collector {

// Why slots have no record.
enum class Absence {
  agent_away,   // the agent did not run: it started (or began a new epoch) before the next record
  gap,          // dropped by the spool, which said so
  config,       // the check was not configured
  unexplained,  // nothing explains it: a fault
};

std::string_view name(Absence absence);

struct SlotRange {
  std::int64_t first = 0, last = 0;  // both included

  std::int64_t count() const { return last - first + 1; }

  bool operator==(const SlotRange&) const = default;
};

struct MissingSlots {
  SlotRange slots;
  Absence cause = Absence::unexplained;
};

// One check on one grid. Due are the slots from the first to the last that is recorded.
struct CheckAccount {
  std::string check;
  SlotGrid grid;
  SlotRange span;                  // first and last recorded slot
  std::uint64_t recorded = 0;      // different slots
  std::vector<SlotRange> doubled;  // in order; at most kMaxRanges are listed
  std::vector<MissingSlots> missing;
  std::uint64_t doubled_slots = 0, missing_slots = 0, unexplained_slots = 0;
};

inline constexpr std::size_t kMaxRanges = 1000;

struct Account {
  std::vector<CheckAccount> checks;
  bool exactly_once = true;  // nothing doubled, nothing unexplained
};

// Slots whose instants lie in [from, to).
Expected<Account> account_slots(Database& db, const std::string& agent, WallTime from, WallTime to);

std::string account_json(const Account& account,
                         const std::string& agent,
                         WallTime from,
                         WallTime to);

}  // namespace nines::collector
