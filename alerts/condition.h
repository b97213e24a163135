// SPDX-License-Identifier: Apache-2.0
// What holds just now and somebody should know of (docs/alerts.md). Pure: figures that others
// computed become conditions with stable keys; whether anybody is told is for alerts/book.h.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "sla/judge/duties.h"
#include "sla/judge/report.h"
#include "sla/text/agreement.h"

namespace nines::alerts {

enum class Kind { burn, budget, incident, certificate_expiry, agent_silent, duty };

std::string_view name(Kind kind);

struct Acknowledgement {
  std::string by;
  WallTime at;

  bool operator==(const Acknowledgement&) const = default;
};

// agreement, service, objective, check, vantage, agent, incident, priority, duty, owner, severity,
// kind: those that apply.
using Labels = std::map<std::string, std::string>;

struct Condition {
  // holds     somebody is told of it
  // frozen    too little is known: what fired goes on, what did not fire does not begin
  // silenced  it holds, within a window that was agreed: nobody is told, nothing is escalated
  enum class State { holds, frozen, silenced };

  std::string key;  // names it over its whole life and after a restart; fit for a path
  Kind kind = Kind::burn;
  State state = State::holds;
  Labels labels;
  std::string text;                             // one line for people
  std::map<std::string, std::string> figures;   // what it rests on, exact, as texts
  std::optional<WallTime> since;                // when what it speaks of began, where that is known
  std::optional<Acknowledgement> acknowledged;  // by what was said of it elsewhere
};

// S41, S42 and the agreed warnings of a budget (`warnAt`): one for each rule that fires or is
// frozen, and for each percentage that is reached. `versions` are the agreement's.
std::vector<Condition> report_conditions(const sla::Report& report,
                                         const std::vector<sla::Agreement>& versions);

struct RunningIncident {
  std::string agreement, id, service, priority;
  WallTime opened;  // the first failure, or when somebody said it began
  WallTime said;    // when it was stated: the instant of its confirmation
  std::string by;
  std::optional<Acknowledgement> acknowledged;
};

Condition incident_condition(const RunningIncident& incident);

// The newest certificate that one vantage saw of a check.
struct SeenCertificate {
  std::string check, vantage;
  WallTime expires;
  WallTime seen;
};

inline constexpr Duration kCertificateFresh = hours(24);  // older sights say nothing

// One for each check, of the vantage that sees the earliest end. Frozen where no sight is fresh.
std::vector<Condition> certificate_conditions(const std::vector<SeenCertificate>& seen,
                                              int days,
                                              WallTime now);

struct SeenAgent {
  std::string name;
  WallTime last;         // its newest batch
  bool retired = false;  // from every agreement that knows it
};

inline constexpr Duration kAgentForgotten = hours(24 * 30);  // silent for longer: gone for good

// Silence counts from `watched_since` at the earliest: what was not listened for is not silent.
std::vector<Condition> silence_conditions(const std::vector<SeenAgent>& agents,
                                          Duration limit,
                                          WallTime watched_since,
                                          WallTime now);

inline constexpr std::size_t kMissedDays = 12;  // of one duty that are told of: the last ones

// One for each due day that is not done: from its first day of notice on, and after it for as long
// as nobody says that it was done. `versions` are in order, and no others count than those in force
// at `now` or before it.
std::vector<Condition> duty_conditions(const std::vector<sla::InForce>& versions,
                                       const std::vector<sla::DutyEvent>& said,
                                       WallTime now);

// (agreement, service): what concerns one of them and holds becomes silenced.
using Services = std::set<std::pair<std::string, std::string>>;
void silence(std::vector<Condition>& conditions, const Services& services);

}  // namespace nines::alerts
