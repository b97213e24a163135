// SPDX-License-Identifier: Apache-2.0
// When this agent's uplink was lost, as its canaries saw, for what is shown locally. The rule is
// the judge's (sla/rules/canaries.h); what is recorded stays as it was measured. Memory only,
// bounded: the last kKeptResults results of all canaries, and of the time before them the last
// kKeptLosses losses.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/check.h"
#include "sla/rules/canaries.h"

namespace nines::agent {

class Uplink {
 public:
  static constexpr std::size_t kKeptResults = 2048;
  static constexpr std::size_t kKeptLosses = 100;

  // Results of the canaries so far are forgotten when the set changes, losses are not.
  void set_canaries(const std::vector<Check>& canaries);

  bool is_canary(const std::string& check) const { return index_of(check) < names_.size(); }

  // A result of a canary, in about the order of their starts; of another check: nothing happens.
  // True where a canary answers after none of them did: the uplink is back.
  bool note(const std::string& check, WallTime started, Outcome outcome);

  // In order of time. The last one may grow, or become shorter by an answer.
  const std::vector<sla::UplinkLoss>& losses() const;

 private:
  std::size_t index_of(const std::string& check) const;
  void settle();

  std::vector<std::string> names_;
  std::vector<Duration> beliefs_;  // two and a half intervals of each
  std::vector<bool> answers_;      // whether each did when last asked; true before that
  // What is needed to tell losses from settled_ns_ on: all results since, and of each canary the
  // one before.
  std::vector<sla::CanaryResult> results_;
  std::int64_t settled_ns_ = INT64_MIN;
  std::vector<sla::UplinkLoss> settled_;  // all before settled_ns_
  mutable std::vector<sla::UplinkLoss> losses_;
  mutable bool stale_ = false;  // losses_ is
};

}  // namespace nines::agent
