// SPDX-License-Identifier: Apache-2.0
#include "sla/tools/lint.h"

#include <algorithm>

#include "sla/judge/judge.h"
#include "sla/render/report_sentences.h"
#include "sla/text/presets.h"
#include "sla/tools/lint_parts.h"

namespace nines::sla {
namespace {

// The longest that a period of this kind can be, but for an hour.
Duration longest(const PeriodRule& rule) {
  const Duration day = hours(24);
  switch (rule.kind) {
    case PeriodRule::Kind::day:
      return day;
    case PeriodRule::Kind::week:
      return day * 7;
    case PeriodRule::Kind::month:
      return day * 31;
    case PeriodRule::Kind::quarter:
      return day * 92;
    case PeriodRule::Kind::year:
      return day * 366;
    default:
      return day * rule.rolling_days;
  }
}

// The shortest that a period of this kind can be.
Duration shortest(const PeriodRule& rule) {
  const Duration day = hours(24);
  switch (rule.kind) {
    case PeriodRule::Kind::day:
      return hours(23);
    case PeriodRule::Kind::week:
      return day * 7 - hours(1);
    case PeriodRule::Kind::month:
      return day * 28;
    case PeriodRule::Kind::quarter:
      return day * 90 - hours(1);
    case PeriodRule::Kind::year:
      return day * 365;
    default:
      return day * rule.rolling_days;
  }
}

std::vector<const MeasuredCheck*> checks_of(const Agreement& a, const std::string& service) {
  std::vector<const MeasuredCheck*> out;
  const auto composed = a.composition.find(service);
  if (composed == a.composition.end()) return out;
  const auto& names = composed->second;
  for (const MeasuredCheck& each : a.checks) {
    if (std::find(names.begin(), names.end(), each.check.name) != names.end()) out.push_back(&each);
  }
  return out;
}

void look_at_services(const Agreement& a, Findings& out) {
  for (const std::string& service : a.services) {
    const std::string path = "spec/scope/services/" + service;
    if (checks_of(a, service).empty()) {
      out.error(path, "service '" + service + "' is in scope, but no check measures it");
    }
    const bool promised =
        std::any_of(a.objectives.begin(), a.objectives.end(),
                    [&](const Objective& each) { return each.service == service; });
    const config::Node* composition = config::node_at(out.file(), "spec/composition/" + service);
    if (!promised && composition == nullptr) {
      out.warning(path, "service '" + service + "' is in scope, but no objective speaks of it");
    }
  }
}

struct Target {
  std::string scheme, host, port, path;
};

// scheme://host:port/path with the scheme's own port written out.
Target target_of(std::string text) {
  Target out;
  const std::size_t scheme = text.find("://");
  if (scheme != std::string::npos) {
    out.scheme = text.substr(0, scheme);
    text.erase(0, scheme + 3);
  }
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  out.path = end < text.size() ? text.substr(end, text.find_first_of("?#", end) - end) : "";
  if (out.path.empty()) out.path = "/";
  out.host = text.substr(0, end);
  const std::size_t colon = out.host.rfind(':');
  if (colon != std::string::npos && out.host.find(']', colon) == std::string::npos) {
    out.port = out.host.substr(colon + 1);
    out.host.erase(colon);
  }
  std::transform(out.host.begin(), out.host.end(), out.host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (out.port.empty()) out.port = out.scheme == "https" ? "443" : out.scheme == "http" ? "80" : "";
  return out;
}

// Whether the check reaches the endpoint: the same door, and a path at or below it.
bool reaches(const Target& check, const Target& endpoint) {
  return check.scheme == endpoint.scheme && check.host == endpoint.host &&
         check.port == endpoint.port && check.path.starts_with(endpoint.path);
}

// Scope and checks are held against each other in both directions.
void look_at_endpoints(const Agreement& a, Findings& out) {
  for (const ScopedService& service : a.scope.services) {
    if (service.endpoints.empty()) continue;
    const auto checks = checks_of(a, service.name);
    std::vector<Target> endpoints;
    for (const std::string& each : service.endpoints) {
      endpoints.push_back(target_of(each));
      const Target& endpoint = endpoints.back();
      const bool measured = std::any_of(checks.begin(), checks.end(), [&](const auto* check) {
        return reaches(target_of(check->check.target()), endpoint);
      });
      if (measured) continue;
      out.error("spec/scope/services/" + service.name + "/endpoints",
                "endpoint '" + each + "' of service '" + service.name +
                    "' is in scope, but no check of it measures it");
    }
    for (const MeasuredCheck* check : checks) {
      if (check->service != service.name) continue;  // of another service, composed into this one
      const Target target = target_of(check->check.target());
      const bool inside = std::any_of(endpoints.begin(), endpoints.end(),
                                      [&](const Target& each) { return each.host == target.host; });
      if (inside) continue;
      out.error("spec/measurement/checks/" + check->check.name,
                "check '" + check->check.name + "' measures '" + check->check.target() +
                    "', which is outside the scope: none of the endpoints of service '" +
                    service.name + "' is on that host");
    }
  }
}

void look_at_belief(const Agreement& a, Findings& out) {
  for (const MeasuredCheck& each : a.checks) {
    if (each.belief >= each.check.every) continue;
    out.warning("spec/measurement/checks/" + each.check.name,
                "check '" + each.check.name + "': a result is believed for " +
                    format_duration(each.belief) + " but comes only every " +
                    format_duration(each.check.every) + ", so part of all time stays unmeasured");
  }
}

// A report that could never be made should be known when the text is signed.
void look_at_amount(const Agreement& a, Findings& out) {
  Duration length{0};
  for (const Objective& each : a.objectives) length = std::max(length, longest(each.period));
  // Read along: outages at the edges (samples_needed), and a day for clocks that are put right.
  length += 2 * (kEpisodeReach + hours(24));
  Integer results(0);
  for (const MeasuredCheck& each : a.checks) {
    const auto vantages = static_cast<std::int64_t>(std::max<std::size_t>(a.vantages.size(), 1));
    results = results + Integer(length / each.check.every) * Integer(vantages);
  }
  if (results <= Integer(std::int64_t{kMostResults})) return;
  out.error("spec/measurement/checks",
            "these checks make up to " + results.text() +
                " results in one period and the days around it, and one report takes " +
                std::to_string(kMostResults) + ": check less often, or agree service by service");
}

void look_at_canaries(const Agreement& a, Findings& out) {
  const std::string path = "spec/measurement/canaries";
  if (!a.canaries) {
    out.warning(path,
                "no canaries: time in which an agent itself is cut off counts as down; name two "
                "independent targets, or write 'canaries: []' if that is meant");
    return;
  }
  if (a.canaries->size() == 1) {
    out.warning(path, "one canary '" + a.canaries->front() +
                          "': while it alone is down, every failure of the services is taken for "
                          "the agent's own; name two");
  }
  for (const std::string& each : *a.canaries) {
    if (each != "icmp://gateway" || a.canaries->size() == 1) continue;
    out.warning(path,
                "canary 'icmp://gateway': a gateway that answers in front of a dead uplink says "
                "that the uplink is good, and that time then counts as down");
  }
}

// A budget of fewer than two intervals is breached by the first failing sample.
void look_at_resolution(const Agreement& a, const Objective& objective, Findings& out) {
  const auto resolution = resolution_of(a, objective);
  constexpr int kGood = 10;
  constexpr int kLeast = 2;
  if (!resolution || resolution->intervals >= Rational(kGood)) return;
  const Rational seconds = in_seconds(resolution->budget_ns);
  const std::string path = "spec/objectives/" + objective.name + "/target";
  std::string text = "objective '" + objective.name + "': " + objective.target_text + " % leaves " +
                     floor_text(seconds, 1) + " s, which is " +
                     floor_text(resolution->intervals, 1) + " intervals of " +
                     format_duration(resolution->every) +
                     "; measure at least ten times within the budget";
  if (resolution->intervals < Rational(kLeast)) {
    out.error(path, std::move(text));
  } else {
    out.warning(path, std::move(text));
  }
}

void look_at_needs(const Agreement& a, Findings& out) {
  for (const std::string& need : a.needs) {
    const bool served =
        std::any_of(a.objectives.begin(), a.objectives.end(), [&](const Objective& each) {
          return std::find(each.serves.begin(), each.serves.end(), need) != each.serves.end();
        });
    if (!served) out.error("spec/needs/" + need, "no objective serves the need '" + need + "'");
  }
  for (const Objective& each : a.objectives) {
    if (a.needs.empty() || !each.serves.empty()) continue;
    out.error("spec/objectives/" + each.name, "objective '" + each.name + "' serves no need");
  }
}

// Whose definition nobody can tell from the text.
void look_at_files(const Agreement& a, Findings& out) {
  for (const MeasuredCheck& each : a.checks) {
    if (each.comparable) continue;
    out.warning("spec/measurement/checks/" + each.check.name,
                "check '" + each.check.name +
                    "' names a file whose content is no part of this text: results under that "
                    "name count whatever the file held");
  }
}

// A text that began as a published one and says something else is no longer that one.
void look_at_preset(Findings& out) {
  const std::string path = "metadata/annotations";
  const config::Node* annotations = config::node_at(out.file(), path);
  const config::Node* name =
      annotations != nullptr ? annotations->find(kPresetAnnotation) : nullptr;
  if (name == nullptr) return;
  const Preset* preset = find_preset(name->text());
  if (preset == nullptr) {
    out.add({Finding::Severity::error, name->place(), no_such_preset(name->text())});
    return;
  }
  for (const auto& [where, published] : values_of(tree_of(*preset))) {
    if (!where.starts_with("spec/")) continue;
    const config::Node* here = config::node_at(out.file(), where);
    if (here != nullptr && here->text() == published) continue;
    out.warning(where,
                "the text follows the preset '" + std::string(preset->name) + "', which has " +
                    where + ": " + published +
                    (here == nullptr ? "; here it is left out" : "; here it is " + here->text()));
  }
}

}  // namespace

std::optional<Resolution> resolution_of(const Agreement& a, const Objective& objective) {
  if (objective.statistic != Objective::Statistic::availability) return std::nullopt;
  Resolution out;
  for (const MeasuredCheck* each : checks_of(a, objective.service)) {
    out.every = std::max(out.every, each->check.every);
  }
  if (out.every.count() == 0) return std::nullopt;
  out.budget_ns = (Rational(1) - objective.target) * Rational(shortest(objective.period).count());
  out.intervals = out.budget_ns / Rational(out.every.count());
  return out;
}

std::vector<Finding> lint(const Agreement& agreement,
                          const config::Node& file,
                          const LintOptions& options) {
  Findings out(file);
  look_at_services(agreement, out);
  look_at_endpoints(agreement, out);
  look_at_belief(agreement, out);
  look_at_amount(agreement, out);
  look_at_canaries(agreement, out);
  for (const Objective& each : agreement.objectives) look_at_resolution(agreement, each, out);
  look_at_needs(agreement, out);
  look_at_files(agreement, out);
  look_at_preset(out);
  look_at_clauses(agreement, options, out);
  for (const Finding& each : roster_findings(agreement, file)) out.add(each);
  if (options.smart) {
    for (const Measured& each : smart(agreement, file)) {
      if (each.good) continue;
      out.error(
          "spec/objectives/" + each.objective,
          "objective '" + each.objective + "' is not SMART (" + each.letter + "): " + each.text);
    }
  }
  std::vector<Finding> list = out.take();
  std::stable_sort(list.begin(), list.end(),
                   [](const Finding& a, const Finding& b) { return a.place < b.place; });
  return list;
}

}  // namespace nines::sla
