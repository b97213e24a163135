// SPDX-License-Identifier: Apache-2.0
// What the collector answers of agents and checks, as JSON texts. Pure reads of one connection;
// `now` is given, so that a test can ask about any instant.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "collector/database.h"
#include "collector/judge.h"

namespace nines::collector {

inline constexpr std::size_t kMaxHistory = 20'000;  // results in one answer: the newest ones

Expected<std::string> agents_json(Database& db, WallTime now);

// Every check of the newest table of one vantage, or of all.
Expected<std::string> status_json(Database& db,
                                  const std::optional<std::string>& vantage,
                                  WallTime now);

// One check, with its last outages and their evidence. Nothing when no vantage has it; an error
// names the vantages when several do and none was asked for.
Expected<std::optional<std::string>> check_json(Database& db,
                                                const std::string& check,
                                                const std::optional<std::string>& vantage,
                                                WallTime now);

// {"check":…,"vantage":…,"results":[probe results, oldest first],"truncated":…}, decoded from the
// evidence.
Expected<std::optional<std::string>> history_json(Database& db,
                                                  const std::string& check,
                                                  const std::optional<std::string>& vantage,
                                                  WallTime since,
                                                  WallTime until,
                                                  std::size_t limit);

Expected<std::string> incidents_json(Database& db);

std::string agreements_json(const Agreements& agreements);

}  // namespace nines::collector
