// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder.h"

#include <algorithm>

#include "base/log.h"

namespace nines::agent {
namespace {

constexpr std::size_t kMaxPending = 20'000;  // results in memory while the disk does not take them
constexpr std::size_t kMaxEvents = 1'000;    // beyond, the oldest are dropped and counted
constexpr std::size_t kChunk = 500;          // results written at once
constexpr Duration kRetry = seconds(1);      // after the disk failed

}  // namespace

Recorder::Recorder(asio::io_context& io,
                   const Clock& clock,
                   DiskThread& disk,
                   Spool& spool,
                   StatusBoard& board,
                   RecorderPace pace)
    : clock_(clock),
      disk_(disk),
      spool_(spool),
      board_(board),
      pace_(pace),
      wake_(io),
      idle_(io),
      spool_status_(spool.status()),
      last_commit_(clock.boot()),
      last_seal_(clock.boot()) {}

SealContext Recorder::seal_context() const {
  return {clock_.read(), read_clock_sync(), clock_ahead_, clock_bound_};
}

void Recorder::record(const std::string& check, Result result) {
  const bool changed = board_.note(check, result);
  const auto full = overflow_.find(check);
  if (pending_.size() >= kMaxPending || full != overflow_.end()) {
    overflowed_ += static_cast<std::uint64_t>(result.span);
    if (full != overflow_.end()) {
      full->second.span += result.span;
    } else {
      Result lost;
      lost.slot = result.slot;
      lost.span = result.span;
      lost.probe.outcome = Outcome::unknown;
      lost.probe.reason = Reason::spool_full;
      overflow_.emplace(check, std::move(lost));
    }
    return;
  }
  pending_.push_back({check, std::move(result)});
  if (changed) {
    urgent_ = true;
    wake_.notify();
  } else if (pending_.size() >= kChunk) {
    wake_.notify();
  }
}

void Recorder::record(AgentEvent event) {
  if (events_.size() >= kMaxEvents) {
    events_.pop_front();
    ++dropped_events_;
  }
  events_.push_back(std::move(event));
  urgent_ = true;
  wake_.notify();
}

void Recorder::record_recheck(const std::string& check, AgentEvent event) {
  board_.note_recheck(check, event.text);
  // Half of the room is for what says how slots came to their outcomes.
  if (events_.size() < kMaxEvents / 2) {
    events_.push_back(std::move(event));
  } else {
    ++dropped_events_;
  }
}

// Dropped events are an event too: what is missing is said where it is missing.
void Recorder::tell_dropped() {
  if (dropped_events_ == 0 || events_.size() >= kMaxEvents) return;
  AgentEvent event;
  event.kind = EventKind::spool;
  const auto now = clock_.read();
  event.wall = now.wall;
  event.boot = now.boot;
  event.text =
      std::to_string(dropped_events_) + " events were dropped while the disk did not take them";
  events_.push_back(std::move(event));
  dropped_events_ = 0;
}

void Recorder::finish() {
  finishing_ = true;
  wake_.notify();
}

void Recorder::take_overflow() {
  if (overflow_.empty() || pending_.size() >= kMaxPending / 2) return;
  for (auto& [check, result] : overflow_) pending_.push_back({check, std::move(result)});
  overflow_.clear();
}

void Recorder::note_link(const std::string& collector, bool online, std::uint64_t durable) {
  links_[collector] = {online, durable};
  if (seal_wanted_ && keeps_up()) wake_.notify();
}

bool Recorder::online() const {
  return links_.empty() || std::any_of(links_.begin(), links_.end(),
                                       [](const auto& link) { return link.second.online; });
}

bool Recorder::keeps_up() const {
  const auto sealed = spool_status_.next_number - 1;
  return links_.empty() || std::any_of(links_.begin(), links_.end(), [&](const auto& link) {
           return link.second.online && link.second.durable + 1 >= sealed;
         });
}

bool Recorder::offline_for_long() const {
  return offline_since_ && clock_.boot() - *offline_since_ > minutes(1);
}

Task<Expected<void>> Recorder::write(bool seal) {
  // One writer at a time: a reload waits for the loop's write, and the other way round.
  while (writing_) {
    auto wait = idle_.wait();
    co_await std::move(wait);
  }
  writing_ = true;
  Expected<void> outcome;
  const auto sealed_before = spool_status_.next_number;
  take_overflow();
  tell_dropped();
  auto left = pending_.size();  // what comes in meanwhile is for the next turn
  do {
    auto results = std::make_shared<std::vector<PendingResult>>();
    const auto count = std::min(left, kChunk);
    for (std::size_t i = 0; i < count; ++i) {
      results->push_back({index_.at(pending_[i].check), pending_[i].result});
    }
    auto events = std::make_shared<const std::vector<AgentEvent>>(events_.begin(), events_.end());
    const bool last = left == count;
    auto context = std::make_shared<const SealContext>(seal_context());
    auto answer = std::make_shared<Expected<void>>();
    auto status = std::make_shared<SpoolStatus>();
    auto* spool = &spool_;
    const bool seal_now = seal && last;
    std::function<void()> work = [spool, results, events, seal_now, context, answer, status] {
      *answer = spool->append(*results, *events, seal_now, *context);
      *status = spool->status();
    };
    auto ran = disk_.run(std::move(work));
    co_await std::move(ran);
    spool_status_ = std::move(*status);
    outcome = std::move(*answer);
    if (!outcome) break;
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
    events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(events->size()));
    left -= count;
  } while (left > 0);
  writing_ = false;
  idle_.notify();
  last_commit_ = clock_.boot();
  if (!outcome) {
    if (failures_++ == 0) {
      log::error("cannot write the spool; results wait in memory",
                 {{"why", outcome.error().message}});
    }
  } else {
    if (failures_ != 0) log::notice("the spool is written again");
    failures_ = 0;
    if (spool_status_.next_number != sealed_before) {
      last_seal_ = clock_.boot();
      for (auto* event : sealed_events_) event->notify();
    }
  }
  co_return outcome;
}

