// SPDX-License-Identifier: Apache-2.0
// The live page, GET /, and its document, GET /v1/live: from what was looked at last, so that a
// page in every browser costs the store nothing.
#include <algorithm>

#include "base/log.h"
#include "collector/api.h"
#include "collector/live_assets.h"
#include "collector/live_page.h"
#include "collector/request.h"
#include "sla/render/report_formats.h"

namespace nines::collector {
namespace {

// Of a browser's wishes the first counts: it is the one that it wants most.
sla::Language language_of(const net::HttpRequest& request) {
  if (const auto named = parameter(request, "lang")) {
    if (const auto language = sla::parse_language(*named)) return *language;
  }
  const auto wishes = request.header("Accept-Language").value_or("");
  return sla::language_of(wishes.substr(0, wishes.find_first_of(",; ")));
}

}  // namespace

bool Api::is_live(const net::HttpRequest& request) {
  return request.path == "/" || request.path == "/v1/live";
}

net::HttpResponse Api::live_answer(const net::HttpRequest& request, const Identity& who) const {
  // Who may read everything sees everything; a person whatever concerns its agreements.
  Viewer viewer;
  if (!may(who, Action::read, {})) viewer.actor = actor_of(who);
  viewer.agreement = parameter(request, "agreement");
  const auto age = clock_.boot() - live_at_;
  if (request.path == "/v1/live") {
    if (!live_) return net::HttpResponse::problem(503, "the collector has just started");
    auto response = net::HttpResponse::json(
        200, live_json(*live_, visible_to(viewer, *live_), clock_.wall(), age));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
  }
  net::HttpResponse response;
  response.headers = {{"Content-Type", "text/html; charset=utf-8"},
                      {"Content-Security-Policy", live_policy()},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cache-Control", "no-store"},
                      {"Vary", "Accept-Language"}};
  response.body = live_page({language_of(request), viewer, clock_.wall(), age}, live_.get());
  return response;
}

Task<void> Api::refresh_live() {
  if (live_ && clock_.boot() < next_live_) co_return;
  const auto begun = clock_.boot();
  auto found = std::make_shared<Expected<std::shared_ptr<const Live>>>();
  std::function<void()> job = [db = &reader_, agreements = agreements_, judgements = judgements_,
                               log = log_, before = live_, now = clock_.wall(), found] {
    const Database::Snapshot snapshot(*db);
    *found = look(*db, *agreements, *judgements, log.id, log.key, now, before.get());
  };
  auto running = read_thread_.run(std::move(job));
  co_await std::move(running);
  // As with judgements: a twentieth of the reading thread at most.
  const auto end = clock_.boot();
  next_live_ = end + std::max<Duration>(kLiveEvery, (end - begun) * 20);
  if (!*found) {
    log::error("the live page could not be made", {{"why", found->error().message}});
    co_return;
  }
  live_ = **found;
  live_at_ = begun;
}

}  // namespace nines::collector
