// SPDX-License-Identifier: Apache-2.0
#include "sla/service_timelines.h"

#include <algorithm>
#include <set>

#include "base/assert.h"
#include "sla/quorum.h"
#include "sla/uplinks.h"
#include "sla/zone.h"

namespace nines::sla {
namespace {

using Part = Timeline Timelines::*;
constexpr Part kParts[] = {&Timelines::nominal, &Timelines::least, &Timelines::most,
                           &Timelines::walled, &Timelines::fresh};

Timelines compose(const std::vector<Timelines>& parts, std::size_t k, std::size_t n) {
  Timelines out;
  for (const Part part : kParts) {
    std::vector<const Timeline*> inputs;
    for (const Timelines& each : parts) inputs.push_back(&(each.*part));
    out.*part = threshold(inputs, k, n);
  }
  return out;
}

bool counts(const Agreement& agreement, const std::string& vantage) {
  const auto& list = agreement.vantages;
  return list.empty() || std::find(list.begin(), list.end(), vantage) != list.end();
}

// A result of a check with another target or expectation says nothing about this agreement.
std::vector<Sample> merged(const SampleStore::Group& group,
                           const Check& check,
                           std::size_t& differing) {
  const Digest digest = digest_of(check);
  std::vector<Sample> out;
  for (const Series& series : group.series) {
    const bool same = !series.check_digest || *series.check_digest == digest;
    for (Sample sample : series.samples) {
      if (!same) {
        sample.outcome = Outcome::unknown;
        sample.cause = Cause::check_differs;
        sample.total_us.reset();
        ++differing;
      }
      out.push_back(sample);
    }
  }
  return out;
}

// Adds a warning once, however many objectives ask for the same service.
void warn(std::vector<std::string>& warnings, std::string text) {
  if (std::find(warnings.begin(), warnings.end(), text) == warnings.end()) {
    warnings.push_back(std::move(text));
  }
}

struct CheckTimelines {
  Timelines composed;
  std::vector<Timelines> each;
};

// By vantage name, those without a result among them where the agreement lists them.
CauseTimeline causes_of_check(const Agreement& agreement,
                              const std::map<std::string, const CauseTimeline*>& by_vantage,
                              const Timeline& composed) {
  static const CauseTimeline kSilent;
  std::map<std::string, const CauseTimeline*> all = by_vantage;
  for (const std::string& each : agreement.vantages) all.emplace(each, &kSilent);
  std::vector<const CauseTimeline*> parts;
  for (const auto& [vantage, causes] : all) parts.push_back(causes);
  return blame(composed, parts);
}

CheckTimelines timelines_of_check(const Agreement& agreement,
                                  const MeasuredCheck& measured,
                                  const SampleStore& store,
                                  Uplinks& uplinks,
                                  ServiceTimelines& service,
                                  std::vector<std::string>& warnings) {
  const std::string& name = measured.check.name;
  CheckTimelines out;
  std::size_t differing = 0;
  std::vector<std::string> vantages;  // of out.each
  for (const SampleStore::Group& group : store.of_check(name)) {
    if (!counts(agreement, group.vantage)) {
      warn(warnings, "check '" + name + "': results of vantage '" + group.vantage +
                         "' are left out, the agreement does not list it");
      continue;
    }
    std::vector<Sample> samples = merged(group, measured.check, differing);
    if (!measured.local) excuse(samples, uplinks.losses_of(group.vantage, warnings));
    vantages.push_back(group.vantage);
    out.each.push_back(timelines_of(samples, measured.belief, measured.check.every));
    service.samples.push_back(std::move(samples));
    service.checks.push_back(name);
  }
  if (out.each.empty()) warn(warnings, "check '" + name + "': no results");
  if (differing > 0) {
    warn(warnings, "check '" + name + "': " + std::to_string(differing) +
                       " results are of a check with another definition and count as unknown");
  }
  const std::size_t listed = agreement.vantages.size();
  const std::size_t of = agreement.quorum.of.value_or(listed > 0 ? listed : out.each.size());
  if (out.each.size() > of) {
    warn(warnings, "check '" + name + "': quorum.of is " + std::to_string(of) + ", but " +
                       std::to_string(out.each.size()) + " vantages have results; all count");
  }
  const std::size_t known = std::max<std::size_t>({of, out.each.size(), 1});
  const std::size_t k = agreement.quorum.k.value_or(known / 2 + 1);
  out.composed = compose(out.each, k, std::max(known, k));
  std::map<std::string, const CauseTimeline*> causes;
  for (std::size_t i = 0; i < out.each.size(); ++i) causes[vantages[i]] = &out.each[i].causes;
  out.composed.causes = causes_of_check(agreement, causes, out.composed.nominal);
  return out;
}

}  // namespace

SampleStore::SampleStore(std::vector<Series> series, std::optional<WallTime> as_of) {
  const std::int64_t first = Zone().instant({kFirstYear, 1, 1}).ns;
  const std::int64_t last = Zone().instant({kLastYear, 12, 30}).ns;
  std::map<std::string, std::map<std::string, Group>> grouped;
  for (Series& each : series) {
    std::erase_if(each.samples, [&](const Sample& s) {
      const bool outside = s.at_ns < first || s.at_ns > last;
      out_of_range_ += outside ? 1 : 0;
      return outside || (as_of && s.at_ns > as_of->ns);
    });
    if (each.samples.empty()) continue;
    for (Sample& s : each.samples) {
      if (s.total_us && (*s.total_us < 0 || *s.total_us > kMaxTotalUs)) s.total_us.reset();
    }
    Group& group = grouped[each.check][each.vantage];
    group.vantage = each.vantage;
    group.series.push_back(std::move(each));
  }
  for (auto& [check, groups] : grouped) {
    for (auto& [vantage, group] : groups) by_check_[check].push_back(std::move(group));
  }
}

const std::vector<SampleStore::Group>& SampleStore::of_check(const std::string& check) const {
  static const std::vector<Group> kNone;
  const auto found = by_check_.find(check);
  return found == by_check_.end() ? kNone : found->second;
}

ServiceTimelines timelines_of_service(const Agreement& agreement,
                                      const std::string& service,
                                      const SampleStore& store,
                                      Uplinks& uplinks,
                                      std::vector<std::string>& warnings) {
  const auto composition = agreement.composition.find(service);
  ASSERT(composition != agreement.composition.end());
  ServiceTimelines out;
  std::vector<Timelines> checks;
  std::vector<Timelines> all;
  for (const std::string& name : composition->second) {
    const auto measured =
        std::find_if(agreement.checks.begin(), agreement.checks.end(),
                     [&](const MeasuredCheck& each) { return each.check.name == name; });
    ASSERT(measured != agreement.checks.end());
    out.resolution = std::max(out.resolution, measured->check.every);
    CheckTimelines check = timelines_of_check(agreement, *measured, store, uplinks, out, warnings);
    checks.push_back(std::move(check.composed));
    for (Timelines& each : check.each) all.push_back(std::move(each));
  }
  Timelines composed = compose(checks, 1, checks.size());
  std::vector<const CauseTimeline*> causes;
  for (const Timelines& check : checks) causes.push_back(&check.causes);
  out.causes = blame(composed.nominal, causes);
  out.nominal = std::move(composed.nominal);
  out.least = std::move(composed.least);
  out.most = std::move(composed.most);
  out.walled = std::move(composed.walled);
  out.fresh = std::move(composed.fresh);
  std::vector<const Timeline*> each;
  for (const Timelines& one : all) each.push_back(&one.nominal);
  if (!each.empty()) out.any_down = threshold(each, 1, each.size());
  return out;
}

}  // namespace nines::sla
