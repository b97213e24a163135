// SPDX-License-Identifier: Apache-2.0
#include "sla/rules/membership.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace nines::sla {
namespace {

constexpr std::int64_t kSinceEver = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

IntervalSet service_of(std::vector<MembershipEvent> events) {
  std::stable_sort(events.begin(), events.end(),
                   [](const MembershipEvent& a, const MembershipEvent& b) { return a.at < b.at; });
  std::vector<Interval> out;
  std::optional<std::int64_t> since;
  if (!events.front().joined) since = kSinceEver;
  for (const MembershipEvent& each : events) {
    if (each.joined && !since) since = each.at.ns;
    if (each.joined || !since) continue;
    out.push_back({*since, each.at.ns});
    since.reset();
  }
  if (since) out.push_back({*since, kEnd});
  return IntervalSet(std::move(out));
}

}  // namespace

Memberships::Memberships(const std::vector<MembershipEvent>& events) {
  std::map<std::pair<MembershipEvent::Of, std::string>, std::vector<MembershipEvent>> by_name;
  for (const MembershipEvent& each : events) by_name[{each.of, each.name}].push_back(each);
  for (auto& [name, each] : by_name) service_.emplace(name, service_of(std::move(each)));
}

const IntervalSet* Memberships::of(MembershipEvent::Of of, const std::string& name) const {
  const auto found = service_.find({of, name});
  return found == service_.end() ? nullptr : &found->second;
}

}  // namespace nines::sla
