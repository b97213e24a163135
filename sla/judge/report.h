// SPDX-License-Identifier: Apache-2.0
// What a judgement says, as values. Lengths are nanoseconds (`_ns`); shares are exact fractions
// whose numerator and denominator are nanoseconds. sla/render/report_json.h and
// sla/render/report_text.h print it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "sla/input/causes.h"
#include "sla/number/rational.h"
#include "sla/rules/course.h"
#include "sla/text/agreement.h"
#include "sla/time/timeline.h"
#include "sla/time/zone.h"
#include "sla/words/warning.h"

namespace nines::sla {

enum class Verdict { met, breached, indeterminate, no_data, not_applicable };
enum class Outlook { breach_certain, met_certain, breach_expected, on_track };

std::string_view name(Verdict verdict);
std::string_view name(Outlook outlook);
std::string_view name(Objective::Statistic statistic);
std::string_view name(Objective::Method method);

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
  Interval whole;                   // the episode, also beyond the period
  std::int64_t down_ns = 0;         // of it charged in this period
  std::int64_t whole_down_ns = 0;   // of it down: an episode can hold short breaks (S18)
  std::int64_t accountable_ns = 0;  // S48: of that in force, inside hours and not excluded
  bool counted = true;              // else forgiven (S18, S20)
  std::string cause;                // the kind of exclusion that holds most of it, or empty
  std::int64_t least_ns = 0;        // S7, of the whole episode
  std::int64_t most_ns = 0;
};

// S26: an exclusion that is claimed and not accepted. Its time is charged.
struct Dispute {
  Claim claim;
  std::int64_t down_ns = 0;  // of it charged
};

// What the objective would be if every disputed exclusion were accepted.
struct IfAccepted {
  Seconds seconds;
  std::optional<Rational> nominal, worst, best, coverage;
  Verdict verdict = Verdict::not_applicable;
};

struct Budget {  // S40
  Rational total_ns;
  std::int64_t used_ns = 0;

  Rational left_ns() const { return total_ns - Rational(used_ns); }
};

// The rest of the period drawn from the days of the past (sla/judge/forecast.h).
struct Resampled {
  std::int64_t draws = 0;
  std::uint64_t seed = 0;
  std::int64_t days = 0;      // measured days of the last twelve months
  std::int64_t breaches = 0;  // draws that pass the budget
  Rational projected_ns;      // downtime at the end, the mean of the draws
};

// How far each method was off in the periods before, at the same part of them: the mean of the
// differences to what came. Absent where it could say nothing.
struct BackTest {
  std::int64_t periods = 0;
  std::optional<Rational> to_date_ns, recent_ns, resampled_ns;
};

struct Forecast {         // S43
  Rational burn;          // speed of consumption; 1 uses the budget up exactly at the end
  Rational projected_ns;  // downtime at the end of the period at this speed
  std::optional<WallTime> exhausted_at;
  // The same at the speed of the last seven days. Absent where too little of them was measured.
  std::optional<Rational> recent_projected_ns;
  std::optional<Resampled> resampled;
  std::optional<BackTest> back_test;
};

// S36, of the two methods by slices. A slice is counted when some of it is accountable.
struct Slices {
  std::int64_t good = 0;  // those without results among them where they are agreed to be good
  std::int64_t with_data = 0;
  std::int64_t empty = 0;  // without a result that says up or down

  bool operator==(const Slices&) const = default;
};

// S39: Wilson's interval (z = 1.96) of a share of results, rounded outwards to 15 decimals.
struct Interval95 {
  Rational low, high;
  std::optional<Rational> failure_upper;  // 1 − 0.05^(1/n), only with no failure
};

// S41, S42: one condition of `alerting` at the instant of the report.
struct BurnAlert {
  std::string severity;
  Duration long_window{0};
  Duration short_window{0};
  Rational threshold;            // both speeds must be strictly above it
  Rational long_burn;            // 1 uses the budget of the period up exactly at its end
  Rational short_burn;           // 0 where the window holds no data
  std::int64_t bad_results = 0;  // failures in the long window
  bool frozen = false;           // too little was measured: what fired before still does
  bool fires = false;
  std::optional<Rational> exhausts_in_ns;  // a whole budget at the speed of the long window
};

