// SPDX-License-Identifier: Apache-2.0
// The rows of the book of alerts in the collector's store (docs/formats/store.md, "Alerts"). No
// evidence: nobody proves anything with them, and --rebuild leaves them alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "alerts/book.h"
#include "collector/database.h"

namespace nines::collector {

inline constexpr std::int64_t kAlertsVersion = 1;  // of the tables: `alerts_version` of meta

// Makes what is missing; refuses tables of a newer version.
Expected<void> prepare_alerts(Database& db);

struct AlertRows {
  std::vector<std::string> alerts, groups, deliveries;
  std::optional<std::int64_t> head_day;
};

Expected<AlertRows> read_alerts(Database& db);

// Within a transaction.
void keep_alerts(Database& db, const alerts::Changes& changes);

// The attempts of what is kept of deliveries, in order, as a JSON object: "17": [{…}].
Expected<nlohmann::json> attempts_json(Database& db);

}  // namespace nines::collector
