// SPDX-License-Identifier: Apache-2.0
#include "cli/agents_view.h"

#include "cli/table.h"

namespace nines::cli {
namespace {

// The collector's own count where it gives one: its clock judged it.
std::optional<Duration> silence_of(const Json& agent, WallTime now) {
  const auto s = number_in(agent, "silent_s");
  if (s && *s >= 0 && *s < INT64_MAX / kSecondNs) return Duration(seconds(*s));
  if (const auto seen = instant_in(agent, "last_seen")) return now - *seen;
  return std::nullopt;
}

std::string clock_of(const Json& agent) {
  const auto& clock = field(agent, "clock");
  if (!clock.is_object()) return "–";
  if (!flag_in(clock, "synchronised")) return "not synchronised";
  const auto error = microseconds_in(clock, "error_us");
  return error ? "within " + human_duration(*error) : "synchronised";
}

}  // namespace

Json silent_agents(const Json& answer, Duration silence, WallTime now) {
  Json out = {{"agents", Json::array()}};
  for (const auto& agent : field(answer, "agents")) {
    const auto silent = silence_of(agent, now);
    if (!silent || *silent >= silence) out["agents"].push_back(agent);
  }
  return out;
}

std::string agents_view(const Json& answer, WallTime now, const Style& style) {
  const auto& agents = field(answer, "agents");
  if (!agents.is_array() || agents.empty()) return "No agent.\n";
  Table table({{"AGENT", false, 12},
               {"SEEN", true},
               {"VERSION", false, 7},
               {"CONFIGURATION"},
               {"CHECKS", true},
               {"UNSENT", true},
               {"CLOCK", false, 8}});
  for (const auto& agent : agents) {
    const auto silent = silence_of(agent, now);
    const auto unsent = instant_in(agent, "oldest_unsent");
    const auto checks = number_in(agent, "checks");
    table.add({{text_in(agent, "name"), Paint::strong},
               {silent ? age_text(*silent) + " ago" : "never"},
               {text_in(agent, "version")},
               {text_in(agent, "config_digest").substr(0, 12), Paint::faint},
               {checks ? std::to_string(*checks) : "–"},
               {unsent ? age_text(now - *unsent) : "–"},
               {clock_of(agent)}});
  }
  return table.render(style);
}

}  // namespace nines::cli
