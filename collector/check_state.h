// SPDX-License-Identifier: Apache-2.0
// How a check stands at a vantage: its newest result, and since when its results are like that one.
#pragma once

#include <optional>
#include <string>

#include "base/expected.h"
#include "base/time.h"
#include "collector/database.h"
#include "model/outcome.h"

namespace nines::collector {

struct NewestResult {
  Outcome outcome = Outcome::unknown;
  WallTime started;    // as the agent's clock had it; of a range record its last slot
  std::string result;  // as JSON (proto/result_json.h)
};

std::optional<NewestResult> newest_result(Database& db,
                                          const std::string& agent,
                                          const std::string& check);

// The start of the first result in the run of equal outcomes that the newest result ends, looked
// for from `from` on; nothing when the run began before that. Reads about one row for each hour.
Expected<std::optional<WallTime>> run_start(Database& db,
                                            const std::string& agent,
                                            const std::string& check,
                                            Outcome outcome,
                                            WallTime from);

}  // namespace nines::collector
