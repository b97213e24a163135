// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/accountable.h"

#include <algorithm>

#include "base/assert.h"

namespace nines::sla {
namespace {

using Effect = Exclusions::Effect;
using RuleKind = OutageRule::Kind;

IntervalSet until(const IntervalSet& set, std::optional<std::int64_t> end) {
  if (!end || set.empty()) return set;
  return intersect(set, IntervalSet::of(set.intervals().front().from, *end));
}

IntervalSet union_of(const std::vector<KindTime>& kinds) {
  IntervalSet out;
  for (const KindTime& each : kinds) out = unite(out, each.time);
  return out;
}

// S20 for whole outages: what of `down` is an outage.
IntervalSet ruled(const IntervalSet& down, const std::optional<OutageRule>& rule) {
  if (rule && rule->kind == RuleKind::elapsed_full_minutes) return full_minutes(down);
  if (rule && rule->kind == RuleKind::down_longer_than) {
    return long_slices(down, rule->slice, rule->over);
  }
  return down;
}

// The longest that the outage `inner` can have been. `walled` keeps two outages with one success
// between them apart; its pieces begin a nanosecond late after a success, which `most` tells.
std::int64_t longest(const IntervalSet& walled, const IntervalSet& most, const Interval& inner) {
  const auto& pieces = walled.intervals();
  auto piece = std::upper_bound(pieces.begin(), pieces.end(), inner.from,
                                [](std::int64_t t, const Interval& i) { return t < i.from; });
  if (piece == pieces.begin()) return inner.to - inner.from;
  --piece;
  if (piece->to < inner.to) return inner.to - inner.from;
  return piece->to - piece->from + (most.contains(piece->from - 1) ? 1 : 0);
}

class Account {
 public:
  Account(const ServiceTimelines& timelines, const Stretch& stretch)
      : timelines_(timelines),
        s_(stretch),
        seen_down_(until(timelines.nominal.where(Outcome::down), stretch.cut)),
        seen_up_(until(timelines.nominal.where(Outcome::up), stretch.cut)) {}

  Accountable run() {
    past_ = until(s_.open, s_.elapsed_until);
    windows_ = union_of(s_.excluded.counted);
    ruled_down_ = ruled(seen_down_, s_.rule);
    // What the rule takes out of an outage is up.
    ruled_up_ = subtract(unite(seen_up_, seen_down_), ruled_down_);
    short_ = too_short(ruled_down_, s_.minimum);
    choose_time();
    classify();
    bound();
    count();
    list_outages();
    out_.charged = std::move(charged_);
    return std::move(out_);
  }

 private:
  // S24. `charged_` is where downtime is downtime: all of it, unless windows forgive.
  void choose_time() {
    const IntervalSet excluded = intersect(windows_, past_);
    const IntervalSet not_up = subtract(excluded, ruled_up_);
    out_.time = past_;
    charged_ = past_;
    out_.planned = s_.open;
    switch (s_.effect) {
      case Effect::remove:
        out_.time = charged_ = subtract(past_, excluded);
        out_.planned = subtract(s_.open, windows_);
        break;
      case Effect::remove_down:
        out_.time = charged_ = subtract(past_, not_up);
        out_.planned = subtract(s_.open, not_up);
        break;
      case Effect::forgive:
        charged_ = subtract(past_, excluded);
        out_.forgiven_excluded_ns = not_up.length();
        break;
    }
    for (const KindTime& each : s_.excluded.counted) {
      out_.excluded_by.emplace_back(each.kind, intersect(each.time, past_).length());
    }
  }

  // Of `down`, what counts here: S19 forgives what is too short as far as the cap goes.
  IntervalSet counted(const IntervalSet& down, const IntervalSet& too_short) const {
    const IntervalSet here = intersect(down, charged_);
    IntervalSet forgiven = intersect(too_short, here);
    if (s_.cap_left) forgiven = first_of(forgiven, *s_.cap_left);
    return subtract(here, forgiven);
  }

