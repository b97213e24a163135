// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server: keep-alive, no pipelining (a second request waits), Content-Length and
// chunked bodies, HEAD, no upgrade, no trailers, no Expect but 100-continue. Over TLS with client
// certificates, plain TCP (loopback metrics) or a Unix socket. Parsing is llhttp; connections,
// bounds and TLS are ours.
//
// Bounds and what happens at them (docs/ARCHITECTURE.md lists them): connections over the limit are
// closed at accept; headers 16 KiB → 431; body → 413; TLS handshake and headers must come within 10
// s, a body at 1 KiB/s at least after 10 s of grace → 408; an idle connection is closed after 75 s.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/async.h"
#include "base/expected.h"
#include "net/http_message.h"
#include "net/tls.h"

namespace nines::net {

struct ServerLimits {
  std::size_t connections = 1024;  // of each listener: a flood over TCP leaves the socket free
  std::size_t connections_per_address = 256;  // TCP only; an IPv6 /64 counts as one address
  std::size_t header_bytes = 16 << 10;
  std::size_t body_bytes = 1 << 20;
  std::size_t bodies_in_flight = 64 << 20;  // of all connections together; more is 503
  Duration handshake = seconds(10);         // TLS, and separately the headers
  Duration idle = seconds(75);
};

struct ServerCounters {
  std::uint64_t accepted = 0, refused_connections = 0, handshake_failures = 0, requests = 0,
                bad_requests = 0, too_large = 0, timeouts = 0;
};

class HttpServer {
 public:
  // Answers one request. Runs on the loop; may take its time; must not throw.
  using Handler = std::function<Task<HttpResponse>(const HttpRequest&)>;
  // Asked before a body is read (no body yet in the request): an answer here refuses it unread, as
  // for 507 when the disk is full or 403 for a foreign identity.
  using Gate = std::function<std::optional<HttpResponse>(const HttpRequest&)>;

  // `io` and `clock` must outlive the server.
  HttpServer(asio::io_context& io,
             const Clock& clock,
             ServerLimits limits,
             Handler handler,
             Gate gate = nullptr);
  ~HttpServer();

  // "0.0.0.0:8643", "[::]:8643", "127.0.0.1:0". Answers the bound port. `tls` null: plain.
  Expected<std::uint16_t> listen_tcp(const std::string& address,
                                     std::shared_ptr<const TlsServerContext> tls);
  // Replaces a socket file that nobody listens on any more; refuses where somebody does. Mode 0660.
  Expected<void> listen_unix(const std::string& path);

  // For connections from now on; those of before end after their next answer. No listener becomes
  // plain or TLS by it.
  void replace_tls(std::shared_ptr<const TlsServerContext> tls);

  // Stops accepting, lets running requests end for at most `grace`, closes all, removes the socket.
  // A handler that runs even then is logged and left to end with the loop: what it uses must live.
  Task<void> stop(Duration grace);

  ServerCounters counters() const;
  std::size_t connections() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace nines::net
