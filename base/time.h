// SPDX-License-Identifier: Apache-2.0
// Instants of two clocks that must never be mixed, and their text forms.
//   WallTime  nanoseconds of POSIX time (UTC without leap seconds). A label; it can step.
//   BootTime  nanoseconds of CLOCK_BOOTTIME: runs on during suspend, never steps. Schedules and
//             durations.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace nines {

using Duration = std::chrono::nanoseconds;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

template <class Tag>
struct Instant {
  std::int64_t ns = 0;

  auto operator<=>(const Instant&) const = default;

  friend Instant operator+(Instant t, Duration d) { return {t.ns + d.count()}; }

  friend Instant operator-(Instant t, Duration d) { return {t.ns - d.count()}; }

  friend Duration operator-(Instant a, Instant b) { return Duration(a.ns - b.ns); }

  Instant& operator+=(Duration d) {
    ns += d.count();
    return *this;
  }
};

using WallTime = Instant<struct WallTag>;
using BootTime = Instant<struct BootTag>;

// How many nanoseconds; a day is 24 hours, which a calendar's day need not be.
inline constexpr std::int64_t kSecondNs = 1'000'000'000;
inline constexpr std::int64_t kMinuteNs = 60 * kSecondNs;
inline constexpr std::int64_t kHourNs = 60 * kMinuteNs;
inline constexpr std::int64_t kDayNs = 24 * kHourNs;

constexpr std::int64_t to_us(Duration d) {
  return std::chrono::duration_cast<microseconds>(d).count();
}

// "500ms", "30s", "5m", "2h", "1d", "2w", and sums in falling order: "1h30m". An exact whole number
// of nanoseconds; no sign, no fraction, no bare number. Refuses what does not fit 64 bits.
Expected<Duration> parse_duration(std::string_view text);

// The shortest exact form that parse_duration takes: "90s" is "1m30s", zero is "0s".
std::string format_duration(Duration d);

// For people: three significant digits at most ("48.2 ms", "1.50 s", "812 us").
std::string human_duration(Duration d);

// RFC 3339 with any offset; at most nine digits of fraction. Years 1678 to 2261 (what 64 bits
// hold).
Expected<WallTime> parse_rfc3339(std::string_view text);

// UTC with "Z"; the fraction has as few digits as are exact: 0, 3, 6 or 9.
std::string format_rfc3339(WallTime t);

}  // namespace nines
