// SPDX-License-Identifier: Apache-2.0
// One probe result as JSON, the same from `nines probe --json`, the local API and a collector's
// export.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "model/check.h"
#include "model/result.h"
#include "model/slot.h"

namespace nines::proto {

struct ResultContext {
  std::string check;
  CheckKind kind = CheckKind::http;
  std::string target;
  std::string vantage;
  std::optional<std::int64_t> slot;  // absent for a run outside the schedule
  WallTime started;
};

// Keys in the order of the documentation. `seq` and `span` appear where they say something.
nlohmann::ordered_json result_json(const ResultContext& context, const Result& result);
std::string result_line(const ResultContext& context, const Result& result);  // without newline

// When a result began: its slot's instant plus its lateness.
inline WallTime started_at(const SlotGrid& grid, const Result& result) {
  return grid.at(result.slot) + microseconds(result.late_us);
}

}  // namespace nines::proto
