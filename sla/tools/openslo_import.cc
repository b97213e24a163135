// SPDX-License-Identifier: Apache-2.0
// OpenSLO v1 documents become an agreement: ours come back whole, foreign ones as a draft.
#include <algorithm>
#include <map>

#include "config/check_decoder.h"
#include "config/node_path.h"
#include "config/yaml_writer.h"
#include "sla/text/canonical.h"
#include "sla/tools/openslo.h"

namespace nines::sla {
namespace {

using config::Complaints;
using config::Node;
using config::quoted_yaml;

constexpr std::size_t kMaxDocuments = 10'000;

// Each document is read with as many empty lines before it as it has above it, so that places are
// those of the file.
Expected<std::vector<Node>> documents_of(std::string_view text, const std::string& name) {
  std::vector<Node> out;
  Complaints complaints;
  std::string document;
  std::size_t line = 0;
  std::size_t filled = 0;
  const auto finish = [&] {
    if (filled > 0) {
      auto node = config::parse_yaml(document, name, complaints);
      if (node) out.push_back(*std::move(node));
    }
    document.assign(line, '\n');
    filled = 0;
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view each = text.substr(at, end - at);
    at = end + 1;
    ++line;
    if (each.starts_with("---")) {
      finish();
      if (out.size() > kMaxDocuments) return fail(name + ": more than 10000 documents");
      continue;
    }
    document += std::string(each) + "\n";
    const auto first = each.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && each[first] != '#') ++filled;
  }
  finish();
  if (complaints.empty()) return out;
  std::string message = complaints.text();
  while (message.ends_with('\n')) message.pop_back();
  return fail(std::move(message));
}

std::string text_at(const Node& node, std::string_view path) {
  const Node* found = config::node_at(node, path);
  return found != nullptr ? found->text() : "";
}

// "0.999" as "99.9".
std::string percent_of(const std::string& share) {
  const auto value = parse_decimal(share);
  return value && *value <= Rational(1) ? decimal_text(*value * Rational(100)) : "";
}

class Importer {
 public:
  explicit Importer(const std::vector<Node>& documents) : documents_(documents) {}

  Expected<Carried> run() {
    for (const Node& each : documents_) {
      const std::string version = text_at(each, "apiVersion");
      if (version != "openslo/v1") {
        return fail(config::text_of(each.place()) + ": apiVersion is " + config::shown(version) +
                    ", not openslo/v1");
      }
    }
    if (!ours()) return draft();
    return whole();
  }

 private:
  static const Node* annotations(const Node& document) {
    return config::node_at(document, "metadata/annotations");
  }

  // An export of ours: every section stands in an annotation.
  const Node* ours() const {
    for (const Node& each : documents_) {
      const Node* found = annotations(each);
      if (found != nullptr && found->find("nines/metadata") != nullptr) return found;
    }
    return nullptr;
  }

  Expected<Carried> whole() {
    const Node& agreement = *ours();
    std::map<std::string, std::string> objectives;
    for (const Node& each : documents_) {
      const Node* notes = annotations(each);
      if (notes == nullptr) continue;
      if (const Node* own = notes->find("nines/objective")) {
        objectives[text_at(each, "metadata/name")] = own->text();
      }
    }
    std::string text = "apiVersion: nines/v1\nkind: Agreement\n";
    text += "metadata: " + agreement.find("nines/metadata")->text() + "\nspec:\n";
    constexpr std::string_view kSection = "nines/spec.";
    constexpr std::string_view kObjective = "nines/objective.";
    for (const auto& [key, value] : agreement.entries()) {
      if (key.text().starts_with(kSection)) {
        text += "  " + key.text().substr(kSection.size()) + ": " + value.text() + "\n";
      } else if (key.text().starts_with(kObjective)) {
        objectives[key.text().substr(kObjective.size())] = value.text();
      }
    }
    text += "  objectives: [";
    std::string order = text_at(agreement, "nines/objectives") + ",";
    bool first = true;
    for (std::size_t at = 0; at < order.size();) {
      const std::size_t end = order.find(',', at);
      const auto found = objectives.find(order.substr(at, end - at));
      at = end + 1;
      if (found == objectives.end()) continue;
      text += (first ? "" : ", ") + found->second;
      first = false;
    }
    text += "]\n";
    Complaints complaints;
    const auto tree = config::parse_yaml(text, "the annotations", complaints);
    if (!tree || !complaints.empty()) {
      return fail("the nines/ annotations do not parse: " + complaints.text());
    }
    return Carried{config::yaml_text(*tree), {}};
  }

