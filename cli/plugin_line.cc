// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_line.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/terminal.h"

namespace nines::cli {

std::string plugin_text(std::string_view text) {
  auto out = printable(text);
  std::replace(out.begin(), out.end(), '|', '/');
  return out;
}

PluginLine plugin_line(const Json& check, WallTime now) {
  const auto outcome = shown_outcome(check);
  const auto& last = field(check, "last");
  const auto& warnings = field(last, "warnings");
  const bool warned = warnings.is_array() && !warnings.empty();
  PluginLine line;
  std::string word = "UNKNOWN";
  if (outcome == "up") {
    word = warned ? "WARNING" : "OK";
    line.code = warned ? 1 : 0;
  } else if (outcome == "down") {
    word = "CRITICAL";
    line.code = 2;
  }
  std::string text = text_in(check, "name") + " is " + (outcome.empty() ? "pending" : outcome);
  if (const auto since = shown_since(check)) text += " for " + age_text(now - *since);
  if (const auto cause = shown_cause(check); !cause.empty()) text += ", " + cause;
  if (const auto reason = text_in(check, "reason"); !reason.empty() && reason != "ok") {
    text += ", " + reason;
  }
  if (const auto detail = text_in(check, "detail"); !detail.empty()) text += ": " + detail;
  if (warned && warnings.front().is_string()) text += ": " + warnings.front().get<std::string>();
  line.text = word + ": " + plugin_text(text);
  const auto us = number_in(last, "total_us");
  if (us && *us >= 0) {
    std::array<char, 48> data{};
    std::snprintf(data.data(), data.size(), "|total=%lld.%06llds;;;0",
                  static_cast<long long>(*us / 1'000'000), static_cast<long long>(*us % 1'000'000));
    line.text += data.data();
  }
  return line;
}

}  // namespace nines::cli
