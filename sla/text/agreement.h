// SPDX-License-Identifier: Apache-2.0
// An agreement as it is judged: one version, validated by sla/text/agreement_decoder.h. References
// by name resolve; later code never re-checks them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "model/check.h"
#include "sla/input/samples.h"
#include "sla/number/rational.h"
#include "sla/rules/exclusions.h"
#include "sla/rules/outages.h"
#include "sla/text/composition.h"
#include "sla/text/conduct.h"
#include "sla/text/duty.h"
#include "sla/text/safeguards.h"
#include "sla/text/sides.h"
#include "sla/text/terms.h"
#include "sla/time/calendar.h"
#include "sla/time/period.h"
#include "sla/time/zone.h"

namespace nines::sla {

struct MeasuredCheck {
  Check check;
  std::string service;
  Duration belief{0};  // S6: how long a result is believed, > 0
  bool local = false;  // S11: needs no uplink, so canaries explain nothing of it
  // Results are told by the digest of their check; else by its name alone: the check names files
  // whose content is no part of the text, so nobody elsewhere could tell.
  bool comparable = true;
};

// S14 over the vantages of one check. Absent: of = the vantages that appear, k = ⌊of/2⌋ + 1. Or
// S15, and then neither: more down than up of those known, which are at least `min_known`.
struct Quorum {
  std::optional<std::size_t> k;
  std::optional<std::size_t> of;
  bool majority_of_known = false;
  std::size_t min_known = 1;
};

// S35, S37.
struct UnknownPolicy {
  enum class Treat { verdict, up, down } treat = Treat::verdict;
  Rational min_coverage;                                               // 0 to 1
  enum class Burden { provider, customer } burden = Burden::provider;  // for money only
};

// S36: slices of time that are judged one by one.
struct SliceRule {
  Rational target{1};  // the share of a slice's results that makes it good, 0 < … ≤ 1
  Duration window = seconds(60);
  bool empty_is_good = false;  // else a slice without results is unknown
};

// What is printed beside an objective, and judged by nobody.
struct AlsoReport {
  struct Period {
    PeriodRule rule;
    Zone zone;
  };

  std::vector<Period> periods;
  std::vector<std::string> percentiles;  // "p50", "p99.9"; see sla/rules/latency.h
};

struct Objective {
  enum class Statistic {
    availability,    // S34, S36
    success_ratio,   // S39
    mean,            // S49
    percentile,      // S50
    share_below,     // S52
    longest_outage,  // S48
    mttr,            // S47, of the accountable parts of outages
  } statistic = Statistic::availability;
  enum class Method { time, occurrences, timeslices, ratio_timeslices } method = Method::time;
  std::string name;
  std::string service;
  std::vector<std::string> serves;  // ids of needs
  // Availability, success ratio, share below: the share promised, 0 < … ≤ 1; as agreed, "99.9".
  std::string target_text;
  Rational target;
  Duration max{0};         // mean, percentile, longest outage, mttr: at most this long, > 0
  std::string percentile;  // "p95"
  Duration threshold{0};   // share below: results faster than this count, > 0
  // S49: how long a result that timed out is taken to have lasted. Absent: it does not enter.
  std::optional<Duration> impute_timeout;
  SliceRule slices;  // of the two methods by slices
  AlsoReport also;
  PeriodRule period;
  Zone zone;                   // of calendar periods
  std::string hours{kAlways};  // a calendar
  bool assume_up = false;      // S32: time of the period before and after the agreement
};

// S41, S42: one condition of `alerting`.
struct BurnRule {
  std::string severity;
  Rational budget;  // the share of the period's budget that the long window may use up
  Duration long_window{0};
  Duration short_window{0};          // at most the long one
  std::int64_t min_bad_samples = 0;  // failures in the long window without which nothing fires
};

// S44–S46. Clocks run within the hours of a calendar.
struct SupportPriority {
  std::string name;
  std::string hours = "always";
  std::optional<Duration> response;  // until the first human answer
  std::optional<Duration> resolve;
  std::optional<Duration> update;  // between two signs of life while it is open
};

struct Support {
  std::vector<SupportPriority> priorities;  // the first is the highest
  std::vector<std::string> pause_while;     // reasons whose pauses stop the clocks
  bool reopen_continues = true;             // else a reopened incident begins anew
  bool escalation_retroactive = false;      // a raised priority counts from the opening
};

// S55–S57. Shares of the fee are from 0 to 1.
struct CreditStep {
  Rational from;  // the lowest share of the objective that earns it
  Rational credit;
};

struct CreditTier {
  std::string objective;          // a name, or "support.PRIORITY.CLOCK"
  std::vector<CreditStep> steps;  // from high to low; empty: `missed` speaks
  Rational missed;
  bool per_occurrence = false;
  std::optional<Rational> max;  // of all occurrences together
};

struct Compensation {
  std::string currency;
  unsigned minor_digits = 2;  // decimals of an amount
  Rational monthly_fee;
  bool prorate = true;  // by the time in force
  std::vector<CreditTier> tiers;
  enum class Combine { sum, max } combine = Combine::sum;
  Rational cap{1};
  Rational minimum;  // an amount must be greater to be paid
  bool claim_needed = false;
  std::optional<Duration> claim_within;     // after the end of the period
  std::optional<int> claim_billing_cycles;  // calendar months after its end
};

struct Agreement {
  std::string name;
  std::string version;
  LocalText display_name, description;
  std::map<std::string, std::string> labels;
  Digest digest{};  // SHA-256 of the canonical JSON (sla/text/canonical.h)
  std::optional<std::string> supersedes_version;
  std::optional<std::string> supersedes_digest;  // "sha256:…" as written

  WallTime effective_from;
  std::optional<WallTime> effective_to;  // absent: without end
  Zone zone;

  std::vector<std::string> services;
  std::vector<std::string> needs;  // ids
  // Service → the checks under it, each once, in order; and how they make it (S53), serial where it
  // is not said. Suppliers with checks have an entry in the latter, too.
  std::map<std::string, std::vector<std::string>> composition;
  std::map<std::string, Composition> composition_trees;
  std::vector<MeasuredCheck> checks;
  std::vector<std::string> vantages;  // empty: those that appear in the results
  // S11: URIs, by which their results are named. Absent: the agreement says nothing of them.
  std::optional<std::vector<std::string>> canaries;
  Duration canary_belief{0};  // how long a canary's result is believed, > 0 where there are some
  Confirmation confirm;
  Quorum quorum;
  MinimumOutage minimum_outage;
  std::optional<OutageRule> outage_rule;
  UnknownPolicy unknown;
  std::optional<Duration> latency_as_down;   // S3: slower successes count as failures
  Duration late_data_until = hours(24 * 5);  // S59, after the end of a period
  Calendars calendars;                       // without `always`
  Exclusions exclusions;
  unsigned decimals = 3;  // of displayed values, 0 to 12
  std::vector<Objective> objectives;
  std::vector<BurnRule> alerting;
  std::optional<Support> support;
  std::optional<Compensation> compensation;

  // What people act on and tools explain, check and remind of; no number depends on it.
  Languages languages;
  std::vector<Party> parties;
  Scope scope;
  std::vector<Need> need_list;
  Safeguards safeguards;
  Terms terms;
  Conduct conduct;
  std::vector<Duty> duties;
};

}  // namespace nines::sla
