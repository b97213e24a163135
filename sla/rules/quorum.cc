// SPDX-License-Identifier: Apache-2.0
#include "sla/rules/quorum.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace nines::sla {
namespace {

constexpr std::int64_t kFirstInstant = std::numeric_limits<std::int64_t>::min();

struct PartEvent {
  std::int64_t at;
  std::size_t part;
  std::optional<Outcome> state;  // absent: the part joins or retires
  bool in_service = false;
};

// The parts as they are at one instant, and how many of those in service are what.
class Count {
 public:
  Count(const std::vector<CountedPart>& parts, std::size_t silent)
      : states_(parts.size()), n_(silent) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const IntervalSet* service = parts[i].in_service;
      const bool serves = service == nullptr || service->contains(kFirstInstant);
      states_[i] = {Outcome::unknown, false};
      if (serves) serve(states_[i], true);
    }
  }

  void apply(const PartEvent& event) {
    State& state = states_[event.part];
    if (!event.state) return serve(state, event.in_service);
    add(state, -1);
    state.outcome = *event.state;
    add(state, +1);
  }

  Outcome verdict(const CountRule& rule) const {
    return n_ == 0 ? Outcome::unknown : rule(down_, up_, n_);
  }

 private:
  struct State {
    Outcome outcome = Outcome::unknown;
    bool serves = false;
  };

  void serve(State& state, bool serves) {
    if (state.serves == serves) return;
    add(state, -1);
    state.serves = serves;
    add(state, +1);
    n_ = serves ? n_ + 1 : n_ - 1;
  }

  void add(const State& state, int change) {
    if (!state.serves || state.outcome == Outcome::unknown) return;
    std::size_t& of = state.outcome == Outcome::down ? down_ : up_;
    of = change > 0 ? of + 1 : of - 1;
  }

  std::vector<State> states_;
  std::size_t n_;
  std::size_t down_ = 0;
  std::size_t up_ = 0;
};

std::vector<PartEvent> events_of(const std::vector<CountedPart>& parts) {
  std::vector<PartEvent> events;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    for (const Change& change : parts[part].timeline->changes()) {
      events.push_back({change.at, part, change.state});
    }
    if (parts[part].in_service == nullptr) continue;
    for (const Interval& each : parts[part].in_service->intervals()) {
      events.push_back({each.from, part, std::nullopt, true});
      events.push_back({each.to, part, std::nullopt, false});
    }
  }
  std::sort(events.begin(), events.end(),
            [](const PartEvent& a, const PartEvent& b) { return a.at < b.at; });
  return events;
}

}  // namespace

Outcome CountRule::operator()(std::size_t down, std::size_t up, std::size_t n) const {
  if (kind == Kind::majority_of_known) {
    if (down + up < number.value_or(1)) return Outcome::unknown;
    return 2 * down > down + up ? Outcome::down : Outcome::up;
  }
  std::size_t k = 0;
  if (kind == Kind::at_least) {
    k = std::min(number.value_or(n / 2 + 1), n);
  } else {
    k = n - std::min(std::max<std::size_t>(number.value_or(1), 1), n) + 1;
  }
  if (down >= k) return Outcome::down;
  return n - up < k ? Outcome::up : Outcome::unknown;
}

Timeline combine(const std::vector<CountedPart>& parts, std::size_t silent, const CountRule& rule) {
  const bool alone = parts.size() == 1 && silent == 0 && parts.front().in_service == nullptr;
  if (alone && (rule.kind != CountRule::Kind::majority_of_known || rule.number.value_or(1) == 1)) {
    return *parts.front().timeline;
  }
  Count count(parts, silent);
  Timeline out;
  const std::vector<PartEvent> events = events_of(parts);
  for (std::size_t i = 0; i < events.size();) {
    const std::int64_t at = events[i].at;
    for (; i < events.size() && events[i].at == at; ++i) count.apply(events[i]);
    out.append(at, count.verdict(rule));
  }
  return out;
}

Timeline threshold(const std::vector<const Timeline*>& parts, std::size_t k, std::size_t n) {
  ASSERT(k >= 1 && k <= n && parts.size() <= n);
  std::vector<CountedPart> counted;
  for (const Timeline* part : parts) counted.push_back({part, nullptr});
  return combine(counted, n - parts.size(), {CountRule::Kind::at_least, k});
}

}  // namespace nines::sla
