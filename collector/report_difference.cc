// SPDX-License-Identifier: Apache-2.0
#include "collector/report_difference.h"

#include <array>

namespace nines::collector {
namespace {

using Json = nlohmann::json;

constexpr std::array kTold = {"verdict", "certain", "value",   "nominal",
                              "worst",   "best",    "seconds", "excluded_by"};

// The versions of a report may tell more or less of an objective.
Json told_of(const Json& objective) {
  Json out = Json::object();
  for (const char* key : kTold) {
    const auto found = objective.find(key);
    if (found != objective.end()) out[key] = *found;
  }
  return out;
}

const Json* find_objective(const Json& report, const Json& like) {
  const auto list = report.find("objectives");
  if (list == report.end()) return nullptr;
  for (const auto& each : *list) {
    if (each.value("name", Json()) == like.value("name", Json()) &&
        each.value("service", Json()) == like.value("service", Json())) {
      return &each;
    }
  }
  return nullptr;
}

Json entry(const Json& objective, const Json& before, const Json& after) {
  return {{"name", objective.value("name", Json())},
          {"service", objective.value("service", Json())},
          {"before", before},
          {"after", after}};
}

}  // namespace

Json report_difference(const std::string& before_text, const std::string& after_text) {
  const auto before = Json::parse(before_text, nullptr, false);
  const auto after = Json::parse(after_text, nullptr, false);
  Json out{{"objectives", Json::array()}};
  if (!before.is_object() || !after.is_object()) return out;
  for (const auto& each : before.value("objectives", Json::array())) {
    const Json* now = find_objective(after, each);
    const Json told = told_of(each);
    const Json told_now = now == nullptr ? Json(nullptr) : told_of(*now);
    if (told != told_now) out["objectives"].push_back(entry(each, told, told_now));
  }
  for (const auto& each : after.value("objectives", Json::array())) {
    if (find_objective(before, each) != nullptr) continue;
    out["objectives"].push_back(entry(each, nullptr, told_of(each)));
  }
  const Json credits = before.value("credits", Json());
  const Json credits_now = after.value("credits", Json());
  if (credits != credits_now) out["credits"] = {{"before", credits}, {"after", credits_now}};
  return out;
}

}  // namespace nines::collector
