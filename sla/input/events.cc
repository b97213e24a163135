// SPDX-License-Identifier: Apache-2.0
#include "sla/input/events.h"

#include <array>
#include <map>

#include "base/assert.h"

namespace nines::sla {
namespace {

using State = ExclusionEvent::State;
using Step = IncidentEvent::Step;

constexpr std::array<std::pair<std::string_view, State>, 4> kStates{
    {{"claimed", State::claimed},
     {"approved", State::approved},
     {"rejected", State::rejected},
     {"withdrawn", State::withdrawn}}};

constexpr std::array<std::pair<std::string_view, Step>, 11> kSteps{
    {{"opened", Step::opened},
     {"acknowledged", Step::acknowledged},
     {"responded", Step::responded},
     {"updated", Step::updated},
     {"paused", Step::paused},
     {"resumed", Step::resumed},
     {"mitigated", Step::mitigated},
     {"resolved", Step::resolved},
     {"reopened", Step::reopened},
     {"prioritised", Step::prioritised},
     {"closed", Step::closed}}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
  for (const auto& [name, each] : table) {
    if (each == value) return name;
  }
  ASSERT(false);
  return "";
}

template <class Value, class Table>
std::optional<Value> value_in(const Table& table, std::string_view name) {
  for (const auto& [each, value] : table) {
    if (each == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(State state) { return name_in(kStates, state); }

std::string_view name(Step step) { return name_in(kSteps, step); }

std::optional<State> exclusion_state(std::string_view name) {
  return value_in<State>(kStates, name);
}

std::optional<Step> incident_step(std::string_view name) { return value_in<Step>(kSteps, name); }

std::optional<WallTime> ExclusionEvent::known_at() const {
  if (at) return at;
  return state == State::approved && approved_at ? approved_at : announced;
}

Events known_events(const Events& events, std::optional<WallTime> as_of) {
  Events out;
  const auto known = [&](std::optional<WallTime> at) { return !as_of || !at || *at <= *as_of; };
  std::map<std::string, const ExclusionEvent*> last;
  for (const ExclusionEvent& each : events.exclusions) {
    if (known(each.known_at())) last[each.id] = &each;
  }
  for (const auto& [id, each] : last) out.exclusions.push_back(*each);
  for (const IncidentEvent& each : events.incidents) {
    if (known(each.at)) out.incidents.push_back(each);
  }
  for (const MembershipEvent& each : events.memberships) {
    if (known(each.at)) out.memberships.push_back(each);
  }
  for (const SignatureEvent& each : events.signatures) {
    if (known(each.at)) out.signatures.push_back(each);
  }
  for (const DutyEvent& each : events.duties) {
    if (known(each.at)) out.duties.push_back(each);
  }
  return out;
}

}  // namespace nines::sla
