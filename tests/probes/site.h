// SPDX-License-Identifier: Apache-2.0
// A scripted web site: answers by path and keeps what it was asked.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/scripted_server.h"

namespace nines::test {

class Site {
 public:
  using Route = std::function<std::string(const std::string& path)>;

  // With `files`: over TLS.
  explicit Site(Route route,
                PemFiles files = {},
                ScriptedServer::Where where = ScriptedServer::Where::ipv4)
      : route_(std::move(route)),
        files_(std::move(files)),
        server_([this](ScriptedPeer& peer) { serve(peer); }, where) {}

  std::string url(const std::string& path = "/") const {
    return server_.url(path, files_.key.empty() ? "http" : "https");
  }

  std::uint16_t port() const { return server_.port(); }

  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve(ScriptedPeer& peer) {
    if (!files_.key.empty() && !peer.start_tls(files_)) return;
    const auto request = peer.read_request();
    if (request.empty()) return;
    const auto from = request.find(' ') + 1;
    const auto path = request.substr(from, request.find(' ', from) - from);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    peer.send(route_(path));
  }

  Route route_;
  PemFiles files_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  ScriptedServer server_;  // last: its threads use the rest
};

inline std::string redirect_to(const std::string& location,
                               const std::string& status = "302 Found",
                               const std::string& headers = {}) {
  return http_answer("", status, "Location: " + location + "\r\n" + headers);
}

// Of a request as it came; "" where it has no such header.
inline std::string header_of(const std::string& request, const std::string& name) {
  const auto at = request.find("\r\n" + name + ": ");
  if (at == request.npos) return {};
  const auto from = at + name.size() + 4;
  return request.substr(from, request.find("\r\n", from) - from);
}

}  // namespace nines::test