  void classify() {
    out_.down = counted(ruled_down_, short_);
    out_.unknown = subtract(subtract(charged_, ruled_down_), ruled_up_);
    out_.up = subtract(subtract(out_.time, out_.down), out_.unknown);
    out_.forgiven_short_ns =
        subtract(intersect(unite(seen_down_, ruled_down_), charged_), out_.down).length();
  }

  // The same rules over as little and as much down as the samples allow.
  void bound() {
    const auto of = [&](const Timeline& timeline) {
      const IntervalSet down = ruled(until(timeline.where(Outcome::down), s_.cut), s_.rule);
      return counted(down, too_short(down, s_.minimum));
    };
    out_.least_down = intersect(of(timelines_.least), out_.down);
    out_.most_down = unite(of(timelines_.most), out_.down);
  }

  void count() {
    Seconds& s = out_.seconds;
    s.out_of_hours = s_.in_force.length() - s_.open.length();
    s.future = s_.open.length() - past_.length();
    s.excluded = past_.length() - out_.time.length();
    s.down = out_.down.length();
    s.unknown = out_.unknown.length();
    s.up = out_.up.length();
    ASSERT(s.accountable() == out_.time.length());
    for (const KindTime& each : s_.excluded.attributed) {
      out_.down_by.emplace_back(each.kind, intersect(each.time, out_.down).length());
    }
  }

  // The kind that holds most of the outage, the first of equals.
  std::string cause_of(const std::vector<Interval>& pieces) const {
    std::string out;
    std::int64_t most = 0;
    for (const auto* list : {&s_.excluded.counted, &s_.excluded.attributed}) {
      for (const KindTime& each : *list) {
        std::int64_t length = 0;
        for (const Interval& piece : pieces) length += each.time.length_in(piece);
        if (length > most) out = each.kind;
        most = std::max(most, length);
      }
    }
    return out;
  }

  void list_outages() {
    const IntervalSet least = until(timelines_.least.where(Outcome::down), s_.cut);
    const IntervalSet most = until(timelines_.most.where(Outcome::down), s_.cut);
    const IntervalSet walled = until(timelines_.walled.where(Outcome::down), s_.cut);
    const std::vector<Interval> pieces = unite(seen_down_, ruled_down_).intervals();
    for (std::size_t first = 0; first < pieces.size();) {
      std::size_t next = first + 1;
      while (next < pieces.size() &&
             pieces[next].from - pieces[next - 1].to < s_.minimum.merge_gap.count()) {
        ++next;
      }
      const std::vector<Interval> all(pieces.begin() + static_cast<std::ptrdiff_t>(first),
                                      pieces.begin() + static_cast<std::ptrdiff_t>(next));
      first = next;
      Outage outage;
      outage.whole = {all.front().from, all.back().to};
      if (outage.whole.to <= s_.listed.from || outage.whole.from >= s_.listed.to) continue;
      std::int64_t forgiven = 0;
      for (const Interval& piece : all) {
        outage.down_ns += out_.down.length_in(piece);
        outage.whole_down_ns += piece.to - piece.from;
        outage.accountable_ns += s_.around.length_in(piece);
        outage.least_ns += least.length_in(piece);
        outage.most_ns += longest(walled, most, piece);
        forgiven += short_.length_in(piece) + piece.to - piece.from - ruled_down_.length_in(piece);
      }
      outage.counted = outage.down_ns > 0 || forgiven < outage.whole_down_ns;
      outage.cause = cause_of(all);
      out_.outages.push_back(std::move(outage));
    }
  }

  const ServiceTimelines& timelines_;
  const Stretch& s_;
  const IntervalSet seen_down_, seen_up_;  // by the timeline
  IntervalSet past_, windows_, charged_;
  IntervalSet ruled_down_, ruled_up_, short_;
  Accountable out_;
};

}  // namespace

Accountable account(const ServiceTimelines& timelines, const Stretch& stretch) {
  return Account(timelines, stretch).run();
}

}  // namespace nines::sla
