// SPDX-License-Identifier: Apache-2.0
// What a judgement says, as values. Lengths are nanoseconds (`_ns`); shares are exact fractions
// whose numerator and denominator are nanoseconds. sla/report_json.h and sla/report_text.h print
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "sla/agreement.h"
#include "sla/causes.h"
#include "sla/rational.h"
#include "sla/timeline.h"
#include "sla/zone.h"

namespace nines::sla {

enum class Verdict { met, breached, indeterminate, no_data, not_applicable };
enum class Outlook { breach_certain, met_certain, breach_expected, on_track };

std::string_view name(Verdict verdict);
std::string_view name(Outlook outlook);
std::string_view name(Objective::Statistic statistic);

// S21: each instant of the period is in exactly one of them; they add up to its length.
struct Seconds {
  std::int64_t not_in_force = 0;
  std::int64_t out_of_hours = 0;
  std::int64_t future = 0;
  std::int64_t excluded = 0;
  std::int64_t unknown = 0;
  std::int64_t down = 0;
  std::int64_t up = 0;

  std::int64_t accountable() const { return unknown + down + up; }

  bool operator==(const Seconds&) const = default;
};

struct Outage {
  Interval whole;             // the episode, also beyond the period
  std::int64_t down_ns = 0;   // its accountable part in this period
  std::int64_t least_ns = 0;  // S7, of the whole episode
  std::int64_t most_ns = 0;
};

struct Budget {  // S40
  Rational total_ns;
  std::int64_t used_ns = 0;

  Rational left_ns() const { return total_ns - Rational(used_ns); }
};

struct Forecast {         // S43
  Rational burn;          // speed of consumption; 1 uses the budget up exactly at the end
  Rational projected_ns;  // downtime at the end of the period at this speed
  std::optional<WallTime> exhausted_at;
};

// One version's share of a period (S33).
struct VersionPart {
  std::string version;
  Seconds seconds;
  std::optional<Rational> nominal;
  Verdict verdict = Verdict::not_applicable;
};

struct ObjectiveReport {
  std::string name;
  std::string service;
  Objective::Statistic statistic = Objective::Statistic::availability;
  Interval period;
  Zone zone;
  unsigned decimals = 3;
  std::string target;     // "99.9" percent, or milliseconds
  Rational target_share;  // availability

  Seconds seconds;
  CauseLengths unknown_by;       // adds up to seconds.unknown
  std::int64_t partial_ns = 0;   // S16: some vantage or check down, the service not
  std::int64_t believed_ns = 0;  // up on belief older than one interval
  std::int64_t resolution_ns = 0;
  std::int64_t least_down_ns = 0;  // S7, sums over the accountable time
  std::int64_t most_down_ns = 0;   // measured time only
  std::vector<Outage> outages;
  std::int64_t samples = 0;  // results that entered the figure

  // S34, shares; or the mean in µs (nominal only). Absent where nothing was measured.
  std::optional<Rational> nominal, worst, best, coverage;
  Verdict verdict = Verdict::not_applicable;
  std::optional<bool> certain;  // S38, of availability with data; INDETERMINATE never is
  std::optional<Budget> budget;
  std::optional<Outlook> outlook;
  std::optional<Forecast> forecast;

  std::vector<VersionPart> versions;       // in order of time; one where nothing changed
  std::optional<Rational> blended_target;  // S33, a share; only with several versions
  std::optional<Verdict> blended_verdict;
};

struct Report {
  std::string agreement;
  std::string version;  // in force at `as_of`, or at the end of a period that was over by then
  WallTime as_of;
  std::string zone_data;  // version of the time-zone data used
  std::vector<std::string> warnings;
  std::vector<ObjectiveReport> objectives;
};

// The worst verdict: BREACHED, then INDETERMINATE and NO_DATA, then MET and NOT_APPLICABLE.
Verdict worst_verdict(const Report& report);
int exit_code_of(Verdict verdict);  // 0, 2, 3

}  // namespace nines::sla
