// SPDX-License-Identifier: Apache-2.0
// One accepted connection, plain or TLS: bytes that are there now, and waiting for more with a
// deadline. TLS runs on the non-blocking socket itself and waits for readiness: that is 26 KB for a
// connection with certificates, where a stream with buffers of its own takes three times as much.
#pragma once

#include <asio/posix/stream_descriptor.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"
#include "net/openssl.h"

namespace nines::net {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  enum class Progress { done, want_read, want_write, closed };

  struct Io {
    Progress progress = Progress::closed;
    std::size_t size = 0;
  };

  enum class Wake { ready, timed_out, interrupted };

  // Owns the descriptor, which must not block. `clock` must outlive it.
  Connection(asio::io_context& io, const Clock& clock, int descriptor);
  ~Connection();

  bool start_tls(SSL_CTX* context);
  Io try_handshake();
  Io try_read(char* into, std::size_t size);
  Io try_write(std::string_view data);

  // For what `progress` wants. One wait at a time.
  Task<Wake> wait(Progress wanted, BootTime deadline);
  // Ends the wait under way and all later ones at once.
  void interrupt();

  // All of `data`, which must live until the end, at 1 KiB/s at least after `grace`, never still
  // for three times that.
  Task<bool> write_all(std::string_view data, Duration grace);
  // Says goodbye and takes what the peer still sends, for `limit` at most: closing with bytes
  // unread would make the kernel throw away the answer that is under way.
  Task<void> linger(Duration limit);
  void close();

  std::vector<std::string> peer_uris() const;
  std::string peer_certificate() const;  // DER of the leaf; empty without TLS

  const std::string& trouble() const { return trouble_; }  // why the handshake failed

 private:
  Io after_tls(int returned);
  void say_goodbye();
  void arm(BootTime deadline);

  const Clock& clock_;
  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer timer_;
  Openssl<SSL> ssl_;
  std::string trouble_;
  BootTime deadline_;
  BootTime armed_for_;
  bool armed_ = false;
  bool waiting_ = false;
  bool timed_out_ = false;
  bool interrupted_ = false;
  bool broken_ = false;  // TLS has failed or said goodbye: nothing more may be sent
};

}  // namespace nines::net
