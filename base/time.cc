// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <array>
#include <cstdio>
#include <limits>

namespace nines {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ns;
};

// Falling order; "ms" before "m" is told apart by longest match below.
constexpr std::array<Unit, 8> kUnits{{{"w", 7 * kDayNs},
                                      {"d", kDayNs},
                                      {"h", kHourNs},
                                      {"m", kMinuteNs},
                                      {"s", kSecondNs},
                                      {"ms", 1'000'000},
                                      {"us", 1'000},
                                      {"ns", 1}}};

bool digit(char c) { return c >= '0' && c <= '9'; }

// Reads exactly `width` digits at `text[at]`.
bool read_fixed(std::string_view text, std::size_t at, std::size_t width, int& out) {
  if (at + width > text.size()) return false;
  out = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    if (!digit(text[i])) return false;
    out = out * 10 + (text[i] - '0');
  }
  return true;
}

}  // namespace

Expected<Duration> parse_duration(std::string_view text) {
  const auto bad = [&] {
    return fail("'" + std::string(text) + "' is not a duration (write 500ms, 30s, 5m, 1h30m, 1d)");
  };
  std::int64_t total = 0;
  std::size_t at = 0;
  std::size_t least_unit = 0;  // index of the first unit that may still follow
  if (text.empty()) return bad();
  while (at < text.size()) {
    std::int64_t number = 0;
    const std::size_t first_digit = at;
    for (; at < text.size() && digit(text[at]); ++at) {
      if (__builtin_mul_overflow(number, 10, &number) ||
          __builtin_add_overflow(number, text[at] - '0', &number)) {
        return bad();
      }
    }
    if (at == first_digit) return bad();
    const std::size_t first_letter = at;
    while (at < text.size() && !digit(text[at])) ++at;
    const auto name = text.substr(first_letter, at - first_letter);
    std::size_t unit = least_unit;
    while (unit < kUnits.size() && kUnits[unit].name != name) ++unit;
    if (unit == kUnits.size()) return bad();
    least_unit = unit + 1;
    std::int64_t part = 0;
    if (__builtin_mul_overflow(number, kUnits[unit].ns, &part) ||
        __builtin_add_overflow(total, part, &total)) {
      return bad();
    }
  }
  return Duration(total);
}

std::string format_duration(Duration d) {
  if (d.count() == 0) return "0s";
  std::string out = d.count() < 0 ? "-" : "";
  auto rest = d.count() < 0 ? 0 - static_cast<std::uint64_t>(d.count())
                            : static_cast<std::uint64_t>(d.count());
  for (const auto& unit : kUnits) {
    if (unit.name == "w") continue;  // people read "14d" faster than "2w"
    const auto size = static_cast<std::uint64_t>(unit.ns);
    if (rest >= size) {
      out += std::to_string(rest / size) + std::string(unit.name);
      rest %= size;
    }
  }
  return out;
}

std::string human_duration(Duration d) {
  const bool negative = d.count() < 0;
  const double ns = negative ? -static_cast<double>(d.count()) : static_cast<double>(d.count());
  char text[48];
  const char* sign = negative ? "-" : "";
  const auto scaled = [&](double value, const char* unit) {
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    std::snprintf(text, sizeof text, "%s%.*f %s", sign, decimals, value, unit);
  };
  if (ns < 1e3) {
    std::snprintf(text, sizeof text, "%s%.0f ns", sign, ns);
  } else if (ns < 999.5e3) {
    std::snprintf(text, sizeof text, "%s%.0f us", sign, ns / 1e3);
  } else if (ns < 999.5e6) {
    scaled(ns / 1e6, "ms");
  } else if (ns < 59.95e9) {
    scaled(ns / 1e9, "s");
  } else {
    const auto whole = static_cast<std::int64_t>(ns / 1e9 + 0.5);
    if (whole < 3600) {
      std::snprintf(text, sizeof text, "%s%lld min %lld s", sign,
                    static_cast<long long>(whole / 60), static_cast<long long>(whole % 60));
    } else if (whole < 86'400) {
      std::snprintf(text, sizeof text, "%s%lld h %lld min", sign,
                    static_cast<long long>(whole / 3600),
                    static_cast<long long>(whole % 3600 / 60));
    } else {
      std::snprintf(text, sizeof text, "%s%lld d %lld h", sign,
                    static_cast<long long>(whole / 86'400),
                    static_cast<long long>(whole % 86'400 / 3600));
    }
  }
  return text;
}

Expected<WallTime> parse_rfc3339(std::string_view text) {
  const auto bad = [&] {
    return fail("'" + std::string(text) +
                "' is not an RFC 3339 instant (write 2026-11-23T08:00:00Z)");
  };
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (text.size() < 20 || !read_fixed(text, 0, 4, year) || text[4] != '-' ||
      !read_fixed(text, 5, 2, month) || text[7] != '-' || !read_fixed(text, 8, 2, day) ||
      (text[10] != 'T' && text[10] != 't') || !read_fixed(text, 11, 2, hour) || text[13] != ':' ||
      !read_fixed(text, 14, 2, minute) || text[16] != ':' || !read_fixed(text, 17, 2, second)) {
    return bad();
  }
  std::size_t at = 19;
  std::int64_t fraction = 0;
  if (text[at] == '.') {
    const std::size_t first = ++at;
    std::int64_t scale = 100'000'000;
    for (; at < text.size() && digit(text[at]); ++at, scale /= 10) {
      if (at - first >= 9) return bad();
      fraction += (text[at] - '0') * scale;
    }
    if (at == first) return bad();
  }
  int offset_minutes = 0;
  const auto zone = text.substr(at);
  if (zone != "Z" && zone != "z") {
    int h = 0, m = 0;
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || !read_fixed(zone, 1, 2, h) ||
        zone[3] != ':' || !read_fixed(zone, 4, 2, m) || h > 23 || m > 59) {
      return bad();
    }
    offset_minutes = (zone[0] == '-' ? -1 : 1) * (h * 60 + m);
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // A leap second (":60") has no POSIX instant of its own: it is the one that follows.
  if (!date.ok() || hour > 23 || minute > 59 || second > 60 || year < 1678 || year > 2261) {
    return bad();
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t s =
      days * 86'400 + hour * 3600 + minute * 60 + second - std::int64_t{offset_minutes} * 60;
  return WallTime{s * kSecondNs + fraction};
}

std::string format_rfc3339(WallTime t) {
  const auto whole = std::chrono::floor<seconds>(Duration(t.ns));
  const auto fraction = t.ns - Duration(whole).count();
  const auto day = std::chrono::floor<std::chrono::days>(whole);
  const std::chrono::year_month_day date{std::chrono::sys_days(day)};
  const std::chrono::hh_mm_ss clock{whole - day};
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  std::string out = text;
  if (fraction != 0) {
    if (fraction % 1'000'000 == 0) {
      std::snprintf(text, sizeof text, ".%03lld", static_cast<long long>(fraction / 1'000'000));
    } else if (fraction % 1'000 == 0) {
      std::snprintf(text, sizeof text, ".%06lld", static_cast<long long>(fraction / 1'000));
    } else {
      std::snprintf(text, sizeof text, ".%09lld", static_cast<long long>(fraction));
    }
    out += text;
  }
  return out + "Z";
}

}  // namespace nines
