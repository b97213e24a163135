// SPDX-License-Identifier: Apache-2.0
#include "sla/rules/canaries.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/assert.h"

namespace nines::sla {
namespace {

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

std::int64_t believed_until(std::int64_t at, Duration belief) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(at, belief.count(), &sum) ? kForever : sum;
}

// Walks through the results in order of time. A stretch is unbroken time without an answer in which
// some result holds.
class Walk {
 public:
  explicit Walk(const std::vector<Duration>& beliefs) : beliefs_(beliefs), held_(beliefs.size()) {}

  // All results that began at one instant; answers come first.
  void take(const CanaryResult* first, const CanaryResult* last) {
    const std::int64_t at = first->at_ns;
    run_to(at);
    if (first->outcome == Outcome::up) {
      end_stretch(at);
      begin_ = at + 1;
    } else if (!begin_) {
      begin_ = at;
    }
    for (const CanaryResult* each = last; each != first;) {
      --each;  // of two results of one canary at one instant the better one holds
      held_[each->canary] = {believed_until(at, beliefs_[each->canary]),
                             each->outcome == Outcome::up};
    }
    if (latest_end(true) <= at) lost_ = true;
  }

  std::vector<UplinkLoss> finish() {
    run_to(kForever);
    end_stretch(latest_end(false));
    return std::move(losses_);
  }

 private:
  struct Held {
    std::int64_t until = std::numeric_limits<std::int64_t>::min();
    bool answered = false;
  };

  std::int64_t latest_end(bool answered_only) const {
    std::int64_t end = std::numeric_limits<std::int64_t>::min();
    for (const Held& each : held_) {
      if (each.answered || !answered_only) end = std::max(end, each.until);
    }
    return end;
  }

  // Results run out between those that come: first the last answer, then the last failure.
  void run_to(std::int64_t at) {
    if (!begin_) return;
    const std::int64_t answered_until = latest_end(true);
    const std::int64_t until = latest_end(false);
    if (answered_until < at && answered_until < until) lost_ = true;
    if (until < at) end_stretch(until);
  }

  void end_stretch(std::int64_t at) {
    if (begin_ && lost_ && *begin_ < at) losses_.push_back({*begin_, at});
    begin_.reset();
    lost_ = false;
  }

  const std::vector<Duration>& beliefs_;
  std::vector<Held> held_;             // the latest result of each canary
  std::optional<std::int64_t> begin_;  // of the stretch
  bool lost_ = false;                  // somewhere in the stretch
  std::vector<UplinkLoss> losses_;
};

}  // namespace

std::vector<UplinkLoss> uplink_losses(std::vector<CanaryResult> results,
                                      const std::vector<Duration>& beliefs) {
  std::erase_if(results, [](const CanaryResult& r) { return r.outcome == Outcome::unknown; });
  for (const CanaryResult& each : results) ASSERT(each.canary < beliefs.size());
  for (const Duration& each : beliefs) ASSERT(each.count() > 0);
  std::sort(results.begin(), results.end(), [](const CanaryResult& a, const CanaryResult& b) {
    if (a.at_ns != b.at_ns) return a.at_ns < b.at_ns;
    return a.outcome == Outcome::up && b.outcome != Outcome::up;
  });
  Walk walk(beliefs);
  for (std::size_t first = 0; first < results.size();) {
    std::size_t last = first;
    while (last < results.size() && results[last].at_ns == results[first].at_ns) ++last;
    walk.take(&results[first], results.data() + last);
    first = last;
  }
  return walk.finish();
}

bool lost_at(const std::vector<UplinkLoss>& losses, std::int64_t at_ns) {
  const auto after =
      std::upper_bound(losses.begin(), losses.end(), at_ns,
                       [](std::int64_t at, const UplinkLoss& loss) { return at < loss.from_ns; });
  return after != losses.begin() && at_ns < std::prev(after)->to_ns;
}

std::size_t excuse(std::vector<Sample>& samples, const std::vector<UplinkLoss>& losses) {
  if (losses.empty()) return 0;
  std::size_t count = 0;
  for (Sample& sample : samples) {
    if (sample.outcome != Outcome::down || !lost_at(losses, sample.at_ns)) continue;
    sample.outcome = Outcome::unknown;
    sample.cause = Cause::uplink;
    sample.total_us.reset();
    ++count;
  }
  return count;
}

}  // namespace nines::sla
