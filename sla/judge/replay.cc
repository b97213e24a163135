// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/replay.h"

#include <algorithm>
#include <set>

#include "sla/judge/judge.h"

namespace nines::sla {
namespace {

std::string label_of(const LocalDate& date) {
  return std::to_string(date.year) + (date.month < 10 ? "-0" : "-") + std::to_string(date.month);
}

Agreement always_in_force(Agreement agreement) {
  agreement.effective_from = Zone().instant({kFirstYear, 1, 1});
  agreement.effective_to.reset();
  agreement.supersedes_version.reset();
  agreement.supersedes_digest.reset();
  return agreement;
}

std::vector<Series> within(const std::vector<Series>& all, const Interval& needed) {
  std::vector<Series> out;
  for (const Series& each : all) {
    Series part{each.check, each.vantage, each.check_digest,
                without(each.samples, [&](const Sample& sample) {
                  return sample.at_ns < needed.from || sample.at_ns >= needed.to;
                })};
    if (!part.samples.empty()) out.push_back(std::move(part));
  }
  return out;
}

}  // namespace

Expected<std::vector<Month>> replay(const Agreement& agreement, const std::vector<Series>& series) {
  std::set<std::int64_t> days;  // so that zones are asked once a day and not once a result
  constexpr std::int64_t kDayNs = 86'400'000'000'000;
  for (const Series& each : series) {
    for (const Sample& sample : each.samples) days.insert(sample.at_ns / kDayNs);
  }
  std::set<std::string> labels;
  for (const std::int64_t day : days) {
    labels.insert(label_of(agreement.zone.date_at({day * kDayNs})));
    labels.insert(label_of(agreement.zone.date_at({(day + 1) * kDayNs - 1})));
  }
  if (labels.size() > kMaxReplayMonths) {
    return fail("the results reach over more than " + std::to_string(kMaxReplayMonths) + " months");
  }
  const std::vector<Agreement> text{always_in_force(agreement)};
  std::vector<Month> out;
  for (const std::string& label : labels) {
    const Question question{label, std::nullopt};
    TRY(needed, samples_needed(text, question));
    TRY(report, judge(text, within(series, needed), question));
    const bool measured = std::any_of(
        report.objectives.begin(), report.objectives.end(),
        [](const ObjectiveReport& each) { return each.seconds.up + each.seconds.down > 0; });
    if (measured) out.push_back({label, std::move(report)});
  }
  return out;
}

Expected<Agreement> with_target(Agreement agreement,
                                const std::string& target_text,
                                const std::string& objective) {
  const auto target = parse_decimal(target_text);
  if (!target || *target > Rational(100) || *target == Rational(0)) {
    return fail("'" + target_text + "' is no target (write 99.95, a percentage above 0)");
  }
  bool found = false;
  for (Objective& each : agreement.objectives) {
    if (each.statistic != Objective::Statistic::availability) continue;
    if (!objective.empty() && each.name != objective) continue;
    each.target = (*target / Rational(100)).reduced();
    each.target_text = target_text;
    found = true;
  }
  if (!found) {
    return fail(objective.empty() ? "the agreement has no availability objective"
                                  : "no availability objective is named '" + objective + "'");
  }
  return agreement;
}

const ObjectiveReport* objective_in(const Report& report, const std::string& name) {
  for (const ObjectiveReport& each : report.objectives) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

}  // namespace nines::sla
