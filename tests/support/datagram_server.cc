// SPDX-License-Identifier: Apache-2.0
#include "tests/support/datagram_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "base/assert.h"

namespace nines::test {
namespace {

int bound_socket(bool ipv6, std::uint16_t& port) {
  const int fd = ::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ASSERT(fd >= 0);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_loopback;
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* address = ipv6 ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4);
  socklen_t length = ipv6 ? sizeof v6 : sizeof v4;
  ASSERT(::bind(fd, address, length) == 0);
  ASSERT(::getsockname(fd, address, &length) == 0);
  port = ntohs(ipv6 ? v6.sin6_port : v4.sin_port);
  return fd;
}

}  // namespace

struct DatagramServer::Impl {
  Script script;
  int socket = -1;
  int end = -1;
  std::uint16_t port = 0;
  std::atomic<int> sent{0};
  std::thread thread;

  void serve();
};

void DatagramServer::Impl::serve() {
  std::array<char, 65536> buffer;
  for (;;) {
    std::array<pollfd, 2> wait{{{socket, POLLIN, 0}, {end, POLLIN, 0}}};
    if (::poll(wait.data(), wait.size(), -1) < 0) continue;
    if (wait[1].revents != 0) return;
    sockaddr_storage sender{};
    socklen_t length = sizeof sender;
    auto* from = reinterpret_cast<sockaddr*>(&sender);
    const auto n = ::recvfrom(socket, buffer.data(), buffer.size(), 0, from, &length);
    if (n < 0) continue;
    for (const auto& reply : script({buffer.data(), static_cast<std::size_t>(n)})) {
      ::sendto(socket, reply.data(), reply.size(), 0, from, length);
      ++sent;
    }
  }
}

DatagramServer::DatagramServer(Script script, bool ipv6) {
  std::uint16_t port = 0;
  start(bound_socket(ipv6, port), std::move(script));
  impl_->port = port;
}

void DatagramServer::start(int socket, Script script) {
  impl_ = std::make_unique<Impl>();
  impl_->script = std::move(script);
  impl_->socket = socket;
  impl_->end = ::eventfd(0, EFD_CLOEXEC);
  impl_->thread = std::thread([impl = impl_.get()] { impl->serve(); });
}

std::unique_ptr<DatagramServer> DatagramServer::at(std::uint16_t port, Script script) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ASSERT(fd >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    return nullptr;
  }
  std::unique_ptr<DatagramServer> server(new DatagramServer);
  server->start(fd, std::move(script));
  server->impl_->port = port;
  return server;
}

DatagramServer::~DatagramServer() {
  const std::uint64_t one = 1;
  ASSERT(::write(impl_->end, &one, sizeof one) == sizeof one);
  impl_->thread.join();
  ::close(impl_->socket);
  ::close(impl_->end);
}

std::uint16_t DatagramServer::port() const { return impl_->port; }

int DatagramServer::sent() const { return impl_->sent; }

SilentPort::SilentPort() { descriptor_ = bound_socket(false, port_); }

SilentPort::~SilentPort() { ::close(descriptor_); }

}  // namespace nines::test
