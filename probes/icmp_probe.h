// SPDX-License-Identifier: Apache-2.0
// `count` echo requests, `interval` apart; ends as soon as each is answered or refused by a router.
// Up when one reply came, unless thresholds of loss or mean round trip say otherwise. The first
// address that this host can send to is the target of all of them.
#pragma once

#include "probes/tools.h"

namespace nines::probes {

// `spec` must outlive the run. Judges loss and latency itself; outcome and total are the caller's.
Task<Failure> run_icmp(Run& run, Tools tools, const IcmpSpec& spec, ProbeResult& result);

// The verdict on what came back, without a socket: tests try its table. `local` is the first
// request that this host could not send.
Failure judge_echoes(const IcmpSpec& spec, const std::vector<Echo>& echoes, const Failure& local);

}  // namespace nines::probes
