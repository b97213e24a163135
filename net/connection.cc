// SPDX-License-Identifier: Apache-2.0
#include "net/connection.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

namespace nines::net {
namespace {

constexpr std::size_t kBytesPerSecond = 1024;  // the slowest peer that we wait for
constexpr std::size_t kMaxDrained = 4 << 20;
constexpr int kWithoutProgress = 3;  // times the grace
constexpr std::size_t kMaxWrite = 64 << 10;

}  // namespace

Connection::Connection(asio::io_context& io, const Clock& clock, int descriptor)
    : clock_(clock), descriptor_(io, descriptor), timer_(io) {}

Connection::~Connection() = default;

bool Connection::start_tls(SSL_CTX* context) {
  ssl_.reset(SSL_new(context));
  if (!ssl_) return false;
  auto bio = make_socket_bio(descriptor_.native_handle());
  SSL_set_bio(ssl_.get(), bio.get(), bio.get());  // takes the one reference for both
  (void)bio.release();
  SSL_set_accept_state(ssl_.get());
  return true;
}

Connection::Io Connection::after_tls(int returned) {
  if (returned > 0) return {Progress::done, static_cast<std::size_t>(returned)};
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return {Progress::want_read, 0};
    case SSL_ERROR_WANT_WRITE:
      return {Progress::want_write, 0};
    case SSL_ERROR_SSL:
      trouble_ = openssl_error();
      break;
    default:
      trouble_ = "the peer closed the connection";
      break;
  }
  ERR_clear_error();
  broken_ = true;
  return {Progress::closed, 0};
}

// "No more is coming" for the peer (RFC 8446 section 6.1), whose own goodbye nobody awaits.
void Connection::say_goodbye() {
  if (!ssl_ || std::exchange(broken_, true) || SSL_in_init(ssl_.get()) != 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

Connection::Io Connection::try_handshake() {
  ERR_clear_error();
  return after_tls(SSL_do_handshake(ssl_.get()));
}

Connection::Io Connection::try_read(char* into, std::size_t size) {
  if (ssl_) {
    ERR_clear_error();
    return after_tls(
        SSL_read(ssl_.get(), into, static_cast<int>(std::min<std::size_t>(size, INT_MAX))));
  }
  for (;;) {
    const auto got = ::recv(descriptor_.native_handle(), into, size, 0);
    if (got > 0) return {Progress::done, static_cast<std::size_t>(got)};
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return {Progress::want_read, 0};
    return {Progress::closed, 0};
  }
}

Connection::Io Connection::try_write(std::string_view data) {
  data = data.substr(0, kMaxWrite);
  if (ssl_) {
    ERR_clear_error();
    return after_tls(SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())));
  }
  for (;;) {
    const auto sent = ::send(descriptor_.native_handle(), data.data(), data.size(), MSG_NOSIGNAL);
    if (sent >= 0) return {Progress::done, static_cast<std::size_t>(sent)};
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return {Progress::want_write, 0};
    return {Progress::closed, 0};
  }
}

// One timer serves all waits: an earlier expiry that finds a later deadline sets itself anew, so
// that a busy connection does not move its timer with every request.
void Connection::arm(BootTime deadline) {
  deadline_ = deadline;
  if (armed_ && armed_for_ <= deadline) return;
  armed_ = true;
  armed_for_ = deadline;
  const BootTime now = clock_.boot();
  timer_.expires_after(deadline > now ? deadline - now : Duration(0));
  timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
    if (error) return;
    self->armed_ = false;
    if (!self->waiting_) return;
    if (self->clock_.boot() < self->deadline_) return self->arm(self->deadline_);
    self->timed_out_ = true;
    self->descriptor_.cancel();
  });
}

Task<Connection::Wake> Connection::wait(Progress wanted, BootTime deadline) {
  if (interrupted_) co_return Wake::interrupted;
  arm(deadline);
  timed_out_ = false;
  waiting_ = true;
  const auto direction = wanted == Progress::want_write ? asio::posix::descriptor_base::wait_write
                                                        : asio::posix::descriptor_base::wait_read;
  auto operation = descriptor_.async_wait(direction, kNoThrow);
  const auto result = co_await std::move(operation);
  waiting_ = false;
  if (interrupted_) co_return Wake::interrupted;
  if (timed_out_) co_return Wake::timed_out;
  co_return std::get<0>(result) ? Wake::interrupted : Wake::ready;
}

void Connection::interrupt() {
  interrupted_ = true;
  asio::error_code ignored;
  descriptor_.cancel(ignored);
}

Task<bool> Connection::write_all(std::string_view data, Duration grace) {
  const BootTime start = clock_.boot();
  std::size_t sent = 0;
  while (sent < data.size()) {
    if (interrupted_) co_return false;
    const Io io = try_write(data.substr(sent));
    sent += io.size;
    if (io.progress == Progress::done) continue;
    if (io.progress == Progress::closed) co_return false;
    // What the kernel's buffer took earns time too, and that may be much: a peer that takes nothing
    // at all must not live on it.
    const auto earned = seconds(sent / kBytesPerSecond);
    const BootTime limit =
        std::min(start + grace + earned, clock_.boot() + kWithoutProgress * grace);
    auto waiting = wait(io.progress, limit);
    const Wake wake = co_await std::move(waiting);
    if (wake != Wake::ready) co_return false;
  }
  co_return true;
}

Task<void> Connection::linger(Duration limit) {
  say_goodbye();
  ::shutdown(descriptor_.native_handle(), SHUT_WR);
  const BootTime deadline = clock_.boot() + limit;
  std::array<char, 4096> waste;
  std::size_t drained = 0;
  while (drained < kMaxDrained) {
    // Below TLS: what it says does not matter any more.
    const auto got = ::recv(descriptor_.native_handle(), waste.data(), waste.size(), 0);
    if (got > 0) {
      drained += static_cast<std::size_t>(got);
      continue;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) break;
    auto waiting = wait(Progress::want_read, deadline);
    const Wake wake = co_await std::move(waiting);
    if (wake != Wake::ready) break;
  }
}

void Connection::close() {
  say_goodbye();
  timer_.cancel();
  asio::error_code ignored;
  descriptor_.close(ignored);
}

std::vector<std::string> Connection::peer_uris() const {
  X509* certificate = ssl_ ? SSL_get0_peer_certificate(ssl_.get()) : nullptr;
  return certificate == nullptr ? std::vector<std::string>() : uris_of(certificate);
}

std::string Connection::peer_certificate() const {
  X509* certificate = ssl_ ? SSL_get0_peer_certificate(ssl_.get()) : nullptr;
  return certificate == nullptr ? std::string() : der_of(certificate);
}

}  // namespace nines::net
