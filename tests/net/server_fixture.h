// SPDX-License-Identifier: Apache-2.0
// A server on loopback that answers what it was sent, with paths that misbehave on purpose, and the
// client that sends it exactly the bytes of a test.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/http_server.h"
#include "tests/net/raw_client.h"
#include "tests/support/certificates.h"

namespace nines::net {

using test::RawClient;
using test::RawResponse;
using test::RawTls;

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    limits_.handshake = seconds(5);
    limits_.idle = seconds(5);
  }

  ~HttpServerTest() override {
    if (server_) stop();
  }

  // "/throws", "/slow", "/empty", "/large" and "/close" do as they say; others echo the request.
  static Task<HttpResponse> echo(HttpServerTest* test, const HttpRequest& request);

  void start() {
    server_ = std::make_unique<HttpServer>(
        io_, clock_, limits_, [this](const HttpRequest& request) { return echo(this, request); },
        gate_);
  }

  std::uint16_t listen(std::shared_ptr<const TlsServerContext> tls = nullptr) {
    if (!server_) start();
    const auto port = server_->listen_tcp("127.0.0.1:0", std::move(tls));
    EXPECT_TRUE(port) << port.error().message;
    return port ? *port : std::uint16_t{0};
  }

  std::string listen_unix() {
    if (!server_) start();
    const std::string path = directory_ / "agent.sock";
    const auto bound = server_->listen_unix(path);
    EXPECT_TRUE(bound) << bound.error().message;
    return path;
  }

  void stop(Duration grace = seconds(5)) { test::run(io_, server_->stop(grace)); }

  template <class Client>
  auto serve(Client client) {
    return test::serve_while(io_, std::move(client));
  }

  RawResponse ask(std::uint16_t port, const std::string& bytes) {
    return serve([&] { return RawClient::tcp(port).exchange(bytes); });
  }

  // Waits until the server has noticed that its connections are gone.
  void settle() {
    EXPECT_TRUE(test::run_until(io_, [this] { return server_->connections() == 0; }));
  }

  asio::io_context io_{1};
  SystemClock clock_;
  Stop never_;
  ServerLimits limits_;
  HttpServer::Gate gate_;
  Duration slowness_ = milliseconds(50);
  std::size_t large_ = 1 << 20;
  std::vector<HttpRequest> seen_;
  test::TemporaryDirectory directory_;
  std::unique_ptr<HttpServer> server_;
};

inline const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

inline std::string post(const std::string& path, const std::string& body) {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace nines::net
