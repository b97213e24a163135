// SPDX-License-Identifier: Apache-2.0
#include "sla/exclusions.h"

#include <algorithm>

namespace nines::sla {
namespace {

using State = ExclusionEvent::State;

// Why an event cannot count, whatever its state; empty where nothing stands against it.
std::string obstacle(const ExclusionEvent& event, const ExclusionKind& kind, bool notice_due) {
  if (notice_due && kind.notice.count() > 0) {
    if (!event.announced) return "nobody announced it, and notice is due";
    const Duration ahead(event.span.from - event.announced->ns);
    if (ahead < kind.notice) {
      return "it was announced " +
             (ahead.count() > 0 ? format_duration(ahead) : std::string("0s")) +
             " before its start, and " + format_duration(kind.notice) + " are agreed";
    }
  }
  if (kind.needs_evidence && event.evidence.empty()) return "it has no evidence";
  const auto& causes = kind.causes;
  if (!event.cause.empty() && !causes.empty() &&
      std::find(causes.begin(), causes.end(), event.cause) == causes.end()) {
    return "its cause '" + event.cause + "' is none of the agreed ones";
  }
  return "";
}

bool approved(const ExclusionEvent& event) {
  return event.state == State::approved && !event.approved_by.empty() && event.approved_at;
}

void warn(std::vector<std::string>& warnings, const ExclusionEvent& event, const std::string& why) {
  const std::string text = "exclusion '" + event.id + "' does not count: " + why;
  if (std::find(warnings.begin(), warnings.end(), text) == warnings.end()) {
    warnings.push_back(text);
  }
}

class Planner {
 public:
  Planner(const ExclusionQuestion& question,
          AllowanceUsed& used,
          std::vector<std::string>& warnings)
      : q_(question), used_(used), warnings_(warnings) {}

  ExcludedTime plan() {
    for (const ExclusionEvent& event : q_.events) take(event);
    ExcludedTime out;
    for (const std::string& name : in_order()) {
      const auto kind = std::find_if(q_.agreed.kinds.begin(), q_.agreed.kinds.end(),
                                     [&](const ExclusionKind& each) { return each.name == name; });
      if (kind != q_.agreed.kinds.end()) {
        put(name, allowed(*kind), taken_, out.counted);
      } else {
        put(name, intersect(IntervalSet(spans_[name]), q_.open), named_, out.attributed);
      }
    }
    out.claims = std::move(claims_);
    return out;
  }

 private:
  bool concerns(const std::string& service) const {
    return service.empty() || service == q_.service;
  }

  void take(const ExclusionEvent& event) {
    if (!concerns(event.service)) return;
    if (intersect(IntervalSet::of(event.span.from, event.span.to), q_.open).empty()) return;
    const auto& known = q_.agreed.not_excluded;
    if (std::find(known.begin(), known.end(), event.kind) != known.end()) {
      if (approved(event)) spans_[event.kind].push_back(event.span);
      return;
    }
    const auto kind =
        std::find_if(q_.agreed.kinds.begin(), q_.agreed.kinds.end(),
                     [&](const ExclusionKind& each) { return each.name == event.kind; });
    if (kind == q_.agreed.kinds.end()) {
      return warn(warnings_, event, "the agreement knows no kind '" + event.kind + "'");
    }
    if (event.state == State::rejected || event.state == State::withdrawn) return;
    const bool emergency = q_.agreed.emergency_is_maintenance && kind->name == "maintenance";
    const std::string why = obstacle(event, *kind, !emergency);
    if (!why.empty()) return warn(warnings_, event, why);
    if (event.state == State::claimed) {
      claims_.push_back({event.id, event.kind, event.span});
      if (q_.accept_claims) spans_[event.kind].push_back(event.span);
    } else if (approved(event)) {
      spans_[event.kind].push_back(event.span);
    } else {
      warn(warnings_, event, "its approval names nobody or no instant");
    }
  }

  // Kinds that the precedence leaves out come last, as the agreement lists them.
  std::vector<std::string> in_order() const {
    std::vector<std::string> all;
    for (const ExclusionKind& each : q_.agreed.kinds) all.push_back(each.name);
    all.insert(all.end(), q_.agreed.not_excluded.begin(), q_.agreed.not_excluded.end());
    std::vector<std::string> out;
    for (const std::string& each : q_.agreed.precedence) {
      if (std::find(all.begin(), all.end(), each) != all.end()) out.push_back(each);
    }
    for (const std::string& each : all) {
      if (std::find(out.begin(), out.end(), each) == out.end()) out.push_back(each);
    }
    return out;
  }

  // S22: in order of time, as far as the allowance goes.
  IntervalSet allowed(const ExclusionKind& kind) {
    std::vector<Interval> all = spans_[kind.name];
    if (!q_.open.empty()) {
      const Interval within{q_.open.intervals().front().from, q_.open.intervals().back().to};
      for (const Window& window : kind.windows) {
        if (!concerns(window.service)) continue;
        const IntervalSet times = instances(window, within);
        all.insert(all.end(), times.intervals().begin(), times.intervals().end());
      }
    }
    const IntervalSet time = intersect(IntervalSet(std::move(all)), q_.open);
    if (!kind.allowance) return time;
    std::int64_t& used = used_[kind.name];
    const IntervalSet out = first_of(time, kind.allowance->count() - used);
    used += out.length();
    return out;
  }

  // S23: what an earlier kind has is not this one's.
  static void put(const std::string& name,
                  const IntervalSet& time,
                  IntervalSet& before,
                  std::vector<KindTime>& out) {
    out.push_back({name, subtract(time, before)});
    before = unite(before, time);
  }

  const ExclusionQuestion& q_;
  AllowanceUsed& used_;
  std::vector<std::string>& warnings_;
  std::map<std::string, std::vector<Interval>> spans_;  // of the events that count
  std::vector<Claim> claims_;
  IntervalSet taken_, named_;
};

}  // namespace

ExcludedTime excluded_time(const ExclusionQuestion& question,
                           AllowanceUsed& used,
                           std::vector<std::string>& warnings) {
  return Planner(question, used, warnings).plan();
}

}  // namespace nines::sla
