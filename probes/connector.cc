// SPDX-License-Identifier: Apache-2.0
#include "probes/connector.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <asio/ip/tcp.hpp>
#include <cerrno>
#include <utility>

#include "net/kernel_stamp.h"
#include "probes/failure.h"
#include "probes/packet_times.h"

namespace nines::probes {
namespace {

Descriptor stream_socket(int family) {
  return Descriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// A socket whose connection is begun. What fails at once fails before anything leaves this host.
Failure begin_connect(Descriptor& socket,
                      const asio::ip::tcp::endpoint& endpoint,
                      const std::string& source,
                      Greeting greeting) {
  socket = stream_socket(endpoint.protocol().family());
  if (!socket) return local_failure(errno, "open a socket");
  const int fd = socket.number();
  auto failure = bind_source(fd, endpoint.address().is_v6(), source);
  if (failure) return failure;
  if (greeting == Greeting::theirs) net::ask_for_arrivals(fd);
  const int begun = ::connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size()));
  const int why = errno;  // what follows may change it
  if (begun == 0 || why == EINPROGRESS || why == EINTR) return {};
  return connect_failure(why, true, address_text(endpoint.address(), endpoint.port()));
}

// Until the connection that was begun is made, or has failed. The loop has the socket meanwhile.
Task<Failure> await_connected(Run& run,
                              Descriptor& socket,
                              asio::ip::tcp::endpoint endpoint,
                              BootTime until) {
  Socket watched(run.io);
  auto failure = attach(socket, watched);
  if (failure) co_return failure;
  auto wait = wait_for(run, watched, Readiness::writable, until);
  const auto waited = co_await std::move(wait);
  socket = Descriptor(watched.release());
  if (waited == Waited::stopped) co_return stopped_failure();
  if (waited == Waited::timed_out) {
    failure.reason = Reason::connect_timeout;
    failure.detail = address_text(endpoint.address(), endpoint.port()) + ": no answer in time";
  }
  co_return failure;
}

// Why a connection that the kernel is through with does not stand; no failure where it does.
Failure end_connect(const Descriptor& socket, const asio::ip::tcp::endpoint& endpoint) {
  int error_number = 0;
  socklen_t length = sizeof error_number;
  ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error_number, &length);
  if (error_number == 0) return {};
  return connect_failure(error_number, false, address_text(endpoint.address(), endpoint.port()));
}

bool is_v4(const asio::ip::address& address) { return address.is_v4(); }

bool is_v6(const asio::ip::address& address) { return address.is_v6(); }

void choose(Family family, std::string_view host, Addresses& found) {
  auto& list = found.list;
  if (family == Family::ipv4) std::erase_if(list, is_v6);
  if (family == Family::ipv6) std::erase_if(list, is_v4);
  if (family == Family::prefer_ipv4) std::stable_partition(list.begin(), list.end(), is_v4);
  if (family == Family::prefer_ipv6) std::stable_partition(list.begin(), list.end(), is_v6);
  if (!list.empty()) return;
  found.failure.reason = Reason::dns_no_address;
  found.failure.detail =
      std::string(host) + " has no IPv" + (family == Family::ipv4 ? "4" : "6") + " address";
}

}  // namespace

void add_phase(std::optional<std::int64_t>& phase, Duration d) {
  phase = phase.value_or(0) + std::max<std::int64_t>(to_us(d), 0);
}

Failure bind_source(int descriptor, bool v6, const std::string& source) {
  if (source.empty()) return {};
  asio::error_code not_literal;
  const auto literal = asio::ip::make_address(source, not_literal);
  if (not_literal) {
    const int bound = ::setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, source.data(),
                                   static_cast<socklen_t>(source.size()));
    if (bound == 0) return {};
    const auto why = errno;
    if (why == ENODEV) return {Reason::agent_no_source, "no interface " + source};
    return local_failure(why, "use the interface " + source);
  }
  if (literal.is_v6() != v6) {
    return {Reason::agent_no_source,
            "the source " + source + " cannot reach an IPv" + (v6 ? "6" : "4") + " address"};
  }
  const asio::ip::tcp::endpoint endpoint(literal, 0);
  const int bound = ::bind(descriptor, endpoint.data(), static_cast<socklen_t>(endpoint.size()));
  return bound == 0 ? Failure{} : local_failure(errno, "use the source " + source);
}

