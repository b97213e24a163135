// SPDX-License-Identifier: Apache-2.0
#include "agent/probe_budget.h"

#include <algorithm>
#include <bit>
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

std::shared_ptr<ProbeBudget::Target> ProbeBudget::target_of(const Check& check) {
  auto name = target_host(check);
  if (const auto known = targets_.find(name); known != targets_.end()) {
    if (auto target = known->second.lock()) return target;
  }
  // At each doubling only: a walk for each of thousands of checks would be felt at the start.
  if (std::has_single_bit(targets_.size())) {
    std::erase_if(targets_, [](const auto& each) { return each.second.expired(); });
  }
  auto target = std::make_shared<Target>(Target{name});
  targets_[std::move(name)] = target;
  return target;
}

ProbeBudget::Place::Place(ProbeBudget& budget, std::shared_ptr<Target> target)
    : budget_(&budget), target_(std::move(target)) {
  ++budget.in_flight_;
  ++target_->in_flight;
}

ProbeBudget::Place::~Place() {
  if (target_ == nullptr) return;
  ASSERT(budget_->in_flight_ > 0 && target_->in_flight > 0);
  --budget_->in_flight_;
  --target_->in_flight;
}

ProbeBudget::Place ProbeBudget::enter(int priority,
                                      const std::shared_ptr<Target>& target,
                                      std::string& why) {
  const auto rank = static_cast<std::size_t>(std::clamp(priority, 1, 9));
  const auto allowed = limit_ - limit_ * (rank - 1) / kPriorities;
  if (in_flight_ >= allowed) {
    ++shed_;
    why = std::to_string(in_flight_) + " probes run at once; priority " + std::to_string(rank) +
          " may be one of " + std::to_string(allowed);
    return {};
  }
  if (target->in_flight >= kMostForTarget) {
    ++shed_;
    why = std::to_string(target->in_flight) + " probes of " + target->name + " run at once";
    return {};
  }
  return Place(*this, target);
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
