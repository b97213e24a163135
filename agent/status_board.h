// SPDX-License-Identifier: Apache-2.0
// What the agent can say of its checks without its disk or its uplink: outcome, since when, recent
// results, the last outages with their evidence. Memory only, bounded for each check. Everything
// here is as it was measured; what a failure is shown as while no canary answers is asked for
// apart.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/result_history.h"
#include "agent/uplink.h"
#include "model/check.h"
#include "model/result.h"
#include "model/slot.h"

namespace nines::agent {

inline constexpr std::size_t kKeptOutages = 10;
inline constexpr std::size_t kEvidenceResults = 5;  // of each outage: the first ones
inline constexpr std::size_t kKeptRechecks = 5;     // of each outage: the first ones

struct Outage {
  WallTime from;                           // start of the first failing result
  WallTime last;                           // start of the last failing result
  std::optional<WallTime> to;              // start of the first result that was up again
  Reason reason = Reason::agent_internal;  // of the first failure
  std::string detail;
  std::uint64_t failures = 0;
  std::vector<Result> evidence;
  std::vector<std::string> rechecks;  // as events say them
};

struct CheckView {
  Check check;
  SlotGrid grid;
  std::optional<Outcome> outcome;  // absent: no slot has ended yet
  std::optional<WallTime> since;   // start of the first result in a row with this outcome
  ResultHistory history;
  std::deque<Outage> outages;  // latest first
  std::uint64_t late_us_max = 0;
  // Ended slots by outcome and reason since the agent started; range records count their slots.
  std::map<std::pair<Outcome, Reason>, std::uint64_t> slots;
};

// What is shown instead of what was measured.
struct Shown {
  Outcome outcome = Outcome::unknown;
  std::string_view cause;  // a promise: "uplink"
  WallTime since;          // start of the first result in a row that is shown so
};

class StatusBoard {
 public:
  // Keeps what is known of a check whose definition is unchanged, forgets those that are gone.
  // `canaries` are those of the checks that tell of the uplink; `local` names those that need none
  // (`path: local`).
  void set_checks(const std::vector<std::pair<Check, SlotGrid>>& checks,
                  const std::vector<Check>& canaries = {},
                  std::set<std::string> local = {});

  // Called when a canary answers after none of them did.
  void on_uplink_back(std::function<void()> call) { uplink_back_ = std::move(call); }

  // Notes a result; true when the check's outcome changed (its first one counts as a change).
  bool note(const std::string& check, const Result& result);

  // A further run after a failure: evidence of the outage that it follows, and nothing else.
  void note_recheck(const std::string& check, const std::string& text);

  // S11: whether the canaries explain a failure of this check: never of a canary, never of a local
  // check. Of an outage: whether one loss of the uplink holds its first and its last failure.
  bool explained(const CheckView& view, const Result& result) const;
  bool explained(const CheckView& view, const Outage& outage) const;

  // Absent where the check is shown as its last result was measured.
  std::optional<Shown> shown(const CheckView& view) const;

  const CheckView* find(const std::string& check) const;

  const std::vector<std::unique_ptr<CheckView>>& views() const { return views_; }  // by name

 private:
  bool may_be_explained(const CheckView& view) const;
  CheckView* view_of(const std::string& check) const;

  std::vector<std::unique_ptr<CheckView>> views_;  // by name
  std::unordered_map<std::string_view, CheckView*> by_name_;
  Uplink uplink_;
  std::function<void()> uplink_back_;
  std::set<std::string> local_;
};

}  // namespace nines::agent
