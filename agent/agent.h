// SPDX-License-Identifier: Apache-2.0
// The agent put together: opens the state folder, starts a runner for each check, the recorder, a
// shipper for each collector and the local API; reloads; drains.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/check_runner.h"
#include "agent/identity.h"
#include "agent/recorder.h"
#include "agent/settings.h"
#include "agent/shipper.h"
#include "agent/status_board.h"
#include "agent/timekeeper.h"
#include "base/async.h"
#include "net/http_server.h"

namespace nines::agent {

inline constexpr std::string_view kVersion = "0.1.0";

struct ReloadStatus {
  bool ok = true;
  WallTime at;
  std::string message;  // the complaints of the last refused configuration
};

class Agent {
 public:
  // Reads the configuration again, for a reload.
  using Load = std::function<std::optional<Settings>(config::Complaints&)>;

  // `io` and `clock` must outlive the agent.
  Agent(asio::io_context& io, const Clock& clock, Settings settings, Load load);
  ~Agent();

  // Takes the identity, opens the spool, binds the socket. Blocks: call before the loop runs. An
  // error is one line for the operator.
  Expected<void> open();

  Task<void> run();  // until request_stop(); drains within 5 s
  void request_stop();
  Task<void> reload();  // SIGHUP: a bad configuration changes nothing

  // What the local API tells; memory only, so that it answers with the disk stuck.
  struct View {
    const Settings& settings;
    const StatusBoard& board;
    const Recorder& recorder;
    const std::vector<std::unique_ptr<Shipper>>& shippers;
    const std::vector<std::unique_ptr<CheckRunner>>& runners;
    const SlotClock& labels;
    const ReloadStatus& reload;
    const std::vector<std::string>& warnings;
    WallTime started;
    WallTime now;
  };

 private:
  struct StartAt {  // where a check's grid begins: what is on record already
    std::int64_t next = 0;
    std::int64_t missed = 0;  // slots before `next` that passed while the agent was away
  };

  std::vector<std::pair<Check, SlotGrid>> grids(const Settings& settings) const;
  CheckTable table_for(const Settings& settings) const;
  StartAt start_of(const std::string& check, const SlotGrid& grid);
  void start_runner(const Check& check, const SlotGrid& grid);
  Task<bool> start_checks();
  Task<void> stop_runners(std::vector<std::string> names, Reason why);
  Task<void> serve_metrics();
  Task<void> feed_watchdog();
  std::string refuse_reload(const Settings& next) const;
  Task<net::HttpResponse> answer(const net::HttpRequest& request);
  View view() const;

  asio::io_context& io_;
  const Clock& clock_;
  Settings settings_;
  Load load_;
  WallTime started_;
  ReloadStatus reload_;
  std::vector<std::string> warnings_;  // of the start: damage, missing permissions
  std::string metrics_warning_;
  mutable std::vector<std::string> shown_warnings_;
  bool reloading_ = false;

  std::unique_ptr<Identity> identity_;
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<DiskThread> disk_;  // after the spool: it ends first
  StatusBoard board_;
  std::map<std::string, proto::LastSlot> last_slots_;  // of before the start
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Timekeeper> time_;
  std::unique_ptr<probes::ProbeRoom> probes_;
  // How many probes this host takes, and what the set asks of it.
  void take_admission();

  ProbeBudget budget_;
  HandshakePace handshakes_;
  std::vector<std::string> admission_warnings_;
  std::vector<std::unique_ptr<CheckRunner>> runners_;
  std::map<std::string, std::unique_ptr<TaskSet>> runner_tasks_;  // by check
  std::unique_ptr<net::CurlMulti> multi_;
  std::unique_ptr<net::Resolver> resolver_;
  std::vector<std::unique_ptr<Shipper>> shippers_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<net::HttpServer> metrics_server_;
  Stop stop_;  // of everything but the shippers
  Stop shippers_stop_;
  Event stopping_;
  TaskSet tasks_;
};

}  // namespace nines::agent
