// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <asio/co_spawn.hpp>
#include <cerrno>
#include <list>
#include <map>
#include <set>
#include <utility>

#include "base/log.h"
#include "net/connection.h"
#include "net/http_codec.h"
#include "net/listener.h"

namespace nines::net {
namespace {

constexpr std::size_t kReadSize = 16 << 10;
constexpr std::size_t kJoined = 16 << 10;  // bodies up to this go out with their headers
constexpr std::size_t kBodyBytesPerSecond = 1024;
constexpr int kAcceptsInARow = 64;  // before other work on the loop has its turn
constexpr Duration kDescriptorPause = milliseconds(100);
constexpr Duration kLinger = seconds(2);
constexpr Duration kLastWait = milliseconds(500);
constexpr Duration kLogEvery = minutes(1);

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

Peer peer_of(int descriptor, const sockaddr_storage& address) {
  Peer peer;
  peer.address = address_text(address);
  if (address.ss_family != AF_UNIX) return peer;
  ucred credentials = {};
  socklen_t size = sizeof credentials;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
    peer.uid = credentials.uid;
    peer.pid = credentials.pid;
  }
  return peer;
}

}  // namespace

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
  BootTime handshake_logged{-kLogEvery.count()};
  bool out_of_descriptors = false;
  bool dead = false;  // the server object is gone
};

void HttpServer::Impl::spawn(Task<void> task) {
  asio::co_spawn(io, std::move(task), [](std::exception_ptr failure) {
    if (!failure) return;
    log::error("the HTTP server threw; this is a bug");
    std::abort();
  });
}

void HttpServer::Impl::open(std::shared_ptr<Listener> listener) {
  listeners.push_back(listener);
  auto task = accept(shared_from_this(), std::move(listener));
  spawn(std::move(task));
}

Task<void> HttpServer::Impl::accept(std::shared_ptr<Impl> self,
                                    std::shared_ptr<Listener> listener) {
  while (!self->stopping.requested()) {
    auto wait = listener->socket.async_wait(asio::posix::descriptor_base::wait_read, kNoThrow);
    const auto result = co_await std::move(wait);
    if (self->stopping.requested() || std::get<0>(result)) break;
    int error = 0;
    for (int i = 0; i < kAcceptsInARow && self->accept_one(listener, error); ++i) {
    }
    if (error == 0) continue;
    if (!std::exchange(self->out_of_descriptors, true)) {
      log::warning("connections wait: no descriptor or memory is left",
                   {{"listen", listener->name}, {"error", std::to_string(error)}});
    }
    auto pause =
        sleep_until(self->io, self->clock, self->clock.boot() + kDescriptorPause, self->stopping);
    co_await std::move(pause);
  }
}

// False when nobody waits any more, or when `error` says why nobody can be let in.
bool HttpServer::Impl::accept_one(const std::shared_ptr<Listener>& listener, int& error) {
  sockaddr_storage from = {};
  socklen_t size = sizeof from;
  const int made = ::accept4(listener->socket.native_handle(), reinterpret_cast<sockaddr*>(&from),
                             &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (made >= 0) {
    out_of_descriptors = false;
    admit(listener, made, from);
    return true;
  }
  switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      error = errno;
      return false;
    case EAGAIN:
      return false;
    default:
      return true;  // accept(2): errors of the one connection, already gone
  }
}

