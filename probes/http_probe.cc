// SPDX-License-Identifier: Apache-2.0
#include "probes/http_probe.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <utility>

#include "probes/connector.h"
#include "probes/http_cookies.h"
#include "probes/http_judge.h"
#include "probes/limits.h"

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

// One walk over the hops.
struct Walk {
  const HttpSpec& spec;
  std::shared_ptr<const Url> url;
  std::optional<Url> proxy;
  // Wherever a hop leads to the first host, this is its address.
  std::optional<asio::ip::address> pinned;
  std::string token;  // empty: none
};

HttpHop first_hop(const Walk& walk) {
  const auto& spec = walk.spec;
  HttpHop hop;
  hop.url = *walk.url;
  hop.method = spec.method;
  hop.headers = spec.headers;
  if (!walk.token.empty()) hop.headers.emplace_back("Authorization", "Bearer " + walk.token);
  hop.body = spec.body;
  hop.tls = spec.tls;
  hop.max_body = spec.max_body;
  hop.keep_body = spec.expect.needs_body() || spec.warn.needs_body();
  hop.compression = spec.compression;
  hop.proxy = walk.proxy;
  return hop;
}

void add_phases(Phases& sum, const Phases& one) {
  const auto add = [](std::optional<std::int64_t>& to, const std::optional<std::int64_t>& us) {
    if (us) add_phase(to, microseconds(*us));
  };
  add(sum.dns_us, one.dns_us);
  add(sum.connect_us, one.connect_us);
  add(sum.tls_us, one.tls_us);
  add(sum.first_byte_us, one.first_byte_us);
  add(sum.transfer_us, one.transfer_us);
}

// What keeps us from the proxy is not the target's, nor this host's own trouble.
Failure blamed(const HttpHop& hop, Failure failure) {
  if (!hop.proxy || !failure || outcome_of(failure.reason) == Outcome::unknown) return failure;
  return {Reason::http_proxy, "the proxy cannot be reached: " + failure.detail};
}

// The socket of a hop: to the server, or to the proxy.
Task<Connection> connect_hop(
    Run& run, Tools tools, const Walk& walk, const HttpHop& hop, Phases& phases, Stamps& stamps) {
  const auto& end = hop.proxy ? *hop.proxy : hop.url;
  Addresses addresses;
  Connection connection;
  if (walk.pinned && !hop.proxy && hop.url.host == walk.url->host) {
    addresses.list.push_back(*walk.pinned);
  } else {
    auto lookup = look_up(run, tools.resolver, end.host, walk.spec.family, phases, stamps);
    addresses = co_await std::move(lookup);
  }
  if (addresses.failure) {
    connection.failure = blamed(hop, std::move(addresses.failure));
    co_return connection;
  }
  auto connect = connect_any(run, std::move(addresses.list), end.port, walk.spec.source, phases);
  connection = co_await std::move(connect);
  connection.failure = blamed(hop, std::move(connection.failure));
  co_return connection;
}

// One hop: resolve, connect, exchange. What it measured is added to the result.
Task<Failure> run_hop(Run& run,
                      Tools tools,
                      const Walk& walk,
                      const HttpHop& hop,
                      HttpAnswer& answer,
                      Phases& phases,
                      ProbeResult& result) {
  result.address.clear();
  result.tls.reset();
  auto connect = connect_hop(run, tools, walk, hop, phases, result.stamps);
  auto connection = co_await std::move(connect);
  result.address = connection.address;
  if (phases.connect_us) note_stamp(result.stamps, connection.kernel_timed);
  if (connection.failure) co_return connection.failure;

  HttpExchange exchange(run, tools, hop);
  auto perform = exchange.perform(std::move(connection.socket));
  auto failure = co_await std::move(perform);
  exchange.report(phases, result.stamps);
  answer = std::move(exchange.answer());
  if (hop.url.secure()) result.tls = exchange.witness().detail;
  result.http->wire_bytes += answer.header_bytes + answer.wire_body_bytes;
  result.http->body_bytes = answer.body_bytes;
  result.http->version = answer.version;
  result.http->status.reset();
  if (answer.status != 0) result.http->status = answer.status;
  co_return failure;
}

