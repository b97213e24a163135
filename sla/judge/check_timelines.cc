// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/check_timelines.h"

#include <algorithm>
#include <set>

#include "sla/rules/attempts.h"
#include "sla/rules/quorum.h"
#include "sla/rules/suspicion.h"

namespace nines::sla {
namespace {

const Timeline kSilent;
const CauseTimeline kSilentCauses;

bool counts(const Agreement& agreement, const std::string& vantage) {
  const auto& list = agreement.vantages;
  return list.empty() || std::find(list.begin(), list.end(), vantage) != list.end();
}

struct LeftOut {
  std::size_t differing = 0;
  std::size_t late = 0;
};

// S3: slow is down only where that is agreed.
void judge_latency(Sample& sample, const std::optional<Duration>& limit) {
  if (!limit || sample.outcome != Outcome::up || !sample.total_us) return;
  if (microseconds(*sample.total_us) > *limit) sample.outcome = Outcome::down;
}

// A result of a check with another target or expectation says nothing about this agreement.
bool differs(const Series& series, const MeasuredCheck& measured) {
  return measured.comparable && series.check_digest &&
         *series.check_digest != digest_of(measured.check);
}

std::vector<Sample> merged(const Evidence& evidence,
                           const SampleStore::Group& group,
                           const MeasuredCheck& measured,
                           LeftOut& left_out) {
  std::vector<Sample> out;
  for (const Series& series : group.series) {
    const bool other = differs(series, measured);
    out.reserve(out.size() + series.samples.size());
    for (Sample sample : series.samples) {
      if (evidence.received_by && sample.received_ns > *evidence.received_by) {
        ++left_out.late;
        continue;
      }
      if (other) {
        sample.outcome = Outcome::unknown;
        sample.cause = Cause::check_differs;
        sample.total_us.reset();
        ++left_out.differing;
      }
      judge_latency(sample, evidence.agreement.latency_as_down);
      out.push_back(sample);
    }
  }
  return out;
}

std::vector<Sample> excused(const Evidence& evidence,
                            const SampleStore::Group& group,
                            const MeasuredCheck& measured,
                            LeftOut& left_out) {
  std::vector<Sample> samples = merged(evidence, group, measured, left_out);
  if (!measured.local) {
    excuse(samples, evidence.uplinks.losses_of(group.vantage, evidence.warnings));
  }
  return samples;
}

// The results of a group where nothing about them is to be changed, which is nearly always: then
// they need not be unpacked. Null: something may be.
const PackedSamples* as_they_came(const Evidence& evidence,
                                  const SampleStore::Group& group,
                                  const MeasuredCheck& measured) {
  const Series& series = group.series.front();
  const bool late =
      evidence.received_by && series.samples.reach().received_ns > *evidence.received_by;
  if (group.series.size() > 1 || late || evidence.agreement.latency_as_down ||
      differs(series, measured)) {
    return nullptr;
  }
  const bool excusable =
      !measured.local && !evidence.uplinks.losses_of(group.vantage, evidence.warnings).empty();
  return excusable ? nullptr : &series.samples;
}

// The vantages of one check, by name: those that the agreement lists, or those with results.
struct Vantage {
  const IntervalSet* in_service = nullptr;
  std::optional<Timelines> timelines;  // absent: silent

