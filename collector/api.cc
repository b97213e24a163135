// SPDX-License-Identifier: Apache-2.0
#include "collector/api.h"

#include <algorithm>
#include <charconv>

#include "base/log.h"
#include "base/prometheus.h"
#include "collector/accounting.h"
#include "collector/asked.h"
#include "collector/metrics.h"
#include "collector/recorded.h"
#include "collector/request.h"
#include "collector/views.h"

namespace nines::collector {
namespace {

using net::HttpRequest;
using net::HttpResponse;

HttpResponse json_if_found(const Expected<std::optional<std::string>>& text,
                           const std::string& missing) {
  if (!text) return unanswerable(text.error());
  return *text ? HttpResponse::json(200, **text) : HttpResponse::problem(404, missing);
}

// An instant, or how long ago.
Expected<WallTime> instant_of(const HttpRequest& request,
                              std::string_view name,
                              WallTime now,
                              WallTime absent) {
  const auto text = request.parameter(name);
  if (!text) return absent;
  if (const auto ago = parse_duration(*text)) return now - *ago;
  if (const auto instant = parse_rfc3339(*text)) return *instant;
  return fail("'" + std::string(name) +
              "' is neither an instant (2026-11-23T08:00:00Z) nor a duration (1h)");
}

// "/v1/agents/edge-042/batches" → ("edge-042", "batches").
std::optional<std::pair<std::string, std::string_view>> agent_path(const HttpRequest& request) {
  constexpr std::string_view kPrefix = "/v1/agents/";
  const std::string_view path = request.path;
  if (!path.starts_with(kPrefix)) return std::nullopt;
  const auto rest = path.substr(kPrefix.size());
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return std::pair(std::string(rest.substr(0, slash)), rest.substr(slash + 1));
}

HttpResponse forbidden(const HttpRequest& request, const Identity& who) {
  log::warning("refused", {{"who", describe(who)},
                           {"method", request.method},
                           {"path", request.path.substr(0, 200)},
                           {"peer", request.peer.address}});
  return HttpResponse::problem(403, describe(who) + " may not do that");
}

bool is_read(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

}  // namespace

Api::Api(const Clock& clock,
         DiskThread& read_thread,
         Database& reader,
         Ingest& ingest,
         Journal& journal,
         LogIdentity log)
    : clock_(clock),
      read_thread_(read_thread),
      reader_(reader),
      ingest_(ingest),
      journal_(journal),
      log_(std::move(log)),
      agreements_(std::make_shared<const Agreements>()),
      standings_(std::make_shared<const std::vector<Standing>>()),
      judgements_(std::make_shared<const Judgements>()) {
  reload_.at = clock.wall();
}

void Api::set_agreements(std::shared_ptr<const Agreements> agreements) {
  agreements_ = std::move(agreements);
}

std::optional<HttpResponse> Api::gate(const HttpRequest& request) {
  const auto who = identify(request.peer);
  if (who.kind == Identity::Kind::nobody) return forbidden(request, who);
  if (is_read(request)) return std::nullopt;
  const auto path = agent_path(request);
  if (request.method == "POST" && path && path->second == "batches") {
    if (!may(who, Action::post_batch, path->first)) return forbidden(request, who);
    return ingest_.gate();
  }
  if (request.method == "POST" && request.path == "/v1/events") {
    if (!may(who, Action::speak, {}) || actor_of(who) == nullptr) return forbidden(request, who);
    return std::nullopt;
  }
  if (request.method == "POST" && alert_key(request.path)) {
    const bool named = actor_of(who) != nullptr || may(who, Action::administer, {});
    return named ? std::nullopt : std::optional(forbidden(request, who));
  }
  return HttpResponse::problem(405, "only batches, events and acknowledgements are posted here");
}

Task<HttpResponse> Api::about_agent(const HttpRequest& request, const Identity& who) {
  const auto path = agent_path(request);
  const bool posts = request.method == "POST" && path->second == "batches";
  const bool asks = is_read(request) && path->second == "head";
  if (!posts && !asks) co_return HttpResponse::problem(404, "no such path");
  if (!may(who, posts ? Action::post_batch : Action::read_head, path->first)) {
    co_return forbidden(request, who);
  }
  auto task = posts ? ingest_.post(request, path->first) : ingest_.head(path->first);
  auto response = co_await std::move(task);
  co_return response;
}

Task<HttpResponse> Api::answer(const HttpRequest& request) {
  const auto who = identify(request.peer);
  if (agent_path(request)) {
    auto task = about_agent(request, who);
    auto response = co_await std::move(task);
    co_return response;
  }
  if (request.method == "POST" && request.path == "/v1/events") {
    const Actor* actor = actor_of(who);
    if (actor == nullptr || !may(who, Action::speak, {})) co_return forbidden(request, who);
    auto task = journal_.post(request, *actor, agreements_);
    auto response = co_await std::move(task);
    co_return response;
  }
  if (request.method == "POST" && alert_key(request.path)) {
    auto task = acknowledge(request, who);
    auto response = co_await std::move(task);
    co_return response;
  }
  if (!is_read(request)) {
    co_return HttpResponse::problem(405,
                                    "only batches, events and acknowledgements are posted here");
  }
  if (!may_read(who, request)) co_return forbidden(request, who);
  if (is_live(request)) co_return live_answer(request, who);
  auto task = route_read(request);
  auto response = co_await std::move(task);
  co_return response;
}

const Actor* Api::actor_of(const Identity& who) const {
  if (who.kind == Identity::Kind::actor) return actors_.find(who.name);
  if (who.kind == Identity::Kind::local) return actors_.local();
  return nullptr;
}

bool Api::may_read(const Identity& who, const HttpRequest& request) const {
  if (may(who, Action::read, {})) return true;
  const Actor* actor = actor_of(who);
  if (actor == nullptr || !may(who, Action::read_own, {})) return false;
  if (actor->sees_all) return true;
  if (is_live(request)) return true;  // and shows no other agreement
  // Heads and proofs are hashes: they tell nothing of anybody's agreement.
  const std::string& path = request.path;
  if (path == "/v1/log/head" || path == "/v1/log/proof") return true;
  const bool of_agreement = path == "/v1/reports" || path == "/v1/results" ||
                            path == "/v1/events" || path.starts_with("/v1/reports/") ||
                            path == "/v1/bundle" || path == "/v1/alerts";
  const auto agreement = parameter(request, "agreement");
  return of_agreement && agreement && actor->sees(*agreement);
}

Task<HttpResponse> Api::answer_open(const HttpRequest& request) {
  if (!is_read(request)) co_return HttpResponse::problem(405, "this port only tells");
  if (request.path != "/metrics" && request.path != "/healthz" && request.path != "/readyz") {
    co_return HttpResponse::problem(404, "this port has /metrics, /healthz and /readyz alone");
  }
  auto task = route_read(request);
  auto response = co_await std::move(task);
  co_return response;
}

HttpResponse Api::ready() const {
  const auto trouble = ingest_.trouble();
  return trouble ? HttpResponse::text(503, *trouble + "\n") : HttpResponse::text(200, "ok\n");
}

Task<HttpResponse> Api::route_read(const HttpRequest& request) {
  const std::string& path = request.path;
  const auto now = clock_.wall();
  const auto vantage = parameter(request, "vantage");
  if (path == "/healthz") co_return HttpResponse::text(200, "ok\n");
  if (path == "/readyz") co_return ready();
  if (path == "/v1/agreements") co_return HttpResponse::json(200, agreements_json(*agreements_));
  Read work;
  if (path == "/metrics") {
    work = metrics();
  } else if (path == "/v1/agents") {
    work = [now](Database& db) { return json_or(agents_json(db, now)); };
  } else if (path == "/v1/status") {
    work = [now, vantage](Database& db) { return json_or(status_json(db, vantage, now)); };
  } else if (path == "/v1/incidents") {
    work = [](Database& db) { return json_or(incidents_json(db)); };
  } else if (path.starts_with("/v1/checks/")) {
    work = check_read(request);
  } else if (path == "/v1/reports") {
    work = report_read(request);
  } else if (path == "/v1/reports/revisions") {
    work = revisions_read(request);
  } else if (path == "/v1/bundle") {
    work = bundle_read(request);
  } else if (path == "/v1/results") {
    work = results_read(request);
  } else if (path == "/v1/slots") {
    work = slots_read(request);
  } else if (path == "/v1/events") {
    work = events_read(request);
  } else if (path.starts_with("/v1/log/")) {
    work = log_read(request);
  } else if (path == "/v1/alerts") {
    work = alerts_read(request);
  }
  if (!work) {
    co_return HttpResponse::problem(404, "no such path");
  }
  auto task = read(std::move(work));
  auto response = co_await std::move(task);
  co_return response;
}

Task<HttpResponse> Api::read(Read work) {
  if (reads_ >= kMaxReads) {
    auto busy = HttpResponse::problem(503, "too many questions are waiting");
    busy.headers.emplace_back("Retry-After", "2");
    co_return busy;
  }
  ++reads_;
  auto response = std::make_shared<HttpResponse>();
  std::function<void()> job = [db = &reader_, work = std::move(work), response] {
    const Database::Snapshot snapshot(*db);
    *response = work(*db);
  };
  auto running = read_thread_.run(std::move(job));
  co_await std::move(running);
  --reads_;
  co_return std::move(*response);
}

Api::Read Api::check_read(const HttpRequest& request) const {
  constexpr std::string_view kHistory = "/history";
  std::string check = request.path.substr(std::string_view("/v1/checks/").size());
  const bool history = check.ends_with(kHistory);
  if (history) check.resize(check.size() - kHistory.size());
  const auto vantage = parameter(request, "vantage");
  const auto now = clock_.wall();
  const std::string missing = "no results of check '" + check + "'" +
                              (vantage ? " from vantage '" + *vantage + "'" : std::string());
  if (!history) {
    return
        [=](Database& db) { return json_if_found(check_json(db, check, vantage, now), missing); };
  }
  const auto since = instant_of(request, "since", now, now - hours(1));
  const auto until = instant_of(request, "until", now, now + hours(1));
  std::size_t limit = kMaxHistory;
  if (const auto text = parameter(request, "limit")) {
    const auto* end = text->data() + text->size();
    if (std::from_chars(text->data(), end, limit).ptr != end) {
      return [](Database&) { return HttpResponse::problem(400, "'limit' is not a number"); };
    }
  }
  return [=](Database& db) {
    if (!since) return unanswerable(since.error());
    if (!until) return unanswerable(until.error());
    return json_if_found(history_json(db, check, vantage, *since, *until, limit), missing);
  };
}

Api::Read Api::results_read(const HttpRequest& request) const {
  const auto now = clock_.wall();
  const auto agreement = parameter(request, "agreement");
  const auto check = parameter(request, "check");
  const auto vantage = parameter(request, "vantage");
  const auto asked = agreement ? asked_of(request, *agreements_, now) : Expected<Asked>(Asked{});
  const auto from = instant_of(request, "from", now, now - hours(24));
  const auto to = instant_of(request, "to", now, now + hours(1));
  return [=, held = agreements_](Database& db) {
    if (!asked) return problem_of(asked.error());
    if (!from) return unanswerable(from.error());
    if (!to) return unanswerable(to.error());
    Needed needed{{}, {}, *from, *to};
    if (agreement) {
      auto of_agreement = results_needed(db, *asked->versions, asked->question);
      if (!of_agreement) return unanswerable(of_agreement.error());
      needed = *std::move(of_agreement);
    }
    // Who may see an agreement may see its checks, and no others.
    const auto& checks = needed.checks;
    if (check && agreement && std::find(checks.begin(), checks.end(), *check) == checks.end()) {
      return HttpResponse::problem(404, "the agreement has no check '" + *check + "'");
    }
    if (check) needed.checks = {*check};
    if (vantage) needed.vantages = {*vantage};
    if (needed.checks.empty()) return HttpResponse::problem(400, "agreement= or check= is missing");
    if (needed.vantages.empty()) {
      auto agents = agents_of(db, needed.checks.front());
      if (!agents) return unanswerable(agents.error());
      needed.vantages = *std::move(agents);
    }
    return lines_or(
        export_results(db, needed.checks, needed.vantages, needed.from, needed.to, kMaxExport));
  };
}

Api::Read Api::slots_read(const HttpRequest& request) const {
  const auto now = clock_.wall();
  const auto vantage = parameter(request, "vantage");
  const auto from = instant_of(request, "from", now, WallTime{0});
  const auto to = instant_of(request, "to", now, now + hours(1));
  return [=](Database& db) {
    if (!vantage) return HttpResponse::problem(400, "vantage= is missing");
    if (!from) return unanswerable(from.error());
    if (!to) return unanswerable(to.error());
    const auto account = account_slots(db, *vantage, *from, *to);
    if (!account) return unanswerable(account.error());
    return HttpResponse::json(200, account_json(*account, *vantage, *from, *to));
  };
}

Api::Read Api::metrics() const {
  MetricsInput input{ingest_.counters(), ingest_.queued(), ingest_.free_bytes(), reload_,
                     standings_};
  if (server_ != nullptr) input.server = server_->counters();
  if (alerting_ != nullptr) input.alerts = alerting_->counters();
  return [input](Database& db) {
    auto page = metrics_text(db, input);
    if (!page) return unanswerable(page.error());
    HttpResponse response;
    response.headers.emplace_back("Content-Type", std::string(kPrometheusType));
    response.body = *std::move(page);
    return response;
  };
}

Task<void> Api::refresh_standings(TakeReport take) {
  auto standings = std::make_shared<std::vector<Standing>>();
  auto judgements = std::make_shared<Judgements>();
  const auto now = clock_.wall();
  std::function<void()> job = [db = &reader_, agreements = agreements_, standings, judgements, now,
                               take = std::move(take)] {
    const Database::Snapshot snapshot(*db);
    for (const auto& [name, versions] : agreements->all()) {
      auto report = judge_agreement(*db, versions, {{}, now});
      if (report) {
        add_standings(*report, *standings);
        if (take) take(*report, versions);
      } else {
        log::warning("an agreement could not be judged",
                     {{"agreement", name}, {"why", report.error().message}});
      }
      judgements->emplace(name,
                          std::make_shared<const Judged>(judged_now(name, now, std::move(report))));
    }
  };
  auto running = read_thread_.run(std::move(job));
  co_await std::move(running);
  standings_ = standings;
  judgements_ = judgements;
  next_live_ = {};
}

}  // namespace nines::collector
