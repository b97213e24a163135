// SPDX-License-Identifier: Apache-2.0
// Takes results on the loop and makes them durable on the disk thread: in groups every `commit`, at
// once when an outcome changed. Everything else on the loop goes on while the disk is slow; what
// waits is bounded, and what does not fit any more becomes one `spool_full` record for each check,
// so that every slot still ends in a record.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "agent/spool.h"
#include "agent/status_board.h"
#include "base/async.h"

namespace nines::agent {

struct RecorderPace {
  Duration commit = seconds(5);  // the longest that a result waits to become durable
  Duration ship = seconds(30);   // the longest that a durable result waits to be sealed
  // While no collector answers, fewer and larger writes make the ring last.
  Duration commit_offline = seconds(60);
  Duration ship_offline = minutes(5);
};

class Recorder {
 public:
  // All must outlive the recorder. `disk` serialises every use of `spool`.
  Recorder(asio::io_context& io,
           const Clock& clock,
           DiskThread& disk,
           Spool& spool,
           StatusBoard& board,
           RecorderPace pace);

  // Never blocks. `check` must be in the table that was set last.
  void record(const std::string& check, Result result);
  void record(AgentEvent event);
  // Beside the results of slots: waits for the next write, and gives way where events pile up.
  void record_recheck(const std::string& check, AgentEvent event);

  // Everything recorded so far becomes durable under the old table, then the new one holds.
  Task<Expected<void>> set_table(CheckTable table);

  // The writer's loop; ends after finish().
  Task<void> run();
  // A last batch that says that the agent stopped; then run() ends.
  void finish();

  // Notified whenever a batch was sealed. Each shipper has its own.
  void on_sealed(Event& event) { sealed_events_.push_back(&event); }

  // How the link to a collector stands: whether it answers, and the last batch that it has.
  void note_link(const std::string& collector, bool online, std::uint64_t durable);

  void set_clock_offset(Duration ahead, Duration bound) {
    clock_ahead_ = ahead;
    clock_bound_ = bound;
  }

  void set_pace(RecorderPace pace) { pace_ = pace; }

  // As of the last disk operation; never waits for the disk.
  const SpoolStatus& spool_status() const { return spool_status_; }

  void set_spool_status(SpoolStatus status) { spool_status_ = std::move(status); }

  std::size_t waiting() const { return pending_.size(); }

  std::uint64_t overflowed() const { return overflowed_; }

  SealContext seal_context() const;

 private:
  struct Waiting {
    std::string check;
    Result result;
  };

  struct Link {
    bool online = true;
    std::uint64_t durable = 0;
  };

  Task<Expected<void>> write(bool seal);
  bool online() const;
  bool offline_for_long() const;
  // Whether a batch sealed now would be sent next, by the fastest link at least. Where none keeps
  // up, changes wait for company: a storm of them would seal one batch each, and fall behind.
  bool keeps_up() const;
  void take_overflow();
  void tell_dropped();

  const Clock& clock_;
  DiskThread& disk_;
  Spool& spool_;
  StatusBoard& board_;
  RecorderPace pace_;
  CheckTable table_;
  std::map<std::string, std::uint32_t> index_;  // of checks in the table
  std::deque<Waiting> pending_;
  std::map<std::string, Result> overflow_;  // by check: consecutive slots that found no room
  std::deque<AgentEvent> events_;
  Event wake_;
  Event idle_;  // a write has ended
  std::vector<Event*> sealed_events_;
  SpoolStatus spool_status_;
  BootTime last_commit_, last_seal_;
  std::optional<BootTime> offline_since_;
  std::map<std::string, Link> links_;
  bool urgent_ = false;       // something must become durable now
  bool seal_wanted_ = false;  // and be sent as soon as a link keeps up
  bool finishing_ = false;
  bool writing_ = false;
  std::uint64_t overflowed_ = 0;
  std::uint64_t dropped_events_ = 0;  // that no event has told of yet
  std::uint64_t failures_ = 0;
  Duration clock_ahead_{0}, clock_bound_{0};
};

}  // namespace nines::agent
