// SPDX-License-Identifier: Apache-2.0
#include "sla/text/duty.h"

#include <algorithm>

namespace nines::sla {
namespace {

// The day on which the `number`-th time is due; none past the end.
std::optional<LocalDate> due_date(const Duty& duty,
                                  const LocalDate& begin,
                                  const std::optional<LocalDate>& end,
                                  int number) {
  LocalDate on;
  if (duty.every) {
    on = after(begin, *duty.every, number);
    if (duty.within) on = after(on, *duty.within, 1);
    if (duty.until && on > *duty.until) return std::nullopt;
  } else if (number == 1) {
    on = *duty.until;
  } else {
    return std::nullopt;
  }
  if (end && on > *end) return std::nullopt;
  if (on >= LocalDate{kLastYear, 12, 31}) return std::nullopt;
  return on;
}

Due due(const Duty& duty, const LocalDate& on, int number) {
  const LocalDate ahead = after(on, duty.remind, 1);  // months before: as long as those after
  const auto days = static_cast<int>(day_number(ahead) - day_number(on));
  return {&duty, on, plus_days(on, -days), static_cast<unsigned>(number)};
}

}  // namespace

std::string_view name(Duty::Kind kind) {
  switch (kind) {
    case Duty::Kind::obligation:
      return "obligation";
    case Duty::Kind::review:
      return "review";
    case Duty::Kind::restore_test:
      return "restore test";
    case Duty::Kind::drill:
      return "drill";
    case Duty::Kind::insurance:
      return "insurance";
    case Duty::Kind::training:
      return "training";
    case Duty::Kind::survey:
      return "survey";
    case Duty::Kind::meeting:
      return "meeting";
  }
  return "?";
}

std::vector<Due> due_around(const std::vector<Duty>& duties,
                            const LocalDate& begin,
                            const std::optional<LocalDate>& end,
                            const LocalDate& day,
                            bool past) {
  std::vector<Due> out;
  for (const Duty& duty : duties) {
    if (!duty.dated()) continue;
    std::optional<Due> before;
    for (int number = 1;; ++number) {
      const auto on = due_date(duty, begin, end, number);
      if (!on) break;
      if (*on >= day) {
        out.push_back(due(duty, *on, number));
        break;
      }
      before = due(duty, *on, number);
    }
    if (past && before) out.push_back(*before);
  }
  std::stable_sort(out.begin(), out.end(), [](const Due& a, const Due& b) { return a.on < b.on; });
  return out;
}

std::vector<Due> due_until(const std::vector<Duty>& duties,
                           const LocalDate& begin,
                           const std::optional<LocalDate>& end,
                           const LocalDate& day) {
  std::vector<Due> out;
  for (const Duty& duty : duties) {
    if (!duty.dated()) continue;
    bool ahead = false;  // whether the next one is among them
    for (int number = 1;; ++number) {
      const auto on = due_date(duty, begin, end, number);
      if (!on) break;
      const Due each = due(duty, *on, number);
      if (ahead && each.remind_from > day) break;
      out.push_back(each);
      ahead = *on >= day;
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Due& a, const Due& b) { return a.on < b.on; });
  return out;
}

void read_duty(Section& section, Duty duty, std::vector<Duty>& out) {
  if (std::string owner = section.text("owner"); !owner.empty()) duty.owner = std::move(owner);
  if (const auto until = section.date("until")) duty.until = until;
  if (const auto within = section.span("within")) duty.within = within;
  if (std::string evidence = section.text("evidence"); !evidence.empty()) {
    duty.evidence = std::move(evidence);
  }
  if (const auto remind = section.span("remind")) duty.remind = *remind;
  duty.place = section.place();
  out.push_back(std::move(duty));
}

}  // namespace nines::sla
