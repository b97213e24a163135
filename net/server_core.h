// SPDX-License-Identifier: Apache-2.0
// The inside of the server, shared by its two files: http_server.cc lets connections in and ends
// them, http_session.cc takes one connection through its requests. Nobody else includes this.
#pragma once

#include <asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "net/connection.h"
#include "net/http_codec.h"
#include "net/http_server.h"
#include "net/listener.h"

namespace nines::net {

struct Listener {
  Listener(asio::io_context& io, int descriptor) : socket(io, descriptor) {}

  asio::posix::stream_descriptor socket;
  std::string name;  // for the log
  std::string path;  // of a Unix socket
  FileIdentity file;
  std::shared_ptr<const TlsServerContext> tls;
  std::uint64_t tls_generation = 0;
  std::size_t connections = 0;
  std::map<std::string, std::size_t> by_address;
};

// One connection's course through its requests.
struct Session {
  std::shared_ptr<Listener> listener;
  std::shared_ptr<Connection> connection;
  Peer peer;
  std::string group;
  std::string leftover;  // bytes of the next request that came with the last
  std::uint64_t tls_generation = 0;
  std::size_t held = 0;  // bytes of this request's body, in the server's account
  bool first = true;     // no request was served yet
  bool idle = false;     // between requests: may be ended at any time
};

enum class Received { complete, failed, refused, timed_out, gone };

inline constexpr std::size_t kReadSize = 16 << 10;

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  Impl(asio::io_context& loop, const Clock& c, ServerLimits l, Handler h, Gate g)
      : io(loop),
        clock(c),
        limits(l),
        handler(std::move(h)),
        gate(std::move(g)),
        changed(loop),
        scratch(kReadSize) {}

  void open(std::shared_ptr<Listener> listener);
  void spawn(Task<void> task);
  static Task<void> accept(std::shared_ptr<Impl> self, std::shared_ptr<Listener> listener);
  bool accept_one(const std::shared_ptr<Listener>& listener, int& error);
  void admit(const std::shared_ptr<Listener>& listener,
             int descriptor,
             const sockaddr_storage& from);
  static Task<void> serve(std::shared_ptr<Impl> self, std::shared_ptr<Session> session);
  void forget(Session& session);
  Task<bool> shake_hands(Session& session);
  void note_handshake(const Session& session, const std::string& why);
  Task<bool> serve_request(Session& session);
  Task<Received> receive(Session& session, RequestParser& parser, HttpResponse& refusal);
  bool examine_head(Session& session, RequestParser& parser, HttpResponse& refusal);
  bool account(Session& session, const RequestParser& parser);
  BootTime body_deadline(BootTime start, const RequestParser& parser);
  Task<HttpResponse> answer(const HttpRequest& request);
  Task<bool> respond(Session& session,
                     HttpResponse response,
                     const std::string& method,
                     bool http_1_0);
  void close_listeners();
  void interrupt_all(bool idle_only);

  asio::io_context& io;
  const Clock& clock;
  ServerLimits limits;
  Handler handler;
  Gate gate;
  ServerCounters counters;
  Event changed;  // a connection has ended
  Stop stopping;
  std::vector<char> scratch;  // what was read is parsed before the loop goes on: one serves all
  std::list<std::shared_ptr<Listener>> listeners;
  std::set<Session*> sessions;
  std::size_t bodies_held = 0;
  std::optional<BootTime> handshake_logged;
  bool out_of_descriptors = false;
  bool dead = false;  // the server object is gone
};

}  // namespace nines::net
