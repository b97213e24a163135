// SPDX-License-Identifier: Apache-2.0
#include "cli/api_client.h"

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include "base/async.h"
#include "cli/fields.h"
#include "config/address.h"
#include "net/curl_multi.h"
#include "net/http_client.h"
#include "net/resolver.h"

namespace nines::cli {
namespace {

// Ten thousand checks with their last results; an evidence bundle.
constexpr std::size_t kMaxAnswer = 512 << 20;
const std::string kSocketUrl = "http://nines";  // names the host of requests over a socket
constexpr Duration kConnectTimeout = seconds(5);

struct Exchange {
  bool done = false;
  Expected<net::HttpResponse> answer;
};

Task<void> ask(net::HttpClient& client, net::ClientRequest request, Stop& stop, Exchange& out) {
  auto exchange = client.exchange(std::move(request), stop);
  auto answer = co_await std::move(exchange);
  out.answer = std::move(answer);
  out.done = true;
}

Expected<void> check_endpoint(const Endpoint& endpoint) {
  const bool any = !endpoint.ca.empty() || !endpoint.certificate.empty() || !endpoint.key.empty();
  const bool all = !endpoint.ca.empty() && !endpoint.certificate.empty() && !endpoint.key.empty();
  if (endpoint.collector.empty()) {
    if (any) return fail("--ca, --certificate and --key go with --collector");
    return {};
  }
  if (!all) return fail("--collector needs --ca, --certificate and --key");
  const auto url = config::parse_url(endpoint.collector);
  if (!url) return fail(url.error().message);
  const bool bare = url->path.empty() || url->path == "/";
  if (url->scheme != "https" || !bare) return fail("--collector is https://host:port");
  return net::check_tls_files({endpoint.ca, endpoint.certificate, endpoint.key});
}

// What a refusal says of itself: {"error": "…"}.
std::string reason_of(const net::HttpResponse& response) {
  const auto body = parse_answer(response.body);
  const auto said = body ? text_in(*body, "error") : std::string();
  if (!said.empty()) return said;
  return "the answer was HTTP status " + std::to_string(response.status);
}

}  // namespace

void add_endpoint_options(CLI::App& command, Endpoint& endpoint, bool vantage) {
  auto* socket = command.add_option("--socket", endpoint.socket, "the Unix socket to ask")
                     ->type_name("PATH")
                     ->capture_default_str();
  command.add_option("--collector", endpoint.collector, "ask a collector over TLS")
      ->type_name("URL")
      ->excludes(socket);
  command.add_option("--ca", endpoint.ca, "the CA that signed the collector's certificate")
      ->type_name("FILE");
  command.add_option("--certificate", endpoint.certificate, "your certificate (a reader's)")
      ->type_name("FILE");
  command.add_option("--key", endpoint.key, "its private key")->type_name("FILE");
  if (vantage) {
    command
        .add_option("--vantage", endpoint.vantage,
                    "the agent to ask a collector about (with --collector or its --socket)")
        ->type_name("NAME");
  }
}

struct ApiClient::Impl {
  asio::io_context io{1};
  SystemClock clock;
  net::CurlMulti multi{io};
  net::Resolver resolver{io, clock};
  std::unique_ptr<net::HttpClient> client;
  Stop stop;
  std::string vantage;
  std::string socket;  // empty: a collector over TLS
};

Expected<std::unique_ptr<ApiClient>> ApiClient::open(const Endpoint& endpoint) {
  TRY_VOID(check_endpoint(endpoint));
  net::ClientOptions options;
  options.max_response = kMaxAnswer;
  if (endpoint.collector.empty()) {
    options.url = kSocketUrl;
    options.unix_socket = endpoint.socket;
  } else {
    options.url = endpoint.collector;
    if (options.url.ends_with('/')) options.url.pop_back();
    options.tls = net::TlsFiles{endpoint.ca, endpoint.certificate, endpoint.key};
  }
  std::unique_ptr<ApiClient> out(new ApiClient);
  out->impl_ = std::make_unique<Impl>();
  auto& impl = *out->impl_;
  impl.vantage = endpoint.vantage;
  impl.socket = endpoint.collector.empty() ? endpoint.socket : "";
  impl.client = std::make_unique<net::HttpClient>(impl.io, impl.clock, impl.multi, impl.resolver,
                                                  std::move(options));
  return out;
}

ApiClient::~ApiClient() = default;

Expected<std::string> ApiClient::get(const std::string& path, Duration within) {
  return exchange("GET", path, "", within);
}

Expected<std::string> ApiClient::post(const std::string& path, std::string json) {
  return exchange("POST", path, std::move(json), kAnswerWithin);
}

Expected<std::string> ApiClient::exchange(const std::string& method,
                                          const std::string& path,
                                          std::string body,
                                          Duration within) {
  net::ClientRequest request;
  request.method = method;
  request.path = path;
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
  if (!impl_->vantage.empty()) {
    request.path += path.find('?') == std::string::npos ? "?" : "&";
    request.path += "vantage=" + percent_encoded(impl_->vantage);
  }
  const std::string request_path = request.path;
  request.timeout = within;
  request.connect_timeout = kConnectTimeout;
  Exchange exchange;
  auto task = ask(*impl_->client, std::move(request), impl_->stop, exchange);
  asio::co_spawn(impl_->io, std::move(task), asio::detached);
  impl_->io.restart();
  while (!exchange.done && impl_->io.run_one() > 0) {
  }
  ASSERT(exchange.done);
  if (!exchange.answer) {
    auto error = std::move(exchange.answer.error());
    // Over a socket the URL says nothing; the socket's path does.
    const auto url = kSocketUrl + request_path;
    const auto at = impl_->socket.empty() ? std::string::npos : error.message.find(url);
    if (at != std::string::npos) error.message.replace(at, url.size(), impl_->socket);
    return Unexpected(std::move(error));
  }
  auto& response = *exchange.answer;
  if (response.status != 200) return fail(reason_of(response));
  return std::move(response.body);
}

}  // namespace nines::cli
