// SPDX-License-Identifier: Apache-2.0
// The chain that an agreement lays down for an emergency (`communication.emergency`): whom to try,
// by what, in order until somebody acknowledges. A route whose `emergency` names a channel for each
// `via` follows it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "alerts/settings.h"
#include "sla/text/conduct.h"

namespace nines::alerts {

struct Chain {
  std::string agreement;
  std::vector<sla::EmergencyStep> steps;
  std::map<std::string, std::string> addresses;  // of the contacts that the steps name

  bool operator==(const Chain&) const;
};

struct Followed {
  Settings settings;
  std::vector<std::string> notes;  // chains that a route cannot follow, and why
};

// The settings with one route more for each agreement that has a chain and each route that can
// follow it, just before that route: it takes the agreement's alerts alone, and each of its steps
// has the channels and the patience of the chain's. A chain with a `via` without a channel is not
// followed at all: half of it would be another chain than the agreed one.
Followed follow_chains(const Settings& settings, const std::vector<Chain>& chains);

}  // namespace nines::alerts
