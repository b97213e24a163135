// SPDX-License-Identifier: Apache-2.0
#include "cli/status_view.h"

#include <algorithm>

#include "cli/exit.h"
#include "cli/result_rows.h"
#include "cli/table.h"

namespace nines::cli {
namespace {

int rank(const std::string& outcome) {
  if (outcome == "down") return 0;
  if (outcome == "unknown") return 1;
  return outcome == "up" ? 3 : 2;  // pending between
}

std::string outcome_of(const Json& check) {
  const auto outcome = shown_outcome(check);
  return outcome.empty() ? "pending" : outcome;
}

std::string label(const Style& style, std::string_view name) {
  return painted(style, Paint::faint, padded(name, 10));
}

std::string clock_line(const Json& clock) {
  const auto error = microseconds_in(clock, "error_us");
  const auto steps = number_in(clock, "steps").value_or(0);
  std::string out = flag_in(clock, "synchronised") ? "synchronised" : "not synchronised";
  if (flag_in(clock, "synchronised") && error) {
    out += ", within " + human_duration(*error);
  }
  if (steps > 0) out += ", " + plural(steps, "step") + " since start";
  return out;
}

std::string spool_line(const Json& spool, WallTime now) {
  const auto used = static_cast<std::uint64_t>(number_in(spool, "used_bytes").value_or(0));
  const auto size = static_cast<std::uint64_t>(number_in(spool, "size_bytes").value_or(0));
  const auto unsent = number_in(spool, "unsent_results").value_or(0);
  std::string out = text_in(spool, "state");
  out += (out.empty() ? "" : ", ") + bytes_text(used) + " of " + bytes_text(size);
  if (unsent == 0) return out + ", nothing unsent";
  out += ", " + plural(unsent, "result") + " unsent";
  if (const auto oldest = instant_in(spool, "oldest_unsent")) {
    out += ", oldest " + age_text(now - *oldest);
  }
  return out;
}

std::string collector_line(const Json& collector, WallTime now) {
  const auto state = text_in(collector, "state");
  std::string out = state;
  if (state != "ok" && instant_in(collector, "since")) {
    out += " for " + age_in(collector, "since", now);
  }
  if (const auto receipt = instant_in(collector, "last_receipt")) {
    out += ", receipt " + age_text(now - *receipt) + " ago";
  }
  if (const auto behind = number_in(collector, "behind"); behind.value_or(0) > 0) {
    out += ", " + plural(*behind, "batch") + " behind";
  }
  if (const auto next = instant_in(collector, "next_try"); next && *next > now) {
    out += ", retry in " + age_text(*next - now);
  }
  return out;
}

std::string agent_header(const Json& status, WallTime now, const Style& style) {
  const auto& agent = field(status, "agent");
  if (!agent.is_object()) return {};
  const auto line = [&](std::string_view name, const std::string& text) {
    return label(style, name) + fitted(text, style.width - 10) + "\n";
  };
  std::string first = "up " + age_in(agent, "started", now);
  if (const auto version = text_in(agent, "version"); !version.empty()) {
    first += ", nines " + version;
  }
  if (const auto digest = text_in(agent, "config_digest"); !digest.empty()) {
    first += ", configuration " + digest.substr(0, 12);
  }
  const auto name = fitted(text_in(agent, "name"), style.width / 2);
  std::string out = painted(style, Paint::strong, name) + "  " +
                    fitted(first, style.width - display_width(name) - 2) + "\n";
  // What needs a person is never cut.
  const auto loud = [&](Paint paint, const std::string& text, std::size_t first_indent) {
    const auto lines = wrapped(std::string(first_indent, ' ') + text, style.width,
                               first_indent == 0 ? 2 : first_indent);
    return painted(style, paint, lines.substr(0, lines.size() - 1)) + "\n";
  };
  const auto& reload = field(agent, "reload");
  if (reload.is_object() && !flag_in(reload, "ok")) {
    out += loud(
        Paint::bad,
        "reload refused " + age_in(reload, "at", now) + " ago: " + text_in(reload, "message"), 0);
  }
  out += line("clock", clock_line(field(status, "clock")));
  out += line("spool", spool_line(field(status, "spool"), now));
  for (const auto& collector : field(status, "collectors")) {
    out += line("collector", text_in(collector, "url"));
    const auto text = fitted(collector_line(collector, now), style.width - 10);
    const bool good = text_in(collector, "state") == "ok";
    out += std::string(10, ' ') + painted(style, good ? Paint::plain : Paint::bad, text) + "\n";
    const auto message = text_in(collector, "message");
    if (!message.empty()) out += loud(Paint::bad, message, 10);
  }
  for (const auto& warning : field(status, "warnings")) {
    if (!warning.is_string()) continue;
    out += loud(Paint::doubtful, "! " + warning.get<std::string>(), 0);
  }
  return out + "\n";
}

std::string next_step(const Json& status) {
  std::string out;
  if (checks_of(status).empty()) {
    out +=
        "No checks yet. Put a list of checks into /etc/nines/agent.d/, for example\n"
        "  checks: [{name: gateway, icmp: {host: 192.0.2.1}}]\n"
        "and reload: systemctl reload nines-agent\n";
  }
  const auto& collectors = field(status, "collectors");
  if (collectors.is_array() && collectors.empty()) {
    out += "To ship results to a collector, add 'collectors:' to /etc/nines/agent.yaml.\n";
  }
  return out;
}

std::string summary(const Json& checks, const Style& style) {
  const char* const kOutcomes[] = {"up", "down", "unknown", "pending"};
  std::string out;
  for (const auto* outcome : kOutcomes) {
    const auto n = std::count_if(checks.begin(), checks.end(),
                                 [&](const Json& c) { return outcome_of(c) == outcome; });
    if (n == 0) continue;
    out += (out.empty() ? "" : "  ") +
           painted(style, paint_of(outcome), std::to_string(n) + " " + outcome);
  }
  return out + "\n";
}

std::string next_text(const Json& check, WallTime now) {
  const auto next = instant_in(check, "next");
  if (!next) return "–";
  return *next - now >= seconds(1) ? age_text(*next - now) : "now";
}

std::string every_text(const Json& check) {
  if (const auto ns = number_in(check, "every_ns")) return format_duration(Duration(*ns));
  const auto s = number_in(check, "every_s");
  return s && *s >= 0 && *s < INT64_MAX / kSecondNs ? format_duration(seconds(*s)) : "–";
}

// "connect_refused: 192.0.2.1:5432 refused the connection"; nothing for an "ok" without a detail.
std::string reason_text(const Json& object) {
  const auto reason = text_in(object, "reason");
  const auto detail = text_in(object, "detail");
  if (reason.empty() || reason == "ok") return detail;
  return detail.empty() ? reason : reason + ": " + detail;
}

// What was measured, where that is not what is shown: "down, connect_timeout: no answer in 5s".
std::string measured_text(const Json& object) {
  if (shown_cause(object).empty()) return {};
  const auto outcome = text_in(object, "outcome");
  const auto reason = reason_text(object);
  return outcome.empty() || reason.empty() ? outcome + reason : outcome + ", " + reason;
}

// "uplink: no canary answered …", or the reason of the result.
std::string shown_reason(const Json& object) {
  const auto cause = shown_cause(object);
  if (cause.empty()) return reason_text(object);
  return cause == "uplink" ? "uplink: no canary answered, so it says nothing of the target" : cause;
}

std::string period_text(const Json& outage, WallTime now) {
  const auto from = instant_in(outage, "from");
  const auto to = instant_in(outage, "to");
  if (!from) return "–";
  return clock_text(*from) + " for " + age_text((to ? *to : now) - *from) + (to ? "" : " so far");
}

std::string headline(const Json& check, WallTime now, const Style& style) {
  const auto outcome = outcome_of(check);
  std::string out = painted(style, paint_of(outcome), mark_of(outcome)) + " " +
                    painted(style, Paint::strong, printable(text_in(check, "name"))) + " is " +
                    painted(style, paint_of(outcome), printable(outcome));
  if (const auto since = shown_since(check)) {
    out += " for " + age_text(now - *since) + ", since " + clock_text(*since);
  }
  return out + "\n";
}

}  // namespace

const Json& checks_of(const Json& status) {
  static const Json kNone = Json::array();
  if (status.is_array()) return status;
  const auto& checks = field(status, "checks");
  return checks.is_array() ? checks : kNone;
}

int worst_code(const Json& status) {
  int code = kOk;
  for (const auto& check : checks_of(status)) {
    const int one = code_of_outcome(outcome_of(check));
    if (one == kDown) return kDown;
    code = std::max(code, one);
  }
  return code;
}

std::string status_view(const Json& status, WallTime now, const Style& style) {
  std::string out = agent_header(status, now, style);
  const auto& checks = checks_of(status);
  if (checks.empty()) return out + next_step(status);
  std::vector<const Json*> sorted;
  for (const auto& check : checks) sorted.push_back(&check);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Json* a, const Json* b) {
    return rank(outcome_of(*a)) < rank(outcome_of(*b));
  });
  Table table({{""},
               {"CHECK", false, 12},
               {"STATE"},
               {"FOR", true},
               {"LATENCY", true},
               {"NEXT", true},
               {"REASON", false, 10}});
  const auto reason_of = [](const Json& check) {
    const auto cause = shown_cause(check);
    const auto reason = cause.empty() ? text_in(check, "reason") : cause;
    return reason == "ok" ? std::string() : reason;
  };
  for (const Json* check : sorted) {
    const auto outcome = outcome_of(*check);
    const auto paint = paint_of(outcome);
    const auto since = shown_since(*check);
    table.add({{std::string(mark_of(outcome)), paint},
               {text_in(*check, "name"), Paint::strong},
               {outcome, paint},
               {since ? age_text(now - *since) : "–"},
               {latency_text(field(*check, "last"))},
               {next_text(*check, now), Paint::faint},
               {reason_of(*check)}});
    const auto measured = measured_text(*check);
    if (!measured.empty()) {
      table.note("measured " + measured);
    } else if (outcome != "up") {
      table.note(text_in(*check, "detail"));
    }
  }
  out += table.render(style) + "\n" + summary(checks, style);
  const auto hint = next_step(status);
  return out + (hint.empty() ? "" : "\n" + hint);
}

