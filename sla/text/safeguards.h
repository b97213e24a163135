// SPDX-License-Identifier: Apache-2.0
// What makes the promises believable: reliability measures, capability, risks, suppliers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/yaml.h"
#include "sla/number/rational.h"
#include "sla/text/section.h"

namespace nines::sla {

struct Reliability {
  std::optional<std::int64_t> minimum_nodes, sites;  // redundancy
  std::optional<Span> backup_every, backup_keep;
  std::optional<Duration> rto, rpo;  // disaster recovery: back within, at most so much lost
};

struct Capability {
  std::string roster_calendar;  // when somebody is on call; "always" or a calendar
  std::int64_t minimum_on_call = 0;
  std::string peak, headroom;
  std::string growth;
  LocalText extend;
  std::optional<Span> history;  // of results, before a target is promised
  std::string rule;
};

struct Risk {
  std::string id;
  std::string kind;  // technical, operational, environmental
  std::string what;
  std::int64_t likelihood = 0, impact = 0;  // 1 to 5; 0: not said
  std::string answer;
  std::string owner;
  std::string runbook;
};

struct Agreement;

struct Supplier {
  std::string name;
  std::string type;  // underpinning (another company's contract), ola (another team's promise)
  std::string promise_text;         // "99.95"
  std::optional<Rational> promise;  // a share
  std::optional<Duration> response;
  std::vector<std::string> covers;
  std::string agreement;  // name of the agreement with it
  std::string role;
  std::vector<std::string> checks;  // that measure what it supplies
  std::string preset;               // the published text that it promises by (sla/text/presets.h)
  // S54: what it promises, as an agreement over those checks alone; null: nothing to judge it by.
  std::shared_ptr<const Agreement> terms;
};

struct Safeguards {
  Reliability reliability;
  Capability capability;
  std::vector<Risk> risks;
  std::vector<Supplier> suppliers;
};

}  // namespace nines::sla
