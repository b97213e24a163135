// SPDX-License-Identifier: Apache-2.0
#include "alerts/emergency.h"

#include <algorithm>
#include <tuple>

namespace nines::alerts {
namespace {

// "duty +49 30 1234": the name in the agreement and how to reach it.
std::vector<std::string> reached_by(const sla::EmergencyStep& step, const Chain& chain) {
  std::vector<std::string> out;
  for (const auto& name : step.to) {
    const auto found = chain.addresses.find(name);
    out.push_back(found == chain.addresses.end() ? name : name + " " + found->second);
  }
  return out;
}

// Null: no channel stands for it.
const std::vector<std::string>* channels_for(const Route& route, const std::string& via) {
  const auto found = std::find_if(route.emergency.begin(), route.emergency.end(),
                                  [&](const auto& each) { return each.first == via; });
  return found == route.emergency.end() ? nullptr : &found->second;
}

bool concerns(const Route& route, const std::string& agreement) {
  return std::all_of(route.match.begin(), route.match.end(), [&](const auto& one) {
    return one.first != "agreement" ||
           std::find(one.second.begin(), one.second.end(), agreement) != one.second.end();
  });
}

}  // namespace

bool Chain::operator==(const Chain& other) const {
  const auto same = [](const sla::EmergencyStep& a, const sla::EmergencyStep& b) {
    return std::tie(a.via, a.to, a.ack_within) == std::tie(b.via, b.to, b.ack_within);
  };
  return agreement == other.agreement && addresses == other.addresses &&
         std::equal(steps.begin(), steps.end(), other.steps.begin(), other.steps.end(), same);
}

Followed follow_chains(const Settings& settings, const std::vector<Chain>& chains) {
  Followed out{settings, {}};
  out.settings.routes.clear();
  for (const auto& route : settings.routes) {
    for (const auto& chain : chains) {
      if (route.emergency.empty() || chain.steps.empty() || !concerns(route, chain.agreement)) {
        continue;
      }
      Route follows = route;
      follows.match.emplace_back("agreement", std::vector<std::string>{chain.agreement});
      follows.contacts.clear();
      bool whole = true;
      for (const auto& step : chain.steps) {
        const auto* channels = channels_for(route, step.via);
        if (channels == nullptr) {
          out.notes.push_back("the emergency chain of " + chain.agreement +
                              " is not followed: no channel stands for '" + step.via +
                              "' in 'emergency' of the route " + route.name());
          whole = false;
          break;
        }
        follows.contacts.push_back({*channels, step.ack_within, reached_by(step, chain)});
      }
      if (whole) out.settings.routes.push_back(std::move(follows));
    }
    out.settings.routes.push_back(route);
  }
  return out;
}

}  // namespace nines::alerts
