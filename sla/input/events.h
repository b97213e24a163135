// SPDX-License-Identifier: Apache-2.0
// What people say beside the results, as values: exclusions, incidents, vantages and checks that
// join and retire, signatures under versions of the agreement, and duties that were done. `nines
// sla eval` reads them from a file (sla/input/events_file.h), the collector from its ledger; both
// hand the same lists to judge(). Lists keep the order in which things were said: a later line
// about the same exclusion supersedes the earlier one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "sla/time/timeline.h"
#include "sla/time/zone.h"

namespace nines::sla {

// S22. One line about one exclusion; the last one known at the instant of the question speaks.
struct ExclusionEvent {
  enum class State { claimed, approved, rejected, withdrawn };
  std::string id;
  std::string kind;  // a name of the agreement's `exclusions`
  Interval span;     // from < to
  State state = State::claimed;
  std::optional<WallTime> announced;
  std::string approved_by;              // empty: nobody
  std::optional<WallTime> approved_at;  // both are needed for an approval to count
  std::string evidence;                 // empty: none
  std::string cause;                    // one of the kind's `causes`; empty: not said
  std::string service;                  // empty: all services of the agreement
  std::optional<WallTime> at;           // when the line was written, where that is known

  // When the line became known: `at`, else when it was approved or announced. Absent: always.
  std::optional<WallTime> known_at() const;

  bool operator==(const ExclusionEvent&) const = default;
};

// S44. One step in the life of an incident; all lines with one id are its history.
struct IncidentEvent {
  enum class Step {
    opened,
    acknowledged,
    responded,
    updated,
    paused,
    resumed,
    mitigated,
    resolved,
    reopened,
    prioritised,
    closed
  };
  std::string id;
  std::string service;  // empty: not said, or said by an earlier line
  Step step = Step::opened;
  WallTime at;
  std::string actor;
  std::string priority;  // of opened and prioritised; empty: not said
  std::string reason;    // of a pause: one of the agreed states
  // Of an opening, which alone may be dated back: when it was stated, and by which party
  // ("provider", "customer", "collector"). Absent where that is not told.
  std::optional<WallTime> said;
  std::string party;

  bool operator==(const IncidentEvent&) const = default;
};

// A vantage or a check that begins or ends to count.
struct MembershipEvent {
  enum class Of { vantage, check } of = Of::vantage;
  std::string name;
  bool joined = true;  // else retired
  WallTime at;

  bool operator==(const MembershipEvent&) const = default;
};

// A party accepts one text: a version, and the digest of what it says. The signature over this was
// verified by who took it; here it is a fact with a date.
struct SignatureEvent {
  enum class Side { provider, customer } side = Side::provider;
  std::string version;
  Digest digest{};  // of the agreement that was signed
  std::string actor;
  WallTime at;

  bool operator==(const SignatureEvent&) const = default;
};

// A party says that a dated duty was done for one of its due days, or that it takes that back. What
// it proves is for people: no figure counts it.
struct DutyEvent {
  bool done = true;  // else withdrawn
  std::string duty;  // the id that `nines sla obligations` lists
  LocalDate due;
  std::string actor;
  std::string evidence;  // empty: none
  WallTime at;

  bool operator==(const DutyEvent&) const = default;
};

struct Events {
  std::vector<ExclusionEvent> exclusions;
  std::vector<IncidentEvent> incidents;
  std::vector<MembershipEvent> memberships;
  std::vector<SignatureEvent> signatures;
  std::vector<DutyEvent> duties;

  bool operator==(const Events&) const = default;
};

std::string_view name(ExclusionEvent::State state);  // "claimed"
std::string_view name(IncidentEvent::Step step);     // "opened"
std::optional<ExclusionEvent::State> exclusion_state(std::string_view name);
std::optional<IncidentEvent::Step> incident_step(std::string_view name);

// The events known at `as_of` (nothing: all), and of each exclusion only its last line, in order of
// their ids.
Events known_events(const Events& events, std::optional<WallTime> as_of);

}  // namespace nines::sla
