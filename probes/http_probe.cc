// SPDX-License-Identifier: Apache-2.0
#include "probes/http_probe.h"

#include <re2/re2.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <utility>

#include "probes/connector.h"

namespace nines::probes {
namespace {

constexpr std::array kCredentials = {"authorization", "cookie", "proxy-authorization", "host"};
constexpr std::array kAboutBody = {"content-type",     "content-length",   "content-encoding",
                                   "content-language", "content-location", "transfer-encoding"};

template <class Names>
void drop_headers(HttpHop& hop, const Names& names) {
  std::erase_if(hop.headers, [&](const auto& header) {
    return std::any_of(names.begin(), names.end(), [&](const char* name) {
      return ::strcasecmp(header.first.c_str(), name) == 0;
    });
  });
}

std::string ranges_text(const std::vector<StatusRange>& ranges) {
  std::string text;
  for (const auto& range : ranges) {
    if (!text.empty()) text += ", ";
    text += std::to_string(range.first);
    if (range.last != range.first) text += "-" + std::to_string(range.last);
  }
  return text;
}

HttpHop first_hop(const HttpSpec& spec, Url url) {
  HttpHop hop;
  hop.url = std::move(url);
  hop.method = spec.method;
  hop.headers = spec.headers;
  hop.body = spec.body;
  hop.tls = spec.tls;
  hop.max_body = spec.max_body;
  hop.keep_body = !spec.expect.body.matches.empty() || !spec.expect.body.not_matches.empty();
  return hop;
}

// One hop: resolve, connect, exchange. What it measured is added to `result`.
Task<Failure> run_hop(
    Run& run, Tools tools, const HttpHop& hop, HttpAnswer& answer, ProbeResult& result) {
  result.address.clear();
  result.tls.reset();
  auto lookup = look_up(run, tools.resolver, hop.url.host, Family::any, result.phases);
  auto addresses = co_await std::move(lookup);
  if (addresses.failure) co_return addresses.failure;
  auto connect =
      connect_any(run, std::move(addresses.list), hop.url.port, std::string(), result.phases);
  auto connection = co_await std::move(connect);
  result.address = connection.address;
  note_stamp(result.stamps, connection.kernel_timed);
  if (connection.failure) co_return connection.failure;

  HttpExchange exchange(run, tools, hop);
  auto perform = exchange.perform(std::move(*connection.socket));
  auto failure = co_await std::move(perform);
  exchange.report(result.phases, result.stamps);
  answer = std::move(exchange.answer());
  if (hop.url.secure()) result.tls = exchange.witness().detail;
  result.http->wire_bytes += answer.header_bytes + answer.body_bytes;
  result.http->body_bytes = answer.body_bytes;
  result.http->version = answer.version;
  result.http->status.reset();
  if (answer.status != 0) result.http->status = answer.status;
  co_return failure;
}

}  // namespace

void redirect(HttpHop& hop, int status, Url to) {
  const bool to_get = (status == 303 && hop.method != "HEAD") ||
                      ((status == 301 || status == 302) && hop.method == "POST");
  if (to_get) {
    hop.method = "GET";
    hop.body.clear();
    drop_headers(hop, kAboutBody);
  }
  if (to.origin() == hop.url.origin()) {
    to.user = hop.url.user;
    to.password = hop.url.password;
  } else {
    drop_headers(hop, kCredentials);
    hop.tls.certificate_file.clear();
    hop.tls.key_file.clear();
    hop.tls.server_name.clear();
  }
  hop.url = std::move(to);
}

Failure judge_status(const HttpSpec& spec, int status) {
  const auto& ranges = spec.expect.status;
  const bool expected = std::any_of(ranges.begin(), ranges.end(), [&](const StatusRange& range) {
    return status >= range.first && status <= range.last;
  });
  if (expected) return {};
  return {Reason::http_status,
          "status " + std::to_string(status) + ", expected " + ranges_text(ranges)};
}

Failure judge_answer(const HttpSpec& spec, const HttpAnswer& answer, Patterns& patterns) {
  auto unexpected = judge_status(spec, answer.status);
  if (unexpected) return unexpected;
  const auto judge = [&](const std::string& pattern, bool wanted) -> Failure {
    const auto compiled = patterns.get(pattern, Patterns::Kind::text);
    if (compiled == nullptr) {
      return {Reason::agent_configuration, "the pattern \"" + pattern + "\" does not compile"};
    }
    if (RE2::PartialMatch(answer.body, *compiled) == wanted) return {};
    return {Reason::http_body, "the body " + std::string(wanted ? "does not match" : "matches") +
                                   " \"" + pattern + "\""};
  };
  for (const auto& pattern : spec.expect.body.matches) {
    auto failure = judge(pattern, true);
    if (failure) return failure;
  }
  for (const auto& pattern : spec.expect.body.not_matches) {
    auto failure = judge(pattern, false);
    if (failure) return failure;
  }
  return {};
}

Task<ProbeResult> run_http(Run& run, Tools tools, const HttpSpec& spec) {
  ProbeResult result;
  result.http.emplace();
  auto url = parse_url(spec.url);
  if (!url) {
    result.reason = Reason::agent_configuration;
    result.detail = url.error().message;
    co_return result;
  }
  HttpHop hop = first_hop(spec, *std::move(url));
  HttpAnswer answer;
  Failure failure;
  for (;;) {
    const auto followed = static_cast<int>(result.http->hops.size());
    hop.follow = followed < spec.redirects;
    auto one = run_hop(run, tools, hop, answer, result);
    failure = co_await std::move(one);
    if (failure.reason == Reason::http_too_large && answer.body_bytes > 0) {
      // An error page without end is an error page first.
      auto unexpected = judge_status(spec, answer.status);
      if (unexpected) failure = std::move(unexpected);
    }
    if (failure) break;
    if (!answer.redirects() || spec.redirects == 0) {
      failure = judge_answer(spec, answer, tools.patterns);
      break;
    }
    if (!hop.follow) {
      failure.reason = Reason::http_redirect_limit;
      failure.detail = "redirected more than " + std::to_string(spec.redirects) + " times";
      break;
    }
    auto next = resolve_url(hop.url, answer.location);
    if (!next) {
      failure.reason = Reason::http_protocol;
      failure.detail = "redirected to " + next.error().message;
      break;
    }
    result.http->hops.push_back(
        {cut_text(valid_text(next->text)), answer.status, cut_text(result.address), {}});
    redirect(hop, answer.status, *std::move(next));
  }
  result.reason = failure.reason;
  result.detail = std::move(failure.detail);
  co_return result;
}

}  // namespace nines::probes
