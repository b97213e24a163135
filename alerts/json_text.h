// SPDX-License-Identifier: Apache-2.0
// JSON as the rows and the messages of alerts read and write it: never a throw.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace nines::alerts {

using Json = nlohmann::json;

// The string under `key`; empty where it is absent or of another type.
inline std::string text(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// On one line; bytes that are no UTF-8 are replaced.
inline std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace nines::alerts
