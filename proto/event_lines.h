// SPDX-License-Identifier: Apache-2.0
// Statements in the log, in order, become the lines that the judge takes as events. Pure and the
// same for the collector, which judges by them, and for who verifies it.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/time.h"

namespace nines::proto {

// `form` of an entry that opens an incident: its line also has who said so, and when. Entries
// without it stand in older logs, and their lines stay as they were sealed.
inline constexpr int kOpeningForm = 2;

class EventLines {
 public:
  // An entry of type `event`, with what it says as `event` and who said it as `actor`; `at` is when
  // it became durable. Annotations, observations and restatements make no line.
  void take(const nlohmann::json& entry, WallTime at);

  // JSON lines, one for each entry that says something to a judge.
  const std::string& text() const { return text_; }

 private:
  struct Exclusion {
    nlohmann::json claim;
    std::optional<WallTime> announced;
    std::string state;
  };

  void take_exclusion(const nlohmann::json& entry, const nlohmann::json& event, WallTime at);
  void take_incident(const nlohmann::json& entry, const nlohmann::json& event, WallTime at);
  void take_signature(const nlohmann::json& entry, const nlohmann::json& event, WallTime at);
  void take_duty(const nlohmann::json& entry, const nlohmann::json& event, WallTime at);
  void put(const nlohmann::json& line);

  std::map<std::string, Exclusion> exclusions_;
  std::map<std::string, std::string> services_;  // of incidents
  std::map<std::string, nlohmann::json> done_;   // duties, by the id of what was said
  std::string text_;
};

// A text of an object, or an empty one.
std::string text_member(const nlohmann::json& object, const char* key);
std::optional<WallTime> instant_member(const nlohmann::json& object, const char* key);
// A whole number; nothing where there is none, or another type.
std::optional<std::int64_t> integer_member(const nlohmann::json& object, const char* key);
std::optional<std::uint64_t> count_member(const nlohmann::json& object, const char* key);

}  // namespace nines::proto
