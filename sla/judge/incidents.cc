// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/incidents.h"

#include <algorithm>
#include <map>

namespace nines::sla {
namespace {

using Step = IncidentEvent::Step;

// Takes the events of one incident in order of time.
class Story {
 public:
  Story(const std::string& id, const std::vector<std::string>& reasons) : reasons_(reasons) {
    incident_.id = id;
  }

  void tell(const IncidentEvent& event) {
    const std::int64_t at = event.at.ns;
    if (!begun_) {
      if (event.step != Step::opened) return;
      begun_ = true;
      incident_.service = event.service;
      incident_.opened = incident_.raised = at;
      open_for_notices(event);
      incident_.runs.push_back({at, at});
    }
    incident_.signs.push_back(at);
    if (tells_customer(event.step)) incident_.notices.push_back(at);
    if (!event.priority.empty() && event.priority != incident_.priority) {
      // The first priority is that of the opening, whenever it was said.
      if (!incident_.priority.empty()) incident_.raised = at;
      incident_.priority = event.priority;
    }
    step(event.step, at, event.reason);
  }

  std::optional<Incident> finish(std::int64_t now) {
    if (!begun_) return std::nullopt;
    if (incident_.open) incident_.runs.back().to = now;
    if (incident_.paused) incident_.pauses.back().to = now;
    std::sort(incident_.notices.begin(), incident_.notices.end());
    return std::move(incident_);
  }

 private:
  // What only the provider may say of an incident, so that its being there shows who spoke.
  static bool tells_customer(Step step) {
    return step == Step::acknowledged || step == Step::responded || step == Step::updated ||
           step == Step::paused || step == Step::mitigated;
  }

  // Nobody can tell of what nobody knows: where the customer or the collector dates an incident
  // back, it became known when that was said. What the provider itself says has begun counts from
  // there, or opening late would keep every promise; and its saying so is a notice.
  void open_for_notices(const IncidentEvent& event) {
    const std::int64_t said = event.said.value_or(event.at).ns;
    const bool provider = event.party == "provider";
    incident_.known = provider ? event.at.ns : said;
    if (provider) incident_.notices.push_back(said);
  }

  void step(Step step, std::int64_t at, const std::string& reason) {
    switch (step) {
      case Step::opened:
      case Step::prioritised:
      case Step::updated:
      case Step::mitigated:
        return;
      case Step::acknowledged:
        if (!incident_.acknowledged) incident_.acknowledged = at;
        return;
      case Step::responded:
        if (!incident_.answered) incident_.answered = at;
        return;
      case Step::paused:
        if (incident_.paused || !incident_.open) return;
        if (std::find(reasons_.begin(), reasons_.end(), reason) == reasons_.end()) return;
        incident_.paused = true;
        incident_.pauses.push_back({at, at});
        return;
      case Step::resumed:
        return resume(at);
      case Step::resolved:
      case Step::closed:
        if (!incident_.open) return;
        resume(at);
        incident_.open = false;
        incident_.runs.back().to = at;
        if (!incident_.answered) incident_.answered = at;
        return;
      case Step::reopened:
        if (incident_.open) return;
        incident_.open = true;
        incident_.runs.push_back({at, at});
        return;
    }
  }

  void resume(std::int64_t at) {
    if (!incident_.paused) return;
    incident_.paused = false;
    incident_.pauses.back().to = at;
  }

  const std::vector<std::string>& reasons_;
  Incident incident_;
  bool begun_ = false;
};

}  // namespace

std::vector<Incident> incidents_of(const std::vector<IncidentEvent>& events,
                                   std::int64_t now,
                                   const std::vector<std::string>& reasons) {
  std::map<std::string, std::vector<const IncidentEvent*>> by_id;
  for (const IncidentEvent& each : events) {
    if (each.at.ns <= now) by_id[each.id].push_back(&each);
  }
  std::vector<Incident> out;
  for (auto& [id, list] : by_id) {
    std::stable_sort(list.begin(), list.end(),
                     [](const IncidentEvent* a, const IncidentEvent* b) { return a->at < b->at; });
    Story story(id, reasons);
    for (const IncidentEvent* each : list) story.tell(*each);
    if (auto incident = story.finish(now)) out.push_back(std::move(*incident));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Incident& a, const Incident& b) { return a.opened < b.opened; });
  return out;
}

}  // namespace nines::sla
