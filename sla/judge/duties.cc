// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/duties.h"

#include <map>
#include <utility>

#include "sla/text/agreement.h"

namespace nines::sla {

std::string_view name(DutyDay::State state) {
  switch (state) {
    case DutyDay::State::open:
      return "open";
    case DutyDay::State::done:
      return "done";
    case DutyDay::State::missed:
      break;
  }
  return "missed";
}

std::vector<DutyDay> duty_days(const InForce& version,
                               const std::vector<DutyEvent>& said,
                               const LocalDate& day) {
  std::map<std::pair<std::string, LocalDate>, const DutyEvent*> last;  // the later one speaks
  for (const DutyEvent& each : said) last[{each.duty, each.due}] = &each;
  const Agreement& a = *version.agreement;
  const auto begin = a.zone.date_at(WallTime{version.span.from});
  const auto end = a.zone.date_at(WallTime{version.span.to});
  std::vector<DutyDay> out;
  for (const Due& due : due_until(a.duties, begin, end, day)) {
    DutyDay one{due.on < day ? DutyDay::State::missed : DutyDay::State::open, due, {}};
    const auto known = last.find({due.duty->id, due.on});
    if (known != last.end() && known->second->done) {
      one.state = DutyDay::State::done;
      one.said = *known->second;
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace nines::sla
