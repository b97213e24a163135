// SPDX-License-Identifier: Apache-2.0
// A TCP server on a loopback port that does to each connection what a test tells it: answers,
// stalls, lies, resets. Each connection runs on a thread of its own with blocking calls, so that a
// script reads from top to bottom. The destructor shuts every connection down and joins.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/certificates.h"

namespace nines::test {

// One accepted connection, as its script sees it.
class ScriptedPeer {
 public:
  explicit ScriptedPeer(int descriptor) : descriptor_(descriptor) {}

  ~ScriptedPeer();
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  // The server's side of a handshake; false when it failed. `client_ca`: ask for a certificate.
  // `most`: the highest version, as TLS1_2_VERSION; 0: any.
  bool start_tls(const PemFiles& files, const std::string& client_ca = {}, int most = 0);

  // Up to and with `mark`, or what came before the other end closed. 1 MiB at most.
  std::string read_until(std::string_view mark);

  // Before start_tls(): the protocol of ALPN that is chosen, whatever is offered.
  void choose(std::string alpn) { alpn_ = std::move(alpn); }

  // So many bytes, or what came before the other end closed.
  std::string read_exactly(std::size_t size);
  // A request's headers and, where Content-Length names one, its body.
  std::string read_request();
  // False when the other end is gone.
  bool send(std::string_view bytes);
  // Sends byte by byte, each in a segment of its own.
  bool drip(std::string_view bytes);
  // Until the other end closes (what it sends is thrown away): the script of one who stalls.
  void wait_until_gone();
  // The same without reading: the other end's window closes.
  void hold();
  // Closes with RST instead of FIN.
  void reset();

 private:
  long receive(char* at, std::size_t size);

  int descriptor_;
  std::string buffer_;
  std::string alpn_;
  void* tls_ = nullptr;      // SSL*
  void* context_ = nullptr;  // SSL_CTX*
};

class ScriptedServer {
 public:
  using Script = std::function<void(ScriptedPeer&)>;

  enum class Where { ipv4, ipv6, everywhere };  // on 127.0.0.1, on ::1, on any address

  // Called on a thread per connection: what it shares it must guard. `ipv6`: on ::1.
  explicit ScriptedServer(Script script, bool ipv6 = false);
  ScriptedServer(Script script, Where where);
  ~ScriptedServer();

  std::uint16_t port() const;
  int connections() const;  // accepted so far
  std::string url(const std::string& path = "/", const std::string& scheme = "http") const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A script that reads one request and sends `answer`.
ScriptedServer::Script answering(std::string answer);
// "HTTP/1.1 200 OK" with Content-Length and Connection: close.
std::string http_answer(const std::string& body,
                        const std::string& status = "200 OK",
                        const std::string& headers = {});

// A loopback port that refuses connections for as long as this lives.
class RefusingPort {
 public:
  RefusingPort();
  ~RefusingPort();

  std::uint16_t port() const { return port_; }

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

// A loopback port whose queue of connections is full: further ones get no answer at all.
class DeafPort {
 public:
  DeafPort();
  ~DeafPort();

  std::uint16_t port() const { return port_; }

 private:
  int descriptor_;
  int fillers_[8];
  std::uint16_t port_ = 0;
};

}  // namespace nines::test
