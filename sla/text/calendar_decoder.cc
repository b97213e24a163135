// SPDX-License-Identifier: Apache-2.0
// `calendars`: agreed hours on the wall clock of a zone (S27).
#include <array>

#include "sla/text/agreement_parts.h"

namespace nines::sla {
namespace {

using config::Mapping;
using config::Node;

constexpr std::array<std::string_view, 7> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::size_t kMostCalendars = 1000;
constexpr std::size_t kMostDates = 10'000;  // holidays, extra days
constexpr std::size_t kMostSpans = 100;     // of one weekday

std::optional<unsigned> weekday_named(std::string_view name) {
  for (unsigned day = 0; day < kDays.size(); ++day) {
    if (kDays[day] == name) return day + 1;
  }
  return std::nullopt;
}

std::optional<WallSpan> span_of(std::string_view text) {
  constexpr std::size_t kLength = 11;  // "09:00-18:00"
  if (text.size() != kLength || text[5] != '-') return std::nullopt;
  const auto from = time_of_day(text.substr(0, 5));
  const auto to = time_of_day(text.substr(6));
  if (!from || !to || *from == hours(24)) return std::nullopt;
  return WallSpan{*from, *to};
}

void decode_day(const Node& node, std::vector<WallSpan>& out, Decoding& d) {
  const auto texts = config::as_texts(node, d.complaints);
  if (!texts) return;
  if (texts->size() > kMostSpans) {
    d.complaints.add(node.place(), "more than 100 intervals in one day");
    return;
  }
  for (std::size_t i = 0; i < texts->size(); ++i) {
    const auto span = span_of((*texts)[i]);
    if (span) {
      out.push_back(*span);
      continue;
    }
    const auto& place = i < node.items().size() ? node.items()[i].place() : node.place();
    d.complaints.add(place, config::shown((*texts)[i]) +
                                " is no interval of a day (write \"09:00-18:00\"; an end that is "
                                "not later is one of the next day)");
  }
}

void decode_weekly(const Node& node, Calendar& calendar, Decoding& d) {
  Mapping weekly(node, d.complaints, "weekly");
  for (std::size_t day = 0; day < kDays.size(); ++day) {
    if (const Node* hours = weekly.take(kDays[day])) decode_day(*hours, calendar.weekly[day], d);
  }
  weekly.finish();
}

void decode_holidays(const Node& node, Calendar& calendar, Decoding& d) {
  if (node.kind() != Node::Kind::sequence) {
    if (!node.broken()) d.complaints.add(node.place(), "'holidays' must list dates");
    return;
  }
  for (const Node& each : node.items()) {
    const auto date = as_date(each, d.complaints);
    if (!date) continue;
    if (!calendar.holidays.insert(*date).second) {
      d.complaints.add(each.place(), "the holiday " + each.text() + " is listed twice");
    }
  }
}

void decode_extra_days(const Node& node, Calendar& calendar, Decoding& d) {
  const Mapping unused(node, d.complaints, "extraDays");
  for (const auto& [key, value] : node.entries()) {
    const auto date = as_date(key, d.complaints);
    const auto name = config::as_text(value, d.complaints);
    if (!date || !name) continue;
    const auto day = weekday_named(*name);
    if (!day) {
      d.complaints.add(value.place(), config::shown(*name) +
                                          " is no weekday (mon, tue, wed, thu, fri, sat or sun)");
      continue;
    }
    if (calendar.holidays.contains(*date)) {
      d.complaints.add(key.place(), key.text() + " is a holiday and an extra day");
    }
    calendar.extra_days[*date] = *day;
  }
}

void decode_calendar(const std::string& name, const Node& node, Decoding& d) {
  Mapping mapping(node, d.complaints, "calendar " + config::shown(name));
  for (const char* words : {"displayName", "description"}) mapping.take(words);
  Calendar calendar;
  calendar.zone = d.agreement.zone;
  if (const Node* zone = mapping.take("timeZone")) {
    calendar.zone = as_zone(*zone, d.complaints).value_or(Zone());
  }
  if (const Node* weekly = mapping.require("weekly")) decode_weekly(*weekly, calendar, d);
  if (const Node* holidays = mapping.take("holidays")) decode_holidays(*holidays, calendar, d);
  if (const Node* extra = mapping.take("extraDays")) decode_extra_days(*extra, calendar, d);
  mapping.finish();
  if (calendar.holidays.size() + calendar.extra_days.size() > kMostDates) {
    d.complaints.add(node.place(), "more than 10,000 holidays and extra days");
    return;
  }
  if (name != kAlways) {
    d.agreement.calendars.emplace(name, std::move(calendar));
    return;
  }
  // It may be written out, but it is always open.
  bool whole = calendar.holidays.empty() && calendar.extra_days.empty();
  for (const auto& day : calendar.weekly) {
    whole = whole && day == std::vector<WallSpan>{{Duration(0), hours(24)}};
  }
  if (whole) return;
  d.complaints.add(node.place(),
                   "a calendar 'always' must be 00:00-24:00 on each of the seven days");
}

}  // namespace

void decode_calendars(const Node& node, Decoding& d) {
  const Mapping unused(node, d.complaints, "calendars");
  if (node.entries().size() > kMostCalendars) {
    d.complaints.add(node.place(), "more than 1,000 calendars");
    return;
  }
  for (const auto& [name, calendar] : node.entries()) {
    if (as_name(name, d.complaints)) decode_calendar(name.text(), calendar, d);
  }
}

std::optional<std::string> as_calendar(const Node& node, Decoding& d) {
  auto name = config::as_text(node, d.complaints);
  if (!name || *name == kAlways || d.agreement.calendars.contains(*name)) return name;
  std::vector<std::string> known{std::string(kAlways)};
  for (const auto& [each, calendar] : d.agreement.calendars) known.push_back(each);
  const std::string near = config::nearest(*name, known);
  d.complaints.add(node.place(), config::shown(*name) + " is none of the calendars" +
                                     (near.empty() ? "" : " (did you mean '" + near + "'?)"));
  return std::nullopt;
}

}  // namespace nines::sla
