// SPDX-License-Identifier: Apache-2.0
// A name server on a loopback UDP port that does what a test tells it: answers, lies, fails, is
// late or silent. It runs on the test's own loop.
#pragma once

#include <array>
#include <asio/io_context.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/udp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nines::test {

struct DnsQuery {
  std::string name;  // lower case, without the final dot
  int type = 0;      // 1 A, 28 AAAA
};

struct DnsReply {
  enum class Kind {
    answer,     // `addresses` of the type asked; none: NOERROR without records
    code,       // the error `code`: 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED
    silent,     // nothing comes
    malformed,  // a right header and question, then a record that runs past the end
    garbage,    // bytes that are no DNS packet
    forged,     // right in all but the identifier
  };
  Kind kind = Kind::answer;
  std::vector<asio::ip::address> addresses;
  int code = 0;
  std::chrono::milliseconds delay{0};
};

class DnsServer {
 public:
  using Script = std::function<DnsReply(const DnsQuery&)>;

  DnsServer(asio::io_context& io, Script script);
  ~DnsServer();

  // "127.0.0.1:PORT", as the resolver takes it.
  std::string address() const;
  const std::vector<DnsQuery>& queries() const;
  std::size_t asked(const std::string& name) const;  // how often, of any type

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// A loopback UDP port that nobody listens on: the kernel answers "port unreachable".
std::string dead_dns_address();

}  // namespace nines::test
