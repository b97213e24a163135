// SPDX-License-Identifier: Apache-2.0
// Why time is unknown (S13): the cause beside each unknown sample, the cause at every instant of a
// timeline, and the seconds of each cause, which add up to the unknown seconds exactly.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "model/outcome.h"
#include "sla/time/timeline.h"

namespace nines::sla {

inline constexpr std::string_view kUplinkCause = "uplink";

// The number of a Reason whose outcome is unknown, or one of these. Two of them say more of a
// failure: whether it may enter the response times (S49).
enum class Cause : std::uint8_t {
  unstated = 0,  // the result says that it is unknown, but not why
  uplink = static_cast<std::uint8_t>(Reason::agent_uplink),  // S11, as the canaries saw
  suspected = 250,      // S12: this vantage alone saw everything fail
  unconfirmed = 251,    // S8: too few equal results in a row
  timed_out = 252,      // of a failure: no answer came in time
  answered = 253,       // of a failure: for another reason
  check_differs = 254,  // a check of another definition
  no_results = 255,     // no result is believed
};

// Of a reason that makes nothing unknown: unstated.
Cause cause_of(Reason reason);

// The same for an unknown result; of a failure timed_out or answered; of a success unstated.
Cause cause_of(Outcome outcome, Reason reason);
std::string_view name(Cause cause);  // "agent_stopped", "uplink", "no_results"

struct CauseChange {
  std::int64_t at = 0;
  std::optional<Cause> cause;  // from here to the next change; absent: not unknown

  bool operator==(const CauseChange&) const = default;
};

// Beside a Timeline: has a cause wherever that is unknown, and nowhere else. Before the first
// change it is no_results.
class CauseTimeline {
 public:
  // Appends; `at` must not fall. A change at the instant of the previous one replaces it.
  void append(std::int64_t at, std::optional<Cause> cause);

  const std::vector<CauseChange>& changes() const { return changes_; }

  bool operator==(const CauseTimeline&) const = default;

 private:
  std::vector<CauseChange> changes_;
};

// The causes of `whole`, which was composed of timelines with the causes `parts`: where it is
// unknown, the cause of the first part that is unknown there; no_results where none is (a part that
// nobody listed).
CauseTimeline blame(const Timeline& whole, const std::vector<const CauseTimeline*>& parts);

// The causes of a part while it is in service (null: always); at other times it has none.
CauseTimeline causes_in_service(const CauseTimeline& causes, const IntervalSet* service);

using CauseLengths = std::map<Cause, std::int64_t>;  // ns, each > 0

// How long each cause holds within `unknown`, at every instant of which `causes` has one.
CauseLengths lengths_of(const CauseTimeline& causes, const IntervalSet& unknown);

}  // namespace nines::sla
