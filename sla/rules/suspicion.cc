// SPDX-License-Identifier: Apache-2.0
#include "sla/rules/suspicion.h"

#include <algorithm>
#include <limits>

namespace nines::sla {
namespace {

// At least four fifths.
bool most_of(std::size_t part, std::size_t whole) { return 5 * part >= 4 * whole; }

struct TargetEvent {
  std::int64_t at;
  std::size_t target, vantage;
  Outcome state;
};

class Sweep {
 public:
  Sweep(std::size_t targets, std::size_t vantages)
      : state_(targets, std::vector<Outcome>(vantages, Outcome::unknown)),
        target_down_(targets),
        target_up_(targets),
        down_(vantages),
        up_(vantages) {}

  void apply(const TargetEvent& event) {
    Outcome& state = state_[event.target][event.vantage];
    change(state, event, false);
    state = event.state;
    change(state, event, true);
  }

  bool suspect(std::size_t vantage) const {
    const std::size_t known = down_[vantage] + up_[vantage];
    if (known < kLeastTargets || !most_of(down_[vantage], known)) return false;
    std::size_t seen_up = 0;
    for (std::size_t target = 0; target < state_.size(); ++target) {
      if (state_[target][vantage] != Outcome::down) continue;
      seen_up += target_up_[target] > target_down_[target] - 1 ? 1 : 0;  // it is one of the down
    }
    return most_of(seen_up, down_[vantage]);
  }

 private:
  void change(Outcome state, const TargetEvent& event, bool more) {
    if (state == Outcome::unknown) return;
    const bool down = state == Outcome::down;
    for (std::size_t* count : {&(down ? target_down_ : target_up_)[event.target],
                               &(down ? down_ : up_)[event.vantage]}) {
      *count = more ? *count + 1 : *count - 1;
    }
  }

  std::vector<std::vector<Outcome>> state_;
  std::vector<std::size_t> target_down_, target_up_;
  std::vector<std::size_t> down_, up_;  // of each vantage
};

}  // namespace

std::map<std::string, IntervalSet> suspect_windows(const Views& views) {
  std::map<std::string, std::size_t> vantages;
  for (const auto& target : views) {
    for (const auto& [vantage, timeline] : target) vantages.emplace(vantage, vantages.size());
  }
  if (views.size() < kLeastTargets || vantages.size() < 2) return {};
  std::vector<TargetEvent> events;
  for (std::size_t target = 0; target < views.size(); ++target) {
    for (const auto& [vantage, timeline] : views[target]) {
      for (const Change& change : timeline.changes()) {
        events.push_back({change.at, target, vantages.at(vantage), change.state});
      }
    }
  }
  std::sort(events.begin(), events.end(),
            [](const TargetEvent& a, const TargetEvent& b) { return a.at < b.at; });
  Sweep sweep(views.size(), vantages.size());
  std::vector<std::vector<Interval>> found(vantages.size());
  for (std::size_t i = 0; i < events.size();) {
    const std::int64_t at = events[i].at;
    for (; i < events.size() && events[i].at == at; ++i) sweep.apply(events[i]);
    const std::int64_t next =
        i < events.size() ? events[i].at : std::numeric_limits<std::int64_t>::max();
    for (std::size_t vantage = 0; vantage < found.size(); ++vantage) {
      if (sweep.suspect(vantage)) found[vantage].push_back({at, next});
    }
  }
  std::map<std::string, IntervalSet> out;
  for (const auto& [vantage, index] : vantages) {
    if (!found[index].empty()) out.emplace(vantage, IntervalSet(std::move(found[index])));
  }
  return out;
}

std::size_t distrust(std::vector<Sample>& samples, Duration belief, const IntervalSet& windows) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    Sample& sample = samples[i];
    if (sample.outcome != Outcome::down) continue;
    std::int64_t end = sample.at_ns + belief.count();
    if (i + 1 < samples.size()) end = std::min(end, samples[i + 1].at_ns);
    if (windows.length_in({sample.at_ns, std::max(end, sample.at_ns + 1)}) == 0) continue;
    sample.outcome = Outcome::unknown;
    sample.cause = Cause::suspected;
    ++out;
  }
  return out;
}

}  // namespace nines::sla
