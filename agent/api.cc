// SPDX-License-Identifier: Apache-2.0
#include "agent/api.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "proto/result_json.h"

namespace nines::agent {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json instant(const std::optional<WallTime>& t) {
  return t ? Json(format_rfc3339(*t)) : Json(nullptr);
}

// What is shown where it is not what was measured.
constexpr Shown kExplained{Outcome::unknown, sla::kUplinkCause, {}};

Json shown_json(const Shown& shown) {
  return Json{{"outcome", std::string(name(shown.outcome))}, {"cause", std::string(shown.cause)}};
}

Json result_of(const Agent::View& view, const CheckView& check, const Result& result) {
  proto::ResultContext context;
  context.check = check.check.name;
  context.kind = check.check.kind();
  context.target = check.check.target();
  context.vantage = view.settings.name;
  context.slot = result.slot;
  context.started = proto::started_at(check.grid, result);
  Json j = proto::result_json(context, result);
  if (view.board.explained(check, result)) j["shown"] = shown_json(kExplained);
  return j;
}

std::optional<WallTime> next_of(const Agent::View& view, const std::string& check) {
  for (const auto& runner : view.runners) {
    if (runner->check().name == check) return runner->next_at();
  }
  return std::nullopt;
}

Json check_json(const Agent::View& view, const CheckView& check) {
  Json j;
  j["name"] = check.check.name;
  j["kind"] = std::string(name(check.check.kind()));
  j["target"] = check.check.target();
  j["every_ns"] = check.check.every.count();
  j["timeout_ns"] = check.check.timeout.count();
  j["outcome"] = check.outcome ? Json(std::string(name(*check.outcome))) : Json("pending");
  const bool any = !check.history.empty();
  j["reason"] = any ? Json(std::string(name(check.history.last().probe.reason))) : Json(nullptr);
  j["detail"] = any ? Json(check.history.last().probe.detail) : Json(nullptr);
  j["since"] = instant(check.since);
  if (const auto shown = view.board.shown(check)) {
    j["shown"] = shown_json(*shown);
    j["shown"]["since"] = format_rfc3339(shown->since);
  }
  j["last"] = any ? result_of(view, check, check.history.last()) : Json(nullptr);
  j["next"] = instant(next_of(view, check.check.name));
  j["labels"] = check.check.labels;
  return j;
}

Json outages_json(const Agent::View& view, const CheckView& check) {
  Json list = Json::array();
  for (const auto& outage : check.outages) {
    Json j;
    j["from"] = format_rfc3339(outage.from);
    j["to"] = instant(outage.to);
    j["reason"] = std::string(name(outage.reason));
    j["detail"] = outage.detail;
    j["failures"] = outage.failures;
    if (view.board.explained(check, outage)) j["shown"] = shown_json(kExplained);
    Json evidence = Json::array();
    for (const auto& result : outage.evidence) evidence.push_back(result_of(view, check, result));
    j["evidence"] = evidence;
    if (!outage.rechecks.empty()) j["rechecks"] = outage.rechecks;
    list.push_back(std::move(j));
  }
  return list;
}

Json links_json(const Agent::View& view) {
  Json list = Json::array();
  for (const auto& shipper : view.shippers) {
    const auto& s = shipper->status();
    Json j;
    j["url"] = s.url;
    j["name"] = s.collector;
    j["state"] = std::string(name(s.state));
    j["since"] = format_rfc3339(s.since);
    j["last_receipt"] = instant(s.last_receipt);
    j["next_try"] = instant(s.next_try);
    j["durable"] = s.durable;
    const auto last = view.recorder.spool_status().next_number - 1;
    j["behind"] = last > s.durable ? last - s.durable : 0;
    j["message"] = s.message.empty() ? Json(nullptr) : Json(s.message);
    j["clock_ahead_us"] = s.clock_ahead ? Json(to_us(*s.clock_ahead)) : Json(nullptr);
    list.push_back(std::move(j));
  }
  return list;
}

std::optional<WallTime> last_receipt(const Agent::View& view) {
  std::optional<WallTime> last;
  for (const auto& shipper : view.shippers) {
    const auto& receipt = shipper->status().last_receipt;
    if (receipt && (!last || *receipt > *last)) last = receipt;
  }
  return last;
}

Json spool_json(const Agent::View& view) {
  const auto& s = view.recorder.spool_status();
  Json j;
  j["state"] = s.failed ? "failed" : s.gaps.empty() ? "ok" : "full";
  j["message"] = s.failure.empty() ? Json(nullptr) : Json(s.failure);
  j["used_bytes"] = s.used_bytes;
  j["size_bytes"] = s.size_bytes;
  j["oldest_unsent"] = instant(s.oldest_unsent);
  j["unsent_batches"] = s.unsent_batches;
  j["unsent_results"] = s.unsent_results + s.open_results;
  j["waiting_results"] = view.recorder.waiting();
  j["dropped_results"] = s.dropped_results;
  Json gaps = Json::array();
  for (const auto& [at, gap] : s.gaps) {
    gaps.push_back({{"first", gap.first_seq},
                    {"last", gap.last_seq},
                    {"batches", gap.batches},
                    {"results", gap.results},
                    {"from", format_rfc3339(gap.from)},
                    {"to", format_rfc3339(gap.to)},
                    {"cause", gap.cause},
                    {"at", format_rfc3339(at)}});
  }
  j["gaps"] = gaps;
  j["last_receipt"] = instant(last_receipt(view));
  j["epoch"] = to_hex(s.epoch);
  j["next_batch"] = s.next_number;
  j["next_seq"] = s.next_seq;
  j["syncs"] = s.syncs;
  j["last_sync_us"] = to_us(s.last_sync);
  j["longest_sync_us"] = to_us(s.longest_sync);
  j["written_bytes"] = s.written_bytes;
  return j;
}

Json status_json(const Agent::View& view) {
  Json j;
  Json agent;
  agent["name"] = view.settings.name;
  agent["version"] = std::string(kVersion);
  agent["started"] = format_rfc3339(view.started);
  agent["now"] = format_rfc3339(view.now);
  agent["config_digest"] = hex(view.settings.digest);
  agent["reload"] = {
      {"ok", view.reload.ok},
      {"at", format_rfc3339(view.reload.at)},
      {"message", view.reload.message.empty() ? Json(nullptr) : Json(view.reload.message)}};
  agent["labels"] = view.settings.labels;
  j["agent"] = agent;
  const auto sync = read_clock_sync();
  j["clock"] = {{"synchronised", sync.synchronised},
                {"error_us", sync.synchronised ? Json(to_us(sync.error)) : Json(nullptr)},
                {"steps", view.labels.steps()},
                {"ahead_us", to_us(view.labels.ahead())}};
  j["spool"] = spool_json(view);
  j["collectors"] = links_json(view);
  Json checks = Json::array();
  std::map<std::string, int> counts{{"up", 0}, {"down", 0}, {"unknown", 0}, {"pending", 0}};
  for (const auto& check : view.board.views()) {
    checks.push_back(check_json(view, *check));
    const auto shown = view.board.shown(*check);
    const auto outcome = shown ? std::optional(shown->outcome) : check->outcome;
    ++counts[outcome ? std::string(name(*outcome)) : "pending"];
  }
  j["checks"] = checks;
  j["warnings"] = view.warnings;
  j["counts"] = {{"up", counts["up"]},
                 {"down", counts["down"]},
                 {"unknown", counts["unknown"]},
                 {"pending", counts["pending"]}};
  return j;
}

net::HttpResponse history(const Agent::View& view,
                          const CheckView& check,
                          const net::HttpRequest& request) {
  std::optional<WallTime> since;
  if (const auto text = request.parameter("since")) {
    if (const auto ago = parse_duration(*text)) {
      since = view.now - *ago;
    } else if (const auto t = parse_rfc3339(*text)) {
      since = *t;
    } else {
      return net::HttpResponse::problem(400, "'since' is neither a duration nor an instant");
    }
  }
  std::size_t limit = kHistoryResults;
  if (const auto text = request.parameter("limit")) {
    const auto* end = text->data() + text->size();
    if (std::from_chars(text->data(), end, limit).ptr != end) {
      return net::HttpResponse::problem(400, "'limit' is not a number");
    }
  }
  Json results = Json::array();
  const auto kept = check.history.all();
  for (std::size_t i = kept.size() > limit ? kept.size() - limit : 0; i < kept.size(); ++i) {
    const auto& result = kept[i];
    if (since && proto::started_at(check.grid, result) < *since) continue;
    results.push_back(result_of(view, check, result));
  }
  return net::HttpResponse::json(200, dump(Json{{"results", results}}));
}

net::HttpResponse one_check(const Agent::View& view,
                            std::string_view rest,
                            const net::HttpRequest& request) {
  constexpr std::string_view kHistory = "/history";
  const bool wants_history = rest.ends_with(kHistory);
  if (wants_history) rest.remove_suffix(kHistory.size());
  const auto* check = view.board.find(std::string(rest));
  if (check == nullptr) {
    return net::HttpResponse::problem(404, "no check is named '" + std::string(rest) + "'");
  }
  if (wants_history) return history(view, *check, request);
  auto j = check_json(view, *check);
  j["outages"] = outages_json(view, *check);
  return net::HttpResponse::json(200, dump(j));
}

}  // namespace

