// SPDX-License-Identifier: Apache-2.0
#include "agent/status_board.h"

#include <algorithm>

#include "proto/result_json.h"

namespace nines::agent {
namespace {

void note_outage(CheckView& view, const Result& result, WallTime started) {
  const auto outcome = result.probe.outcome;
  const bool open = !view.outages.empty() && !view.outages.front().to;
  if (outcome == Outcome::down) {
    if (!open) {
      Outage outage;
      outage.from = started;
      outage.reason = result.probe.reason;
      outage.detail = result.probe.detail;
      view.outages.push_front(std::move(outage));
      if (view.outages.size() > kKeptOutages) view.outages.pop_back();
    }
    auto& outage = view.outages.front();
    ++outage.failures;
    outage.last = started;
    if (outage.evidence.size() < kEvidenceResults) outage.evidence.push_back(result);
  } else if (outcome == Outcome::up && open) {
    view.outages.front().to = started;
  }
  // An unknown result neither ends an outage nor begins one.
}

}  // namespace

void StatusBoard::set_checks(const std::vector<std::pair<Check, SlotGrid>>& checks,
                             const std::vector<Check>& canaries,
                             std::set<std::string> local) {
  uplink_.set_canaries(canaries);
  local_ = std::move(local);
  std::vector<std::unique_ptr<CheckView>> next;
  for (const auto& [check, grid] : checks) {
    const auto known = std::find_if(views_.begin(), views_.end(), [&](const auto& v) {
      return v && v->check.name == check.name && canonical_text(v->check) == canonical_text(check);
    });
    if (known != views_.end()) {
      (*known)->check = check;
      next.push_back(std::move(*known));
    } else {
      next.push_back(std::make_unique<CheckView>());
      next.back()->check = check;
      next.back()->grid = grid;
    }
  }
  std::sort(next.begin(), next.end(),
            [](const auto& a, const auto& b) { return a->check.name < b->check.name; });
  views_ = std::move(next);
  by_name_.clear();
  for (const auto& view : views_) by_name_.emplace(view->check.name, view.get());
}

bool StatusBoard::note(const std::string& check, const Result& result) {
  auto* const found = view_of(check);
  if (found == nullptr) return false;
  auto& view = *found;
  const auto started = proto::started_at(view.grid, result);
  note_outage(view, result, started);
  const bool back = uplink_.note(check, started, result.probe.outcome);
  if (back && uplink_back_) uplink_back_();
  view.slots[{result.probe.outcome, result.probe.reason}] +=
      static_cast<std::uint64_t>(result.span);
  view.late_us_max = std::max(view.late_us_max, static_cast<std::uint64_t>(result.late_us));
  view.history.add(result);
  if (view.outcome == result.probe.outcome) return false;
  view.outcome = result.probe.outcome;
  view.since = started;
  return true;
}

void StatusBoard::note_recheck(const std::string& check, const std::string& text) {
  auto* const view = view_of(check);
  if (view == nullptr || view->outages.empty()) return;
  auto& outage = view->outages.front();
  if (!outage.to && outage.rechecks.size() < kKeptRechecks) outage.rechecks.push_back(text);
}

bool StatusBoard::may_be_explained(const CheckView& view) const {
  return !uplink_.losses().empty() && !local_.contains(view.check.name) &&
         !uplink_.is_canary(view.check.name);
}

bool StatusBoard::explained(const CheckView& view, const Result& result) const {
  return result.probe.outcome == Outcome::down && may_be_explained(view) &&
         sla::lost_at(uplink_.losses(), proto::started_at(view.grid, result).ns);
}

bool StatusBoard::explained(const CheckView& view, const Outage& outage) const {
  if (!may_be_explained(view)) return false;
  const auto& losses = uplink_.losses();
  return std::any_of(losses.begin(), losses.end(), [&](const sla::UplinkLoss& loss) {
    return loss.from_ns <= outage.from.ns && outage.last.ns < loss.to_ns;
  });
}

std::optional<Shown> StatusBoard::shown(const CheckView& view) const {
  if (view.history.empty() || !explained(view, view.history.last())) return std::nullopt;
  Shown shown{Outcome::unknown, sla::kUplinkCause, {}};
  const auto results = view.history.all();
  for (auto each = results.rbegin(); each != results.rend(); ++each) {
    if (!explained(view, *each)) break;
    shown.since = proto::started_at(view.grid, *each);
  }
  return shown;
}

CheckView* StatusBoard::view_of(const std::string& check) const {
  const auto place = by_name_.find(check);
  return place == by_name_.end() ? nullptr : place->second;
}

const CheckView* StatusBoard::find(const std::string& check) const { return view_of(check); }

}  // namespace nines::agent
