// SPDX-License-Identifier: Apache-2.0
// How everything stands, for the live page and its document (docs/page.md): taken now and then from
// the judgements that /metrics needs anyway, and from cheap reads. Nobody's question reads the
// store or judges anything.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/event_book.h"
#include "collector/judge.h"
#include "collector/log.h"
#include "sla/judge/report.h"

namespace nines::collector {

inline constexpr Duration kStaleAfter = minutes(2);  // older than this, a page says so
// Results of so long may still be on their way: agents send at least that often, unless told
// otherwise.
inline constexpr Duration kUnderWay = minutes(2);
inline constexpr Duration kSinceReach = hours(31 * 24);      // how far back a `since` is looked for
inline constexpr Duration kAnnouncedReach = hours(31 * 24);  // windows of an agreement, ahead

// What one agreement shows at most; what is left out is counted.
inline constexpr std::size_t kMostChecks = 500;  // (check, vantage)
inline constexpr std::size_t kMostIncidents = 50;
inline constexpr std::size_t kMostExclusions = 50;
inline constexpr std::size_t kMostReports = 6;

// A service at the instant of its judgement: confirmation, quorum, belief and exclusions as agreed.
struct ServiceState {
  std::string service;
  sla::Phase phase = sla::Phase::unknown;
  std::optional<WallTime> since;
  bool since_before = false;  // it began before `since`, the start of the period
};

// The newest judgement of one agreement.
struct Judged {
  std::string agreement;
  WallTime at;
  std::optional<sla::Report> report;  // without outages and courses, which nobody shows here
  std::vector<ServiceState> services;
  std::string trouble;  // why there is no report
};

Judged judged_now(const std::string& agreement, WallTime at, Expected<sla::Report> report);

struct LiveCheck {
  std::string check, service, vantage;
  Outcome outcome = Outcome::unknown;
  bool silent = false;  // the newest result is too old to be believed
  std::string reason, detail;
  WallTime last;  // start of the newest result
  std::optional<WallTime> since;
  bool since_before = false;  // it began before `since`, the earliest that was looked at
};

struct LiveIncident {
  std::string id;
  IncidentCase what;
};

struct LiveExclusion {
  std::string id;  // of an event, or the name of a window of the agreement
  std::string kind;
  std::string service;  // empty: all
  std::string state;    // claimed, disputed, approved; "agreed" of the agreement's own
  WallTime from, to;
  bool running = false;  // else announced
};

struct LiveReport {
  std::string period;
  unsigned revision = 1;
  WallTime sealed;
  sla::Verdict verdict = sla::Verdict::not_applicable;  // the worst in it
};

struct LiveAgreement {
  std::string name, version, language;
  sla::Zone zone;
  std::shared_ptr<const Judged> judged;   // null until it was judged for the first time
  std::vector<LiveCheck> checks;          // by service; down first, then unknown, then up
  std::vector<LiveIncident> incidents;    // open and paused ones, the longest open first
  std::vector<LiveExclusion> exclusions;  // that run or are to come, in order of time
  std::vector<LiveReport> reports;        // sealed, newest first
  std::vector<std::string> vantages;      // whose results it counts
  std::size_t more_checks = 0, more_incidents = 0, more_exclusions = 0;
};

struct LiveAgent {
  std::string name;
  WallTime seen;         // when its newest batch came
  WallTime complete_to;  // everything measured before it has arrived
  std::uint64_t forks = 0;
};

struct Live {
  WallTime as_of;
  std::vector<LiveAgreement> agreements;    // by name
  std::map<std::string, LiveAgent> agents;  // by name
  SignedHead head;
  std::uint64_t log_size = 0;
  std::string log_root;  // hexadecimal
};

using Judgements = std::map<std::string, std::shared_ptr<const Judged>>;  // by agreement

// Reads one state of the store. `before` is what was seen last time, if there was one: it saves
// looking for the start of what goes on.
Expected<std::shared_ptr<const Live>> look(Database& db,
                                           const Agreements& agreements,
                                           const Judgements& judgements,
                                           const LogId& log,
                                           const SigningKey& key,
                                           WallTime now,
                                           const Live* before);

}  // namespace nines::collector
