// SPDX-License-Identifier: Apache-2.0
#include "collector/check_state.h"

#include <algorithm>
#include <vector>

#include "collector/recorded.h"

namespace nines::collector {
namespace {

// The last hour, from `first` on, that has a result of another outcome.
std::optional<std::int64_t> last_other_hour(Database& db,
                                            const std::string& agent,
                                            const std::string& check,
                                            Outcome outcome,
                                            std::int64_t first) {
  const char* others = outcome == Outcome::up     ? "down + unknown > 0"
                       : outcome == Outcome::down ? "up + unknown > 0"
                                                  : "up + down > 0";
  auto rows =
      db.rows(std::string("SELECT hour FROM timeline WHERE agent = ?1 AND check_name = ?2 AND "
                          "hour >= ?3 AND ") +
                  others + " ORDER BY hour DESC LIMIT 1",
              agent, check, first);
  if (!rows.next()) return std::nullopt;
  return rows.integer(0);
}

}  // namespace

std::optional<NewestResult> newest_result(Database& db,
                                          const std::string& agent,
                                          const std::string& check) {
  auto rows =
      db.rows("SELECT outcome, started_ns, result FROM latest WHERE agent = ?1 AND check_name = ?2",
              agent, check);
  if (!rows.next()) return std::nullopt;
  return NewestResult{static_cast<Outcome>(rows.integer(0)), WallTime{rows.integer(1)},
                      rows.text(2)};
}

Expected<std::optional<WallTime>> run_start(Database& db,
                                            const std::string& agent,
                                            const std::string& check,
                                            Outcome outcome,
                                            WallTime from) {
  const auto first = std::max<std::int64_t>(from.ns, 0) / kHourNs;
  const auto other = last_other_hour(db, agent, check, outcome, first);
  if (other) {  // the run begins within that hour, or behind it
    std::vector<std::pair<std::int64_t, Outcome>> starts;
    RecordReader reader(db);
    const WallTime hour{*other * kHourNs};
    TRY_VOID(reader.read(agent, check, hour, hour + kMaxLate + hours(1),
                         [&](const Definition&, const BatchClock&, const Recorded& r) {
                           starts.emplace_back(r.started.ns, r.piece.outcome);
                           return true;
                         }));
    std::sort(starts.begin(), starts.end());
    std::optional<WallTime> start;
    for (auto at = starts.rbegin(); at != starts.rend() && at->second == outcome; ++at) {
      start = WallTime{at->first};
    }
    if (start) return start;
  } else {
    auto earlier =
        db.rows("SELECT 1 FROM timeline WHERE agent = ?1 AND check_name = ?2 AND hour < ?3 LIMIT 1",
                agent, check, first);
    if (earlier.next()) return std::optional<WallTime>();
  }
  auto rows = db.rows(
      "SELECT min(first_ns) FROM timeline WHERE agent = ?1 AND check_name = ?2 AND hour > ?3",
      agent, check, other.value_or(first - 1));
  if (rows.next() && !rows.null(0)) return std::optional(WallTime{rows.integer(0)});
  return std::optional(WallTime{0});
}

}  // namespace nines::collector
