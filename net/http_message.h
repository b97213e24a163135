// SPDX-License-Identifier: Apache-2.0
// Values that the small HTTP/1.1 server and client exchange with the rest. Header names are
// compared without case.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nines::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Who is at the other end of a server's connection.
struct Peer {
  std::string address;          // "192.0.2.1:4711"; empty over a Unix socket
  std::optional<unsigned> uid;  // SO_PEERCRED, Unix sockets only
  std::optional<int> pid;
  std::vector<std::string> certificate_uris;  // URI SANs of the verified client certificate
  std::string certificate;                    // which is this, in DER
};

struct HttpRequest {
  std::string method;                                      // upper case
  std::string path;                                        // decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  Headers headers;
  std::string body;
  Peer peer;

  std::optional<std::string_view> header(std::string_view name) const;
  std::optional<std::string_view> parameter(std::string_view name) const;  // of the query
};

struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
  bool close = false;  // server: close the connection after this answer

  std::optional<std::string_view> header(std::string_view name) const;

  static HttpResponse json(int status, std::string body);  // adds the content type
  static HttpResponse text(int status, std::string body);
  // {"error": "…"} with a final newline: every refusal of an API says why.
  static HttpResponse problem(int status, std::string_view why);
};

}  // namespace nines::net
