// SPDX-License-Identifier: Apache-2.0
// A connected socket as a stream of bytes, with TLS over it or without. Every call ends by the
// run's deadline. OpenSSL works directly on the non-blocking descriptor; only readiness comes from
// the loop.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "probes/run.h"
#include "probes/tls_contexts.h"

namespace nines::probes {

enum class IoStatus { ok, closed, reset, timed_out, stopped, tls_error, failed };

struct IoResult {
  IoStatus status = IoStatus::failed;
  std::size_t bytes = 0;
  std::string detail;  // of what is neither ok nor timed_out nor stopped
};

class ByteStream {
 public:
  // `run` must outlive the stream.
  ByteStream(Run& run, Socket socket);

  // Speaks TLS from here on. `name` is what the certificate must carry and, unless it is a literal
  // address, the SNI. `witness` must outlive the stream.
  Task<Failure> handshake(SslContext context, std::string name, TlsWitness& witness);

  // At least one byte, or why not. `buffer` must outlive the call.
  Task<IoResult> read_some(std::span<char> buffer);

  // Whether bytes wait in the kernel or in OpenSSL, so that a read need not wait for the network.
  bool readable();

  // When the bytes of the last read_some() reached this host, as far as the kernel says.
  std::optional<BootTime> arrived() const { return arrived_; }

  // When the last bytes written left this host, as far as the kernel says.
  std::optional<BootTime> sent() { return packets_.last_sent(); }

  // All of `bytes`, which must outlive the call.
  Task<IoResult> write_all(std::string_view bytes);

 private:
  IoResult try_read(std::span<char> buffer, Readiness& wanted);
  IoResult try_write(std::string_view bytes, Readiness& wanted);
  // `failed` with no detail where the call should be repeated once the socket is `wanted`.
  IoResult tls_outcome(int returned, std::size_t bytes, Readiness& wanted);

  Run& run_;
  Socket socket_;
  PacketTimes packets_;
  TlsWitness* witness_ = nullptr;  // of the handshake that was made
  std::optional<BootTime> arrived_;
  SslContext context_;
  std::unique_ptr<SSL, decltype(&::SSL_free)> session_{nullptr, &::SSL_free};
};

}  // namespace nines::probes