Addresses literal_address(std::string_view host, Family family) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  Addresses found;
  asio::error_code not_literal;
  const auto literal = host.find(':') == std::string_view::npos
                           ? asio::ip::address(asio::ip::make_address_v4(host, not_literal))
                           : asio::ip::address(asio::ip::make_address_v6(host, not_literal));
  if (not_literal) return found;
  found.list.push_back(literal);
  choose(family, host, found);
  return found;
}

Task<Addresses> look_up(Run& run,
                        net::Resolver& resolver,
                        std::string host,
                        Family family,
                        Phases& phases,
                        Stamps& stamps) {
  auto found = literal_address(host, family);
  if (!found.empty()) co_return found;
  const auto start = run.clock.boot();
  const auto asked = family == Family::ipv4   ? net::Family::ipv4
                     : family == Family::ipv6 ? net::Family::ipv6
                                              : net::Family::any;
  auto lookup = resolver.resolve(host, asked, run.deadline, run.stop);
  auto resolution = co_await std::move(lookup);
  add_phase(phases.dns_us, resolution.arrived.value_or(run.clock.boot()) - start);
  if (resolution.asked) note_stamp(stamps, resolution.arrived.has_value());
  found.failure = resolve_failure(resolution, host);
  found.list = std::move(resolution.addresses);
  if (!found.failure) choose(family, host, found);
  co_return found;
}

Task<Connection> connect_any(Run& run,
                             std::vector<asio::ip::address> addresses,
                             std::uint16_t port,
                             std::string source,
                             Phases& phases,
                             Greeting greeting) {
  ASSERT(!addresses.empty());
  Connection connection;
  auto start = run.clock.boot();
  bool decided = false;              // by a failure from outside
  std::optional<Duration> measured;  // by the kernel
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto now = run.clock.boot();
    add_phase(phases.connect_us, now - start);  // the attempt before
    start = now;
    const bool last = i + 1 == addresses.size();
    const auto until = last ? run.deadline : now + (run.deadline - now) / 2;
    Descriptor socket;
    const asio::ip::tcp::endpoint endpoint(addresses[i], port);
    auto failure = begin_connect(socket, endpoint, source, greeting);
    TcpHandshake handshake;
    // A target on this host has answered within connect(2): no need to trouble the loop.
    if (!failure) handshake = handshake_of(socket.number());
    if (!failure && handshake.pending) {
      auto wait = await_connected(run, socket, endpoint, until);
      failure = co_await std::move(wait);
      if (!failure) handshake = handshake_of(socket.number());
    }
    if (!failure && !handshake.made) failure = end_connect(socket, endpoint);
    const bool from_outside = outcome_of(failure.reason) != Outcome::unknown;
    if (from_outside || !decided) {
      connection.address = address_text(addresses[i], port);
      connection.failure = std::move(failure);
    }
    if (!connection.failure) {
      connection.socket = std::move(socket);
      measured = handshake.took;
    }
    if (connection.socket || run.stop.requested()) break;
    decided = decided || from_outside;
    if (run.clock.boot() >= run.deadline) break;
  }
  if (run.stop.requested() && !connection.socket) connection.failure = stopped_failure();
  auto took = run.clock.boot() - start;
  if (connection.socket) {
    connection.kernel_timed = measured && *measured <= took;
    if (connection.kernel_timed) took = *measured;
  }
  add_phase(phases.connect_us, took);
  co_return connection;
}

Task<Connection> connect_unix(Run& run, std::string path, Phases& phases) {
  Connection connection;
  connection.address = "unix:" + path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT(path.size() < sizeof address.sun_path);  // bounded where it is decoded
  path.copy(address.sun_path, path.size());
  auto socket = stream_socket(AF_UNIX);
  if (!socket) {
    connection.failure = local_failure(errno, "open a socket");
    co_return connection;
  }
  const auto start = run.clock.boot();
  const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
  const int connected = ::connect(socket.number(), generic, sizeof address);
  const int why = errno;
  add_phase(phases.connect_us, run.clock.boot() - start);
  if (connected == 0) {
    connection.socket = std::move(socket);
  } else if (why == EAGAIN) {  // the listener's queue is full: nobody accepts
    connection.failure.reason = Reason::connect_timeout;
    connection.failure.detail = connection.address + ": nobody accepts";
  } else if (why == ENOENT) {
    connection.failure.reason = Reason::connect_refused;
    connection.failure.detail = connection.address + ": no such socket";
  } else {
    connection.failure = connect_failure(why, true, connection.address);
  }
  co_return connection;
}

}  // namespace nines::probes
