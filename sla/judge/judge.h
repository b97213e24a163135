// SPDX-License-Identifier: Apache-2.0
// The judgement: agreement versions × samples × a question → report. A pure function: no clock, no
// file but time-zone data; the same arguments give the same report, whatever the order of the
// samples. `nines sla eval` and the collector call the same one.
//
//   TRY(agreement, read_agreement_file("shop.yaml"));                //
//   sla/text/agreement_decoder.h Series series{"shop-http", "edge-042", {}, samples}; //
//   sla/input/samples.h TRY(report, judge({agreement}, {series}, {"2026-11", {}})); std::string
//   json = report_json(report);                          // sla/render/report_json.h
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "sla/input/events.h"
#include "sla/input/samples.h"
#include "sla/judge/report.h"
#include "sla/text/agreement.h"

namespace nines::sla {

struct Question {
  // A period's text (sla/time/period.h), read in the agreement's zone; it replaces every
  // objective's own.
  std::optional<std::string> period;
  // Results after it are not used, time after it is `future`. Without `period` each objective is
  // judged in its own period with from < as_of ≤ to. At least one of the two is given; with
  // `period` alone nothing is future, and results after its end serve the bounds of outages that
  // touch it.
  std::optional<WallTime> as_of;
  // Whether response times are estimated by sketches too (S51), as the collector's reports have it.
  bool sketches = false;
};

// `versions`: at least one, of one agreement, in any order; each instant is judged by the one in
// force. Refuses versions that contradict each other (name, effective date, digest of what they
// supersede). Results of checks or vantages that the agreement does not know are left out. Events
// after an explicit `as_of` are not used.
Expected<Report> judge(const std::vector<Agreement>& versions,
                       std::vector<Series> series,
                       const Question& question,
                       const Events& events = {});

// The time from which and until which results must be supplied. Seconds, shares and verdicts need
// the belief in results before the period and in canaries on both sides of it; whole outages at the
// edges are followed as far as the samples given reach, and this adds kEpisodeReach on both sides
// for them (never past `as_of`).
inline constexpr Duration kEpisodeReach = hours(7 * 24);
Expected<Interval> samples_needed(const std::vector<Agreement>& versions, const Question& question);

}  // namespace nines::sla