  const Timeline& timeline(Timeline Timelines::*part) const {
    return timelines ? (*timelines).*part : kSilent;
  }
};

using Vantages = std::map<std::string, Vantage>;

struct CheckRule {
  CountRule count;
  std::size_t silent = 0;  // vantages that nobody named
};

CheckRule rule_of(const Agreement& agreement, const Vantages& vantages) {
  const Quorum& quorum = agreement.quorum;
  if (quorum.majority_of_known) {
    return {{CountRule::Kind::majority_of_known, quorum.min_known}, 0};
  }
  const std::size_t k = quorum.k.value_or(1);
  const std::size_t n = std::max({quorum.of.value_or(0), vantages.size(), k});
  return {{CountRule::Kind::at_least, quorum.k}, n - vantages.size()};
}

Timelines compose(const Agreement& agreement, const Vantages& vantages) {
  const CheckRule rule = rule_of(agreement, vantages);
  Timelines out;
  for (const auto part : kTimelineParts) {
    std::vector<CountedPart> counted;
    for (const auto& [name, each] : vantages) {
      counted.push_back({&each.timeline(part), each.in_service});
    }
    out.*part = combine(counted, rule.silent, rule.count);
  }
  std::vector<CauseTimeline> causes;
  for (const auto& [name, each] : vantages) {
    causes.push_back(causes_in_service(each.timelines ? each.timelines->causes : kSilentCauses,
                                       each.in_service));
  }
  std::vector<const CauseTimeline*> pointers;
  for (const CauseTimeline& each : causes) pointers.push_back(&each);
  out.causes = blame(out.nominal, pointers);
  return out;
}

void apply_attempts(const OutageRule& rule,
                    const std::vector<PackedSamples>& samples,
                    Timelines& timelines) {
  const Timeline sliced = by_attempts(samples, rule, timelines.nominal);
  const CauseTimeline causes = std::move(timelines.causes);
  for (const auto part : kTimelineParts) timelines.*part = sliced;
  timelines.causes = blame(sliced, {&causes});
}

void say_what_is_left_out(const Evidence& evidence,
                          const std::string& check,
                          const LeftOut& left_out) {
  static constexpr Phrase kDiffering{
      "check '{0}': {1} results are of a check with another definition and count as unknown",
      "检查 “{0}”：{1} 个结果来自定义不同的检查，按未知处理"};
  static constexpr Phrase kLate{"check '{0}': {1} results arrived too late and are not counted",
                                "检查 “{0}”：{1} 个结果到达过晚，不计入"};
  if (left_out.differing > 0) {
    warn_once(evidence.warnings, {kDiffering, {check, std::to_string(left_out.differing)}, {}});
  }
  if (left_out.late > 0) {
    warn_once(evidence.warnings, {kLate, {check, std::to_string(left_out.late)}, {}});
  }
}

}  // namespace

CheckTimelines timelines_of_check(const Evidence& evidence, const MeasuredCheck& measured) {
  const Agreement& agreement = evidence.agreement;
  const std::string& name = measured.check.name;
  CheckTimelines out;
  LeftOut left_out;
  Vantages vantages;
  for (const std::string& each : agreement.vantages) {
    vantages[each].in_service = evidence.memberships.of(MembershipEvent::Of::vantage, each);
  }
  for (const SampleStore::Group& group : evidence.store.of_check(name)) {
    if (!counts(agreement, group.vantage)) {
      static constexpr Phrase kStranger{
          "check '{0}': results of vantage '{1}' are left out, the agreement does not list it",
          "检查 “{0}”：测量点 “{1}” 未列于协议，其结果不计"};
      warn_once(evidence.warnings, {kStranger, {name, group.vantage}, {}});
      continue;
    }
    Vantage& vantage = vantages[group.vantage];
    vantage.in_service = evidence.memberships.of(MembershipEvent::Of::vantage, group.vantage);
    const auto suspect = evidence.suspects.find(group.vantage);
    const bool distrusted = suspect != evidence.suspects.end() && !measured.local;
    const PackedSamples* came = as_they_came(evidence, group, measured);
    if (came != nullptr && vantage.in_service == nullptr && !distrusted) {
      vantage.timelines =
          timelines_in_order(*came, measured.belief, measured.check.every, agreement.confirm);
    }
    if (vantage.timelines) {
      out.samples.push_back(*came);
      continue;
    }
    std::vector<Sample> samples = excused(evidence, group, measured, left_out);
    if (vantage.in_service != nullptr) {
      std::erase_if(samples,
                    [&](const Sample& s) { return !vantage.in_service->contains(s.at_ns); });
    }
    const auto before = [](const Sample& a, const Sample& b) { return a.at_ns < b.at_ns; };
    if (!std::is_sorted(samples.begin(), samples.end(), before)) {
      std::sort(samples.begin(), samples.end(), before);
    }
    if (distrusted) distrust(samples, measured.belief, suspect->second);
    vantage.timelines =
        timelines_of(samples, measured.belief, measured.check.every, agreement.confirm);
    out.samples.emplace_back(samples);
  }
  static constexpr Phrase kNoResults{"check '{0}': no results", "检查 “{0}”：没有结果"};
  if (out.samples.empty()) warn_once(evidence.warnings, {kNoResults, {name}, {}});
  say_what_is_left_out(evidence, name, left_out);
  const auto& of = agreement.quorum.of;
  if (of && vantages.size() > *of) {
    static constexpr Phrase kMore{
        "check '{0}': quorum.of is {1}, but {2} vantages have results; all count",
        "检查 “{0}”：quorum.of 为 {1}，但有 {2} 个测量点给出结果；全部计入"};
    warn_once(evidence.warnings,
              {kMore, {name, std::to_string(*of), std::to_string(vantages.size())}, {}});
  }
  out.composed = compose(agreement, vantages);
  std::vector<CountedPart> each_one;
  for (const auto& [vantage, each] : vantages) {
    each_one.push_back({&each.timeline(&Timelines::nominal), each.in_service});
    if (!each.timelines) continue;
    const auto& blips = each.timelines->blips;
    out.composed.blips.insert(out.composed.blips.end(), blips.begin(), blips.end());
  }
  if (!each_one.empty()) out.any_down = combine(each_one, 0, kSerial);
  if (agreement.outage_rule && agreement.outage_rule->slice.count() > 0 &&
      agreement.outage_rule->kind != OutageRule::Kind::down_longer_than) {
    apply_attempts(*agreement.outage_rule, out.samples, out.composed);
  }
  return out;
}

std::map<std::string, IntervalSet> suspects_of(const Evidence& evidence) {
  std::vector<const MeasuredCheck*> checks;  // one for each target
  std::set<std::string> targets, vantages;
  for (const MeasuredCheck& measured : evidence.agreement.checks) {
    const auto& groups = evidence.store.of_check(measured.check.name);
    if (measured.local || groups.empty()) continue;
    if (!targets.insert(measured.check.target()).second) continue;
    checks.push_back(&measured);
    for (const SampleStore::Group& group : groups) {
      if (counts(evidence.agreement, group.vantage)) vantages.insert(group.vantage);
    }
  }
  if (targets.size() < kLeastTargets || vantages.size() < 2) return {};
  Views views;
  LeftOut unused;
  for (const MeasuredCheck* measured : checks) {
    auto& seen = views.emplace_back();
    for (const SampleStore::Group& group : evidence.store.of_check(measured->check.name)) {
      if (!counts(evidence.agreement, group.vantage)) continue;
      const Duration every = measured->check.every;
      const PackedSamples* came = as_they_came(evidence, group, *measured);
      auto timelines =
          came == nullptr ? std::nullopt : timelines_in_order(*came, measured->belief, every);
      if (!timelines) {
        std::vector<Sample> samples = excused(evidence, group, *measured, unused);
        timelines = timelines_of(samples, measured->belief, every);
      }
      seen[group.vantage] = std::move(timelines->nominal);
    }
  }
  return suspect_windows(views);
}

}  // namespace nines::sla
