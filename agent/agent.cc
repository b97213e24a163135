// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <algorithm>
#include <set>

#include "agent/admission.h"
#include "agent/api.h"
#include "base/log.h"
#include "base/notify.h"
#include "proto/result_json.h"

namespace nines::agent {
namespace {

constexpr Duration kDrain = seconds(4);          // for the last batch, of the 5 s a stop may take
constexpr Duration kMetricsRetry = seconds(30);  // while its port is in use

net::ServerLimits local_limits() {
  net::ServerLimits limits;
  limits.connections = 16;
  limits.body_bytes = 0;
  limits.header_bytes = 4 << 10;
  limits.handshake = seconds(2);
  return limits;
}

std::uint64_t seed() {
  std::array<std::uint8_t, 8> bytes;
  fill_entropy(bytes);
  return get_le<std::uint64_t>(bytes.data());
}

}  // namespace

Agent::Agent(asio::io_context& io, const Clock& clock, Settings settings, Load load)
    : io_(io),
      clock_(clock),
      settings_(std::move(settings)),
      load_(std::move(load)),
      started_(clock.wall()),
      stopping_(io),
      tasks_(io) {
  reload_.at = started_;
}

Agent::~Agent() = default;

std::vector<std::pair<Check, SlotGrid>> Agent::grids(const Settings& settings) const {
  std::vector<std::pair<Check, SlotGrid>> out;
  for (const auto* list : {&settings.checks, &settings.canaries}) {
    for (const auto& check : *list) {
      out.emplace_back(check,
                       SlotGrid{check.every, phase_of(settings.name, check.name, check.every)});
    }
  }
  return out;
}

CheckTable Agent::table_for(const Settings& settings) const {
  CheckTable table;
  table.config_digest = settings.digest;
  table.labels = settings.labels;
  for (const auto& [check, grid] : grids(settings)) {
    CheckEntry entry;
    entry.name = check.name;
    entry.kind = check.kind();
    entry.target = check.target();
    entry.grid = grid;
    entry.timeout = check.timeout;
    entry.priority = check.priority;
    entry.labels = check.labels;
    entry.canonical = canonical_text(check);
    table.checks.push_back(std::move(entry));
  }
  return table;
}

Expected<void> Agent::open() {
  TRY(identity, take_identity(settings_.state, settings_.name));
  identity_ = std::make_unique<Identity>(std::move(identity));
  const auto spool_folder = settings_.state + "/spool";
  TRY_VOID(make_directories(spool_folder));
  TRY(directory, open_directory(spool_folder));
  SpoolOptions options;
  options.agent = settings_.name;
  options.version = kVersion;
  options.boot_id = read_boot_id();
  for (const auto& c : settings_.collectors) options.collectors.push_back(c.url);
  options.size = settings_.spool_size;
  options.clock = &clock_;
  Spool::Opened opened;
  const SealContext context{clock_.read(), read_clock_sync()};
  auto spool =
      Spool::open(std::move(directory), std::move(options), identity_->key, context, opened);
  if (!spool) return Unexpected(std::move(spool.error()).within("spool in " + spool_folder));
  spool_ = *std::move(spool);
  for (auto& last : opened.last) last_slots_[last.check] = last;
  for (const auto& finding : opened.findings) {
    log::warning("spool", {{"finding", finding}});
    warnings_.push_back(finding);
  }

  take_admission();
  disk_ = std::make_unique<DiskThread>(io_);
  RecorderPace pace;
  pace.commit = settings_.spool_commit;
  for (const auto& c : settings_.collectors) pace.ship = std::min(pace.ship, c.ship);
  recorder_ = std::make_unique<Recorder>(io_, clock_, *disk_, *spool_, board_, pace);
  time_ = std::make_unique<Timekeeper>(io_, clock_, opened.latest, [this](AgentEvent event) {
    log::warning(
        event.kind == EventKind::suspend ? "the host was suspended" : "the wall clock stepped",
        {{"by", format_duration(event.duration)}});
    recorder_->record(std::move(event));
  });
  probes_ = std::make_unique<probes::ProbeRoom>(io_, clock_);
  multi_ = std::make_unique<net::CurlMulti>(io_);
  resolver_ = std::make_unique<net::Resolver>(io_, clock_);
  for (const auto& c : settings_.collectors) {
    net::ClientOptions client;
    client.url = c.url;
    client.tls = net::TlsFiles{c.ca_file, c.certificate_file, c.key_file};
    client.proxy = c.proxy;
    shippers_.push_back(std::make_unique<Shipper>(io_, clock_, time_->labels(), *disk_, *spool_,
                                                  *recorder_, *multi_, *resolver_,
                                                  std::move(client), settings_.name, seed()));
  }
  board_.on_uplink_back([this] {
    for (const auto& shipper : shippers_) shipper->uplink_is_back();
  });
  net::HttpServer::Handler handler = [this](const net::HttpRequest& request) {
    return answer(request);
  };
  server_ = std::make_unique<net::HttpServer>(io_, clock_, local_limits(), std::move(handler));
  return server_->listen_unix(settings_.socket);
}

Agent::StartAt Agent::start_of(const std::string& check, const SlotGrid& grid) {
  const auto now = time_->now();
  StartAt start{grid.slot_at(now) + 1, 0};
  const auto known = last_slots_.find(check);
  // Another grid counts other slots: nothing of the old one is due on the new one.
  if (known != last_slots_.end() && known->second.grid == grid) {
    start.missed = std::max<std::int64_t>(0, start.next - 1 - known->second.slot);
    start.next = std::max(start.next, known->second.slot + 1);
  }
  return start;
}

void Agent::start_runner(const Check& check, const SlotGrid& grid) {
  const auto start = start_of(check.name, grid);
  if (start.missed > 0) {
    Result away;
    away.slot = start.next - start.missed;
    away.span = start.missed;
    away.probe.outcome = Outcome::unknown;
    away.probe.reason = Reason::agent_stopped;
    recorder_->record(check.name, std::move(away));
  }
  last_slots_.erase(check.name);
  runners_.push_back(std::make_unique<CheckRunner>(io_, clock_, *time_, *recorder_, *probes_,
                                                   budget_, handshakes_, check, grid, start.next,
                                                   recheck_of(settings_, check.name)));
  auto tasks = std::make_unique<TaskSet>(io_);
  tasks->spawn(check.name, runners_.back()->run());
  runner_tasks_[check.name] = std::move(tasks);
}

Task<bool> Agent::start_checks() {
  board_.set_checks(grids(settings_), settings_.canaries, settings_.local);
  auto setting = recorder_->set_table(table_for(settings_));
  const auto set = co_await std::move(setting);
  if (!set) {
    log::error("cannot write the spool", {{"why", set.error().message}});
    co_return false;
  }
  for (const auto& [check, grid] : grids(settings_)) start_runner(check, grid);
  co_return true;
}

Task<void> Agent::stop_runners(std::vector<std::string> names, Reason why) {
  for (const auto& runner : runners_) {
    if (std::find(names.begin(), names.end(), runner->check().name) != names.end()) {
      runner->stop(why);
    }
  }
  for (const auto& name : names) {
    const auto tasks = runner_tasks_.find(name);
    if (tasks == runner_tasks_.end()) continue;
    auto joining = tasks->second->join();
    co_await std::move(joining);
    runner_tasks_.erase(name);
  }
  std::erase_if(runners_, [&](const auto& runner) {
    return std::find(names.begin(), names.end(), runner->check().name) != names.end();
  });
}

std::string Agent::refuse_reload(const Settings& next) const {
  const auto fixed = [](const char* key) {
    return std::string(key) + " cannot change while the agent runs; restart it";
  };
  if (next.name != settings_.name) return fixed("agent.name");
  if (next.state != settings_.state) return fixed("agent.state");
  if (next.socket != settings_.socket) return fixed("agent.socket");
  if (next.spool_size != settings_.spool_size) return fixed("agent.spool.size");
  if (next.collectors != settings_.collectors) return fixed("collectors");
  const auto text = [](const std::optional<config::HostPort>& address) {
    return address ? config::text_of(*address) : std::string();
  };
  if (text(next.metrics) != text(settings_.metrics)) return fixed("agent.metrics");
  return {};
}

void Agent::take_admission() {
  auto admission = admit(settings_, limits_of_process());
  budget_.set_limit(static_cast<std::size_t>(admission.places));
  admission_warnings_ = std::move(admission.warnings);
  for (const auto& warning : admission_warnings_) log::warning("checks", {{"why", warning}});
}

Task<void> Agent::reload() {
  if (reloading_ || stop_.requested()) co_return;
  reloading_ = true;
  notify_service_manager("RELOADING=1");
  config::Complaints complaints;
  auto next = load_(complaints);
  std::string refused = next ? refuse_reload(*next) : complaints.text();
  reload_.at = clock_.wall();
  AgentEvent event;
  event.kind = EventKind::config;
  event.wall = reload_.at;
  event.boot = clock_.boot();
  if (!refused.empty()) {
    reload_.ok = false;
    reload_.message = refused;
    log::error("configuration refused; the old one stays in force", {{"why", refused}});
    event.text = cut_text("refused: " + refused);
    recorder_->record(std::move(event));
    reloading_ = false;
    notify_service_manager("READY=1");
    co_return;
  }
  // Gone or different: stop. Everything else keeps its phase and what it has in flight.
  std::vector<std::string> stop_names;
  const auto next_grids = grids(*next);
  for (const auto& runner : runners_) {
    const auto same = std::any_of(next_grids.begin(), next_grids.end(), [&](const auto& n) {
      return n.second == runner->grid() && n.first == runner->check() &&
             recheck_of(*next, n.first.name) == runner->recheck();
    });
    if (!same) stop_names.push_back(runner->check().name);
  }
  auto stopping = stop_runners(stop_names, Reason::agent_configuration);
  co_await std::move(stopping);
  auto setting = recorder_->set_table(table_for(*next));
  const auto set = co_await std::move(setting);
  if (!set) {
    // The disk does not take the new table: results could not be told apart. The old stays.
    reload_.ok = false;
    reload_.message = "the spool cannot be written: " + set.error().message;
    for (const auto& [check, grid] : grids(settings_)) {
      if (!runner_tasks_.contains(check.name)) start_runner(check, grid);
    }
  } else {
    settings_ = *std::move(next);
    take_admission();
    board_.set_checks(next_grids, settings_.canaries, settings_.local);
    for (const auto& [check, grid] : next_grids) {
      if (!runner_tasks_.contains(check.name)) start_runner(check, grid);
    }
    RecorderPace pace;
    pace.commit = settings_.spool_commit;
    for (const auto& c : settings_.collectors) pace.ship = std::min(pace.ship, c.ship);
    recorder_->set_pace(pace);
    reload_.ok = true;
    reload_.message.clear();
    event.text = "taken: " + hex(settings_.digest);
    recorder_->record(std::move(event));
    log::notice("configuration taken", {{"checks", std::to_string(settings_.checks.size())}});
  }
  reloading_ = false;
  notify_service_manager("READY=1");
}

Task<void> Agent::serve_metrics() {
  if (!settings_.metrics) co_return;
  net::HttpServer::Handler handler = [this](const net::HttpRequest& request) {
    return answer(request);
  };
  metrics_server_ =
      std::make_unique<net::HttpServer>(io_, clock_, local_limits(), std::move(handler));
  const auto address = config::text_of(*settings_.metrics);
  while (!stop_.requested()) {
    const auto port = metrics_server_->listen_tcp(address, nullptr);
    if (port) {
      metrics_warning_.clear();
      log::notice("metrics served", {{"address", address}});
      co_return;
    }
    if (metrics_warning_.empty()) {
      log::warning("metrics are not served; measuring goes on",
                   {{"address", address}, {"why", port.error().message}});
    }
    metrics_warning_ = "metrics are not served on " + address + ": " + port.error().message;
    const auto again = clock_.boot() + kMetricsRetry;
    auto nap = sleep_until(io_, clock_, again, stop_);
    co_await std::move(nap);
  }
}

Task<void> Agent::feed_watchdog() {
  const auto interval = watchdog_interval();
  if (!interval) co_return;
  while (!stop_.requested()) {
    notify_service_manager("WATCHDOG=1");
    const auto next = clock_.boot() + *interval;
    auto nap = sleep_until(io_, clock_, next, stop_);
    co_await std::move(nap);
  }
}

void Agent::request_stop() {
  stop_.request();
  stopping_.notify();
}

Task<void> Agent::run() {
  auto starting = start_checks();
  const bool started = co_await std::move(starting);
  if (started) {
    TaskSet recording(io_);
    auto recorder = recorder_->run();
    recording.spawn("recorder", std::move(recorder));
    auto time = time_->run(stop_);
    tasks_.spawn("time", std::move(time));
    auto metrics = serve_metrics();
    tasks_.spawn("metrics", std::move(metrics));
    auto watchdog = feed_watchdog();
    tasks_.spawn("watchdog", std::move(watchdog));
    for (auto& shipper : shippers_) {
      auto shipping = shipper->run(shippers_stop_);
      tasks_.spawn("shipper", std::move(shipping));
    }
    const auto support = probes_->icmp_support();
    log::notice("agent started", {{"name", settings_.name},
                                  {"version", std::string(kVersion)},
                                  {"checks", std::to_string(runners_.size())},
                                  {"icmp", support}});
    notify_service_manager("READY=1");
    while (!stop_.requested()) {
      auto wait = stopping_.wait();
      co_await std::move(wait);
    }
    notify_service_manager("STOPPING=1");
    log::notice("agent stops");
    const auto deadline = clock_.boot() + kDrain;
    std::vector<std::string> names;
    for (const auto& runner : runners_) names.push_back(runner->check().name);
    auto ending = stop_runners(std::move(names), Reason::agent_stopped);
    co_await std::move(ending);
    recorder_->finish();
    auto recorded = recording.join();
    co_await std::move(recorded);
    for (auto& shipper : shippers_) {
      auto drained = shipper->drain(deadline);
      co_await std::move(drained);
    }
  }
  shippers_stop_.request();
  auto joined = tasks_.join();
  co_await std::move(joined);
  for (auto* server : {server_.get(), metrics_server_.get()}) {
    if (server == nullptr) continue;
    auto closing = server->stop(milliseconds(200));
    co_await std::move(closing);
  }
}

Agent::View Agent::view() const {
  shown_warnings_ = warnings_;
  shown_warnings_.insert(shown_warnings_.end(), admission_warnings_.begin(),
                         admission_warnings_.end());
  if (!metrics_warning_.empty()) shown_warnings_.push_back(metrics_warning_);
  if (!reload_.ok)
    shown_warnings_.push_back("the last configuration was refused: " + reload_.message);
  if (time_->labels().ahead() > kStep) {
    shown_warnings_.push_back("the wall clock was set back; results are labelled " +
                              human_duration(time_->labels().ahead()) + " ahead of it");
  }
  if (settings_.checks.empty()) {
    shown_warnings_.push_back("no checks are configured: add a file with a `checks:` list");
  } else if (settings_.collectors.empty()) {
    shown_warnings_.push_back("no collector is configured: results stay on this host");
  }
  return {settings_,       board_,  *recorder_,      shippers_, runners_,
          time_->labels(), reload_, shown_warnings_, started_,  clock_.wall()};
}

Task<net::HttpResponse> Agent::answer(const net::HttpRequest& request) {
  auto response = answer_local(view(), request);
  co_return response;
}

}  // namespace nines::agent
