// SPDX-License-Identifier: Apache-2.0
#include "probes/byte_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

#include "probes/failure.h"

namespace nines::probes {
namespace {

// The one value that means "wait, then call again".
IoResult not_yet() { return {}; }

bool is_not_yet(const IoResult& result) {
  return result.status == IoStatus::failed && result.detail.empty();
}

IoResult from_errno(int error_number) {
  if (error_number == ECONNRESET || error_number == EPIPE || error_number == ECONNABORTED) {
    return {IoStatus::reset, 0, "connection reset by the other end"};
  }
  return {IoStatus::failed, 0, std::generic_category().message(error_number)};
}

IoResult from_wait(Waited waited) {
  return {waited == Waited::stopped ? IoStatus::stopped : IoStatus::timed_out, 0, {}};
}

Failure handshake_failure(const IoResult& result,
                          const TlsWitness& witness,
                          const std::string& name) {
  if (result.status == IoStatus::stopped) return stopped_failure();
  if (result.status == IoStatus::timed_out) {
    return {Reason::tls_timeout, "the TLS handshake did not end in time"};
  }
  auto verify = verify_failure(witness, name);
  if (verify) return verify;
  if (result.status == IoStatus::closed) {
    return {Reason::tls_handshake, "connection closed during the TLS handshake"};
  }
  return probes::handshake_failure(result.detail);
}

}  // namespace

ByteStream::ByteStream(Run& run, Socket socket)
    : run_(run), socket_(std::move(socket)), packets_(run.clock, run.clock.boot()) {
  const int fd = socket_.native_handle();
  packets_.follow(fd);
  const int on = 1;  // a Unix socket refuses it, and sends at once anyhow
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Task<Failure> ByteStream::handshake(SslContext context, std::string name, TlsWitness& witness) {
  ::ERR_clear_error();
  context_ = std::move(context);
  session_.reset(::SSL_new(context_.get()));
  Failure failure{Reason::agent_no_memory, "no memory for a TLS session"};
  if (session_ == nullptr || !watch(session_.get(), witness, name)) co_return failure;
  if (::SSL_set_fd(session_.get(), socket_.native_handle()) != 1) co_return failure;
  // What was said in clear before is no part of the handshake.
  packets_.begin_anew(run_.clock.boot());
  witness_ = &witness;
  witness.packets = &packets_;
  asio::error_code not_literal;
  asio::ip::make_address(name, not_literal);
  if (not_literal) {
    ::SSL_ctrl(session_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               name.data());
  }
  for (;;) {
    ::ERR_clear_error();
    Readiness wanted = Readiness::readable;
    const auto waiting = packets_.first_waiting();
    if (waiting) witness.record = waiting;
    const int returned = ::SSL_connect(session_.get());
    auto result = tls_outcome(returned, 0, wanted);
    if (is_not_yet(result)) {
      auto wait = wait_for(run_, socket_, wanted, run_.deadline);
      const auto waited = co_await std::move(wait);
      if (waited == Waited::ready) continue;
      result = from_wait(waited);
    }
    if (result.status == IoStatus::ok) break;
    failure = handshake_failure(result, witness, name);
    session_.reset();
    co_return failure;
  }
  co_return Failure{};
}

IoResult ByteStream::tls_outcome(int returned, std::size_t bytes, Readiness& wanted) {
  if (returned > 0) return {IoStatus::ok, bytes, {}};
  const int error_number = errno;
  switch (::SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      wanted = Readiness::readable;
      return not_yet();
    case SSL_ERROR_WANT_WRITE:
      wanted = Readiness::writable;
      return not_yet();
    case SSL_ERROR_ZERO_RETURN:
      return {IoStatus::closed, 0, "connection closed"};
    case SSL_ERROR_SYSCALL:
      if (error_number == 0) return {IoStatus::closed, 0, "connection closed"};
      return from_errno(error_number);
    default:
      break;
  }
  const auto code = ::ERR_peek_error();
  if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
      ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    ::ERR_clear_error();
    return {IoStatus::closed, 0, "connection closed without a TLS goodbye"};
  }
  return {IoStatus::tls_error, 0, openssl_error()};
}

IoResult ByteStream::try_read(std::span<char> buffer, Readiness& wanted) {
  if (session_ != nullptr) {
    ::ERR_clear_error();
    std::size_t n = 0;
    const int returned = ::SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &n);
    return tls_outcome(returned, n, wanted);
  }
  wanted = Readiness::readable;
  const auto n = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
  if (n > 0) return {IoStatus::ok, static_cast<std::size_t>(n), {}};
  if (n == 0) return {IoStatus::closed, 0, "connection closed"};
  if (errno == EAGAIN || errno == EINTR) return not_yet();
  return from_errno(errno);
}

IoResult ByteStream::try_write(std::string_view bytes, Readiness& wanted) {
  if (session_ != nullptr) {
    ::ERR_clear_error();
    std::size_t n = 0;
    const int returned = ::SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &n);
    return tls_outcome(returned, n, wanted);
  }
  wanted = Readiness::writable;
  const auto n = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n >= 0) return {IoStatus::ok, static_cast<std::size_t>(n), {}};
  if (errno == EAGAIN || errno == EINTR) return not_yet();
  return from_errno(errno);
}

Task<IoResult> ByteStream::read_some(std::span<char> buffer) {
  for (;;) {
    Readiness wanted = Readiness::readable;
    const auto waiting = packets_.first_waiting();
    if (witness_ != nullptr) witness_->record = waiting;
    auto result = try_read(buffer, wanted);
    arrived_ = witness_ != nullptr ? witness_->record : waiting;
    if (!is_not_yet(result)) co_return result;
    auto wait = wait_for(run_, socket_, wanted, run_.deadline);
    const auto waited = co_await std::move(wait);
    if (waited != Waited::ready) co_return from_wait(waited);
  }
}

bool ByteStream::readable() {
  if (session_ != nullptr && ::SSL_has_pending(session_.get()) == 1) return true;
  int waiting = 0;
  return ::ioctl(socket_.native_handle(), FIONREAD, &waiting) == 0 && waiting > 0;
}

Task<IoResult> ByteStream::write_all(std::string_view bytes) {
  IoResult done;
  done.status = IoStatus::ok;
  while (done.bytes < bytes.size()) {
    Readiness wanted = Readiness::writable;
    auto result = try_write(bytes.substr(done.bytes), wanted);
    if (is_not_yet(result)) {
      auto wait = wait_for(run_, socket_, wanted, run_.deadline);
      const auto waited = co_await std::move(wait);
      if (waited != Waited::ready) co_return from_wait(waited);
      continue;
    }
    if (result.status != IoStatus::ok) co_return result;
    done.bytes += result.bytes;
  }
  co_return done;
}

}  // namespace nines::probes
