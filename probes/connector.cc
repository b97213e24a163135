// SPDX-License-Identifier: Apache-2.0
#include "probes/connector.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <asio/ip/tcp.hpp>
#include <cerrno>
#include <utility>

#include "probes/arrival.h"
#include "probes/failure.h"

namespace nines::probes {
namespace {

Failure open_socket(Socket& socket, int family) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return local_failure(errno, "open a socket");
  asio::error_code error;
  socket.assign(fd, error);
  if (error) {
    ::close(fd);
    return local_failure(error.value(), "watch a socket");
  }
  ask_for_arrivals(fd);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return {};
}

Task<Failure> connect_one(Run& run,
                          Socket& socket,
                          asio::ip::tcp::endpoint endpoint,
                          BootTime until) {
  const auto name = address_text(endpoint.address(), endpoint.port());
  auto failure = open_socket(socket, endpoint.protocol().family());
  if (failure) co_return failure;
  const int fd = socket.native_handle();
  if (::connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0) {
    co_return Failure{};
  }
  if (errno != EINPROGRESS && errno != EINTR) co_return connect_failure(errno, true, name);

  auto wait = wait_for(run, socket, Readiness::writable, until);
  const auto waited = co_await std::move(wait);
  if (waited == Waited::stopped) co_return stopped_failure();
  if (waited == Waited::timed_out) {
    failure.reason = Reason::connect_timeout;
    failure.detail = name + ": no answer in time";
    co_return failure;
  }
  int error_number = 0;
  socklen_t length = sizeof error_number;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error_number, &length);
  if (error_number != 0) co_return connect_failure(error_number, false, name);
  co_return Failure{};
}

}  // namespace

void add_phase(std::optional<std::int64_t>& phase, Duration d) {
  phase = phase.value_or(0) + std::max<std::int64_t>(to_us(d), 0);
}

Task<Addresses> look_up(Run& run, net::Resolver& resolver, std::string host, Phases& phases) {
  Addresses found;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  asio::error_code not_literal;
  const auto literal = asio::ip::make_address(host, not_literal);
  if (!not_literal) {
    found.list.push_back(literal);
    co_return found;
  }
  const auto start = run.clock.boot();
  auto lookup = resolver.resolve(host, net::Family::any, run.deadline, run.stop);
  auto resolution = co_await std::move(lookup);
  add_phase(phases.dns_us, run.clock.boot() - start);
  found.failure = resolve_failure(resolution, host);
  found.list = std::move(resolution.addresses);
  co_return found;
}

Task<Connection> connect_any(Run& run,
                             std::vector<asio::ip::address> addresses,
                             std::uint16_t port,
                             Phases& phases) {
  ASSERT(!addresses.empty());
  Connection connection;
  const auto start = run.clock.boot();
  bool decided = false;  // by a failure from outside
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto now = run.clock.boot();
    const bool last = i + 1 == addresses.size();
    const auto until = last ? run.deadline : now + (run.deadline - now) / 2;
    Socket socket(run.io);
    const asio::ip::tcp::endpoint endpoint(addresses[i], port);
    auto attempt = connect_one(run, socket, endpoint, until);
    auto failure = co_await std::move(attempt);
    const bool from_outside = outcome_of(failure.reason) != Outcome::unknown;
    if (from_outside || !decided) {
      connection.address = address_text(addresses[i], port);
      connection.failure = std::move(failure);
    }
    if (!connection.failure) connection.socket = std::move(socket);
    if (connection.socket || run.stop.requested()) break;
    decided = decided || from_outside;
    if (run.clock.boot() >= run.deadline) break;
  }
  if (run.stop.requested() && !connection.socket) connection.failure = stopped_failure();
  add_phase(phases.connect_us, run.clock.boot() - start);
  co_return connection;
}

}  // namespace nines::probes
