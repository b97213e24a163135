// SPDX-License-Identifier: Apache-2.0
// A client, a server of ours that answers what it was sent, and short ways to ask. The resolver's
// name server does not exist unless a test brings one.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/http_client.h"
#include "net/http_server.h"
#include "tests/support/certificates.h"
#include "tests/support/dns_server.h"
#include "tests/support/loop.h"

namespace nines::net {

class HttpClientTest : public testing::Test {
 protected:
  static Task<HttpResponse> echo(HttpClientTest* test, const HttpRequest& request);

  std::uint16_t serve(std::shared_ptr<const TlsServerContext> tls = nullptr) {
    server_ = std::make_unique<HttpServer>(io_, clock_, ServerLimits{},
                                           [this](const HttpRequest& r) { return echo(this, r); });
    const auto port = server_->listen_tcp("127.0.0.1:0", std::move(tls));
    EXPECT_TRUE(port);
    return *port;
  }

  static std::string local(std::uint16_t port, const std::string& scheme = "http") {
    return scheme + "://127.0.0.1:" + std::to_string(port);
  }

  HttpClient& to(ClientOptions options) {
    client_ = std::make_unique<HttpClient>(io_, clock_, multi_, *resolver_, std::move(options));
    return *client_;
  }

  HttpClient& to(const std::string& url) {
    ClientOptions options;
    options.url = url;
    return to(options);
  }

  Expected<HttpResponse> exchange(ClientRequest request) {
    return test::run(io_, client_->exchange(std::move(request), stop_));
  }

  Expected<HttpResponse> get(const std::string& path = "/a") {
    ClientRequest request;
    request.path = path;
    return exchange(request);
  }

  std::string failure(ClientRequest request) {
    request.path = "/a";
    const auto got = exchange(std::move(request));
    EXPECT_FALSE(got);
    return got ? std::string() : got.error().message;
  }

  std::string failure() { return failure(ClientRequest{}); }

  asio::io_context io_{1};
  SystemClock clock_;
  Stop stop_;
  CurlMulti multi_{io_};
  std::unique_ptr<Resolver> resolver_ =
      std::make_unique<Resolver>(io_, clock_, test::dead_dns_address());
  test::TemporaryDirectory directory_;
  int status_ = 200;
  std::vector<HttpRequest> seen_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace nines::net
