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
  bool start_tls(const PemFiles& files, const std::string& client_ca = {});

  // Up to and with `mark`, or what came before the other end closed. 1 MiB at most.
  std::string read_until(std::string_view mark);
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
  void* tls_ = nullptr;      // SSL*
  void* context_ = nullptr;  // SSL_CTX*
};

class ScriptedServer {
 public:
  using Script = std::function<void(ScriptedPeer&)>;

  // Called on a thread per connection: what it shares it must guard. `ipv6`: on ::1.
  explicit ScriptedServer(Script script, bool ipv6 = false);
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
