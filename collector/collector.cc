// SPDX-License-Identifier: Apache-2.0
#include "collector/collector.h"

#include <algorithm>

#include "base/log.h"
#include "base/notify.h"
#include "collector/agreement_texts.h"

namespace nines::collector {
namespace {

constexpr Duration kGrace = seconds(5);
constexpr Duration kLookAtDisk = seconds(5);
constexpr Duration kRefresh = seconds(60);  // of the objectives in /metrics

net::ServerLimits ingest_limits() {
  net::ServerLimits limits;
  limits.body_bytes = proto::kMaxSealedBytes;
  return limits;
}

net::ServerLimits reading_limits() {
  net::ServerLimits limits;
  limits.connections = 64;
  limits.body_bytes = 0;
  return limits;
}

net::ServerLimits local_limits() {
  auto limits = reading_limits();
  limits.body_bytes = kMaxStatement;
  return limits;
}

Expected<void> log_agreements(Store& store, const Agreements& agreements, WallTime at) {
  return store.write([&](Database& db) -> Expected<void> {
    record_agreements(db, agreements.sources(), at);
    return {};
  });
}

std::string text_of(const std::optional<config::HostPort>& address) {
  return address ? config::text_of(*address) : std::string();
}

}  // namespace

Expected<Named> load_named(const Settings& settings) {
  TRY(tls, net::TlsServerContext::load(
               {settings.ca_file, settings.certificate_file, settings.key_file}));
  TRY(agreements, Agreements::load(settings.agreements));
  return Named{tls, agreements};
}

Collector::Collector(asio::io_context& io,
                     const Clock& clock,
                     Settings settings,
                     std::string config_path)
    : io_(io),
      clock_(clock),
      settings_(std::move(settings)),
      config_path_(std::move(config_path)),
      stopping_(io),
      tasks_(io) {}

Collector::~Collector() = default;

Expected<void> Collector::open(Named named) {
  TRY(store, Store::open(settings_.state));
  store_ = std::move(store);
  TRY_VOID(log_agreements(*store_, *named.agreements, clock_.wall()));
  TRY(reader, Database::open(store_->database_path(), Database::Mode::read));
  reader_ = std::move(reader);
  disk_ = std::make_unique<DiskThread>(io_);
  read_thread_ = std::make_unique<DiskThread>(io_);
  ingest_ = std::make_unique<Ingest>(io_, clock_, *disk_, *store_, [this] {
    log::error("the store's disk failed: stopping, so that a new start finds what is really there");
    failed_ = true;
    request_stop();
  });
  sealer_ = std::make_unique<Sealer>(clock_, *read_thread_, *reader_, *disk_, *store_);
  sweeper_ = std::make_unique<Sweeper>(clock_, *read_thread_, *reader_, *disk_, *store_);
  journal_ = std::make_unique<Journal>(clock_, *disk_, *store_, [this] { sealer_->look_soon(); });
  api_ = std::make_unique<Api>(clock_, *read_thread_, *reader_, *ingest_, *journal_,
                               LogIdentity{store_->incarnation(), store_->log_key()});
  api_->set_actors(settings_.actors);
  api_->set_agreements(named.agreements);
  alerting_ = std::make_unique<Alerting>(io_, clock_, *read_thread_, *reader_, *disk_, *store_);
  TRY_VOID(alerting_->open());
  alerting_->set_settings(settings_.alerting, *named.agreements);
  api_->set_alerting(*alerting_);

  net::HttpServer::Handler handler = [this](const net::HttpRequest& request) {
    return answer(request);
  };
  net::HttpServer::Gate gate = [this](const net::HttpRequest& request) {
    return api_->gate(request);
  };
  server_ = std::make_unique<net::HttpServer>(io_, clock_, ingest_limits(), handler, gate);
  api_->set_server(*server_);
  TRY(port, server_->listen_tcp(config::text_of(settings_.listen), named.tls));
  port_ = port;
  local_ = std::make_unique<net::HttpServer>(io_, clock_, local_limits(), handler, gate);
  TRY_VOID(local_->listen_unix(settings_.socket));
  if (settings_.metrics) {
    net::HttpServer::Handler open_handler = [this](const net::HttpRequest& request) {
      return answer_open(request);
    };
    metrics_ =
        std::make_unique<net::HttpServer>(io_, clock_, reading_limits(), std::move(open_handler));
    TRY(metrics_port, metrics_->listen_tcp(config::text_of(*settings_.metrics), nullptr));
    metrics_port_ = metrics_port;
  }
  return {};
}

Task<net::HttpResponse> Collector::answer(const net::HttpRequest& request) {
  auto task = api_->answer(request);
  auto response = co_await std::move(task);
  co_return response;
}

Task<net::HttpResponse> Collector::answer_open(const net::HttpRequest& request) {
  auto task = api_->answer_open(request);
  auto response = co_await std::move(task);
  co_return response;
}

Task<void> Collector::look_after() {
  BootTime refresh = clock_.boot();
  while (!stop_.requested()) {
    auto looking = ingest_->look_at_disk();
    co_await std::move(looking);
    auto sealing = sealer_->look(api_->agreements());
    co_await std::move(sealing);
    auto sweeping = sweeper_->look(api_->agreements(), settings_.retention);
    co_await std::move(sweeping);
    const auto begun = clock_.boot();
    if (begun >= refresh) {
      auto refreshing = this->refresh();
      co_await std::move(refreshing);
      // Long judgements come seldom: they take a twentieth of the reading thread at most.
      const auto end = clock_.boot();
      refresh = end + std::max<Duration>(kRefresh, (end - begun) * 20);
    }
    auto looking_live = api_->refresh_live();
    co_await std::move(looking_live);
    const auto next = clock_.boot() + kLookAtDisk;
    auto nap = sleep_until(io_, clock_, next, stop_);
    co_await std::move(nap);
  }
}

Task<void> Collector::refresh() {
  auto reported = std::make_shared<Alerting::Reported>();
  Api::TakeReport take = [reported](const sla::Report& report,
                                    const std::vector<sla::Agreement>& versions) {
    (*reported)[report.agreement] = alerts::report_conditions(report, versions);
  };
  auto refreshing = api_->refresh_standings(std::move(take));
  co_await std::move(refreshing);
  alerting_->take_reports(std::move(*reported));
}

Task<void> Collector::feed_watchdog() {
  const auto interval = watchdog_interval();
  if (!interval) co_return;
  while (!stop_.requested()) {
    notify_service_manager("WATCHDOG=1");
    const auto next = clock_.boot() + *interval;
    auto nap = sleep_until(io_, clock_, next, stop_);
    co_await std::move(nap);
  }
}

void Collector::request_stop() {
  stop_.request();
  stopping_.notify();
}

Task<void> Collector::run() {
  auto looking = look_after();
  tasks_.spawn("look after", std::move(looking));
  auto watchdog = feed_watchdog();
  tasks_.spawn("watchdog", std::move(watchdog));
  auto watching = alerting_->watch([this] { return api_->agreements(); });
  tasks_.spawn("watch for alerts", std::move(watching));
  auto delivering = alerting_->deliver();
  tasks_.spawn("deliver alerts", std::move(delivering));
  log::notice("collector started", {{"version", std::string(kVersion)},
                                    {"port", std::to_string(port_)},
                                    {"state", settings_.state},
                                    {"socket", settings_.socket}});
  notify_service_manager("READY=1");
  while (!stop_.requested()) {
    auto wait = stopping_.wait();
    co_await std::move(wait);
  }
  notify_service_manager("STOPPING=1");
  log::notice("collector stops");
  for (auto* server : {server_.get(), local_.get(), metrics_.get()}) {
    if (server == nullptr) continue;
    auto stopping = server->stop(kGrace);
    tasks_.spawn("stop listening", std::move(stopping));
  }
  alerting_->stop();
  auto joined = tasks_.join();
  co_await std::move(joined);
  auto delivered = alerting_->join();
  co_await std::move(delivered);
  auto drained = ingest_->drain();
  co_await std::move(drained);
}

Expected<void> Collector::take_reload() {
  config::Complaints complaints;
  const auto next = load_settings(config_path_, complaints);
  if (!next) return fail(complaints.text());
  const auto fixed = [](const char* key) {
    return fail(std::string("collector.") + key +
                " cannot change while the collector runs; restart it");
  };
  if (config::text_of(next->listen) != config::text_of(settings_.listen)) return fixed("listen");
  if (next->socket != settings_.socket) return fixed("socket");
  if (next->state != settings_.state) return fixed("state");
  if (text_of(next->metrics) != text_of(settings_.metrics)) return fixed("metrics");
  TRY(named, load_named(*next));
  server_->replace_tls(named.tls);
  api_->set_agreements(named.agreements);
  api_->set_actors(next->actors);
  alerting_->set_settings(next->alerting, *named.agreements);
  auto logging = log_reloaded(named.agreements);
  tasks_.spawn("log agreements", std::move(logging));
  settings_ = *next;
  return {};
}

Task<void> Collector::log_reloaded(std::shared_ptr<const Agreements> agreements) {
  std::function<void()> work = [store = store_.get(), agreements, at = clock_.wall()] {
    const auto logged = log_agreements(*store, *agreements, at);
    if (!logged) log::error("agreements could not be logged", {{"why", logged.error().message}});
  };
  auto running = disk_->run(std::move(work));
  co_await std::move(running);
}

void Collector::reload() {
  if (stop_.requested()) return;
  notify_service_manager("RELOADING=1");
  const auto taken = take_reload();
  api_->set_reload({taken.has_value(), clock_.wall()});
  if (taken) {
    log::notice("certificates and agreements taken");
  } else {
    log::error("reload refused; what was loaded before stays in force",
               {{"why", taken.error().message}});
  }
  notify_service_manager("READY=1");
}

}  // namespace nines::collector
