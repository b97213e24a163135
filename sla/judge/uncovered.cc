// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/uncovered.h"

#include <algorithm>

namespace nines::sla {
namespace {

bool rests_on(const Agreement& agreement, const ObjectiveReport& ours, const Supplier& supplier) {
  const auto checks = agreement.composition.find(ours.service);
  if (checks == agreement.composition.end()) return false;
  return std::any_of(checks->second.begin(), checks->second.end(), [&](const std::string& each) {
    return std::find(supplier.checks.begin(), supplier.checks.end(), each) != supplier.checks.end();
  });
}

bool by_the_second(const ObjectiveReport& o) { return unit_of(o) == Unit::time_share; }

}  // namespace

void lay_over(const Agreement& agreement,
              const Supplier& terms,
              const Report& report,
              SupplierReport& supplier) {
  if (supplier.objectives.empty()) return;
  const ObjectiveReport& theirs = supplier.objectives.front();
  for (const ObjectiveReport& ours : report.objectives) {
    if (!rests_on(agreement, ours, terms)) continue;
    Backing backing{ours.name, theirs.name, ours.verdict, theirs.verdict, {}, {}};
    if (by_the_second(ours) && by_the_second(theirs) && ours.period == theirs.period) {
      const IntervalSet caused = intersect(ours.down, theirs.seen_down);
      backing.caused_ns = caused.length();
      backing.covered_ns = intersect(caused, theirs.down).length();
    }
    supplier.backs.push_back(std::move(backing));
  }
}

std::optional<Uncovered> uncovered_of(const Report& report) {
  if (!report.credits) return std::nullopt;
  Uncovered out{report.credits->currency, report.credits->minor_digits, report.credits->amount, {}};
  bool any = false;
  for (const SupplierReport& each : report.suppliers) {
    if (!each.credits || each.credits->currency != out.currency) continue;
    out.claimable = out.claimable + each.credits->amount;
    any = true;
  }
  if (!any) return std::nullopt;
  return out;
}

}  // namespace nines::sla
