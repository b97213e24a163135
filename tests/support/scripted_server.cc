// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/assert.h"

namespace nines::test {
namespace {

constexpr std::size_t kMostRead = 1 << 20;

sockaddr_in loopback() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Binds to a free loopback port, which is answered.
std::uint16_t bind_free(int descriptor, bool ipv6, bool both = false) {
  if (ipv6) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = both ? in6addr_any : in6addr_loopback;
    const int only = both ? 0 : 1;
    ASSERT(::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) == 0);
    socklen_t length = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    ASSERT(::bind(descriptor, any, length) == 0);
    ASSERT(::getsockname(descriptor, any, &length) == 0);
    return ntohs(address.sin6_port);
  }
  auto address = loopback();
  socklen_t length = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  ASSERT(::bind(descriptor, any, length) == 0);
  ASSERT(::getsockname(descriptor, any, &length) == 0);
  return ntohs(address.sin_port);
}

int make_socket(bool ipv6, int flags = 0) {
  const int descriptor = ::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  ASSERT(descriptor >= 0);
  return descriptor;
}

int choose_protocol(SSL*,
                    const unsigned char** out,
                    unsigned char* size,
                    const unsigned char*,
                    unsigned,
                    void* name) {
  const auto& chosen = *static_cast<const std::string*>(name);
  *out = reinterpret_cast<const unsigned char*>(chosen.data());
  *size = static_cast<unsigned char>(chosen.size());
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

ScriptedPeer::~ScriptedPeer() {
  ::SSL_free(static_cast<SSL*>(tls_));
  ::SSL_CTX_free(static_cast<SSL_CTX*>(context_));
}

bool ScriptedPeer::start_tls(const PemFiles& files, const std::string& client_ca, int most) {
  auto* context = ::SSL_CTX_new(::TLS_server_method());
  ASSERT(context != nullptr);
  context_ = context;
  ASSERT(::SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) == 1);
  ASSERT(::SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) == 1);
  if (most != 0) ASSERT(::SSL_CTX_set_max_proto_version(context, most) == 1);
  if (!client_ca.empty()) {
    ASSERT(::SSL_CTX_load_verify_file(context, client_ca.c_str()) == 1);
    ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  if (!alpn_.empty()) ::SSL_CTX_set_alpn_select_cb(context, choose_protocol, &alpn_);
  auto* session = ::SSL_new(context);
  ASSERT(session != nullptr && ::SSL_set_fd(session, descriptor_) == 1);
  tls_ = session;
  const bool done = ::SSL_accept(session) == 1;
  ::ERR_clear_error();
  return done;
}

long ScriptedPeer::receive(char* at, std::size_t size) {
  if (tls_ == nullptr) return ::recv(descriptor_, at, size, 0);
  const int n = ::SSL_read(static_cast<SSL*>(tls_), at, static_cast<int>(size));
  ::ERR_clear_error();
  return n;
}

std::string ScriptedPeer::read_until(std::string_view mark) {
  char part[4096];
  for (;;) {
    const auto at = buffer_.find(mark);
    const auto n =
        at != buffer_.npos || buffer_.size() > kMostRead ? 0 : receive(part, sizeof part);
    if (n <= 0) {
      const auto end = at == buffer_.npos ? buffer_.size() : at + mark.size();
      const auto text = buffer_.substr(0, end);
      buffer_.erase(0, end);
      return text;
    }
    buffer_.append(part, static_cast<std::size_t>(n));
  }
}

std::string ScriptedPeer::read_exactly(std::size_t size) {
  char part[4096];
  while (buffer_.size() < size) {
    const auto n = receive(part, std::min(sizeof part, size - buffer_.size()));
    if (n <= 0) break;
    buffer_.append(part, static_cast<std::size_t>(n));
  }
  const auto text = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return text;
}

std::string ScriptedPeer::read_request() {
  auto request = read_until("\r\n\r\n");
  constexpr std::string_view kLength = "Content-Length: ";
  const auto at = request.find(kLength);
  if (at == request.npos) return request;
  const auto wanted = std::strtoul(request.c_str() + at + kLength.size(), nullptr, 10);
  char part[4096];
  while (buffer_.size() < wanted) {
    const auto n = receive(part, sizeof part);
    if (n <= 0) break;
    buffer_.append(part, static_cast<std::size_t>(n));
  }
  request += buffer_.substr(0, wanted);
  buffer_.erase(0, std::min<std::size_t>(wanted, buffer_.size()));
  return request;
}

