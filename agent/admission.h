// SPDX-License-Identifier: Apache-2.0
// Whether this host can run a whole set of checks: the question is asked before the first slot,
// with numbers, because a host that cannot would record shed slots for ever.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/settings.h"

namespace nines::agent {

// What a set asks for. Costs are what one probe of a kind took on one core of 2.x GHz (bench/run),
// rounded up: an estimate for planning.
struct Demand {
  std::uint64_t probes_per_1000_s = 0;
  std::uint64_t cpu_us_per_s = 0;
  // Probes in flight while every target is silent: the sum of timeout/every, rounded up.
  std::uint64_t silent_in_flight = 0;
};

Demand demand_of(const Settings& settings);

struct HostLimits {
  std::uint64_t descriptors = 1024;
};

HostLimits limits_of_process();

struct Admission {
  Demand demand;
  std::uint64_t places = 0;           // probes that may run at once (agent/probe_budget.h)
  std::vector<std::string> refusals;  // the set must not run
  std::vector<std::string> warnings;

  std::string summary() const;  // one line: "22 probes a second, about 0.4 % of one core, …"
};

Admission admit(const Settings& settings, const HostLimits& host);

}  // namespace nines::agent
