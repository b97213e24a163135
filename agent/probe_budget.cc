// SPDX-License-Identifier: Apache-2.0
#include "agent/probe_budget.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace nines::agent {
namespace {

constexpr std::uint64_t kReserved = 64;  // descriptors for all else
constexpr std::uint64_t kPerProbe = 2;   // a socket, and one that takes its place
constexpr std::uint64_t kLeast = 8;      // however few there are
constexpr std::size_t kPriorities = 16;  // of which 9 are given out: the last keeps half

}  // namespace

std::size_t ProbeBudget::limit_for(std::uint64_t descriptors) {
  const auto room = descriptors > kReserved ? (descriptors - kReserved) / kPerProbe : 0;
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(room, kLeast, kMost));
}

ProbeBudget::Place::Place(ProbeBudget& budget, std::string target)
    : budget_(&budget), target_(std::move(target)) {
  ++budget.in_flight_;
  ++budget.by_target_[target_];
}

ProbeBudget::Place::Place(Place&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)), target_(std::move(other.target_)) {}

ProbeBudget::Place::~Place() {
  if (budget_ == nullptr) return;
  --budget_->in_flight_;
  const auto at = budget_->by_target_.find(target_);
  ASSERT(at != budget_->by_target_.end());
  if (--at->second == 0) budget_->by_target_.erase(at);
}

ProbeBudget::Place ProbeBudget::enter(const Check& check, std::string& why) {
  const auto priority = static_cast<std::size_t>(std::clamp(check.priority, 1, 9));
  const auto allowed = limit_ - limit_ * (priority - 1) / kPriorities;
  if (in_flight_ >= allowed) {
    ++shed_;
    why = std::to_string(in_flight_) + " probes run at once; priority " + std::to_string(priority) +
          " may be one of " + std::to_string(allowed);
    return {};
  }
  auto target = target_host(check);
  const auto at = by_target_.find(target);
  if (at != by_target_.end() && at->second >= kMostForTarget) {
    ++shed_;
    why = std::to_string(at->second) + " probes of " + target + " run at once";
    return {};
  }
  return Place(*this, std::move(target));
}

std::string target_host(const Check& check) {
  auto target = check.target();
  const auto scheme = target.find("://");
  if (scheme == std::string::npos) return target;
  const auto path = target.find_first_of("/?", scheme + 3);
  if (path != std::string::npos) target.resize(path);
  return target;
}

}  // namespace nines::agent
