// SPDX-License-Identifier: Apache-2.0
// When vantages and checks are in service: they join and retire by events, and at each instant only
// those in service are counted. Who never joined or retired always was.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sla/input/events.h"
#include "sla/time/timeline.h"

namespace nines::sla {

class Memberships {
 public:
  // In any order of time; of two events of one name at one instant the later in the list holds.
  explicit Memberships(const std::vector<MembershipEvent>& events);

  // Null: always. Time without a bound reaches to INT64_MIN or INT64_MAX. Who first joins was not
  // in service before; who first retires was.
  const IntervalSet* of(MembershipEvent::Of of, const std::string& name) const;

  bool empty() const { return service_.empty(); }

 private:
  std::map<std::pair<MembershipEvent::Of, std::string>, IntervalSet> service_;
};

}  // namespace nines::sla
