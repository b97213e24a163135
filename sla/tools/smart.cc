// SPDX-License-Identifier: Apache-2.0
// Objectives held against SMART, each letter by what can be measured.
#include <algorithm>

#include "sla/judge/report.h"
#include "sla/tools/lint_parts.h"

namespace nines::sla {
namespace {

using Statistic = Objective::Statistic;

class Smart {
 public:
  Smart(const Agreement& agreement, const config::Node& file, const Objective& objective)
      : a_(agreement), file_(file), o_(objective) {}

  std::vector<Measured> all() const {
    return {specific(), measurable(), achievable(), relevant(), time_bound()};
  }

 private:
  Measured result(char letter, bool good, std::string text) const {
    return {o_.name, letter, good, std::move(text)};
  }

  bool says(const std::string& path) const { return config::node_at(file_, path) != nullptr; }

  std::string own(const std::string& key) const { return "spec/objectives/" + o_.name + "/" + key; }

  // One indicator of one service that both sides can point at.
  Measured specific() const {
    if (!says(own("statistic"))) {
      return result('S', false, "it does not say which indicator it is; write 'statistic'");
    }
    const std::string service = "spec/scope/services/" + o_.service;
    if (!says(service + "/description")) {
      return result('S', false, "service '" + o_.service + "' has no 'description' in the scope");
    }
    return result('S', true, std::string(name(o_.statistic)) + " of " + o_.service);
  }

  // The sampling resolves what is promised.
  Measured measurable() const {
    const auto resolution = resolution_of(a_, o_);
    if (!resolution) return result('M', true, "measured by every result");
    constexpr int kGood = 10;
    const std::string intervals = "the budget is " + floor_text(resolution->intervals, 1) +
                                  " intervals of " + format_duration(resolution->every);
    if (resolution->intervals >= Rational(kGood)) return result('M', true, intervals);
    return result('M', false, intervals + "; measure at least ten times within it");
  }

  // Suppliers or recorded history make it credible.
  Measured achievable() const {
    const auto product = supplier_product(a_);
    const bool share = o_.statistic == Statistic::availability;
    if (share && product && *product < o_.target) {
      return result(
          'A', false,
          "the suppliers together promise only " + floor_text(*product * Rational(100), 3) + " %");
    }
    const Capability& capability = a_.safeguards.capability;
    if (!capability.history && !(share && product)) {
      return result('A', false,
                    "nothing shows that it can be kept: name 'capability.feasibility.history' (and "
                    "run nines sla feasibility), or suppliers with a 'promise'");
    }
    std::string text;
    if (capability.history) text = "history of " + text_of(*capability.history);
    if (share && product) {
      text += (text.empty() ? "" : ", ") + std::string("suppliers ") +
              floor_text(*product * Rational(100), 3) + " %";
    }
    return result('A', true, text);
  }

  Measured relevant() const {
    if (o_.serves.empty()) return result('R', false, "it serves no need; write 'serves'");
    std::string text;
    for (const Need& each : a_.need_list) {
      if (std::find(o_.serves.begin(), o_.serves.end(), each.id) == o_.serves.end()) continue;
      text += (text.empty() ? "" : "; ") + each.id + ", " + each.need;
    }
    return result('R', true, text);
  }

  // A period, a zone and the dates between which it is owed.
  Measured time_bound() const {
    if (!says(own("period"))) return result('T', false, "it has no 'period'");
    if (!says("spec/effective/timeZone") && !says(own("period/timeZone"))) {
      return result('T', false, "no 'timeZone' says where its periods begin");
    }
    if (!a_.effective_to) return result('T', false, "the agreement has no end ('effective.to')");
    return result('T', true,
                  o_.zone.name() + ", " + local_text(a_.zone, a_.effective_from) + " to " +
                      local_text(a_.zone, *a_.effective_to));
  }

  const Agreement& a_;
  const config::Node& file_;
  const Objective& o_;
};

}  // namespace

std::vector<Measured> smart(const Agreement& agreement, const config::Node& file) {
  std::vector<Measured> out;
  for (const Objective& each : agreement.objectives) {
    for (Measured& line : Smart(agreement, file, each).all()) out.push_back(std::move(line));
  }
  return out;
}

}  // namespace nines::sla