// The verdict on the last answer, and the warnings.
Failure judge(
    Run& run, Tools tools, const HttpSpec& spec, const HttpAnswer& answer, ProbeResult& result) {
  const auto now = run.clock.wall();
  for (auto& warning : judge_answer(spec.warn, spec.compression, answer, now, tools.patterns)) {
    // A coding that was asked for and did not come fails the check already.
    if (warning.reason == Reason::http_encoding && spec.compression != Compression::none) continue;
    add_warning(result, std::string(name(warning.reason)) + ": " + warning.detail);
  }
  auto failures = judge_answer(spec.expect, spec.compression, answer, now, tools.patterns);
  if (failures.empty()) return {};
  return std::move(failures.front());
}

// Turns to the next hop, or says why there is none.
Failure turn(Run& run,
             const Walk& walk,
             CookieJar& cookies,
             HttpHop& hop,
             const HttpAnswer& answer,
             const Phases& phases,
             ProbeResult& result) {
  if (!hop.follow) {
    return {Reason::http_redirect_limit,
            "redirected more than " + std::to_string(walk.spec.redirects) + " times"};
  }
  auto next = resolve_url(hop.url, answer.location);
  if (!next) return {Reason::http_protocol, "redirected to " + next.error().message};
  for (const auto line : answer.values("Set-Cookie")) {
    cookies.take(hop.url, line, run.clock.wall());
  }
  result.http->hops.push_back(
      {cut_text(valid_text(next->text)), answer.status, cut_text(result.address), phases});
  redirect(hop, answer.status, *std::move(next));
  hop.cookies = cookies.header_for(hop.url);
  return {};
}

Task<Failure> run_walk(Run& run, Tools tools, const Walk& walk, ProbeResult& result) {
  result.http.emplace();
  CookieJar cookies;
  HttpHop hop = first_hop(walk);
  Failure failure;
  for (bool more = true; more;) {
    hop.follow = static_cast<int>(result.http->hops.size()) < walk.spec.redirects;
    HttpAnswer answer;
    Phases phases;
    auto one = run_hop(run, tools, walk, hop, answer, phases, result);
    failure = co_await std::move(one);
    add_phases(result.phases, phases);
    if (failure && answer.wire_body_bytes > 0) {
      // An error page without end, or that does not decode, is an error page first.
      const bool whole =
          failure.reason != Reason::http_too_large && failure.reason != Reason::http_encoding;
      auto unexpected = judge_status(walk.spec.expect, answer.status);
      if (!whole && unexpected) failure = std::move(unexpected);
    }
    more = !failure && answer.redirects() && walk.spec.redirects > 0;
    if (more) {
      failure = turn(run, walk, cookies, hop, answer, phases, result);
      more = !failure;
    } else if (!failure) {
      failure = judge(run, tools, walk.spec, answer, result);
    }
  }
  co_return failure;
}

// One of several at the same time.
struct AddressWalk {
  Walk walk;
  ProbeResult result;
};

Task<void> measure_address(Run& run, Tools tools, AddressWalk& one) {
  const auto start = run.clock.boot();
  Failure failure;
  try {
    auto task = run_walk(run, tools, one.walk, one.result);
    failure = co_await std::move(task);
  } catch (const std::exception& e) {  // a library's
    failure.reason = Reason::agent_internal;
    failure.detail = e.what();
  }
  one.result.reason = failure.reason;
  one.result.detail = std::move(failure.detail);
  one.result.total_us = to_us(run.clock.boot() - start);
}

// The address whose result is the check's.
std::size_t deciding(const std::vector<std::unique_ptr<AddressWalk>>& walks) {
  for (const auto outcome : {Outcome::down, Outcome::unknown}) {
    for (std::size_t i = 0; i < walks.size(); ++i) {
      if (outcome_of(walks[i]->result.reason) == outcome) return i;
    }
  }
  return 0;
}

