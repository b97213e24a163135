// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/service_timelines.h"

#include <algorithm>
#include <set>

#include "base/assert.h"
#include "sla/judge/check_timelines.h"
#include "sla/judge/uplinks.h"
#include "sla/rules/quorum.h"
#include "sla/time/zone.h"

namespace nines::sla {
namespace {

// A part of a service. `in_service`: absent: always.
struct ServicePiece {
  Timelines timelines;
  std::optional<IntervalSet> in_service;
};

const MeasuredCheck& check_named(const Agreement& agreement, const std::string& name) {
  const auto found =
      std::find_if(agreement.checks.begin(), agreement.checks.end(),
                   [&](const MeasuredCheck& each) { return each.check.name == name; });
  ASSERT(found != agreement.checks.end());
  return *found;
}

// Evaluates the tree of one service; what several branches share is looked at once.
class Composer {
 public:
  Composer(const Evidence& evidence, const TakenAsUp& taken_as_up, ServiceTimelines& out)
      : evidence_(evidence), taken_as_up_(taken_as_up), out_(out) {}

  // All checks, in the order of the agreement; then the tree over them.
  ServicePiece run(const std::string& service) {
    for (const std::string& name : evidence_.agreement.composition.at(service)) {
      const MeasuredCheck& measured = check_named(evidence_.agreement, name);
      CheckTimelines check = timelines_of_check(evidence_, measured);
      out_.resolution = std::max(out_.resolution, measured.check.every);
      ServicePiece& piece = checks_[name];
      piece.timelines = std::move(check.composed);
      const auto* in_service = evidence_.memberships.of(MembershipEvent::Of::check, name);
      if (in_service != nullptr) piece.in_service = *in_service;
      for (auto& samples : check.samples) {
        if (in_service != nullptr) {
          samples =
              without(samples, [&](const Sample& s) { return !in_service->contains(s.at_ns); });
        }
        out_.samples.push_back(std::move(samples));
        out_.checks.push_back(name);
      }
      any_down_.push_back(std::move(check.any_down));
      const auto& blips = piece.timelines.blips;
      out_.blips.insert(out_.blips.end(), blips.begin(), blips.end());
    }
    std::vector<CountedPart> parts;
    std::size_t at = 0;
    for (const std::string& name : evidence_.agreement.composition.at(service)) {
      parts.push_back({&any_down_[at++], service_of(checks_.at(name))});
    }
    if (!parts.empty()) out_.any_down = combine(parts, 0, kSerial);
    return of_service(service);
  }

 private:
  static const IntervalSet* service_of(const ServicePiece& piece) {
    return piece.in_service ? &*piece.in_service : nullptr;
  }

  Composition serial_of(const std::string& service) const {
    Composition out;
    for (const std::string& check : evidence_.agreement.composition.at(service)) {
      out.of.push_back({Composition::Kind::check, check, kSerial, {}});
    }
    return out;
  }

  const ServicePiece& of_service(const std::string& service) {
    const auto known = services_.find(service);
    if (known != services_.end()) return known->second;
    const auto& trees = evidence_.agreement.composition_trees;
    const auto tree = trees.find(service);
    ServicePiece piece = of_group(tree != trees.end() ? tree->second : serial_of(service));
    const auto taken = taken_as_up_.find(service);
    if (taken != taken_as_up_.end()) take_as_up(piece.timelines, taken->second);
    return services_.emplace(service, std::move(piece)).first->second;
  }

  const ServicePiece& of_leaf(const Composition& leaf) {
    return leaf.kind == Composition::Kind::check ? checks_.at(leaf.name) : of_service(leaf.name);
  }

  ServicePiece of_group(const Composition& group) {
    std::vector<ServicePiece> inner;  // of nested groups; their places must not move
    inner.reserve(group.of.size());
    std::vector<const ServicePiece*> pieces;
    for (const Composition& each : group.of) {
      if (each.kind == Composition::Kind::group) {
        inner.push_back(of_group(each));
        pieces.push_back(&inner.back());
      } else {
        pieces.push_back(&of_leaf(each));
      }
    }
    return composed(pieces, group.rule);
  }

  static ServicePiece composed(const std::vector<const ServicePiece*>& pieces,
                               const CountRule& rule) {
    ServicePiece out;
    for (const auto part : kTimelineParts) {
      std::vector<CountedPart> counted;
      for (const ServicePiece* each : pieces) {
        counted.push_back({&(each->timelines.*part), service_of(*each)});
      }
      out.timelines.*part = combine(counted, 0, rule);
    }
    std::vector<CauseTimeline> causes;
    for (const ServicePiece* each : pieces) {
      causes.push_back(causes_in_service(each->timelines.causes, service_of(*each)));
    }
    std::vector<const CauseTimeline*> pointers;
    for (const CauseTimeline& each : causes) pointers.push_back(&each);
    out.timelines.causes = blame(out.timelines.nominal, pointers);
    const bool always = std::any_of(pieces.begin(), pieces.end(),
                                    [](const ServicePiece* each) { return !each->in_service; });
    if (always) return out;
    out.in_service.emplace();
    for (const ServicePiece* each : pieces)
      out.in_service = unite(*out.in_service, *each->in_service);
    return out;
  }