// One version's share of a period (S33).
struct VersionPart {
  std::string version;
  Digest digest{};     // of the agreement's text
  Interval in_force;   // within the period; empty where nothing of it is
  std::string target;  // as in ObjectiveReport
  Seconds seconds;
  std::optional<Rational> nominal, worst, best;
  Verdict verdict = Verdict::not_applicable;
  std::int64_t in_force_ns = 0;  // of the period, whatever its hours
  std::int64_t occurrences = 0;  // outages longer than the promise; else 1 where it was missed
};

struct ObjectiveReport {
  std::string name;
  std::string service;
  Objective::Statistic statistic = Objective::Statistic::availability;
  Objective::Method method = Objective::Method::time;  // of availability
  Interval period;
  Zone zone;
  unsigned decimals = 3;
  std::string target;     // "99.9" percent, milliseconds of a latency, seconds of an outage
  Rational target_share;  // of what is judged as a share

  Seconds seconds;
  CauseLengths unknown_by;   // adds up to seconds.unknown
  std::int64_t blip_ns = 0;  // S9: failures that nothing confirmed, and counted up
  std::int64_t blips = 0;
  std::int64_t partial_ns = 0;            // S16: some vantage or check down, the service not
  std::int64_t forgiven_short_ns = 0;     // S18 to S20
  std::int64_t forgiven_excluded_ns = 0;  // S24
  // S23, S26: kinds of exclusion and their time, in order of precedence.
  std::vector<std::pair<std::string, std::int64_t>> excluded_by, down_by;
  std::vector<Dispute> disputed;          // in order of ids
  std::optional<IfAccepted> if_accepted;  // with disputes only
  std::int64_t believed_ns = 0;           // up on belief older than fresh_for() an interval
  std::int64_t resolution_ns = 0;
  std::int64_t least_down_ns = 0;  // S7, sums over the accountable time
  std::int64_t most_down_ns = 0;   // measured time only
  std::vector<Outage> outages;
  std::int64_t samples = 0;  // results that entered the figure

  // In the unit of `unit_of`; latencies have no worst and best. Absent where nothing was measured.
  std::optional<Rational> nominal, worst, best, coverage;
  Verdict verdict = Verdict::not_applicable;
  std::optional<bool> certain;  // S38, of availability with data; INDETERMINATE never is
  std::optional<Budget> budget;
  std::optional<Outlook> outlook;
  std::optional<Forecast> forecast;

  std::optional<Slices> slices;
  std::optional<Interval95> interval95;  // of success_ratio, and of method occurrences
  // In the order of the agreement: "p95" → µs. Exact nearest ranks (S50) in `percentiles_us`;
  // in `sketch_us` estimates within 1 % (S51), where they were asked for (Question::sketches).
  std::vector<std::pair<std::string, std::int64_t>> percentiles_us, sketch_us;
  std::vector<BurnAlert> burn;  // in the order of `alerting`
  // The upper 95 % bound of the downtime in outages shorter than the resolution
  // (sla/judge/unseen.h).
  std::optional<Rational> unseen_down_95_ns;

  std::vector<VersionPart> versions;       // in order of time; one where nothing changed
  std::optional<Rational> blended_target;  // S33, a share; only with several versions
  std::optional<Verdict> blended_verdict;
  // The same promise over the other periods that the agreement names; judged by nobody.
  std::vector<ObjectiveReport> also;

  PeriodCourse course;          // for drawing
  IntervalSet down, seen_down;  // for comparing with suppliers: charged; seen by some vantage
};

// What the numbers of an objective are: nominal, worst and best of its report.
enum class Unit {
  time_share,    // a share whose numerator and denominator are nanoseconds
  count_share,   // a share of results or of slices
  microseconds,  // a response time, shown in milliseconds
  nanoseconds,   // the length of an outage, shown in seconds
};

Unit unit_of(const ObjectiveReport& report);

// S44–S47: one promise of `support` for one incident.
struct SupportClock {
  std::string incident;
  WallTime opened;
  std::string clock;  // "response", "resolve", "update"
  std::int64_t limit_ns = 0;
  std::int64_t elapsed_ns = 0;     // within the hours of the priority, without pauses
  std::optional<WallTime> due;     // where elapsed reaches the limit; absent while paused
  std::optional<Verdict> verdict;  // met or breached; absent while it runs within its limit
};

struct SupportReport {
  std::string priority;
  std::int64_t incidents = 0;  // opened in the period, under this as their last priority
  std::int64_t responded_in_time = 0;
  std::int64_t resolved_in_time = 0;
  std::optional<Rational> mtta_ns, mttr_ns, mtbf_ns;  // absent without such incidents
  std::vector<SupportClock> clocks;                   // in order of opening
};

