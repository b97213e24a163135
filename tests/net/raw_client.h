// SPDX-License-Identifier: Apache-2.0
// A client that sends exactly the bytes a test wants, plain, over TLS or over a Unix socket. It
// blocks, so it runs on a thread of its own while the test's thread turns the server's loop.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "tests/support/loop.h"

namespace nines::test {

struct RawResponse {
  int status = 0;                              // 0: the connection ended before an answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct RawTls {
  std::string ca;
  std::string certificate;  // empty: shows none
  std::string key;
};

class RawClient {
 public:
  static RawClient tcp(std::uint16_t port);
  static RawClient tls(std::uint16_t port, const RawTls& files);
  static RawClient unix_socket(const std::string& path);
  RawClient(RawClient&& other) noexcept;
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient();

  bool connected() const { return socket_ >= 0; }  // TLS: the handshake went well

  bool send(const std::string& bytes);  // false when the peer does not take them
  RawResponse receive(bool head_only = false);
  RawResponse exchange(const std::string& bytes);
  bool closed_by_peer();  // waits for the end of the stream; false when bytes or a time-out came
  bool told_goodbye();    // TLS: waits for the end, which must be announced
  void finish_sending();
  void abandon();  // closes with a reset

 private:
  explicit RawClient(int socket) : socket_(socket) {}

  bool fill();  // more bytes into the buffer

  int socket_ = -1;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  std::string buffer_;
};

// Runs `client` on a thread while the loop turns; answers what it returned.
template <class Client>
auto serve_while(asio::io_context& io, Client client) {
  using Result = decltype(client());
  std::optional<Result> result;
  std::atomic<bool> done = false;
  std::thread thread([&] {
    result.emplace(client());
    done = true;
  });
  io.restart();
  const auto end = std::chrono::steady_clock::now() + kHung;
  while (!done && std::chrono::steady_clock::now() < end) {
    io.run_one_for(std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(done) << "the client did not end";
  if (!done) std::abort();
  thread.join();
  return *std::move(result);
}

}  // namespace nines::test