Task<Failure> run_every_address(Run& run, Tools tools, const Walk& first, ProbeResult& result) {
  result.http.emplace();
  auto lookup = look_up(run, tools.resolver, first.url->host, first.spec.family, result.phases,
                        result.stamps);
  auto addresses = co_await std::move(lookup);
  if (addresses.failure) co_return addresses.failure;
  const auto lookup_phases = result.phases;
  if (addresses.list.size() > kMaxAddresses) addresses.list.resize(kMaxAddresses);
  std::vector<std::unique_ptr<AddressWalk>> walks;
  TaskSet tasks(run.io);
  for (const auto& address : addresses.list) {
    walks.push_back(std::make_unique<AddressWalk>(AddressWalk{first, {}}));
    walks.back()->walk.pinned = address;
    tasks.spawn("address", measure_address(run, tools, *walks.back()));
  }
  auto all = tasks.join();
  co_await std::move(all);
  const auto decided = deciding(walks);
  const auto count = std::count_if(walks.begin(), walks.end(), [](const auto& walk) {
    return walk->result.reason != Reason::ok;
  });
  std::vector<AddressResult> each;
  for (const auto& walk : walks) {
    const auto& one = walk->result;
    const auto end = address_text(*walk->walk.pinned, first.url->port);
    each.push_back({end, one.reason, one.total_us, one.phases});
  }
  result = std::move(walks[decided]->result);
  Failure failure;
  failure.reason = result.reason;
  failure.detail = std::move(result.detail);
  if (failure && walks.size() > 1) {
    failure.detail = std::to_string(count) + " of " + std::to_string(walks.size()) +
                     " addresses; " + each[decided].address + ": " + failure.detail;
  }
  result.addresses = std::move(each);
  add_phases(result.phases, lookup_phases);
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

namespace {

// The walk that `spec` asks for, or why there is none.
Failure prepare(Tools tools, Walk& walk) {
  const auto& spec = walk.spec;
  auto url = tools.urls.get(spec.url);
  if (!url) return {Reason::agent_configuration, url.error().message};
  walk.url = *std::move(url);
  if (!spec.proxy.empty()) {
    auto proxy = parse_proxy(spec.proxy);
    if (!proxy) return {Reason::agent_configuration, proxy.error().message};
    walk.proxy = *std::move(proxy);
  }
  if (!spec.resolve.empty()) {
    asio::error_code no_address;
    walk.pinned = asio::ip::make_address(spec.resolve, no_address);
    if (no_address) return {Reason::agent_configuration, spec.resolve + " is no address"};
  }
  return {};
}

Task<Failure> run_once(Run& run, Tools tools, const Walk& prepared, ProbeResult& result) {
  if (prepared.spec.all_addresses && !prepared.pinned && !prepared.proxy) {
    return run_every_address(run, tools, prepared, result);
  }
  return run_walk(run, tools, prepared, result);
}

}  // namespace

Task<Failure> run_http(Run& run, Tools tools, const HttpSpec& spec, ProbeResult& result) {
  Walk walk{spec, {}, {}, {}, {}};
  result.http.emplace();
  auto failure = prepare(tools, walk);
  for (bool again = true; again && !failure;) {
    again = false;
    bool kept = false;
    if (spec.oauth2) {
      auto obtain = obtain_token(run, tools, spec);
      auto token = co_await std::move(obtain);
      failure = std::move(token.failure);
      walk.token = std::move(token.token);
      kept = token.kept;
    }
    if (failure) break;
    auto once = run_once(run, tools, walk, result);
    failure = co_await std::move(once);
    // A token that was kept may have been revoked: once more with a fresh one.
    again = kept && failure.reason == Reason::http_status && result.http->status == 401;
    if (!again) break;
    tools.tokens.forget(*spec.oauth2);
    failure = {};
    result = {};
    result.http.emplace();
  }
  co_return failure;
}

}  // namespace nines::probes
