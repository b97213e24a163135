// SPDX-License-Identifier: Apache-2.0
#include "cli/alerts_view.h"

#include <algorithm>
#include <vector>

#include "cli/table.h"

namespace nines::cli {
namespace {

constexpr std::size_t kMostUndelivered = 10;

// "silenced" and "frozen" say more than the state beside.
std::string state_of(const Json& alert) {
  const auto state = text_in(alert, "state");
  if (state == "resolved") return state;
  if (flag_in(alert, "silenced")) return "silenced";
  return flag_in(alert, "frozen") ? state + ", frozen" : state;
}

std::string note_of(const Json& alert, WallTime now) {
  std::string out;
  const auto& ack = field(alert, "acknowledged");
  if (ack.is_object()) {
    out += "acknowledged by " + printable(text_in(ack, "by")) + " " + age_in(ack, "at", now) +
           " ago · ";
  } else if (text_in(alert, "state") == "firing") {
    out += instant_in(alert, "notified") ? "told " + age_in(alert, "notified", now) + " ago · "
                                         : "nobody told yet · ";
  }
  return out + printable(text_in(alert, "key"));
}

std::vector<Json> sorted(const Json& answer, bool all) {
  std::vector<Json> out;
  for (const auto& alert : field(answer, "alerts")) {
    if (alert.is_object() && (all || text_in(alert, "state") != "resolved")) out.push_back(alert);
  }
  std::stable_sort(out.begin(), out.end(), [](const Json& a, const Json& b) {
    const bool over_a = text_in(a, "state") == "resolved";
    const bool over_b = text_in(b, "state") == "resolved";
    if (over_a != over_b) return over_b;
    const auto at_a = instant_in(a, over_a ? "resolved" : "began").value_or(WallTime{});
    const auto at_b = instant_in(b, over_b ? "resolved" : "began").value_or(WallTime{});
    return over_a ? at_b < at_a : at_a < at_b;
  });
  return out;
}

std::string undelivered(const Json& answer, WallTime now, const Style& style) {
  Table table({{"CHANNEL", false, 8},
               {"SAYS", false, 8},
               {"MADE", true},
               {"TRIES", true},
               {"STATE"},
               {"WHY", false, 12}});
  std::size_t shown = 0;
  for (const auto& each : field(answer, "deliveries")) {
    if (!each.is_object() || text_in(each, "state") == "delivered") continue;
    if (++shown > kMostUndelivered) break;
    const auto given_up = text_in(each, "state") == "given_up";
    table.add({{printable(text_in(each, "channel")), Paint::strong},
               {printable(text_in(each, "reason"))},
               {age_in(each, "made", now) + " ago"},
               {std::to_string(number_in(each, "attempts").value_or(0))},
               {given_up ? "given up" : "waiting", given_up ? Paint::bad : Paint::doubtful},
               {printable(text_in(each, "detail")), Paint::faint}});
  }
  return shown == 0 ? "" : "\nNot delivered:\n" + table.render(style);
}

}  // namespace

std::string alerts_view(const Json& answer, bool all, WallTime now, const Style& style) {
  const bool configured = flag_in(answer, "configured");
  const auto alerts = sorted(answer, all);
  std::string out;
  if (!configured) {
    out = "The collector has no 'alerts:': nothing is looked for and nobody is told.\n";
  } else if (alerts.empty()) {
    out = "No alert.\n";
  }
  Table table(
      {{""}, {"ID", true}, {"STATE"}, {"FOR", true}, {"SEVERITY", false, 6}, {"WHAT", false, 20}});
  for (const auto& alert : alerts) {
    const auto state = text_in(alert, "state");
    const bool over = state == "resolved";
    const bool seen = field(alert, "acknowledged").is_object();
    const auto paint = over                         ? Paint::good
                       : state == "firing" && !seen ? Paint::bad
                                                    : Paint::doubtful;
    table.add({{std::string(mark_of(over                ? "up"
                                    : state == "firing" ? "down"
                                                        : "unknown")),
                paint},
               {std::to_string(number_in(alert, "id").value_or(0))},
               {state_of(alert), paint},
               {over ? age_in(alert, "resolved", now) + " ago" : age_in(alert, "began", now)},
               {printable(text_in(alert, "severity"))},
               {printable(text_in(alert, "text"))}});
    table.note(note_of(alert, now));
  }
  if (!alerts.empty()) out += table.render(style);
  return out + undelivered(answer, now, style);
}

}  // namespace nines::cli