  static void take_as_up(Timelines& timelines, const IntervalSet& when) {
    for (const auto part : kTimelineParts) {
      Timeline& timeline = timelines.*part;
      timeline = timeline_of(subtract(timeline.where(Outcome::down), when),
                             unite(timeline.where(Outcome::up), when));
    }
    timelines.causes = blame(timelines.nominal, {&timelines.causes});
  }

  const Evidence& evidence_;
  const TakenAsUp& taken_as_up_;
  ServiceTimelines& out_;
  std::map<std::string, ServicePiece> checks_, services_;
  std::vector<Timeline> any_down_;
};

}  // namespace

SampleStore::SampleStore(std::vector<Series> series, std::optional<WallTime> as_of) {
  const std::int64_t first = Zone().instant({kFirstYear, 1, 1}).ns;
  const std::int64_t last = Zone().instant({kLastYear, 12, 30}).ns;
  std::map<std::string, std::map<std::string, Group>> grouped;
  const auto outside = [&](const Sample& s) { return s.at_ns < first || s.at_ns > last; };
  const auto too_late = [&](const Sample& s) {
    return std::max(s.at_ns, s.received_ns) > as_of->ns;
  };
  for (Series& each : series) {
    const auto& came = each.samples.reach();
    if (came.from_ns < first || came.to_ns > last) {
      each.samples = without(each.samples, [&](const Sample& s) {
        out_of_range_ += outside(s) ? 1 : 0;
        return outside(s);
      });
    }
    if (as_of &&
        std::max(each.samples.reach().to_ns, each.samples.reach().received_ns) > as_of->ns) {
      each.samples = without(each.samples, too_late);
    }
    if (each.samples.empty()) continue;
    const auto& reach = each.samples.reach();
    span_ = {std::min(span_.from, reach.from_ns), std::max(span_.to, reach.to_ns)};
    last_received_ = std::max(last_received_, reach.received_ns);
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

namespace {

void gather_parts(const Agreement& agreement, const Composition& tree, std::set<std::string>& out) {
  for (const Composition& each : tree.of) {
    if (each.kind == Composition::Kind::group) gather_parts(agreement, each, out);
    if (each.kind != Composition::Kind::service || !out.insert(each.name).second) continue;
    const auto below = agreement.composition_trees.find(each.name);
    if (below != agreement.composition_trees.end()) gather_parts(agreement, below->second, out);
  }
}

Timeline mixed(const Timeline& seen, const Timeline& otherwise, const IntervalSet& kept) {
  const auto of = [&](Outcome state) {
    return unite(intersect(seen.where(state), kept), subtract(otherwise.where(state), kept));
  };
  return timeline_of(of(Outcome::down), of(Outcome::up));
}

}  // namespace

std::set<std::string> parts_of_service(const Agreement& agreement, const std::string& service) {
  std::set<std::string> out;
  const auto tree = agreement.composition_trees.find(service);
  if (tree != agreement.composition_trees.end()) gather_parts(agreement, tree->second, out);
  return out;
}

ServiceTimelines mixed(const ServiceTimelines& seen,
                       ServiceTimelines otherwise,
                       const IntervalSet& kept) {
  const CauseTimeline causes = std::move(otherwise.causes);
  otherwise.nominal = mixed(seen.nominal, otherwise.nominal, kept);
  otherwise.least = mixed(seen.least, otherwise.least, kept);
  otherwise.most = mixed(seen.most, otherwise.most, kept);
  otherwise.walled = mixed(seen.walled, otherwise.walled, kept);
  otherwise.fresh = mixed(seen.fresh, otherwise.fresh, kept);
  otherwise.causes = blame(otherwise.nominal, {&causes, &seen.causes});
  return otherwise;
}

ServiceTimelines timelines_of_service(const Evidence& evidence,
                                      const std::string& service,
                                      const TakenAsUp& taken_as_up) {
  ServiceTimelines out;
  ServicePiece whole = Composer(evidence, taken_as_up, out).run(service);
  out.causes = std::move(whole.timelines.causes);
  out.nominal = std::move(whole.timelines.nominal);
  out.least = std::move(whole.timelines.least);
  out.most = std::move(whole.timelines.most);
  out.walled = std::move(whole.timelines.walled);
  out.fresh = std::move(whole.timelines.fresh);
  return out;
}

}  // namespace nines::sla
