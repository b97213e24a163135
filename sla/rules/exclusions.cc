// SPDX-License-Identifier: Apache-2.0
#include "sla/rules/exclusions.h"

#include <algorithm>

namespace nines::sla {
namespace {

using ExclusionState = ExclusionEvent::State;

constexpr Phrase kUnannounced{
    "exclusion '{0}' does not count: nobody announced it, and notice is due",
    "除外 “{0}” 不计：应提前通知而无人通知"};
constexpr Phrase kShortNotice{
    "exclusion '{0}' does not count: it was announced {1} before its start, and {2} are agreed",
    "除外 “{0}” 不计：开始前 {1} 才通知，约定为 {2}"};
constexpr Phrase kNoEvidence{"exclusion '{0}' does not count: it has no evidence",
                             "除外 “{0}” 不计：没有证据"};
constexpr Phrase kOtherCause{
    "exclusion '{0}' does not count: its cause '{1}' is none of the agreed ones",
    "除外 “{0}” 不计：原因 “{1}” 不在约定之列"};
constexpr Phrase kUnknownKind{"exclusion '{0}' does not count: the agreement knows no kind '{1}'",
                              "除外 “{0}” 不计：协议中没有类别 “{1}”"};
constexpr Phrase kNobodyApproved{
    "exclusion '{0}' does not count: its approval names nobody or no instant",
    "除外 “{0}” 不计：批准未写明何人或何时"};

// Why an event cannot count, whatever its state; nothing where nothing stands against it.
std::optional<Warning> obstacle(const ExclusionEvent& event,
                                const ExclusionKind& kind,
                                bool notice_due) {
  if (notice_due && kind.notice.count() > 0) {
    if (!event.announced) return Warning{kUnannounced, {event.id}, {}};
    const Duration ahead(event.span.from - event.announced->ns);
    if (ahead < kind.notice) {
      const std::string said = ahead.count() > 0 ? format_duration(ahead) : "0s";
      return Warning{kShortNotice, {event.id, said, format_duration(kind.notice)}, {}};
    }
  }
  if (kind.needs_evidence && event.evidence.empty()) return Warning{kNoEvidence, {event.id}, {}};
  const auto& causes = kind.causes;
  if (!event.cause.empty() && !causes.empty() &&
      std::find(causes.begin(), causes.end(), event.cause) == causes.end()) {
    return Warning{kOtherCause, {event.id, event.cause}, {}};
  }
  return std::nullopt;
}

bool approved(const ExclusionEvent& event) {
  return event.state == ExclusionState::approved && !event.approved_by.empty() && event.approved_at;
}

class Planner {
 public:
  Planner(const ExclusionQuestion& question, AllowanceUsed& used, std::vector<Warning>& warnings)
      : q_(question), used_(used), warnings_(warnings) {}

  ExcludedTime plan() {
    for (const ExclusionEvent& event : q_.events) take(event);
    ExcludedTime out;
    for (const std::string& name : in_order()) {
      const auto kind = std::find_if(q_.agreed.kinds.begin(), q_.agreed.kinds.end(),
                                     [&](const ExclusionKind& each) { return each.name == name; });
      if (kind != q_.agreed.kinds.end()) {
        add_windows(*kind);
        const IntervalSet time = allowed(*kind);
        put(name, intersect(IntervalSet(spans_[name]), time), taken_, out.counted);
        put_parts(name, true, time, out.of_parts);
      } else {
        put(name, intersect(IntervalSet(spans_[name]), q_.open), named_, out.attributed);
        put_parts(name, false, q_.open, out.of_parts);
      }
    }
    out.claims = std::move(claims_);
    return out;
  }

 private:
  bool concerns(const std::string& service) const {
    return service.empty() || service == q_.service || q_.parts.contains(service);
  }

  // Files a span under its kind: of the service itself, or of a part.
  void file(const std::string& kind, const std::string& service, const Interval& span) {
    const bool whole = service.empty() || service == q_.service;
    (whole ? spans_[kind] : part_spans_[kind][service]).push_back(span);
  }

