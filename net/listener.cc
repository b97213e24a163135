// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace nines::net {
namespace {

constexpr int kBacklog = 1024;
constexpr mode_t kSocketMode = 0660;

Expected<asio::ip::tcp::endpoint> parse_endpoint(const std::string& text) {
  const std::string hint = "listen address " + text + ": write it as 127.0.0.1:8643 or [::]:8643";
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return fail(hint);
  std::string host = text.substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  unsigned port = 0;
  const char* end = text.data() + text.size();
  const auto [at, trouble] = std::from_chars(text.data() + colon + 1, end, port);
  asio::error_code error;
  const auto address = asio::ip::make_address(host, error);
  const bool good =
      !error && trouble == std::errc() && at == end && port <= 65535 && address.is_v6() == brackets;
  if (!good) return fail(hint);
  return asio::ip::tcp::endpoint(address, static_cast<std::uint16_t>(port));
}

asio::ip::tcp::endpoint endpoint_of(const sockaddr_storage& address) {
  asio::ip::tcp::endpoint endpoint;
  const std::size_t size =
      address.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  std::memcpy(endpoint.data(), &address, size);
  endpoint.resize(size);
  const auto host = endpoint.address();
  if (host.is_v6() && host.to_v6().is_v4_mapped()) {
    endpoint.address(asio::ip::make_address_v4(asio::ip::v4_mapped, host.to_v6()));
  }
  return endpoint;
}

bool is_ip(const sockaddr_storage& address) {
  return address.ss_family == AF_INET || address.ss_family == AF_INET6;
}

// Whether the path is free for our socket; a stale socket is removed.
Expected<void> make_way(const sockaddr_un& name, socklen_t size) {
  const std::string path = name.sun_path;
  struct stat state = {};
  if (::lstat(name.sun_path, &state) != 0) {
    if (errno == ENOENT) return {};
    return fail_errno("socket " + path, errno);
  }
  if (!S_ISSOCK(state.st_mode)) {
    return fail("socket " + path + ": a file that is not a socket is in the way; remove it");
  }
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (probe.number() < 0) return fail_errno("socket " + path, errno);
  const int connected = ::connect(probe.number(), reinterpret_cast<const sockaddr*>(&name), size);
  // EAGAIN: the listener's backlog is full, so there is one.
  if (connected == 0 || errno == EAGAIN) {
    return fail("socket " + path + ": another program listens there; stop it first", EADDRINUSE);
  }
  if (errno != ECONNREFUSED) return fail_errno("socket " + path, errno);
  if (::unlink(name.sun_path) != 0)
    return fail_errno("socket " + path + ": remove the old one", errno);
  return {};
}

}  // namespace

Expected<Descriptor> bind_tcp(const std::string& address) {
  TRY(endpoint, parse_endpoint(address));
  const std::string what = "listen on " + address;
  const int family = endpoint.data()->sa_family;
  Descriptor made(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (made.number() < 0) return fail_errno(what, errno);
  const int on = 1;
  const int off = 0;
  ::setsockopt(made.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(made.number(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(made.number(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 ||
      ::listen(made.number(), kBacklog) != 0) {
    return fail_errno(what, errno);
  }
  return made;
}

Expected<std::uint16_t> bound_port(const Descriptor& socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  if (::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return fail_errno("getsockname", errno);
  }
  return endpoint_of(address).port();
}

Expected<Descriptor> bind_unix(const std::string& path) {
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof name.sun_path || path.find('\0') != std::string::npos) {
    return fail("socket " + path + ": the path must have 1 to " +
                std::to_string(sizeof name.sun_path - 1) + " bytes");
  }
  std::memcpy(name.sun_path, path.data(), path.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  TRY_VOID(make_way(name, size));
  Descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (made.number() < 0) return fail_errno("socket " + path, errno);
  // The file gets the socket's mode less the umask: at no moment is it open to more than 0660.
  ::fchmod(made.number(), kSocketMode);
  if (::bind(made.number(), reinterpret_cast<const sockaddr*>(&name), size) != 0 ||
      ::chmod(path.c_str(), kSocketMode) != 0 || ::listen(made.number(), kBacklog) != 0) {
    return fail_errno("socket " + path, errno);
  }
  return made;
}

FileIdentity identify(const std::string& path) {
  struct stat state = {};
  if (::lstat(path.c_str(), &state) != 0) return {};
  return {state.st_dev, state.st_ino};
}

void remove_socket(const std::string& path, const FileIdentity& ours) {
  const FileIdentity now = identify(path);
  if (now.inode != 0 && now.device == ours.device && now.inode == ours.inode)
    ::unlink(path.c_str());
}

std::string address_text(const sockaddr_storage& address) {
  if (!is_ip(address)) return {};
  const auto endpoint = endpoint_of(address);
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

std::string address_group(const sockaddr_storage& address) {
  if (!is_ip(address)) return {};
  const auto host = endpoint_of(address).address();
  if (host.is_v4()) return host.to_string();
  auto bytes = host.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return asio::ip::address_v6(bytes).to_string();
}

}  // namespace nines::net
