// SPDX-License-Identifier: Apache-2.0
// A UDP server on a loopback port that answers each datagram with those that a test's script makes
// of it: none, one, many, lies. It runs on a thread of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nines::test {

class DatagramServer {
 public:
  using Script = std::function<std::vector<std::string>(const std::string& received)>;

  // The script is called on the server's thread: what it shares it must guard.
  explicit DatagramServer(Script script, bool ipv6 = false);
  ~DatagramServer();

  // On 127.0.0.1 at this very port; null where it is taken.
  static std::unique_ptr<DatagramServer> at(std::uint16_t port, Script script);

  std::uint16_t port() const;
  int sent() const;  // replies that have left

 private:
  DatagramServer() = default;
  void start(int socket, Script script);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A loopback UDP port that nobody reads: nothing ever comes back, no error either.
class SilentPort {
 public:
  SilentPort();
  ~SilentPort();

  std::uint16_t port() const { return port_; }

 private:
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace nines::test