// One promise of `communication.notices` for one incident.
struct NoticeClock {
  std::string incident, service;
  std::string clock;  // "incidentOpened", "incidentUpdate": as the agreement names the promise
  WallTime from;      // when the incident became known; when the longest silence began
  std::optional<WallTime> to;  // the first notice; the end of that silence. Absent while it runs
  std::int64_t limit_ns = 0;
  std::int64_t elapsed_ns = 0;
  std::optional<WallTime> due;     // of what is still awaited, or was
  std::optional<Verdict> verdict;  // met or breached; absent while it runs within its limit
};

struct NoticeReport {
  std::int64_t incidents = 0;       // opened in the period
  std::vector<NoticeClock> clocks;  // in order of opening

  std::int64_t count(Verdict verdict) const;
};

// S55–S57. Money is exact, in units of the currency ("2000.00" is 2000).
struct CreditLine {
  std::string objective;  // or "support.high.resolve"
  std::string version;    // whose tiers and whose share of the fee
  Verdict verdict = Verdict::not_applicable;
  Rational percent;  // of the fee
  Rational amount;   // before the common rounding
};

struct Credits {
  std::string currency;
  unsigned minor_digits = 2;  // decimals of the currency, as the fee is written
  Rational fee;               // of the period: the in-force share of it
  Rational percent;           // combined and capped
  Rational amount;            // rounded once, after caps; 0 where it is not above the minimum
  std::optional<WallTime> claim_until;
  std::vector<CreditLine> lines;
};

// S54. What rests on a supplier: a promise to the customer beside the supplier's own. Only the
// time of promises by the second over the same period can be laid over each other.
struct Backing {
  std::string objective;  // of the customer
  std::string promise;    // the supplier's
  Verdict ours = Verdict::not_applicable;
  Verdict theirs = Verdict::not_applicable;
  std::optional<std::int64_t> caused_ns;   // charged to us while a check of the supplier was down
  std::optional<std::int64_t> covered_ns;  // of it charged to the supplier by its own text
};

struct SupplierReport {
  std::string name;
  std::string agreement;  // with it, as it is named; may be empty
  std::string preset;     // may be empty
  std::vector<ObjectiveReport> objectives;
  std::optional<Credits> credits;  // that it owes
  std::vector<Backing> backs;      // in order of our objectives
};

// What the provider pays and gets back, where the currencies are one.
struct Uncovered {
  std::string currency;
  unsigned minor_digits = 2;
  Rational owed;       // to the customer
  Rational claimable;  // from all suppliers

  Rational amount() const { return owed > claimable ? owed - claimable : Rational(0); }
};

// A version that was in force in the period, and who signed its text by the instant of the report.
struct SignedVersion {
  struct Hand {
    bool awaited = false;  // the text says who signs for the party
    std::string actor;     // empty: nobody has signed
    WallTime at;

    bool missing() const { return awaited && actor.empty(); }
  };

  std::string version;
  Digest digest{};
  Hand provider, customer;

  // Where nobody is to sign and nobody has, there is nothing to tell.
  bool tells() const;
};

struct Seal {  // S59
  unsigned revision = 1;
  WallTime cut;  // what arrived or was said later is not counted
};

struct Report {
  std::string agreement;
  std::string version;   // in force at `as_of`, or at the end of a period that was over by then
  Digest digest{};       // of that version's text
  std::string language;  // the one that prevails, as the agreement names it: "zh"; may be empty
  WallTime as_of;
  std::optional<Seal> seal;  // absent: provisional
  std::string zone_data;     // version of the time-zone data used
  std::vector<Warning> warnings;
  std::vector<ObjectiveReport> objectives;
  std::vector<SupportReport> support;     // one for each agreed priority
  std::optional<NoticeReport> notices;    // absent where none are agreed on incidents
  std::optional<Credits> credits;         // absent where no compensation is agreed
  std::vector<SupplierReport> suppliers;  // whose promises can be judged, in the order of the text
  std::optional<Uncovered> uncovered;     // with credits of ours and of such a supplier
  std::vector<SignedVersion> signatures;  // of the versions in force, in order of time

  const SignedVersion* signatures_under(const std::string& version) const;  // null: not in force
};

// The worst verdict: BREACHED, then INDETERMINATE and NO_DATA, then MET and NOT_APPLICABLE.
Verdict worst_verdict(const Report& report);
int exit_code_of(Verdict verdict);  // 0, 2, 3

}  // namespace nines::sla