void HttpServer::Impl::admit(const std::shared_ptr<Listener>& listener,
                             int descriptor,
                             const sockaddr_storage& from) {
  auto session = std::make_shared<Session>();
  session->connection = std::make_shared<Connection>(io, clock, descriptor);
  session->group = address_group(from);
  auto& same = listener->by_address[session->group];
  const bool tcp = from.ss_family != AF_UNIX;
  if (listener->connections >= limits.connections ||
      (tcp && same >= limits.connections_per_address)) {
    ++counters.refused_connections;
    if (same == 0) listener->by_address.erase(session->group);
    return;  // the session closes the descriptor
  }
  ++counters.accepted;
  ++same;
  ++listener->connections;
  if (tcp) {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  session->listener = listener;
  session->peer = peer_of(descriptor, from);
  session->tls_generation = listener->tls_generation;
  sessions.insert(session.get());
  auto task = serve(shared_from_this(), std::move(session));
  spawn(std::move(task));
}

void HttpServer::Impl::forget(Session& session) {
  bodies_held -= session.held;
  session.connection->close();
  sessions.erase(&session);
  auto& listener = *session.listener;
  --listener.connections;
  const auto at = listener.by_address.find(session.group);
  if (--at->second == 0) listener.by_address.erase(at);
  changed.notify();
}

Task<void> HttpServer::Impl::serve(std::shared_ptr<Impl> self, std::shared_ptr<Session> session) {
  bool going = true;
  if (session->listener->tls) {
    auto handshake = self->shake_hands(*session);
    going = co_await std::move(handshake);
  }
  while (going) {
    auto request = self->serve_request(*session);
    going = co_await std::move(request);
    session->first = false;
  }
  self->forget(*session);
}

Task<bool> HttpServer::Impl::shake_hands(Session& session) {
  auto& connection = *session.connection;
  const BootTime deadline = clock.boot() + limits.handshake;
  // A session holds its own reference: the context may be replaced meanwhile.
  if (!connection.start_tls(static_cast<SSL_CTX*>(session.listener->tls->ssl_ctx()))) {
    co_return false;
  }
  for (;;) {
    const auto io_state = connection.try_handshake();
    if (io_state.progress == Connection::Progress::done) break;
    if (io_state.progress == Connection::Progress::closed) {
      note_handshake(session, connection.trouble());
      auto linger = connection.linger(std::min(limits.handshake, kLinger));
      co_await std::move(linger);  // the alert says why: let it arrive
      co_return false;
    }
    auto wait = connection.wait(io_state.progress, deadline);
    const auto wake = co_await std::move(wait);
    if (wake == Connection::Wake::timed_out) ++counters.timeouts;
    if (wake != Connection::Wake::ready) co_return false;
  }
  session.peer.certificate_uris = connection.peer_uris();
  co_return true;
}

void HttpServer::Impl::note_handshake(const Session& session, const std::string& why) {
  ++counters.handshake_failures;
  const BootTime now = clock.boot();
  if (now - handshake_logged < kLogEvery) return;
  handshake_logged = now;
  log::notice("a TLS handshake failed; more within a minute are only counted",
              {{"peer", session.peer.address}, {"why", why}});
}

// One request and its answer; whether another may follow.
Task<bool> HttpServer::Impl::serve_request(Session& session) {
  RequestParser parser(limits.header_bytes, limits.body_bytes);
  HttpResponse response;
  auto receiving = receive(session, parser, response);
  const Received received = co_await std::move(receiving);
  session.idle = false;
  bool close = true;
  switch (received) {
    case Received::gone:
      co_return false;
    case Received::timed_out:
      ++counters.timeouts;
      if (!parser.begun()) co_return false;
      response = HttpResponse::problem(408, "the request did not come in time");
      break;
    case Received::failed:
      ++(parser.status() == 413 || parser.status() == 431 ? counters.too_large
                                                          : counters.bad_requests);
      response = HttpResponse::problem(parser.status(), parser.why());
      break;
    case Received::refused:
      break;
    case Received::complete: {
      ++counters.requests;
      parser.request().peer = session.peer;
      auto answering = answer(parser.request());
      response = co_await std::move(answering);
      close = response.close || !parser.keep_alive();
      break;
    }
  }
  const bool renewed = session.tls_generation != session.listener->tls_generation;
  response.close = close || renewed || stopping.requested();
  const bool unread = received != Received::complete;
  const bool last = response.close;
  auto responding =
      respond(session, std::move(response), parser.request().method, parser.http_1_0());
  const bool sent = co_await std::move(responding);
  bodies_held -= std::exchange(session.held, 0);
  if (sent && last && (unread || !session.leftover.empty())) {
    auto linger = session.connection->linger(std::min(limits.handshake, kLinger));
    co_await std::move(linger);
  }
  co_return sent && !last;
}

// The body so far counts for all connections together.
bool HttpServer::Impl::account(Session& session, const RequestParser& parser) {
  const std::size_t now = parser.body_size();
  bodies_held += now - session.held;
  session.held = now;
  return bodies_held <= limits.bodies_in_flight;
}

BootTime HttpServer::Impl::body_deadline(BootTime start, const RequestParser& parser) {
  return start + limits.handshake + seconds(parser.body_size() / kBodyBytesPerSecond);
}

// Whether the body may come; the gate sees the request without it.
bool HttpServer::Impl::examine_head(Session& session,
                                    RequestParser& parser,
                                    HttpResponse& refusal) {
  if (!gate) return true;
  parser.request().peer = session.peer;
  auto refused = gate(parser.request());
  if (!refused) return true;
  refusal = *std::move(refused);
  return false;
}

Task<Received> HttpServer::Impl::receive(Session& session,
                                         RequestParser& parser,
                                         HttpResponse& refusal) {
  using State = RequestParser::State;
  using Progress = Connection::Progress;
  auto& connection = *session.connection;
  const std::string early = std::exchange(session.leftover, {});
  std::string_view bytes = early;
  BootTime body_start;
  BootTime head_deadline =
      clock.boot() + (session.first || !early.empty() ? limits.handshake : limits.idle);
  for (;;) {
    while (!bytes.empty() && (parser.state() == State::head || parser.state() == State::body)) {
      bytes.remove_prefix(parser.feed(bytes));
      if (parser.state() != State::head_complete) continue;
      if (!examine_head(session, parser, refusal)) co_return Received::refused;
      parser.accept_body();
      body_start = clock.boot();
      if (bytes.empty() && parser.state() == State::body && parser.expects_continue()) {
        auto go_on = connection.write_all("HTTP/1.1 100 Continue\r\n\r\n", limits.handshake);
        const bool sent = co_await std::move(go_on);
        if (!sent) co_return Received::gone;
      }
    }
    if (parser.state() == State::failed) co_return Received::failed;
    if (!account(session, parser)) {
      refusal = HttpResponse::problem(503, "too many bodies are under way");
      refusal.headers.emplace_back("Retry-After", "1");
      co_return Received::refused;
    }
    if (parser.state() == State::complete) {
      session.leftover = bytes;
      co_return Received::complete;
    }
    const auto io_state = connection.try_read(scratch.data(), scratch.size());
    if (io_state.progress == Progress::done) {
      if (!parser.begun()) head_deadline = clock.boot() + limits.handshake;
      bytes = std::string_view(scratch.data(), io_state.size);
      continue;
    }
    if (io_state.progress == Progress::closed) co_return Received::gone;
    session.idle = !parser.begun();
    if (session.idle && stopping.requested()) co_return Received::gone;
    const bool body = parser.state() == State::body;
    auto wait = connection.wait(io_state.progress,
                                body ? body_deadline(body_start, parser) : head_deadline);
    const auto wake = co_await std::move(wait);
    session.idle = false;
    if (wake == Connection::Wake::timed_out) co_return Received::timed_out;
    if (wake != Connection::Wake::ready) co_return Received::gone;
  }
}

Task<HttpResponse> HttpServer::Impl::answer(const HttpRequest& request) {
  std::string what = "the server is gone";
  if (!dead) {
    try {
      auto task = handler(request);
      HttpResponse response = co_await std::move(task);
      co_return response;
    } catch (const std::exception& error) {
      what = error.what();
    }
  }
  log::error("a request handler threw; this is a bug",
             {{"method", request.method}, {"path", request.path}, {"what", what}});
  HttpResponse broken = HttpResponse::problem(500, "the server failed; its log says more");
  broken.close = true;
  co_return broken;
}

Task<bool> HttpServer::Impl::respond(Session& session,
                                     HttpResponse response,
                                     const std::string& method,
                                     bool http_1_0) {
  std::string head = response_head(response, response.close, http_1_0);
  if (!has_body(response.status, method)) response.body.clear();
  if (response.body.size() <= kJoined) head += std::exchange(response.body, {});
  auto writing = session.connection->write_all(head, limits.handshake);
  bool sent = co_await std::move(writing);
  if (sent && !response.body.empty()) {
    auto more = session.connection->write_all(response.body, limits.handshake);
    sent = co_await std::move(more);
  }
  co_return sent;
}

void HttpServer::Impl::close_listeners() {
  stopping.request();
  for (const auto& listener : listeners) {
    asio::error_code ignored;
    listener->socket.close(ignored);
    if (!listener->path.empty()) remove_socket(listener->path, listener->file);
  }
  listeners.clear();
}

void HttpServer::Impl::interrupt_all(bool idle_only) {
  for (Session* session : sessions) {
    if (session->idle || !idle_only) session->connection->interrupt();
  }
}

HttpServer::HttpServer(
    asio::io_context& io, const Clock& clock, ServerLimits limits, Handler handler, Gate gate)
    : impl_(std::make_shared<Impl>(io, clock, limits, std::move(handler), std::move(gate))) {}

HttpServer::~HttpServer() {
  impl_->dead = true;
  impl_->gate = nullptr;
  impl_->close_listeners();
  impl_->interrupt_all(false);
}

Expected<std::uint16_t> HttpServer::listen_tcp(const std::string& address,
                                               std::shared_ptr<const TlsServerContext> tls) {
  TRY(socket, bind_tcp(address));
  TRY(port, bound_port(socket));
  auto listener = std::make_shared<Listener>(impl_->io, socket.release());
  listener->name = address;
  listener->tls = std::move(tls);
  impl_->open(std::move(listener));
  return port;
}

Expected<void> HttpServer::listen_unix(const std::string& path) {
  TRY(socket, bind_unix(path));
  auto listener = std::make_shared<Listener>(impl_->io, socket.release());
  listener->name = path;
  listener->path = path;
  listener->file = identify(path);
  impl_->open(std::move(listener));
  return {};
}

void HttpServer::replace_tls(std::shared_ptr<const TlsServerContext> tls) {
  for (const auto& listener : impl_->listeners) {
    if (!listener->tls) continue;
    listener->tls = tls;
    ++listener->tls_generation;
  }
}

Task<void> HttpServer::stop(Duration grace) {
  const auto impl = impl_;
  impl->close_listeners();
  impl->interrupt_all(true);
  const BootTime end = impl->clock.boot() + grace;
  while (!impl->sessions.empty() && impl->clock.boot() < end) {
    auto wait = impl->changed.wait_until(impl->clock, end);
    co_await std::move(wait);
  }
  impl->interrupt_all(false);
  const BootTime last = impl->clock.boot() + kLastWait;
  while (!impl->sessions.empty() && impl->clock.boot() < last) {
    auto wait = impl->changed.wait_until(impl->clock, last);
    co_await std::move(wait);
  }
  if (!impl->sessions.empty()) {
    log::warning("requests still run after the server's grace",
                 {{"requests", std::to_string(impl->sessions.size())}});
  }
}

ServerCounters HttpServer::counters() const { return impl_->counters; }

std::size_t HttpServer::connections() const { return impl_->sessions.size(); }

}  // namespace nines::net