Task<Expected<void>> Recorder::set_table(CheckTable table) {
  auto flushed = write(false);
  auto written = co_await std::move(flushed);
  if (!written) co_return written;
  auto shared = std::make_shared<const CheckTable>(table);
  auto context = std::make_shared<const SealContext>(seal_context());
  auto answer = std::make_shared<Expected<void>>();
  auto* spool = &spool_;
  while (writing_) {
    auto wait = idle_.wait();
    co_await std::move(wait);
  }
  writing_ = true;
  std::function<void()> work = [spool, shared, context, answer] {
    *answer = spool->set_table(*shared, *context);
  };
  auto ran = disk_.run(std::move(work));
  co_await std::move(ran);
  writing_ = false;
  idle_.notify();
  if (*answer) {
    table_ = std::move(table);
    index_.clear();
    for (std::uint32_t i = 0; i < table_.checks.size(); ++i) index_[table_.checks[i].name] = i;
    for (auto* event : sealed_events_) event->notify();
  }
  co_return std::move(*answer);
}

Task<void> Recorder::run() {
  for (;;) {
    if (online()) {
      offline_since_.reset();
    } else if (!offline_since_) {
      offline_since_ = clock_.boot();
    }
    const bool offline = offline_for_long();
    const auto commit_due = last_commit_ + (offline ? pace_.commit_offline : pace_.commit);
    const auto seal_due = last_seal_ + (offline ? pace_.ship_offline : pace_.ship);
    const auto due = failures_ != 0 ? last_commit_ + kRetry : std::min(commit_due, seal_due);
    const bool now =
        !writing_ && failures_ == 0 &&
        (urgent_ || finishing_ || (seal_wanted_ && keeps_up()) || pending_.size() >= kChunk);
    if (!now && clock_.boot() < due) {
      auto wait = wake_.wait_until(clock_, due);
      co_await std::move(wait);
      const bool woken = urgent_ || finishing_ || (seal_wanted_ && keeps_up());
      if (!woken && clock_.boot() < due && pending_.size() < kChunk) continue;
    }
    const bool finishing = finishing_;
    if (finishing) {
      AgentEvent stop;
      stop.kind = EventKind::stop;
      const auto reading = clock_.read();
      stop.wall = reading.wall;
      stop.boot = reading.boot;
      stop.clean = true;
      events_.push_back(std::move(stop));
    }
    seal_wanted_ = seal_wanted_ || urgent_;
    urgent_ = false;
    const bool seal = finishing || clock_.boot() >= seal_due || (seal_wanted_ && keeps_up());
    if (seal) seal_wanted_ = false;
    const bool nothing = pending_.empty() && events_.empty() && overflow_.empty() &&
                         (!seal || spool_status_.open_results == 0);
    if (nothing) {
      last_commit_ = clock_.boot();
      if (seal) last_seal_ = clock_.boot();
    } else {
      auto writing = write(seal);
      const auto written = co_await std::move(writing);
      static_cast<void>(written.has_value());  // a failure is logged, shown and tried again
    }
    if (finishing) co_return;
  }
}

}  // namespace nines::agent
