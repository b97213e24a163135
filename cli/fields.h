// SPDX-License-Identifier: Apache-2.0
// Reading an answer that another program gave: whatever is missing or of another type reads as
// absent, never as a crash. And the few forms in which people read times.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "base/time.h"

namespace nines::cli {

using Json = nlohmann::ordered_json;

Expected<Json> parse_answer(const std::string& body);

const Json& field(const Json& object, const char* key);  // null where it is absent
std::string text_in(const Json& object, const char* key);
std::optional<std::int64_t> number_in(const Json& object, const char* key);
// Microseconds as a duration, from 0 to what fits.
std::optional<Duration> microseconds_in(const Json& object, const char* key);
bool flag_in(const Json& object, const char* key);
std::optional<WallTime> instant_in(const Json& object, const char* key);

// The outcome of a check, result or outage as it is shown: where the canaries explain a failure the
// answer has `shown` beside what was measured.
std::string shown_outcome(const Json& object);
std::string shown_cause(const Json& object);  // "uplink"; empty where it is shown as measured
std::optional<WallTime> shown_since(const Json& check);

std::string age_text(Duration age);  // "45s", "12m", "3h12m", "3d4h"; "0s" when negative
// The age of the instant under `key`; "–" where there is none.
std::string age_in(const Json& object, const char* key, WallTime now);
std::string clock_text(WallTime t);                         // "2026-11-23 08:00:00Z"
std::string clock_in(const Json& object, const char* key);  // the same; "" where it is absent
std::string plural(std::int64_t n, std::string_view noun);  // "1 batch", "2 batches"
std::string bytes_text(std::uint64_t bytes);                // "1.5 MiB"
// "48.2 ms": the mean round trip of an ICMP result, else total_us; "–" where there is neither.
std::string latency_text(const Json& result);
std::string percent_encoded(std::string_view text);  // for one segment of a path or a query's value

}  // namespace nines::cli
