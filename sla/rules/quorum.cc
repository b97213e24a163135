// SPDX-License-Identifier: Apache-2.0
#include "sla/rules/quorum.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace nines::sla {
namespace {

constexpr std::int64_t kFirstInstant = std::numeric_limits<std::int64_t>::min();

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

  void set(std::size_t part, Outcome outcome) {
    add(states_[part], -1);
    states_[part].outcome = outcome;
    add(states_[part], +1);
  }

  void serve(std::size_t part, bool serves) { serve(states_[part], serves); }

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

// Where one part changes next: its state, or whether it is in service.
class Cursor {
 public:
  Cursor(std::size_t part, const CountedPart& counted)
      : part_(part),
        change_(counted.timeline->changes().begin()),
        last_change_(counted.timeline->changes().end()) {
    if (counted.in_service != nullptr) {
      service_ = counted.in_service->intervals().data();
      last_service_ = service_ + counted.in_service->intervals().size();
    }
    find_next();
  }

  bool at_end() const { return change_ == last_change_ && service_ == last_service_; }

  std::int64_t at() const { return at_; }

  void apply(Count& count) {
    if (change_ != last_change_ && change_->at == at_) count.set(part_, (change_++)->state);
    if (service_ != last_service_ && boundary() == at_) {
      count.serve(part_, !serves_);
      if (serves_) ++service_;
      serves_ = !serves_;
    }
    find_next();
  }

 private:
  std::int64_t boundary() const { return serves_ ? service_->to : service_->from; }

  void find_next() {
    constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
    at_ = std::min(change_ == last_change_ ? kNever : change_->at,
                   service_ == last_service_ ? kNever : boundary());
  }

  std::size_t part_;
  std::vector<Change>::const_iterator change_, last_change_;
  const Interval* service_ = nullptr;
  const Interval* last_service_ = nullptr;
  bool serves_ = false;  // within *service_
  std::int64_t at_ = 0;
};

bool later(const Cursor& a, const Cursor& b) { return a.at() > b.at(); }

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
  std::vector<Cursor> heap;  // the part that changes next is first
  for (std::size_t part = 0; part < parts.size(); ++part) {
    const Cursor cursor(part, parts[part]);
    if (!cursor.at_end()) heap.push_back(cursor);
  }
  std::make_heap(heap.begin(), heap.end(), later);
  while (!heap.empty()) {
    const std::int64_t at = heap.front().at();
    while (!heap.empty() && heap.front().at() == at) {
      std::pop_heap(heap.begin(), heap.end(), later);
      heap.back().apply(count);
      if (heap.back().at_end()) {
        heap.pop_back();
      } else {
        std::push_heap(heap.begin(), heap.end(), later);
      }
    }
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