  void take(const ExclusionEvent& event) {
    if (!concerns(event.service)) return;
    if (intersect(IntervalSet::of(event.span.from, event.span.to), q_.open).empty()) return;
    const auto& known = q_.agreed.not_excluded;
    if (std::find(known.begin(), known.end(), event.kind) != known.end()) {
      // Accepting such a claim names a cause; it changes nothing else.
      const bool claimed = event.state == ExclusionState::claimed;
      if (claimed) claims_.push_back({event.id, event.kind, event.span});
      if (approved(event) || (claimed && q_.accept_claims)) {
        file(event.kind, event.service, event.span);
      }
      return;
    }
    const auto kind =
        std::find_if(q_.agreed.kinds.begin(), q_.agreed.kinds.end(),
                     [&](const ExclusionKind& each) { return each.name == event.kind; });
    if (kind == q_.agreed.kinds.end()) {
      return warn_once(warnings_, {kUnknownKind, {event.id, event.kind}, {}});
    }
    if (event.state == ExclusionState::rejected || event.state == ExclusionState::withdrawn) return;
    const bool emergency = q_.agreed.emergency_is_maintenance && kind->name == "maintenance";
    if (const auto why = obstacle(event, *kind, !emergency)) return warn_once(warnings_, *why);
    if (event.state == ExclusionState::claimed) {
      claims_.push_back({event.id, event.kind, event.span});
      if (q_.accept_claims) file(event.kind, event.service, event.span);
    } else if (approved(event)) {
      file(event.kind, event.service, event.span);
    } else {
      warn_once(warnings_, {kNobodyApproved, {event.id}, {}});
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

  void add_windows(const ExclusionKind& kind) {
    if (q_.open.empty()) return;
    const Interval within{q_.open.intervals().front().from, q_.open.intervals().back().to};
    for (const Window& window : kind.windows) {
      if (!concerns(window.service)) continue;
      const IntervalSet times = instances(window, within);
      for (const Interval& each : times.intervals()) file(kind.name, window.service, each);
    }
  }

  // S22: in order of time, as far as the allowance goes; windows of parts use it up like any other.
  IntervalSet allowed(const ExclusionKind& kind) {
    std::vector<Interval> all = spans_[kind.name];
    for (const auto& [service, spans] : part_spans_[kind.name]) {
      all.insert(all.end(), spans.begin(), spans.end());
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

  void put_parts(const std::string& kind,
                 bool counted,
                 const IntervalSet& allowed,
                 std::vector<PartTime>& out) {
    for (const auto& [service, spans] : part_spans_[kind]) {
      IntervalSet time = intersect(IntervalSet(spans), allowed);
      if (!time.empty()) out.push_back({service, kind, counted, std::move(time)});
    }
  }

  const ExclusionQuestion& q_;
  AllowanceUsed& used_;
  std::vector<Warning>& warnings_;
  std::map<std::string, std::vector<Interval>> spans_;  // by kind, of what counts
  std::map<std::string, std::map<std::string, std::vector<Interval>>> part_spans_;  // and service
  std::vector<Claim> claims_;
  IntervalSet taken_, named_;
};

}  // namespace

void add_excused(std::vector<KindTime>& kinds,
                 const std::vector<PartTime>& parts,
                 bool counted,
                 const IntervalSet& excused) {
  IntervalSet rest = excused;
  for (const KindTime& each : kinds) rest = subtract(rest, each.time);
  for (KindTime& each : kinds) {
    for (const PartTime& part : parts) {
      if (part.counted != counted || part.kind != each.kind) continue;
      const IntervalSet own = intersect(rest, part.time);
      each.time = unite(each.time, own);
      rest = subtract(rest, own);
    }
  }
}

ExcludedTime excluded_time(const ExclusionQuestion& question,
                           AllowanceUsed& used,
                           std::vector<Warning>& warnings) {
  return Planner(question, used, warnings).plan();
}

}  // namespace nines::sla
