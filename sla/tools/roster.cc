// SPDX-License-Identifier: Apache-2.0
// Does somebody sit there in the hours that support promises? Two weekly plans are laid over each
// other minute by minute; holidays of the roster that the promise does not have are holes too.
#include <array>
#include <bitset>
#include <optional>

#include "sla/tools/lint_parts.h"

namespace nines::sla {
namespace {

using config::Node;

constexpr std::size_t kDayMinutes = 24 * 60;
constexpr std::array<const char*, 7> kWeekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
using Week = std::bitset<7 * kDayMinutes>;

// "09:00-18:00" as minutes of the day; validated when it was decoded.
std::optional<std::pair<std::size_t, std::size_t>> minutes_of(std::string_view text) {
  constexpr std::size_t kLength = 11;
  if (text.size() != kLength) return std::nullopt;
  std::array<std::size_t, 4> number{};
  constexpr std::array<std::size_t, 4> kAt{0, 3, 6, 9};
  for (std::size_t i = 0; i < number.size(); ++i) {
    for (std::size_t k = 0; k < 2; ++k) {
      const char c = text[kAt[i] + k];
      if (c < '0' || c > '9') return std::nullopt;
      number[i] = number[i] * 10 + static_cast<std::size_t>(c - '0');
    }
  }
  return std::pair{number[0] * 60 + number[1], number[2] * 60 + number[3]};
}

Week week_of(const Node& file, const std::string& calendar) {
  Week out;
  const Node* found = config::node_at(file, "spec/calendars/" + calendar + "/weekly");
  if (found == nullptr) return calendar == "always" ? out.set() : out;
  for (std::size_t day = 0; day < kWeekdays.size(); ++day) {
    const Node* spans = found->find(kWeekdays[day]);
    if (spans == nullptr) continue;
    for (const Node& each : spans->items()) {
      const auto span = minutes_of(each.text());
      if (!span) continue;
      const std::size_t to =
          span->second <= span->first ? span->second + kDayMinutes : span->second;
      for (std::size_t at = span->first; at < to; ++at)
        out.set((day * kDayMinutes + at) % out.size());
    }
  }
  return out;
}

std::string clock(std::size_t minute) {
  const auto two = [](std::size_t value) {
    return (value < 10 ? "0" : "") + std::to_string(value);
  };
  return two(minute / 60) + ":" + two(minute % 60);
}

// "mon 18:00-24:00", day by day.
std::vector<std::string> ranges(const Week& week) {
  std::vector<std::string> out;
  for (std::size_t day = 0; day < kWeekdays.size(); ++day) {
    for (std::size_t at = 0; at < kDayMinutes; ++at) {
      if (!week.test(day * kDayMinutes + at)) continue;
      std::size_t end = at;
      while (end < kDayMinutes && week.test(day * kDayMinutes + end)) ++end;
      out.push_back(std::string(kWeekdays[day]) + " " + clock(at) + "-" + clock(end));
      at = end;
    }
  }
  return out;
}

// Whether the week has hours on the weekday of "2026-10-01".
bool works_on(const Week& week, const std::string& date) {
  const auto t = parse_rfc3339(date + "T00:00:00Z");
  if (!t) return false;
  const std::size_t day = weekday(Zone().date_at(*t)) - 1;
  for (std::size_t at = 0; at < kDayMinutes; ++at) {
    if (week.test(day * kDayMinutes + at)) return true;
  }
  return false;
}

// Holidays of the roster that are working days of the promise.
std::vector<std::string> days_off(const Node& file,
                                  const std::string& roster,
                                  const std::string& promised,
                                  const Week& week) {
  std::vector<std::string> out;
  const Node* off = config::node_at(file, "spec/calendars/" + roster + "/holidays");
  const Node* also = config::node_at(file, "spec/calendars/" + promised + "/holidays");
  if (off == nullptr || roster == promised) return out;
  for (const Node& each : off->items()) {
    bool shared = false;
    if (also != nullptr) {
      for (const Node& other : also->items()) shared = shared || other.text() == each.text();
    }
    if (!shared && works_on(week, each.text())) out.push_back(each.text());
  }
  return out;
}

}  // namespace

std::vector<Finding> roster_findings(const Agreement& agreement, const Node& file) {
  std::vector<Finding> out;
  const std::string& roster = agreement.safeguards.capability.roster_calendar;
  const Node* priorities = config::node_at(file, "spec/support/priorities");
  if (roster.empty() || priorities == nullptr) return out;
  const Week covered = week_of(file, roster);
  constexpr std::size_t kShown = 4;
  for (const Node& each : priorities->items()) {
    const Node* hours = each.find("hours");
    const Node* name = each.find("name");
    const std::string calendar = hours != nullptr ? hours->text() : "always";
    const Week promised = week_of(file, calendar);
    auto holes = ranges(promised & ~covered);
    for (std::string& day : days_off(file, roster, calendar, promised))
      holes.push_back(std::move(day));
    if (holes.empty()) continue;
    std::string text = "support of priority '" + (name != nullptr ? name->text() : "") +
                       "' is promised in the hours '" + calendar + "', but nobody is on call:";
    for (std::size_t i = 0; i < holes.size() && i < kShown; ++i) {
      text += (i == 0 ? " " : ", ") + holes[i];
    }
    if (holes.size() > kShown) text += " and " + std::to_string(holes.size() - kShown) + " more";
    out.push_back({Finding::Severity::warning,
                   config::place_at(file, "spec/capability/roster/calendar"), std::move(text)});
  }
  return out;
}

}  // namespace nines::sla
