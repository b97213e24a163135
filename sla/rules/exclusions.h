// SPDX-License-Identifier: Apache-2.0
// Time that the parties agreed not to charge, or to name a cause of (S22–S26, S30): windows of the
// agreement and events that count, of one service over one stretch of a period.
//
// What excuses a service excuses the services above it only as far as it alone kept them from being
// up: with the excused part taken as up throughout its window, they would have been (S53). The rest
// of the window is judged as ever.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "sla/input/events.h"
#include "sla/time/recurrence.h"
#include "sla/time/timeline.h"
#include "sla/words/warning.h"

namespace nines::sla {

struct ExclusionKind {
  std::string name;
  Duration notice{0};                 // announced at least this long before the start
  std::optional<Duration> allowance;  // of a period; absent: without limit
  bool needs_evidence = false;
  std::string accepted_by;          // "customer" or "provider"; empty: whoever did not claim it
  std::vector<std::string> causes;  // the only ones; empty: any
  std::vector<Window> windows;      // announced and approved by the agreement's signatures
};

struct Exclusions {
  // S24: what a window that counts does to time that is not up.
  enum class Effect { remove, remove_down, forgive } effect = Effect::remove;
  std::vector<std::string> precedence{"force_majeure", "customer", "third_party", "maintenance"};
  std::vector<ExclusionKind> kinds;
  std::vector<std::string> not_excluded;  // S26: kinds that are named as a cause, and charged
  // Emergency maintenance counts as maintenance, without notice; else it is downtime.
  bool emergency_is_maintenance = false;
};

// Time under the name of a kind.
struct KindTime {
  std::string kind;
  IntervalSet time;
};

// An exclusion that is claimed and would count if it were approved (S26).
struct Claim {
  std::string id;
  std::string kind;
  Interval span;

  bool operator==(const Claim&) const = default;
};

// Time under the name of a kind of a service that this one is made of.
struct PartTime {
  std::string service;
  std::string kind;
  bool counted = true;  // else only named as a cause
  IntervalSet time;
};

struct ExcludedTime {
  std::vector<KindTime> counted;     // in order of precedence; each instant belongs to the first
  std::vector<KindTime> attributed;  // the same, of kinds that are not excluded
  std::vector<Claim> claims;         // that touch `open`, in order of their ids
  std::vector<PartTime> of_parts;    // in order of precedence
};

// Time that a part's window excuses joins its kind's, as far as no kind has it yet.
void add_excused(std::vector<KindTime>& kinds,
                 const std::vector<PartTime>& parts,
                 bool counted,
                 const IntervalSet& excused);

// What was used of each kind's allowance in earlier stretches of the same period, in ns.
using AllowanceUsed = std::map<std::string, std::int64_t>;

struct ExclusionQuestion {
  const Exclusions& agreed;
  const std::vector<ExclusionEvent>& events;  // one line for each exclusion (known_events)
  const std::string& service;
  const std::set<std::string>& parts;  // services and suppliers under it
  const IntervalSet& open;     // in force and inside hours: only such time uses up allowances
  bool accept_claims = false;  // as if every claim were approved
};

// Adds to `used`. Why an approved event does not count goes to `warnings`.
ExcludedTime excluded_time(const ExclusionQuestion& question,
                           AllowanceUsed& used,
                           std::vector<Warning>& warnings);

}  // namespace nines::sla
