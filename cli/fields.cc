// SPDX-License-Identifier: Apache-2.0
#include "cli/fields.h"

#include <array>
#include <cstdio>

namespace nines::cli {

Expected<Json> parse_answer(const std::string& body) {
  auto json = Json::parse(body, nullptr, false);
  if (json.is_discarded()) return fail("the answer is not JSON");
  return json;
}

const Json& field(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

std::string text_in(const Json& object, const char* key) {
  const auto& value = field(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<std::int64_t> number_in(const Json& object, const char* key) {
  const auto& value = field(object, key);
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
    return std::nullopt;
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return std::nullopt;
}

std::optional<Duration> microseconds_in(const Json& object, const char* key) {
  const auto us = number_in(object, key);
  if (!us || *us < 0 || *us > INT64_MAX / 1000) return std::nullopt;
  return microseconds(*us);
}

bool flag_in(const Json& object, const char* key) {
  const auto& value = field(object, key);
  return value.is_boolean() && value.get<bool>();
}

std::optional<WallTime> instant_in(const Json& object, const char* key) {
  const auto text = text_in(object, key);
  if (text.empty()) return std::nullopt;
  const auto t = parse_rfc3339(text);
  // From 1970 to 2198: the difference of two such instants always fits.
  constexpr std::int64_t kLatest = 7'200'000'000'000'000'000;
  if (!t || t->ns < 0 || t->ns > kLatest) return std::nullopt;
  return *t;
}

std::string shown_outcome(const Json& object) {
  const auto shown = text_in(field(object, "shown"), "outcome");
  return shown.empty() ? text_in(object, "outcome") : shown;
}

std::string shown_cause(const Json& object) { return text_in(field(object, "shown"), "cause"); }

std::optional<WallTime> shown_since(const Json& check) {
  const auto shown = instant_in(field(check, "shown"), "since");
  return shown ? shown : instant_in(check, "since");
}

std::string age_text(Duration age) {
  const auto s = std::chrono::duration_cast<seconds>(age).count();
  const auto two = [](std::int64_t a, const char* unit, std::int64_t b, const char* smaller) {
    return std::to_string(a) + unit + (b > 0 ? std::to_string(b) + smaller : "");
  };
  if (s <= 0) return "0s";
  if (s < 60) return std::to_string(s) + "s";
  if (s < 3600) return std::to_string(s / 60) + "m";
  if (s < 86'400) return two(s / 3600, "h", s % 3600 / 60, "m");
  return two(s / 86'400, "d", s % 86'400 / 3600, "h");
}

std::string age_in(const Json& object, const char* key, WallTime now) {
  const auto t = instant_in(object, key);
  return t ? age_text(now - *t) : "–";
}

std::string plural(std::int64_t n, std::string_view noun) {
  return std::to_string(n) + " " + std::string(noun) +
         (n == 1                 ? ""
          : noun.ends_with("ch") ? "es"
                                 : "s");
}

std::string clock_text(WallTime t) {
  auto text = format_rfc3339({t.ns - ((t.ns % kSecondNs) + kSecondNs) % kSecondNs});
  if (text.size() > 10) text[10] = ' ';
  return text;
}

std::string clock_in(const Json& object, const char* key) {
  const auto t = instant_in(object, key);
  return t ? clock_text(*t) : "";
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 4> kUnits{"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1023.95 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  std::array<char, 32> text{};
  const bool whole = value == static_cast<double>(static_cast<std::int64_t>(value));
  std::snprintf(text.data(), text.size(), "%.*f %s", whole || value >= 99.95 ? 0 : 1, value,
                kUnits[unit]);
  return text.data();
}

std::string latency_text(const Json& result) {
  const auto mean = microseconds_in(field(result, "icmp"), "avg_us");
  const auto shown = mean ? mean : microseconds_in(result, "total_us");
  return shown ? human_duration(*shown) : "–";
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kOpen =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kOpen.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHex[byte >> 4U], kHex[byte & 0xFU]};
  }
  return out;
}

}  // namespace nines::cli
