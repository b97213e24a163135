// SPDX-License-Identifier: Apache-2.0
// At stake: a second read wrongly in an agreement or a report is money. Text forms are exact, round
// trips lose nothing, and what does not fit is refused.
#include "base/time.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"

namespace nines::time_test {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

TEST(ParseDuration, ReadsEachUnitAndSumsInFallingOrder) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"0s", 0},
      {"1ns", 1},
      {"1us", 1'000},
      {"500ms", 500'000'000},
      {"30s", 30'000'000'000},
      {"5m", 300'000'000'000},
      {"2h", 7'200'000'000'000},
      {"1d", 86'400'000'000'000},
      {"2w", 1'209'600'000'000'000},
      {"1h30m", 5'400'000'000'000},
      {"1m500ms", 60'500'000'000},
      {"1w1d1h1m1s1ms1us1ns", 694'861'001'001'001},
      {"090s", 90'000'000'000},
      {"9223372036854775807ns", kLargest}};
  for (const auto& [text, ns] : cases) {
    const auto got = parse_duration(text);
    ASSERT_TRUE(got) << text;
    EXPECT_EQ(got->count(), ns) << text;
  }
}

TEST(ParseDuration, RefusesWhatIsNotExact) {
  for (const char* bad : {"",
                          "0",
                          "30",
                          "s",
                          "1.5s",
                          "-1s",
                          "+1s",
                          " 1s",
                          "1s ",
                          "1 s",
                          "1S",
                          "1sec",
                          "1m1h",
                          "1s1s",
                          "1ms1s",
                          "30s5",
                          "1h 30m",
                          "9223372036854775808ns",
                          "9223372037s",
                          "99999999999999999999s",
                          "15251w",
                          "1us1ms",
                          "1\xc2\xb5s",
                          "1e3s",
                          "inf"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
  EXPECT_FALSE(parse_duration(std::string_view("1s\0", 3)));
}

TEST(FormatDuration, IsTheShortestThatReadsBack) {
  EXPECT_EQ(format_duration(seconds(0)), "0s");
  EXPECT_EQ(format_duration(seconds(90)), "1m30s");
  EXPECT_EQ(format_duration(hours(336)), "14d");
  EXPECT_EQ(format_duration(milliseconds(1500)), "1s500ms");
  EXPECT_EQ(format_duration(Duration(-1)), "-1ns");
  EXPECT_EQ(format_duration(Duration(std::numeric_limits<std::int64_t>::min())),
            "-106751d23h47m16s854ms775us808ns");
  Random random(1);
  for (int i = 0; i < 10000; ++i) {
    const Duration d(static_cast<std::int64_t>(random.next() >> (1 + random.below(60))));
    const auto back = parse_duration(format_duration(d));
    ASSERT_TRUE(back) << format_duration(d);
    ASSERT_EQ(*back, d);
  }
}

TEST(HumanDuration, HasThreeDigitsAtMost) {
  const std::pair<Duration, const char*> cases[] = {{Duration(0), "0 ns"},
                                                    {Duration(999), "999 ns"},
                                                    {microseconds(812), "812 us"},
                                                    {microseconds(999), "999 us"},
                                                    {Duration(999'600), "1.00 ms"},
                                                    {microseconds(48'200), "48.2 ms"},
                                                    {milliseconds(482), "482 ms"},
                                                    {milliseconds(1500), "1.50 s"},
                                                    {Duration(9'996'000'000), "10.0 s"},
                                                    {seconds(59), "59.0 s"},
                                                    {seconds(60), "1 min 0 s"},
                                                    {seconds(3599), "59 min 59 s"},
                                                    {seconds(3600), "1 h 0 min"},
                                                    {hours(25), "1 d 1 h"},
                                                    {milliseconds(-1500), "-1.50 s"}};
  for (const auto& [d, text] : cases) EXPECT_EQ(human_duration(d), text);
}

TEST(Rfc3339, ReadsOffsetsAndFractions) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01t00:00:00z", 0},
      {"1969-12-31T23:59:59.999999999Z", -1},
      {"2026-11-23T08:00:00Z", 1'795'420'800'000'000'000},
      {"2026-11-23T09:30:00+01:30", 1'795'420'800'000'000'000},
      {"2026-11-22T20:00:00-12:00", 1'795'420'800'000'000'000},
      {"2026-11-23T08:00:00-00:00", 1'795'420'800'000'000'000},
      {"2024-02-29T00:00:00.5Z", 1'709'164'800'500'000'000},
      {"2016-12-31T23:59:60Z", 1'483'228'800'000'000'000},
      {"2000-02-29T12:00:00Z", 951'825'600'000'000'000}};
  for (const auto& [text, ns] : cases) {
    const auto got = parse_rfc3339(text);
    ASSERT_TRUE(got) << text;
    EXPECT_EQ(got->ns, ns) << text;
  }
}

TEST(Rfc3339, RefusesWhatIsNoInstant) {
  for (const char* bad : {"",
                          "2026-11-23",
                          "2026-11-23T08:00:00",
                          "2026-11-23 08:00:00Z",
                          "2026-11-23T08:00Z",
                          "2026-13-01T00:00:00Z",
                          "2026-00-01T00:00:00Z",
                          "2026-02-29T00:00:00Z",
                          "1900-02-29T00:00:00Z",
                          "2026-04-31T00:00:00Z",
                          "2026-01-00T00:00:00Z",
                          "2026-01-01T24:00:00Z",
                          "2026-01-01T00:60:00Z",
                          "2026-01-01T00:00:61Z",
                          "2026-01-01T00:00:00.Z",
                          "2026-01-01T00:00:00.1234567890Z",
                          "2026-01-01T00:00:00+1:00",
                          "2026-01-01T00:00:00+0100",
                          "2026-01-01T00:00:00+24:00",
                          "2026-01-01T00:00:00+01:60",
                          "2026-01-01T00:00:00Zx",
                          "2026-01-01T00:00:00 Z",
                          "+026-01-01T00:00:00Z",
                          "1677-01-01T00:00:00Z",
                          "2262-01-01T00:00:00Z",
                          "20260101T000000Z"}) {
    EXPECT_FALSE(parse_rfc3339(bad)) << bad;
  }
}

TEST(Rfc3339, FormatsWithAsFewDigitsAsAreExact) {
  EXPECT_EQ(format_rfc3339(WallTime{0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339(WallTime{500'000'000}), "1970-01-01T00:00:00.500Z");
  EXPECT_EQ(format_rfc3339(WallTime{1'000}), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(format_rfc3339(WallTime{1}), "1970-01-01T00:00:00.000000001Z");
  EXPECT_EQ(format_rfc3339(WallTime{-1}), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(format_rfc3339(WallTime{kLargest}), "2262-04-11T23:47:16.854775807Z");
}

TEST(Rfc3339, RoundTrips) {
  Random random(2);
  // Years 1678 to 2261 lie within 9.2e18 ns of the epoch.
  for (int i = 0; i < 10000; ++i) {
    const auto ns = static_cast<std::int64_t>(random.below(9'000'000'000'000'000'000ULL)) *
                    (random.below(2) == 0 ? 1 : -1);
    const auto back = parse_rfc3339(format_rfc3339(WallTime{ns}));
    ASSERT_TRUE(back) << format_rfc3339(WallTime{ns});
    ASSERT_EQ(back->ns, ns);
  }
}

}  // namespace
}  // namespace nines::time_test