std::string check_view(const Json& check, WallTime now, const Style& style) {
  std::string out = headline(check, now, style);
  const auto line = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) out += "  " + label(style, name) + fitted(text, style.width - 12) + "\n";
  };
  line("target", text_in(check, "target"));
  const auto next = next_text(check, now);
  line("every", every_text(check) + (next == "now" ? ", next " : ", next in ") + next);
  std::string labels;
  for (const auto& [key, value] : field(check, "labels").items()) {
    if (value.is_string())
      labels += (labels.empty() ? "" : " ") + key + "=" + value.get<std::string>();
  }
  line("labels", labels);
  line("reason", shown_reason(check));
  line("measured", measured_text(check));
  const auto& last = field(check, "last");
  if (last.is_object()) {
    out += "\n" + painted(style, Paint::faint, "Last result") + "\n";
    out += result_rows({&last}, style) + phases_line(last, style);
  }
  const auto& outages = field(check, "outages");
  if (outages.is_array() && !outages.empty()) {
    Table table({{"OUTAGES"}, {"REASON", false, 20}});
    for (const auto& outage : outages) {
      const auto cause = shown_cause(outage);
      const auto reason = cause.empty() ? reason_text(outage) : cause + ", " + reason_text(outage);
      table.add({{period_text(outage, now)}, {reason}});
    }
    out += "\n" + table.render(style);
  }
  return out;
}

