// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <asio/co_spawn.hpp>
#include <cerrno>
#include <exception>
#include <utility>

#include "base/log.h"
#include "net/server_core.h"

namespace nines::net {
namespace {

constexpr int kAcceptsInARow = 64;  // before other work on the loop has its turn
constexpr Duration kDescriptorPause = milliseconds(100);
constexpr Duration kLastWait = milliseconds(500);

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
