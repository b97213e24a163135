// SPDX-License-Identifier: Apache-2.0
// A room with its loop, and checks in one line each.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "probes/probe.h"
#include "tests/support/dns_server.h"
#include "tests/support/loop.h"
#include "tests/support/scripted_server.h"

namespace nines::probes {

// For people who read a failed assertion.
inline void PrintTo(const ProbeResult& result, std::ostream* os) {
  *os << name(result.outcome) << ' ' << name(result.reason) << " \"" << result.detail << "\" at "
      << result.address;
}

class Room {
 public:
  Room() : room_(io_, clock_) {}

  // Names are looked up as `script` says.
  explicit Room(test::DnsServer::Script script)
      : dns_(std::in_place, io_, std::move(script)), room_(io_, clock_, dns_->address()) {}

  ProbeResult run(const Check& check, Duration timeout = seconds(10)) {
    deadline_ = clock_.boot() + timeout;
    ProbeResult result;
    auto task = room_.run(check, deadline_, stop_, result);
    test::run(io_, std::move(task));
    return result;
  }

  // Did the run just ended use all of its time? However late the host let it begin.
  bool waited_to_the_end() const { return clock_.boot() >= deadline_ - milliseconds(1); }

  asio::io_context& io() { return io_; }

  const SystemClock& clock() const { return clock_; }

  Stop& stop() { return stop_; }

  ProbeRoom& room() { return room_; }

 private:
  asio::io_context io_{1};
  SystemClock clock_;
  Stop stop_;
  BootTime deadline_;  // of the last run
  std::optional<test::DnsServer> dns_;
  ProbeRoom room_;
};

inline Check tcp_check(std::uint16_t port,
                       std::vector<TcpStep> steps = {},
                       const std::string& host = "127.0.0.1") {
  TcpSpec spec;
  spec.host = host;
  spec.port = port;
  spec.steps = std::move(steps);
  Check check;
  check.name = "tcp";
  check.spec = std::move(spec);
  return check;
}

inline TcpStep expect(const std::string& pattern) { return {TcpStep::Kind::expect, pattern}; }

inline TcpStep send(const std::string& bytes) { return {TcpStep::Kind::send, bytes}; }

class ProbeTest : public ::testing::Test {
 protected:
  ProbeResult run(const Check& check, Duration timeout = seconds(10)) {
    return room_.run(check, timeout);
  }

  // The kernel begins to stamp a moment after it is first asked to.
  void wait_for_stamps() {
    const test::ScriptedServer server([](test::ScriptedPeer& peer) { peer.send("220\r\n"); });
    auto stamps = Stamps::program;
    for (int i = 0; i < 1000 && stamps != Stamps::kernel; ++i) {
      stamps = run(tcp_check(server.port(), {expect("220")})).stamps;
    }
    ASSERT_EQ(stamps, Stamps::kernel);
  }

  Room room_;
};

inline HttpSpec http_spec(const std::string& url) {
  HttpSpec spec;
  spec.url = url;
  return spec;
}

inline Check http_check(HttpSpec spec) {
  Check check;
  check.name = "http";
  check.spec = std::move(spec);
  return check;
}

inline Check http_check(const std::string& url) { return http_check(http_spec(url)); }

inline Check icmp_check(const std::string& host,
                        int count = 3,
                        Duration interval = milliseconds(1)) {
  IcmpSpec spec;
  spec.host = host;
  spec.count = count;
  spec.interval = interval;
  Check check;
  check.name = "icmp";
  check.spec = spec;
  return check;
}

// "down connect_refused": what tests compare.
inline std::string verdict(const ProbeResult& result) {
  return std::string(name(result.outcome)) + " " + std::string(name(result.reason));
}

}  // namespace nines::probes
