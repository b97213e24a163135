// SPDX-License-Identifier: Apache-2.0
// Alerts put together: looks at the store every few seconds, keeps the book, delivers. The loop
// owns the book; each change of it is durable before anything goes out. Deliveries are tasks of
// their own, one at a time for each channel: nothing that measures, stores, judges or seals waits
// for one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "alerts/book.h"
#include "alerts/channels.h"
#include "alerts/emergency.h"
#include "base/async.h"
#include "base/random.h"
#include "collector/actors.h"
#include "collector/alert_watch.h"
#include "collector/judge.h"
#include "collector/log.h"
#include "collector/store.h"
#include "net/http_message.h"

namespace nines::collector {

inline constexpr Duration kAlertsEvery = seconds(5);
inline constexpr Duration kBackoffFirst = seconds(1);  // doubles, with full jitter
inline constexpr Duration kBackoffMost = minutes(5);
inline constexpr Duration kStatedFor = hours(1);  // what ended is said to have ended for so long

struct AlertCounters {
  std::map<std::string, std::size_t> alerts;                              // by state
  std::map<std::string, std::size_t> waiting;                             // by channel
  std::map<std::pair<std::string, std::string>, std::uint64_t> attempts;  // by channel and result
  std::size_t left_out = 0;
};

class Alerting {
 public:
  // All must outlive it; `reader` is touched on `read_thread` alone, `store` on `disk` alone.
  Alerting(asio::io_context& io,
           const Clock& clock,
           DiskThread& read_thread,
           Database& reader,
           DiskThread& disk,
           Store& store);

  // Reads the book. Blocks: call before the loop runs.
  Expected<void> open();

  // Null: nobody is told of anything, and nothing is looked at. The emergency chains are those of
  // the agreements as they are in force now; every look takes up what came into force since.
  void set_settings(std::shared_ptr<const alerts::Settings> settings, const Agreements& agreements);

  // What the reports of the agreements say just now; the others keep what theirs said.
  using Reported = std::map<std::string, std::vector<alerts::Condition>>;
  void take_reports(Reported reported);

  // Both until stop(); `agreements` answers those in force.
  using InForce = std::function<std::shared_ptr<const Agreements>()>;
  Task<void> watch(InForce agreements);
  Task<void> deliver();
  void stop();
  Task<void> join();  // deliveries under way have ended

  // One look, as watch() makes them; for tests.
  Task<void> look(std::shared_ptr<const Agreements> agreements);

  // POST /v1/alerts/KEY/ack. `actor` null: whoever administers this machine.
  Task<net::HttpResponse> acknowledge(std::string key, const Actor* actor, std::string by);

  // GET /v1/alerts; of one agreement its alerts alone.
  nlohmann::json json(const std::optional<std::string>& agreement) const;
  AlertCounters counters() const;

  const alerts::Book& book() const { return book_; }

 private:
  struct Run {  // of one channel
    bool busy = false;
    BootTime not_before{};
    unsigned failures = 0;                // in a row
    std::optional<BootTime> stated;       // a channel that is told states: when last
    std::optional<WallTime> stated_wall;  // what ended before was said
  };

  Task<void> send_head();
  Task<bool> say(std::shared_ptr<Seen> seen);
  void follow_chains();
  void take(const Seen& seen, const Agreements& agreements, WallTime now);
  Task<void> persist();
  void pump();
  BootTime next_due() const;
  bool has_work(const alerts::Channel& channel, const Run& run) const;
  Task<void> attempt(std::string name);
  void settle(const std::string& name,
              const std::vector<std::uint64_t>& deliveries,
              const alerts::Sent& sent);

  asio::io_context& io_;
  const Clock& clock_;
  DiskThread& read_thread_;
  Database& reader_;
  DiskThread& disk_;
  Store& store_;
  const LogId log_id_;
  const SigningKey log_key_;
  alerts::Book book_;
  alerts::Channels channels_;
  std::shared_ptr<AlertWatch> watch_;
  std::shared_ptr<const alerts::Settings> settings_;
  std::vector<alerts::Chain> chains_;
  Reported reported_;
  std::map<std::string, Run> runs_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> attempts_;
  std::string complained_;  // what the last look could not do, so that it is said once
  Random random_;
  Stop stop_;
  Event work_;
  TaskSet tasks_;
};

// "/v1/alerts/KEY/ack" → KEY.
std::optional<std::string> alert_key(std::string_view path);

}  // namespace nines::collector
