// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/report.h"

#include <algorithm>

#include "base/assert.h"

namespace nines::sla {

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::met:
      return "MET";
    case Verdict::breached:
      return "BREACHED";
    case Verdict::indeterminate:
      return "INDETERMINATE";
    case Verdict::no_data:
      return "NO_DATA";
    case Verdict::not_applicable:
      return "NOT_APPLICABLE";
  }
  ASSERT(false);
  return "";
}

std::string_view name(Outlook outlook) {
  switch (outlook) {
    case Outlook::breach_certain:
      return "BREACH_CERTAIN";
    case Outlook::met_certain:
      return "MET_CERTAIN";
    case Outlook::breach_expected:
      return "BREACH_EXPECTED";
    case Outlook::on_track:
      return "ON_TRACK";
  }
  ASSERT(false);
  return "";
}

std::string_view name(Objective::Statistic statistic) {
  using Statistic = Objective::Statistic;
  switch (statistic) {
    case Statistic::availability:
      return "availability";
    case Statistic::success_ratio:
      return "success-ratio";
    case Statistic::mean:
      return "mean";
    case Statistic::percentile:
      return "percentile";
    case Statistic::share_below:
      return "share-below";
    case Statistic::longest_outage:
      return "longest-outage";
    case Statistic::mttr:
      return "mttr";
  }
  ASSERT(false);
  return "";
}

std::string_view name(Objective::Method method) {
  using Method = Objective::Method;
  switch (method) {
    case Method::time:
      return "time";
    case Method::occurrences:
      return "occurrences";
    case Method::timeslices:
      return "timeslices";
    case Method::ratio_timeslices:
      return "ratio-timeslices";
  }
  ASSERT(false);
  return "";
}

Unit unit_of(const ObjectiveReport& report) {
  using Statistic = Objective::Statistic;
  switch (report.statistic) {
    case Statistic::availability:
      return report.method == Objective::Method::time ? Unit::time_share : Unit::count_share;
    case Statistic::success_ratio:
    case Statistic::share_below:
      return Unit::count_share;
    case Statistic::mean:
    case Statistic::percentile:
      return Unit::microseconds;
    case Statistic::longest_outage:
    case Statistic::mttr:
      return Unit::nanoseconds;
  }
  ASSERT(false);
  return Unit::time_share;
}

Verdict worst_verdict(const Report& report) {
  constexpr Verdict kWorstFirst[] = {Verdict::breached, Verdict::indeterminate, Verdict::no_data,
                                     Verdict::met};
  for (const Verdict verdict : kWorstFirst) {
    const bool have =
        std::any_of(report.objectives.begin(), report.objectives.end(),
                    [&](const ObjectiveReport& each) { return each.verdict == verdict; });
    if (have) return verdict;
  }
  return Verdict::not_applicable;
}

std::int64_t NoticeReport::count(Verdict verdict) const {
  return std::count_if(clocks.begin(), clocks.end(),
                       [&](const NoticeClock& each) { return each.verdict == verdict; });
}

bool SignedVersion::tells() const {
  return provider.awaited || customer.awaited || !provider.actor.empty() || !customer.actor.empty();
}

const SignedVersion* Report::signatures_under(const std::string& wanted) const {
  for (const SignedVersion& each : signatures) {
    if (each.version == wanted) return &each;
  }
  return nullptr;
}

int exit_code_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::breached:
      return 2;
    case Verdict::indeterminate:
    case Verdict::no_data:
      return 3;
    default:
      return 0;
  }
}

}  // namespace nines::sla