net::HttpResponse answer_local(const Agent::View& view, const net::HttpRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    return net::HttpResponse::problem(405, "this API only reads");
  }
  constexpr std::string_view kChecks = "/v1/checks/";
  const std::string_view path = request.path;
  if (path == "/v1/status") return net::HttpResponse::json(200, dump(status_json(view)));
  if (path == "/v1/spool") return net::HttpResponse::json(200, dump(spool_json(view)));
  if (path == "/v1/checks") {
    Json checks = Json::array();
    for (const auto& check : view.board.views()) checks.push_back(check_json(view, *check));
    return net::HttpResponse::json(200, dump(Json{{"checks", checks}}));
  }
  if (path.starts_with(kChecks)) return one_check(view, path.substr(kChecks.size()), request);
  if (path == "/healthz") return net::HttpResponse::text(200, "ok\n");
  if (path == "/readyz") {
    const bool failed = view.recorder.spool_status().failed;
    return net::HttpResponse::text(failed ? 503 : 200,
                                   failed ? "the spool cannot be written\n" : "ok\n");
  }
  if (path == "/metrics") {
    auto response = net::HttpResponse::text(200, metrics_text(view));
    for (auto& [key, value] : response.headers) {
      if (key == "Content-Type") value = "text/plain; version=0.0.4; charset=utf-8";
    }
    return response;
  }
  return net::HttpResponse::problem(404, "no such path");
}

}  // namespace nines::agent
