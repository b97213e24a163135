// SPDX-License-Identifier: Apache-2.0
// A probe performs one check once. It never throws, never logs, never retries, and always comes to
// a result before its deadline (give or take the loop's lateness): up, down with the reason, or
// unknown where the trouble is the agent's own.
//
// Who asks owns the result, and every step of a probe writes what it found there: results are large
// and their steps many, so handing them up step by step would cost more than small probes do.
#pragma once

#include <memory>

#include "base/async.h"
#include "model/check.h"
#include "model/result.h"
#include "net/curl_multi.h"
#include "net/resolver.h"

namespace nines::probes {

// What probes share on one loop: the resolver, libcurl's multi, one ICMP socket per family,
// compiled patterns, TLS contexts. Must outlive every run.
class ProbeRoom {
 public:
  // `io` and `clock` must outlive the room. `dns_servers` overrides /etc/resolv.conf (tests).
  ProbeRoom(asio::io_context& io, const Clock& clock, std::string dns_servers = {});
  ~ProbeRoom();

  // `check` and `result`, which is fresh, must outlive the run. A requested `stop` ends it at once
  // as unknown, agent_stopped. `total_us` is absent where nothing was attempted. Parsing what is
  // parsed once (a CA bundle takes 20 ms) moves the deadline.
  Task<void> run(const Check& check, BootTime deadline, Stop& stop, ProbeResult& result);

  // Whether ICMP can be sent at all, for start-up messages: "ping socket", "raw socket" or why not.
  std::string icmp_support() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nines::probes
