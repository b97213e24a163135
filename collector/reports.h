// SPDX-License-Identifier: Apache-2.0
// Sealed reports (docs/formats/store.md, "Reports"). A revision is a function of its inputs alone:
// the agreement texts, the period, and a cut of the log, which says what results and statements
// count. It is kept byte for byte, has an entry in the log, and can be computed again. What arrives
// after the cut is listed and not counted, until both parties agree on a restatement: that is the
// next revision, and says what it changed.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "collector/judge.h"
#include "collector/log.h"

namespace nines::collector {

struct SealedReport {
  std::string agreement, period;  // the period as it was asked: "2026-11"
  unsigned revision = 1;
  Cut cut;
  WallTime sealed;
  std::vector<Digest> agreements;  // of the versions judged by, in order of effective dates
  nlohmann::json inputs;           // what the log entry says beside
  std::string bytes;               // the report as JSON
  std::uint64_t position = 0;      // of its log entry
};

// Whether response times were estimated by sketches too: older revisions were sealed without.
bool has_sketches(const SealedReport& report);

void create_reports(Database& db);

// `revision` 0: the latest.
std::optional<SealedReport> find_report(Database& db,
                                        const std::string& agreement,
                                        const std::string& period,
                                        unsigned revision = 0);

// Whatever is due to be sealed at `now` and is not: ended periods of the agreement's calendars
// whose time for late data is over, the oldest first, then restatements that both parties agreed
// on.
struct SealPlan {
  std::string agreement, period;
  unsigned revision = 1;
  Cut cut;
  std::vector<Digest> agreements;
  nlohmann::json restatement;  // null, or who proposed and approved it, and why
};

inline constexpr Duration kSealMargin = minutes(1);  // batches under way are stored by then

Expected<std::vector<SealPlan>> due_reports(Database& db,
                                            const Agreements& agreements,
                                            WallTime now);

// Up to when results that the question needs were dropped by retention; nothing where all are here.
Expected<std::optional<WallTime>> results_dropped(Database& db,
                                                  const std::vector<sla::Agreement>& versions,
                                                  const sla::Question& question);

// Since when results of the agreement's checks must be kept at `now`: those of running periods and
// of ended ones that are to be sealed; of a period whose restatement is under way; of one with an
// exclusion in dispute.
Expected<std::optional<WallTime>> needed_since(Database& db,
                                               const std::vector<sla::Agreement>& versions,
                                               WallTime now);

// The versions by their digests: the loaded ones, else from the texts that were kept.
Expected<std::vector<sla::Agreement>> versions_of(Database& db,
                                                  const Agreements& loaded,
                                                  const std::vector<Digest>& digests);

// Judges; stores nothing.
Expected<SealedReport> make_report(Database& db, const Agreements& loaded, const SealPlan& plan);

// Within a transaction: keeps and logs it, unless that revision is there already.
void store_report(Database& db, const SealedReport& report, WallTime now);

// From the same inputs, by the code of now.
Expected<sla::Report> report_again(Database& db,
                                   const Agreements& loaded,
                                   const SealedReport& report);

// All revisions, newest first; of one period where one is given, with what came late.
Expected<std::string> revisions_json(Database& db,
                                     const Agreements& loaded,
                                     const std::string& agreement,
                                     const std::optional<std::string>& period);

// "2026-11", "2026-Q4", … as parse_period reads it.
std::string period_text(sla::PeriodRule::Kind kind, const sla::LocalDate& first);

}  // namespace nines::collector
