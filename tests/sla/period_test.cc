// SPDX-License-Identifier: Apache-2.0
#include "sla/time/period.h"

#include <gtest/gtest.h>

#include "support.h"

namespace nines::sla::period_test {
namespace {

Zone zone(const std::string& name) {
  const auto found = Zone::find(name);
  EXPECT_TRUE(found) << name;
  return found ? *found : Zone();
}

Interval period(const std::string& text, const std::string& zone_name) {
  const auto out = parse_period(text, zone(zone_name));
  EXPECT_TRUE(out) << text;
  return out ? *out : Interval{};
}

std::int64_t hours_of(const Interval& i) { return (i.to - i.from) / (3600 * kSecondNs); }

TEST(Zone, RefusesNamesThatTheSystemDoesNotKnow) {
  for (const char* bad : {"", "Mars/Olympus", "../../etc/passwd", "asia/shanghai", "UTC+8"}) {
    const auto found = Zone::find(bad);
    ASSERT_FALSE(found) << bad;
    EXPECT_NE(found.error().message.find("knows no zone"), std::string::npos);
  }
}

TEST(Zone, TakesTheFirstOfAnAmbiguousTime) {
  // Berlin, 25 October 2026: 02:30 exists at +02:00 and again at +01:00.
  EXPECT_EQ(zone("Europe/Berlin").instant({2026, 10, 25}, hours(2) + minutes(30)).ns,
            at("2026-10-25T00:30:00Z"));
}

TEST(Zone, ReadsAMissingTimeWithTheOffsetBeforeTheGap) {
  // Berlin, 29 March 2026: 02:30 does not exist; at +01:00 it would be 01:30 UTC.
  EXPECT_EQ(zone("Europe/Berlin").instant({2026, 3, 29}, hours(2) + minutes(30)).ns,
            at("2026-03-29T01:30:00Z"));
}

TEST(Period, OfAMonthWithAClockChangeHasItsRealLength) {
  EXPECT_EQ(hours_of(period("2026-03", "Europe/Berlin")), 743);
  EXPECT_EQ(hours_of(period("2026-10", "Europe/Berlin")), 745);
  EXPECT_EQ(hours_of(period("2026-11", "Asia/Shanghai")), 720);
  EXPECT_EQ(hours_of(period("2026-03-29", "Europe/Berlin")), 23);
  EXPECT_EQ(hours_of(period("2026-10-25", "Europe/Berlin")), 25);
  EXPECT_EQ(hours_of(period("2026-W13", "Europe/Berlin")), 167);
  EXPECT_EQ(hours_of(period("2026-W13", "Asia/Shanghai")), 168);
  EXPECT_EQ(period("2026-10-04", "Australia/Lord_Howe").to -
                period("2026-10-04", "Australia/Lord_Howe").from,
            84'600 * kSecondNs);  // half an hour is missing
}

TEST(Period, StartsAtLocalMidnightOfTheZone) {
  EXPECT_EQ(period("2026-11", "Asia/Shanghai"),
            (Interval{at("2026-10-31T16:00:00Z"), at("2026-11-30T16:00:00Z")}));
  EXPECT_EQ(period("2026-Q1", "UTC"),
            (Interval{at("2026-01-01T00:00:00Z"), at("2026-04-01T00:00:00Z")}));
  EXPECT_EQ(period("2028", "UTC"),
            (Interval{at("2028-01-01T00:00:00Z"), at("2029-01-01T00:00:00Z")}));
  EXPECT_EQ(period("2026-W01", "UTC").from, at("2025-12-29T00:00:00Z"));
  EXPECT_EQ(period("2026-W53", "UTC").to, at("2027-01-04T00:00:00Z"));
  EXPECT_EQ(period("2026-11-01T00:00:00+08:00/2026-11-01T00:00:01.5Z", "UTC"),
            (Interval{at("2026-10-31T16:00:00Z"), at("2026-11-01T00:00:01.5Z")}));
}

TEST(Period, WhoseMidnightIsMissingStartsAtTheClockChange) {
  // Beirut, 2023-03-26 00:00 jumped to 01:00.
  EXPECT_EQ(period("2023-03-26", "Asia/Beirut"),
            (Interval{at("2023-03-25T22:00:00Z"), at("2023-03-26T21:00:00Z")}));
}

TEST(Period, RefusesWhatIsNone) {
  for (const char* bad : {"",
                          "26",
                          "2026-",
                          "2026-13",
                          "2026-00",
                          "2026-1",
                          "2026-02-29",
                          "2026-11-31",
                          "2026-Q0",
                          "2026-Q5",
                          "2026-W00",
                          "2025-W53",
                          "2026-W54",
                          "2026-11-01T00:00:00Z",
                          "1969",
                          "2200",
                          "2026-11/2026-12",
                          "2026-12-01T00:00:00Z/2026-11-01T00:00:00Z",
                          "2026-12-01T00:00:00Z/2026-12-01T00:00:00Z",
                          "2026-11-1x",
                          "2026x11",
                          "lastmonth",
                          "1700-01-01T00:00:00Z/2026-11-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_period(bad, Zone())) << bad;
  }
}

TEST(Period, AtAnInstantHasItInsideOrAsItsEnd) {
  using Kind = PeriodRule::Kind;
  const Zone berlin = zone("Europe/Berlin");
  const auto month = [&](const std::string& t) {
    return period_at({Kind::month, 0}, berlin, WallTime{at(t)});
  };
  EXPECT_EQ(month("2026-03-31T22:00:00Z"), period("2026-03", "Europe/Berlin"));  // its very end
  EXPECT_EQ(month("2026-03-31T22:00:00.000000001Z"), period("2026-04", "Europe/Berlin"));
  EXPECT_EQ(period_at({Kind::day, 0}, berlin, WallTime{at("2026-03-29T12:00:00Z")}),
            period("2026-03-29", "Europe/Berlin"));
  EXPECT_EQ(period_at({Kind::week, 0}, berlin, WallTime{at("2026-03-29T12:00:00Z")}),
            period("2026-W13", "Europe/Berlin"));
  EXPECT_EQ(period_at({Kind::quarter, 0}, berlin, WallTime{at("2026-03-29T12:00:00Z")}),
            period("2026-Q1", "Europe/Berlin"));
  EXPECT_EQ(period_at({Kind::year, 0}, berlin, WallTime{at("2026-12-31T23:30:00Z")}),
            period("2027", "Europe/Berlin"));
}

TEST(Period, RollingIsExactDaysUpToTheInstant) {
  const Interval i = period_at({PeriodRule::Kind::rolling, 30}, zone("Europe/Berlin"),
                               WallTime{at("2026-04-10T12:34:56Z")});
  EXPECT_EQ(i.to, at("2026-04-10T12:34:56Z"));
  EXPECT_EQ(i.to - i.from, 30 * 86'400 * kSecondNs);
}

}  // namespace
}  // namespace nines::sla::period_test
