// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink.h"

#include <algorithm>

namespace nines::agent {

std::size_t Uplink::index_of(const std::string& check) const {
  const auto place = std::find(names_.begin(), names_.end(), check);
  return static_cast<std::size_t>(place - names_.begin());
}

void Uplink::set_canaries(const std::vector<Check>& canaries) {
  std::vector<std::string> names;
  std::vector<Duration> beliefs;
  for (const auto& canary : canaries) {
    names.push_back(canary.name);
    beliefs.push_back(canary.every * 5 / 2);
  }
  if (names == names_ && beliefs == beliefs_) return;
  settled_ = losses();
  if (!results_.empty()) {
    const auto last =
        std::max_element(results_.begin(), results_.end(),
                         [](const auto& a, const auto& b) { return a.at_ns < b.at_ns; });
    // Nobody watches any more: a loss that goes on ends with the last result.
    settled_ns_ = last->at_ns + 1;
    std::erase_if(settled_, [&](const auto& loss) { return loss.from_ns >= settled_ns_; });
    if (!settled_.empty()) settled_.back().to_ns = std::min(settled_.back().to_ns, settled_ns_);
  }
  results_.clear();
  names_ = std::move(names);
  beliefs_ = std::move(beliefs);
  answers_.assign(names_.size(), true);
  stale_ = true;
}

bool Uplink::note(const std::string& check, WallTime started, Outcome outcome) {
  const auto canary = index_of(check);
  if (canary == names_.size()) return false;
  const bool lost = std::find(answers_.begin(), answers_.end(), true) == answers_.end();
  answers_[canary] = outcome == Outcome::up;  // without a route there is no answer, too
  const bool back = lost && answers_[canary];
  if (outcome == Outcome::unknown || started.ns < settled_ns_) return back;
  if (results_.size() >= kKeptResults) settle();
  results_.push_back({canary, started.ns, outcome});
  stale_ = true;
  return back;
}

void Uplink::settle() {
  settled_ = losses();
  std::sort(results_.begin(), results_.end(),
            [](const auto& a, const auto& b) { return a.at_ns < b.at_ns; });
  const auto middle = results_.begin() + static_cast<std::ptrdiff_t>(results_.size() / 2);
  settled_ns_ = middle->at_ns;
  std::vector<sla::CanaryResult> kept;
  std::vector<bool> have(names_.size(), false);
  for (auto each = results_.rbegin(); each != results_.rend(); ++each) {
    if (each->at_ns < settled_ns_ && have[each->canary]) continue;
    have[each->canary] = have[each->canary] || each->at_ns < settled_ns_;
    kept.push_back(*each);
  }
  results_ = std::move(kept);
  std::erase_if(settled_, [&](const auto& loss) { return loss.from_ns >= settled_ns_; });
  if (!settled_.empty()) settled_.back().to_ns = std::min(settled_.back().to_ns, settled_ns_);
  if (settled_.size() > kKeptLosses) {
    settled_.erase(settled_.begin(), settled_.end() - static_cast<std::ptrdiff_t>(kKeptLosses));
  }
  stale_ = true;
}

const std::vector<sla::UplinkLoss>& Uplink::losses() const {
  if (!stale_) return losses_;
  losses_ = settled_;
  for (auto loss : sla::uplink_losses(results_, beliefs_)) {
    loss.from_ns = std::max(loss.from_ns, settled_ns_);
    if (loss.to_ns <= loss.from_ns) continue;
    if (!losses_.empty() && losses_.back().to_ns == loss.from_ns && loss.from_ns == settled_ns_) {
      losses_.back().to_ns = loss.to_ns;  // one loss on both sides of what is settled
    } else {
      losses_.push_back(loss);
    }
  }
  stale_ = false;
  return losses_;
}

}  // namespace nines::agent