  Expected<Carried> draft() {
    std::string services;
    std::string objectives;
    std::vector<std::string> known;
    for (const Node& each : documents_) {
      const std::string kind = text_at(each, "kind");
      if (kind == "Service") {
        add_service(text_at(each, "metadata/name"), text_at(each, "spec/description"), services,
                    known);
      } else if (kind == "SLO") {
        const std::string service = text_at(each, "spec/service");
        if (std::find(known.begin(), known.end(), service) == known.end()) {
          add_service(service, "", services, known);
        }
        objectives += objective(each);
      } else {
        note(each, kind + " '" + text_at(each, "metadata/name") + "' has no place in an agreement");
      }
    }
    if (objectives.empty()) return fail("no SLO document that could be carried");
    Carried out;
    out.text = "apiVersion: nines/v1\nkind: Agreement\nmetadata:\n  name: " + known.front() +
               "\n  version: \"0.1.0\"\nspec:\n  scope:\n    services:\n" + services +
               "  objectives:\n" + objectives;
    notes_.push_back("to be written: spec.effective (from when, in which time zone)");
    notes_.push_back("to be written: spec.measurement.checks (OpenSLO counts, it does not probe)");
    out.notes = std::move(notes_);
    return out;
  }

  void add_service(const std::string& name,
                   const std::string& description,
                   std::string& out,
                   std::vector<std::string>& known) {
    if (!config::check_name(name)) return;
    known.push_back(name);
    out += "      - {name: " + name;
    if (!description.empty()) out += ", description: " + quoted_yaml(description);
    out += "}\n";
  }

  void note(const Node& at, const std::string& text) {
    notes_.push_back(config::text_of(at.place()) + ": " + text);
  }

  std::string period(const Node& slo) {
    const std::string window = "spec/timeWindow/1/";
    const std::string duration = text_at(slo, window + "duration");
    const bool rolling = text_at(slo, window + "isRolling") == "true";
    const std::string zone = text_at(slo, window + "calendar/timeZone");
    const std::map<std::string, std::string> calendar{
        {"1d", "day"}, {"1w", "week"}, {"1M", "month"}, {"1Q", "quarter"}, {"1Y", "year"}};
    const auto found = calendar.find(duration);
    if (!rolling && found != calendar.end()) {
      return "{calendar: " + found->second +
             (zone.empty() ? "" : ", timeZone: " + quoted_yaml(zone)) + "}";
    }
    const auto length = parse_duration(duration);
    if (rolling && length && *length % hours(24) == Duration(0) && length->count() > 0) {
      return "{rolling: " + std::to_string(*length / hours(24)) + "d}";
    }
    note(slo, "time window " + config::shown(duration) +
                  " is neither a calendar period nor rolling days; a calendar month is written");
    return "{calendar: month}";
  }

  std::string objective(const Node& slo) {
    const std::string name = text_at(slo, "metadata/name");
    const std::string service = text_at(slo, "spec/service");
    const Node* list = config::node_at(slo, "spec/objectives");
    if (list == nullptr || list->items().empty() || !config::check_name(name) ||
        !config::check_name(service)) {
      note(slo, "SLO " + config::shown(name) + " has no name, service or objective that fits");
      return "";
    }
    if (list->items().size() > 1) note(slo, "of several objectives of one SLO the first is taken");
    const Node& first = list->items().front();
    const std::string percent = text_at(first, "targetPercent");
    const std::string target = percent.empty() ? percent_of(text_at(first, "target")) : percent;
    if (target.empty()) {
      note(first, "target " + config::shown(text_at(first, "target")) + " is no share");
      return "";
    }
    std::string out = "    - {name: " + name + ", service: " + service;
    const std::string value = text_at(first, "value");
    const auto threshold = parse_decimal(value);
    if (!value.empty() && threshold) {
      const Integer milliseconds = (*threshold * Rational(1000)).floor();
      out += ", statistic: share-below, threshold: " + milliseconds.text() + "ms";
      note(first, "'value' " + value + " is taken to be seconds of response time");
    } else {
      out += ", statistic: availability, method: " + method(slo, first);
    }
    out += ", target: \"" + target + "\", period: " + period(slo) + "}\n";
    if (config::node_at(slo, "spec/alertPolicies") != nullptr) {
      note(slo, "alert policies have one window; write 'alerting' with two");
    }
    if (config::node_at(slo, "spec/indicator") != nullptr ||
        config::node_at(slo, "spec/indicatorRef") != nullptr) {
      note(slo, "the indicator's query is not carried: checks measure here");
    }
    return out;
  }

  static std::string method(const Node& slo, const Node& objective) {
    const std::string budgeting = text_at(slo, "spec/budgetingMethod");
    std::string slices;
    if (const std::string window = text_at(objective, "timeSliceWindow"); !window.empty()) {
      slices += ", timeSliceWindow: " + window;
    }
    const std::string target = percent_of(text_at(objective, "timeSliceTarget"));
    if (!target.empty() && budgeting == "Timeslices") {
      slices += ", timeSliceTarget: \"" + target + "\"";
    }
    if (budgeting == "Timeslices") return "timeslices" + slices;
    if (budgeting == "RatioTimeslices") return "ratio-timeslices" + slices;
    return "occurrences";
  }

  const std::vector<Node>& documents_;
  std::vector<std::string> notes_;
};

}  // namespace

Expected<Carried> import_openslo(std::string_view text, const std::string& file_name) {
  TRY(documents, documents_of(text, file_name));
  if (documents.empty()) return fail(file_name + ": no document");
  return Importer(documents).run();
}

}  // namespace nines::sla
