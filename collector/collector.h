// SPDX-License-Identifier: Apache-2.0
// The collector put together: the store and its two threads, ingest, the API and its listeners;
// reloads; drains.
#pragma once

#include <memory>
#include <string>

#include "base/async.h"
#include "base/version.h"
#include "collector/alerting.h"
#include "collector/api.h"
#include "collector/ingest.h"
#include "collector/judge.h"
#include "collector/sealer.h"
#include "collector/settings.h"
#include "collector/store.h"
#include "collector/sweeper.h"
#include "net/http_server.h"
#include "net/tls.h"

namespace nines::collector {

// What the configuration names beside itself: certificates and agreements.
struct Named {
  std::shared_ptr<const net::TlsServerContext> tls;
  std::shared_ptr<const Agreements> agreements;
};

Expected<Named> load_named(const Settings& settings);

class Collector {
 public:
  // `io` and `clock` must outlive the collector. `config_path` is read again at a reload.
  Collector(asio::io_context& io, const Clock& clock, Settings settings, std::string config_path);
  ~Collector();

  // Opens the store and listens. Blocks: call before the loop runs. An error is one line.
  Expected<void> open(Named named);

  Task<void> run();  // until request_stop(); drains within 5 s
  void request_stop();
  void reload();  // SIGHUP: certificates and agreements; what does not load changes nothing

  // Whether the disk failed in a way that asks for a new start.
  bool failed() const { return failed_; }

  std::uint16_t port() const { return port_; }

  std::uint16_t metrics_port() const { return metrics_port_; }

 private:
  Task<void> look_after();  // disk space, seals, retention, standings
  Task<void> refresh();     // standings, and the alerts that rest on reports
  Task<void> feed_watchdog();
  Task<net::HttpResponse> answer(const net::HttpRequest& request);
  Task<net::HttpResponse> answer_open(const net::HttpRequest& request);
  Expected<void> take_reload();
  Task<void> log_reloaded(std::shared_ptr<const Agreements> agreements);

  asio::io_context& io_;
  const Clock& clock_;
  Settings settings_;
  std::string config_path_;
  std::uint16_t port_ = 0, metrics_port_ = 0;
  bool failed_ = false;

  // In the order of use; the threads end before what they touch.
  std::unique_ptr<Store> store_;
  std::unique_ptr<Database> reader_;
  std::unique_ptr<DiskThread> disk_, read_thread_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Sealer> sealer_;
  std::unique_ptr<Sweeper> sweeper_;
  std::unique_ptr<Alerting> alerting_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<net::HttpServer> server_;   // TLS
  std::unique_ptr<net::HttpServer> local_;    // Unix socket
  std::unique_ptr<net::HttpServer> metrics_;  // plain, for Prometheus
  Stop stop_;
  Event stopping_;
  TaskSet tasks_;
};

}  // namespace nines::collector