bool ScriptedPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = tls_ == nullptr ? ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                   : ::SSL_write(static_cast<SSL*>(tls_), bytes.data(),
                                                 static_cast<int>(bytes.size()));
    ::ERR_clear_error();
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool ScriptedPeer::drip(std::string_view bytes) {
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return std::all_of(bytes.begin(), bytes.end(), [&](char c) { return send({&c, 1}); });
}

void ScriptedPeer::wait_until_gone() {
  char part[4096];
  while (::recv(descriptor_, part, sizeof part, 0) > 0) {
  }
}

void ScriptedPeer::hold() {
  pollfd end{descriptor_, POLLRDHUP, 0};
  ::poll(&end, 1, -1);
}

void ScriptedPeer::reset() {
  // The descriptor stays the server's to close: with no linger its close sends RST.
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

struct ScriptedServer::Impl {
  Script script;
  bool ipv6 = false;
  int listener = -1;
  std::uint16_t port = 0;
  std::thread acceptor;
  std::atomic<int> accepted{0};
  std::mutex mutex;  // guards what follows
  bool stopping = false;
  std::set<int> open;
  std::vector<std::thread> threads;

  void accept_all();
  void serve(int descriptor);
};

void ScriptedServer::Impl::accept_all() {
  for (;;) {
    const int descriptor = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    const std::lock_guard lock(mutex);
    if (stopping) {
      ::close(descriptor);
      return;
    }
    ++accepted;
    open.insert(descriptor);
    threads.emplace_back([this, descriptor] { serve(descriptor); });
  }
}

void ScriptedServer::Impl::serve(int descriptor) {
  {
    ScriptedPeer peer(descriptor);
    script(peer);
  }
  const std::lock_guard lock(mutex);
  open.erase(descriptor);
  ::close(descriptor);
}

ScriptedServer::ScriptedServer(Script script, bool ipv6)
    : ScriptedServer(std::move(script), ipv6 ? Where::ipv6 : Where::ipv4) {}

ScriptedServer::ScriptedServer(Script script, Where where) : impl_(std::make_unique<Impl>()) {
  const bool ipv6 = where != Where::ipv4;
  std::signal(SIGPIPE, SIG_IGN);
  impl_->script = std::move(script);
  impl_->ipv6 = where == Where::ipv6;
  impl_->listener = make_socket(ipv6);
  impl_->port = bind_free(impl_->listener, ipv6, where == Where::everywhere);
  ASSERT(::listen(impl_->listener, 128) == 0);
  impl_->acceptor = std::thread([impl = impl_.get()] { impl->accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    for (const int descriptor : impl_->open) ::shutdown(descriptor, SHUT_RDWR);
  }
  ::shutdown(impl_->listener, SHUT_RDWR);  // wakes accept
  impl_->acceptor.join();
  for (auto& thread : impl_->threads) thread.join();
  ::close(impl_->listener);
}

std::uint16_t ScriptedServer::port() const { return impl_->port; }

int ScriptedServer::connections() const { return impl_->accepted; }

std::string ScriptedServer::url(const std::string& path, const std::string& scheme) const {
  return scheme + "://" + (impl_->ipv6 ? "[::1]" : "127.0.0.1") + ":" + std::to_string(port()) +
         path;
}

ScriptedServer::Script answering(std::string answer) {
  return [answer = std::move(answer)](ScriptedPeer& peer) {
    if (!peer.read_request().empty()) peer.send(answer);
  };
}

std::string http_answer(const std::string& body,
                        const std::string& status,
                        const std::string& headers) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n" + headers + "\r\n" + body;
}

RefusingPort::RefusingPort() : descriptor_(make_socket(false)) {
  port_ = bind_free(descriptor_, false);  // bound, so that nobody else listens there
}

RefusingPort::~RefusingPort() { ::close(descriptor_); }

DeafPort::DeafPort() : descriptor_(make_socket(false)) {
  port_ = bind_free(descriptor_, false);
  ASSERT(::listen(descriptor_, 0) == 0);
  auto address = loopback();
  address.sin_port = htons(port_);
  for (int& filler : fillers_) {
    filler = make_socket(false, SOCK_NONBLOCK);
    ::connect(filler, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
}

DeafPort::~DeafPort() {
  for (const int filler : fillers_) ::close(filler);
  ::close(descriptor_);
}

}  // namespace nines::test
