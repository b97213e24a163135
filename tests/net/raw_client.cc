// SPDX-License-Identifier: Apache-2.0
#include "tests/net/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cstring>

namespace nines::test {
namespace {

int open_socket(int family) {
  const int made = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  timeval limit = {10, 0};
  ::setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  return made;
}

// OpenSSL writes without MSG_NOSIGNAL; a signal for this thread alone must not end the test.
void block_sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

RawClient RawClient::tcp(std::uint16_t port) {
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  RawClient client(open_socket(AF_INET));
  if (::connect(client.socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ::close(client.socket_);
    client.socket_ = -1;
  }
  return client;
}

RawClient RawClient::unix_socket(const std::string& path) {
  sockaddr_un to = {};
  to.sun_family = AF_UNIX;
  std::strncpy(to.sun_path, path.c_str(), sizeof to.sun_path - 1);
  RawClient client(open_socket(AF_UNIX));
  if (::connect(client.socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ::close(client.socket_);
    client.socket_ = -1;
  }
  return client;
}

RawClient RawClient::tls(std::uint16_t port, const RawTls& files) {
  block_sigpipe();
  RawClient client = tcp(port);
  if (!client.connected()) return client;
  client.context_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(client.context_, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_load_verify_file(client.context_, files.ca.c_str());
  if (!files.certificate.empty()) {
    SSL_CTX_use_certificate_chain_file(client.context_, files.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(client.context_, files.key.c_str(), SSL_FILETYPE_PEM);
  }
  client.ssl_ = SSL_new(client.context_);
  SSL_set_fd(client.ssl_, client.socket_);
  if (SSL_connect(client.ssl_) != 1) {
    ::close(client.socket_);
    client.socket_ = -1;
  }
  return client;
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      context_(std::exchange(other.context_, nullptr)),
      ssl_(std::exchange(other.ssl_, nullptr)),
      buffer_(std::move(other.buffer_)) {}

RawClient::~RawClient() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  if (socket_ >= 0) ::close(socket_);
}

bool RawClient::send(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const auto now =
        ssl_ != nullptr
            ? ssize_t{SSL_write(ssl_, bytes.data() + sent, static_cast<int>(bytes.size() - sent))}
            : ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (now <= 0) return false;
    sent += static_cast<std::size_t>(now);
  }
  return true;
}

bool RawClient::fill() {
  std::array<char, 16384> piece;
  const auto got = ssl_ != nullptr
                       ? ssize_t{SSL_read(ssl_, piece.data(), static_cast<int>(piece.size()))}
                       : ::recv(socket_, piece.data(), piece.size(), 0);
  if (got <= 0) return false;
  buffer_.append(piece.data(), static_cast<std::size_t>(got));
  return true;
}

RawResponse RawClient::receive(bool head_only) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return {};
  }
  RawResponse response;
  std::string head = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  response.status = std::stoi(head.substr(head.find(' ') + 1, 3));
  head.erase(0, head.find("\r\n") + 2);
  while (!head.empty()) {
    const std::string line = head.substr(0, head.find("\r\n"));
    head.erase(0, line.size() + 2);
    std::string name = line.substr(0, line.find(':'));
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    response.headers[name] = line.substr(line.find(':') + 2);
  }
  const auto length = response.headers.find("content-length");
  if (head_only || length == response.headers.end()) return response;
  const auto size = static_cast<std::size_t>(std::stoul(length->second));
  while (buffer_.size() < size && fill()) {
  }
  response.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return response;
}

RawResponse RawClient::exchange(const std::string& bytes) {
  // An answer may come although the server does not take all.
  send(bytes);
  return receive();
}

bool RawClient::closed_by_peer() {
  if (!buffer_.empty()) return false;
  std::array<char, 16> piece;
  if (ssl_ != nullptr) {
    return SSL_read(ssl_, piece.data(), static_cast<int>(piece.size())) <= 0 && errno != EAGAIN;
  }
  const auto got = ::recv(socket_, piece.data(), piece.size(), 0);
  return got == 0 || (got < 0 && errno == ECONNRESET);
}

bool RawClient::told_goodbye() {
  char byte = 0;
  const int got = SSL_read(ssl_, &byte, 1);
  return got <= 0 && SSL_get_error(ssl_, got) == SSL_ERROR_ZERO_RETURN;
}

void RawClient::finish_sending() { ::shutdown(socket_, SHUT_WR); }

void RawClient::abandon() {
  const linger now = {1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(socket_, -1));
}

}  // namespace nines::test
