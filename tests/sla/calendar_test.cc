// SPDX-License-Identifier: Apache-2.0
// Agreed hours and recurring windows as instants: S27 to S30.
#include "sla/time/calendar.h"

#include <gtest/gtest.h>

#include "sla/time/recurrence.h"
#include "support.h"

namespace nines::sla::calendar_test {
namespace {

Interval between(const std::string& from, const std::string& to) { return {at(from), at(to)}; }

Zone zone(const std::string& name) {
  const auto out = Zone::find(name);
  EXPECT_TRUE(out);
  return out ? *out : Zone();
}

std::string text(const IntervalSet& set) {
  std::string out;
  for (const Interval& i : set.intervals()) {
    out += format_rfc3339({i.from}) + "/" + format_rfc3339({i.to}) + "\n";
  }
  return out;
}

Calendar office(const std::string& zone_name) {
  Calendar out;
  out.zone = zone(zone_name);
  for (std::size_t day = 0; day < 5; ++day) out.weekly[day] = {{hours(9), hours(18)}};
  return out;
}

TEST(Hours, AreWallClockIntervalsOfEachDate) {
  const IntervalSet open =
      open_hours(office("Asia/Shanghai"), between("2026-10-29T16:00:00Z", "2026-11-02T16:00:00Z"));
  EXPECT_EQ(text(open),
            "2026-10-30T01:00:00Z/2026-10-30T10:00:00Z\n"
            "2026-11-02T01:00:00Z/2026-11-02T10:00:00Z\n");
}

TEST(Hours, StayOnTheWallWhenTheClockChanges) {
  // Friday before and Monday after the end of summer time.
  const IntervalSet open =
      open_hours(office("Europe/Berlin"), between("2026-10-23T00:00:00Z", "2026-10-27T00:00:00Z"));
  EXPECT_EQ(text(open),
            "2026-10-23T07:00:00Z/2026-10-23T16:00:00Z\n"
            "2026-10-26T08:00:00Z/2026-10-26T17:00:00Z\n");
}

TEST(Hours, OfATimeThatExistsTwiceBeginAtItsFirstAndOfASkippedOneBeforeTheGap) {
  Calendar night;
  night.zone = zone("America/New_York");
  for (auto& day : night.weekly) day = {{hours(1), hours(2)}};
  EXPECT_EQ(text(open_hours(night, between("2026-11-01T00:00:00Z", "2026-11-01T12:00:00Z"))),
            "2026-11-01T05:00:00Z/2026-11-01T07:00:00Z\n");  // 01:00 comes twice: two hours
  EXPECT_EQ(text(open_hours(night, between("2026-03-08T00:00:00Z", "2026-03-08T12:00:00Z"))),
            "2026-03-08T06:00:00Z/2026-03-08T07:00:00Z\n");
  for (auto& day : night.weekly) day = {{hours(2), hours(3)}};  // skipped whole on that date
  EXPECT_EQ(text(open_hours(night, between("2026-03-08T00:00:00Z", "2026-03-08T12:00:00Z"))), "");
}

TEST(Hours, WithoutALaterEndRunIntoTheNextDay) {
  Calendar night;
  night.weekly[4] = {{hours(22), hours(6)}};  // Friday
  EXPECT_EQ(text(open_hours(night, between("2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z"))),
            "2026-11-06T22:00:00Z/2026-11-07T06:00:00Z\n"
            "2026-11-13T22:00:00Z/2026-11-14T06:00:00Z\n"
            "2026-11-20T22:00:00Z/2026-11-21T06:00:00Z\n"
            "2026-11-27T22:00:00Z/2026-11-28T06:00:00Z\n");
  EXPECT_EQ(text(open_hours(night, between("2026-11-07T01:00:00Z", "2026-11-07T12:00:00Z"))),
            "2026-11-07T01:00:00Z/2026-11-07T06:00:00Z\n");
  night.weekly[4] = {{hours(9), hours(9)}};  // a whole day
  EXPECT_EQ(open_hours(night, between("2026-11-06T00:00:00Z", "2026-11-08T00:00:00Z")).length(),
            86'400 * kSecondNs);
}

TEST(Hours, HolidaysHaveNoneAndExtraDaysThoseOfAnotherWeekday) {
  Calendar c = office("Asia/Shanghai");
  c.holidays = {{2026, 10, 1}, {2026, 10, 2}};
  c.extra_days = {{{2026, 10, 10}, 1}};  // a Saturday with Monday's hours
  EXPECT_EQ(text(open_hours(c, between("2026-09-30T16:00:00Z", "2026-10-02T16:00:00Z"))), "");
  EXPECT_EQ(text(open_hours(c, between("2026-10-09T16:00:00Z", "2026-10-11T16:00:00Z"))),
            "2026-10-10T01:00:00Z/2026-10-10T10:00:00Z\n");
}

TEST(Hours, OfAlwaysAreEveryInstant) {
  const Interval year = between("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
  EXPECT_EQ(open_hours(Calendars{}, "always", year).length(), year.to - year.from);
}

Window window(const std::string& zone_name,
              const LocalDate& start,
              Duration since_midnight,
              const std::string& rule,
              Duration duration) {
  Window out;
  out.zone = zone(zone_name);
  out.start = start;
  out.since_midnight = since_midnight;
  out.duration = duration;
  if (!rule.empty()) {
    const auto parsed = parse_rrule(rule);
    EXPECT_TRUE(parsed) << rule;
    if (parsed) out.rule = *parsed;
  }
  return out;
}

// The dates on which a rule falls in UTC, as "MM-DD " each.
std::string dates(const std::string& rule,
                  const LocalDate& start,
                  const std::string& from = "2026-01-01T00:00:00Z",
                  const std::string& to = "2027-01-01T00:00:00Z") {
  const IntervalSet all =
      instances(window("UTC", start, hours(2), rule, hours(1)), between(from, to));
  std::string out;
  for (const Interval& i : all.intervals()) out += format_rfc3339({i.from}).substr(5, 5) + " ";
  return out;
}

TEST(Recurrence, MakesTheDatesOfRfc5545) {
  struct Row {
    std::string rule;
    LocalDate start;
    std::string expected;
  };

  const Row rows[] = {
      {"FREQ=WEEKLY;BYDAY=SU;COUNT=3", {2026, 7, 5}, "07-05 07-12 07-19 "},
      {"FREQ=WEEKLY;COUNT=2", {2026, 7, 7}, "07-07 07-14 "},
      {"FREQ=DAILY;INTERVAL=10;COUNT=3", {2026, 7, 5}, "07-05 07-15 07-25 "},
      {"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=-1,1;UNTIL=20261231", {2026, 1, 1}, "02-01 02-28 "},
      {"FREQ=DAILY;BYDAY=MO,FR;COUNT=3", {2026, 7, 5}, "07-06 07-10 07-13 "},
      {"FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;COUNT=4;WKST=MO",
       {2026, 8, 4},
       "08-04 08-09 08-18 08-23 "},
      {"FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;COUNT=4;WKST=SU",
       {2026, 8, 4},
       "08-04 08-16 08-18 08-30 "},
      {"FREQ=MONTHLY;BYDAY=2SU;COUNT=3", {2026, 7, 1}, "07-12 08-09 09-13 "},
      {"FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", {2026, 7, 1}, "07-31 08-28 "},
      {"FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", {2026, 1, 31}, "01-31 03-31 05-31 "},
      {"FREQ=MONTHLY;COUNT=3", {2026, 1, 30}, "01-30 03-30 04-30 "},
      {"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", {2026, 1, 1}, "02-13 03-13 11-13 "},
      {"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", {2026, 1, 1}, "01-30 02-27 "},
      {"FREQ=YEARLY;BYMONTH=3,9;BYDAY=1SU;UNTIL=20261231T235959Z", {2026, 1, 1}, "03-01 09-06 "},
      {"FREQ=YEARLY;BYDAY=-1SU;COUNT=1", {2026, 1, 1}, "12-27 "},
      {"FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=5", {2025, 4, 5}, "04-05 "},
      {"FREQ=YEARLY;COUNT=2", {2024, 2, 29}, ""},  // only in leap years
  };
  for (const Row& row : rows) EXPECT_EQ(dates(row.rule, row.start), row.expected) << row.rule;
  EXPECT_EQ(
      dates("FREQ=YEARLY;COUNT=2", {2024, 2, 29}, "2024-01-01T00:00:00Z", "2029-01-01T00:00:00Z"),
      "02-29 02-29 ");
}

TEST(Recurrence, WithoutEndIsExpandedOnlyWhereItIsAskedFor) {
  EXPECT_EQ(dates("FREQ=DAILY", {1970, 1, 1}, "2026-05-01T00:00:00Z", "2026-05-03T00:00:00Z"),
            "05-01 05-02 ");
  EXPECT_EQ(dates("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", {2026, 1, 1}), "");
}

TEST(Recurrence, UntilIsInTheZoneOfTheWindowUnlessItSaysUtc) {
  const auto count = [](const std::string& rule) {
    return instances(window("Asia/Shanghai", {2026, 7, 1}, hours(2), rule, hours(1)),
                     between("2026-06-01T00:00:00Z", "2026-09-01T00:00:00Z"))
        .intervals()
        .size();
  };
  EXPECT_EQ(count("FREQ=DAILY;UNTIL=20260703T020000"), 3U);   // inclusive, on the wall
  EXPECT_EQ(count("FREQ=DAILY;UNTIL=20260703T020000Z"), 3U);  // the 3rd is at 18:00Z of the 2nd
  EXPECT_EQ(count("FREQ=DAILY;UNTIL=20260702T170000Z"), 2U);
  EXPECT_EQ(count("FREQ=DAILY;UNTIL=20260703"), 3U);
}

TEST(Recurrence, AnInstanceAtASkippedTimeDoesNotExistAndIsNotCounted) {
  // 02:30 of 29 March 2026 does not exist in Berlin.
  const IntervalSet all = instances(window("Europe/Berlin", {2026, 3, 28}, hours(2) + minutes(30),
                                           "FREQ=DAILY;COUNT=3", hours(1)),
                                    between("2026-03-01T00:00:00Z", "2026-04-30T00:00:00Z"));
  EXPECT_EQ(text(all),
            "2026-03-28T01:30:00Z/2026-03-28T02:30:00Z\n"
            "2026-03-30T00:30:00Z/2026-03-30T01:30:00Z\n"
            "2026-03-31T00:30:00Z/2026-03-31T01:30:00Z\n");
}

TEST(Recurrence, ADurationIsElapsedTimeAndUntilIsOnTheWall) {
  Window w = window("Europe/Berlin", {2026, 3, 28}, hours(23), "", hours(6));
  const Interval march = between("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z");
  EXPECT_EQ(text(instances(w, march)), "2026-03-28T22:00:00Z/2026-03-29T04:00:00Z\n");
  w.duration.reset();
  w.until = hours(5);  // of the next day, an hour earlier by elapsed time
  EXPECT_EQ(text(instances(w, march)), "2026-03-28T22:00:00Z/2026-03-29T03:00:00Z\n");
}

TEST(Recurrence, RefusesWhatItDoesNotJudge) {
  for (const char* rule : {"",
                           "FREQ",
                           "FREQ=HOURLY",
                           "FREQ=SECONDLY",
                           "BYDAY=SU",
                           "FREQ=DAILY;BYHOUR=3",
                           "FREQ=YEARLY;BYWEEKNO=20",
                           "FREQ=YEARLY;BYYEARDAY=1",
                           "FREQ=DAILY;INTERVAL=0",
                           "FREQ=DAILY;COUNT=0",
                           "FREQ=DAILY;COUNT=99999999",
                           "FREQ=DAILY;UNTIL=20260230",
                           "FREQ=DAILY;COUNT=1;UNTIL=20260101",
                           "FREQ=DAILY;BYMONTH=13",
                           "FREQ=DAILY;BYMONTHDAY=0",
                           "FREQ=DAILY;BYDAY=1MO",
                           "FREQ=WEEKLY;BYMONTHDAY=1",
                           "FREQ=MONTHLY;BYDAY=0MO",
                           "FREQ=MONTHLY;BYSETPOS=1",
                           "FREQ=DAILY;FREQ=DAILY",
                           "FREQ=DAILY;WKST=XX",
                           "freq=daily"}) {
    EXPECT_FALSE(parse_rrule(rule)) << rule;
  }
}

}  // namespace
}  // namespace nines::sla::calendar_test
