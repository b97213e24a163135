// SPDX-License-Identifier: Apache-2.0
// The way out; the way in is sla/tools/openslo_import.cc.
#include "sla/tools/openslo.h"

#include "config/node_path.h"
#include "config/yaml_writer.h"
#include "sla/judge/report.h"
#include "sla/text/canonical.h"

namespace nines::sla {
namespace {

using config::Node;
using config::quoted_yaml;
using Statistic = Objective::Statistic;

std::string annotation(const std::string& key, const Node& value) {
  return "    " + quoted_yaml("nines/" + key) + ": " + quoted_yaml(canonical_json(value)) + "\n";
}

// Ours of the agreement as a whole: on the first document.
std::string agreement_annotations(const Node& file) {
  std::string out;
  if (const Node* metadata = file.find("metadata")) out += annotation("metadata", *metadata);
  const Node* spec = file.find("spec");
  if (spec == nullptr) return out;
  for (const auto& [key, value] : spec->entries()) {
    if (key.text() != "objectives") out += annotation("spec." + key.text(), value);
  }
  return out;
}

std::string service_document(const ScopedService& service, const std::string& annotations) {
  std::string out =
      "apiVersion: openslo/v1\nkind: Service\nmetadata:\n  name: " + service.name + "\n";
  if (!annotations.empty()) out += "  annotations:\n" + annotations;
  const std::string description = service.description.in("en");
  out += "spec:\n  description: " + quoted_yaml(description.empty() ? service.name : description) +
         "\n";
  return out;
}

std::string window(const Objective& o, const Agreement& a) {
  if (o.period.kind == PeriodRule::Kind::rolling) {
    return "    - duration: " + std::to_string(o.period.rolling_days) +
           "d\n      isRolling: true\n";
  }
  const char* duration = "1M";
  switch (o.period.kind) {
    case PeriodRule::Kind::day:
      duration = "1d";
      break;
    case PeriodRule::Kind::week:
      duration = "1w";
      break;
    case PeriodRule::Kind::quarter:
      duration = "1Q";
      break;
    case PeriodRule::Kind::year:
      duration = "1Y";
      break;
    default:
      break;
  }
  // Periods begin at local midnight; any one of them tells where.
  const Interval first = period_at(o.period, o.zone, a.effective_from + Duration(1));
  return std::string("    - duration: ") + duration +
         "\n      isRolling: false\n      calendar:\n        startTime: " +
         quoted_yaml(local_text(o.zone, {first.from})) +
         "\n        timeZone: " + quoted_yaml(o.zone.name()) + "\n";
}

// Where the numbers come from: nines itself, asked for this objective.
std::string metric(const Objective& o, const char* what) {
  return std::string("          metricSource:\n            type: nines\n            spec:\n") +
         "              objective: " + quoted_yaml(o.name) + "\n              count: " + what +
         "\n";
}

std::string ratio_indicator(const Objective& o) {
  return "  indicator:\n    metadata:\n      name: " + o.name + "-indicator\n    spec:\n" +
         "      ratioMetric:\n        counter: true\n        good:\n" + metric(o, "good") +
         "        total:\n" + metric(o, "total");
}

std::string threshold_indicator(const Objective& o) {
  return "  indicator:\n    metadata:\n      name: " + o.name + "-indicator\n    spec:\n" +
         "      thresholdMetric:\n" +
         "        metricSource:\n          type: nines\n          spec:\n            objective: " +
         quoted_yaml(o.name) + "\n            count: response_seconds\n";
}

std::string budgeting(const Objective& o, std::vector<std::string>& notes) {
  switch (o.method) {
    case Objective::Method::occurrences:
      return "Occurrences";
    case Objective::Method::timeslices:
      return "Timeslices";
    case Objective::Method::ratio_timeslices:
      return "RatioTimeslices";
    default:
      notes.push_back("objective '" + o.name +
                      "': OpenSLO cannot count by time; written as Timeslices of one minute");
      return "Timeslices";
  }
}

// Empty where OpenSLO has no word for the statistic.
std::string slo_document(const Objective& o,
                         const Agreement& a,
                         const Node& file,
                         std::vector<std::string>& notes) {
  const bool share =
      o.statistic == Statistic::availability || o.statistic == Statistic::success_ratio;
  if (!share && o.statistic != Statistic::share_below) return "";
  std::string out = "apiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: " + o.name + "\n";
  if (const Node* own = config::node_at(file, "spec/objectives/" + o.name)) {
    out += "  annotations:\n" + annotation("objective", *own);
  }
  out += "spec:\n  service: " + o.service + "\n";
  out += share ? ratio_indicator(o) : threshold_indicator(o);
  out += "  timeWindow:\n" + window(o, a);
  const bool by_results = o.statistic != Statistic::availability;
  const std::string method = by_results ? "Occurrences" : budgeting(o, notes);
  out += "  budgetingMethod: " + method + "\n  objectives:\n";
  out += "    - displayName: " + o.name + "\n      target: " + decimal_text(o.target) + "\n";
  if (!share) {
    const Rational seconds(Integer(o.threshold.count()), Integer(kSecondNs));
    out += "      op: lt\n      value: " + decimal_text(seconds) + "\n";
  }
  if (method == "Timeslices") {
    out += "      timeSliceTarget: " + decimal_text(o.slices.target) + "\n";
  }
  if (method != "Occurrences") {
    out += "      timeSliceWindow: " + format_duration(o.slices.window) + "\n";
  }
  return out;
}

}  // namespace

Carried export_openslo(const Agreement& agreement, const Node& file) {
  Carried out;
  std::string documents;
  std::string annotations = agreement_annotations(file);
  for (const Objective& each : agreement.objectives) {
    const std::string document = slo_document(each, agreement, file, out.notes);
    if (!document.empty()) {
      documents += "---\n" + document;
      continue;
    }
    out.notes.push_back("objective '" + each.name + "': OpenSLO has no " +
                        std::string(name(each.statistic)) + "; it travels as an annotation only");
    if (const Node* own = config::node_at(file, "spec/objectives/" + each.name)) {
      annotations += annotation("objective." + each.name, *own);
    }
  }
  // The order of objectives is part of the text, so of its digest.
  std::string order;
  for (const Objective& each : agreement.objectives) {
    order += (order.empty() ? "" : ",") + each.name;
  }
  annotations += "    \"nines/objectives\": " + quoted_yaml(order) + "\n";
  for (const ScopedService& each : agreement.scope.services) {
    out.text += (out.text.empty() ? "" : "---\n") + service_document(each, annotations);
    annotations.clear();
  }
  out.text += documents;
  std::string sections;
  if (const Node* spec = file.find("spec")) {
    for (const auto& [key, value] : spec->entries()) {
      if (key.text() == "scope" || key.text() == "objectives") continue;
      sections += (sections.empty() ? "" : ", ") + key.text();
    }
  }
  out.notes.push_back("as annotations only, which other tools will not read: " + sections);
  return out;
}

}  // namespace nines::sla
