// SPDX-License-Identifier: Apache-2.0
// HTTP for our own use: the shipper and the command line. Keeps connections open, never follows a
// redirect, takes no proxy from the environment, resolves with its own deadline. Checks do not use
// it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/async.h"
#include "base/expected.h"
#include "net/curl_multi.h"
#include "net/http_message.h"
#include "net/resolver.h"
#include "net/tls.h"

namespace nines::net {

struct ClientOptions {
  std::string url;                      // scheme, host and port: "https://collector:8643"
  std::optional<TlsFiles> tls;          // CA to trust and the certificate to show
  std::string unix_socket;              // not empty: connect there; `url` gives only the Host
  std::string proxy;                    // empty: none, whatever the environment says
  std::size_t max_response = 64 << 10;  // more is an error
};

struct ClientRequest {
  std::string method = "GET";
  std::string path;  // with query, encoded: "/v1/agents/edge-042/head"
  Headers headers;
  std::string body;
  Duration timeout = seconds(60);
  Duration connect_timeout = seconds(10);
};

class HttpClient {
 public:
  // All must outlive the client.
  HttpClient(asio::io_context& io,
             const Clock& clock,
             CurlMulti& multi,
             Resolver& resolver,
             ClientOptions options);
  ~HttpClient();

  // Any answer is a value, whatever its status; an Error says why there was none (its text names
  // the phase: resolve, connect, TLS, answer). `stop` aborts at once.
  Task<Expected<HttpResponse>> exchange(ClientRequest request, Stop& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nines::net
