// SPDX-License-Identifier: Apache-2.0
// /v1/alerts: what holds and held, who was told, and that somebody has seen it.
#include "collector/alert_store.h"
#include "collector/api.h"
#include "collector/request.h"

namespace nines::collector {

using net::HttpRequest;
using net::HttpResponse;

Api::Read Api::alerts_read(const HttpRequest& request) const {
  const auto agreement = parameter(request, "agreement");
  auto page = alerting_ == nullptr ? nlohmann::json::object() : alerting_->json(agreement);
  return [page = std::move(page)](Database& db) {
    auto answer = page;
    if (answer.contains("deliveries")) {
      const auto attempts = attempts_json(db);
      if (!attempts) return unanswerable(attempts.error());
      for (auto& each : answer["deliveries"]) {
        const auto id = std::to_string(each["id"].get<std::uint64_t>());
        each["tries"] = attempts->value(id, nlohmann::json::array());
      }
    }
    return json_or(Expected<std::string>(
        answer.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"));
  };
}

Task<HttpResponse> Api::acknowledge(const HttpRequest& request, const Identity& who) {
  const Actor* actor = actor_of(who);
  if (alerting_ == nullptr || (actor == nullptr && !may(who, Action::administer, {}))) {
    co_return HttpResponse::problem(403, describe(who) + " may not do that");
  }
  auto by = actor != nullptr ? actor->name : describe(who);
  if (actor == nullptr && request.peer.uid) by = "uid " + std::to_string(*request.peer.uid);
  auto task = alerting_->acknowledge(alert_key(request.path).value_or(""), actor, std::move(by));
  auto response = co_await std::move(task);
  co_return response;
}

}  // namespace nines::collector
