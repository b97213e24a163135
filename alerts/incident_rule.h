// SPDX-License-Identifier: Apache-2.0
// When an outage is sure enough to open an incident, by a rule of its own (docs/alerts.md): so many
// results in a row failed at one vantage, or so many vantages fail. Everything else is the judge's:
// canaries and suspicion excuse failures, unknown results confirm nothing, checks make the service
// as the agreement says, and time of a window that counts is left out. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "sla/input/events.h"
#include "sla/input/samples.h"
#include "sla/text/agreement.h"
#include "sla/time/timeline.h"

namespace nines::alerts {

struct IncidentRule {
  bool open = true;               // else nobody but people opens incidents
  int slots = 2;                  // results in a row that confirm a failure, and that it is over
  std::size_t vantages = 2;       // failing at once, each by one result
  Duration reopen = minutes(30);  // a new failure so soon after the end is the same incident

  bool operator==(const IncidentRule&) const = default;
};

struct Outage {
  WallTime from;               // the first failure
  std::optional<WallTime> to;  // where it is not known to fail any more; absent: it lasts
  bool by_slots = false;       // else by vantages alone

  bool operator==(const Outage&) const = default;
};

struct ServiceState {
  std::vector<Outage> outages;       // in order of time
  std::optional<WallTime> up_since;  // confirmed; absent where it is down, or nothing is known
  bool begins_before = false;  // the last outage may have begun before the results that were given
};

// Results are those of all checks of the agreement from `from` on; later than `now` none is used.
class ServiceStates {
 public:
  // All must outlive it.
  ServiceStates(const sla::Agreement& version,
                std::vector<sla::Series> series,
                const sla::Events& events,
                const IncidentRule& rule,
                sla::Interval window);
  ~ServiceStates();
  ServiceStates(const ServiceStates&) = delete;

  ServiceState of(const std::string& service);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Time of `window` under which the service's failures are agreed on: windows and approved
// exclusions that count (S22).
sla::IntervalSet excluded_of(const sla::Agreement& version,
                             const sla::Events& events,
                             const std::string& service,
                             WallTime now);

struct KnownIncident {
  std::string id;
  WallTime opened;
  std::optional<WallTime> until;  // absent: it runs
  bool by_collector = false;
  bool closed = false;
};

struct Step {
  enum class What { open, reopen, resolve } what = What::open;
  std::string id;
  WallTime at;  // the first failure; of resolve since when it is up
  std::string note;

  bool operator==(const Step&) const = default;
};

// What is to be said of one service, given what was said. An outage that touches an incident, of
// whoever, opens no second one; a person's incident is a person's to resolve. The same results and
// incidents give the same steps, and after the steps none.
std::vector<Step> steps_of(const std::string& service,
                           const ServiceState& state,
                           const std::vector<KnownIncident>& incidents,
                           const IncidentRule& rule);

}  // namespace nines::alerts