std::string why_view(const Json& check, WallTime now, const Style& style) {
  std::string out = headline(check, now, style);
  const auto& outages = field(check, "outages");
  if (!outages.is_array() || outages.empty()) {
    return out + "No outage is on record here.\n";
  }
  const auto& outage = outages.front();
  const auto line = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) out += "  " + label(style, name) + fitted(text, style.width - 12) + "\n";
  };
  out += "\n" + painted(style, Paint::strong, "Last outage") + "\n";
  const auto to = instant_in(outage, "to");
  line("from", period_text(outage, now));
  line("to", to ? clock_text(*to) : std::string("it goes on"));
  if (!shown_cause(outage).empty()) line("shown as", "unknown, " + shown_reason(outage));
  line("reason", text_in(outage, "reason"));
  line("detail", text_in(outage, "detail"));
  std::vector<const Json*> evidence;
  for (const auto& result : field(outage, "evidence")) evidence.push_back(&result);
  if (!evidence.empty()) {
    out += "\n" + painted(style, Paint::strong, "Evidence") + "\n";
    out += result_rows(evidence, style);
  }
  const auto& rechecks = field(outage, "rechecks");
  if (rechecks.is_array() && !rechecks.empty()) {
    out += "\n" + painted(style, Paint::strong, "Run again at once") + "\n";
    for (const auto& text : rechecks) {
      if (text.is_string()) {
        out += "  " + fitted(printable(text.get<std::string>()), style.width - 2) + "\n";
      }
    }
  }
  return out;
}

}  // namespace nines::cli
