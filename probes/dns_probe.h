// SPDX-License-Identifier: Apache-2.0
// A DNS check: one question to one server, over UDP, TCP or TLS, and a judgement of its answer.
//
// Over UDP what is not an answer to this very question (identifier, name, type, address and port)
// is ignored until the deadline; nothing is asked twice, but a truncated answer is asked for again
// over TCP, as resolvers do. Phases: connect and tls of a stream, first_byte up to the answer.
#pragma once

#include "probes/dns_message.h"
#include "probes/tools.h"

namespace nines::probes {

// `spec` must outlive the run. Outcome, total and limits are the caller's to judge.
Task<Failure> run_dns(Run& run, Tools tools, const DnsSpec& spec, ProbeResult& result);

// The verdict on an answer.
Failure judge_dns(const DnsSpec& spec, const DnsAnswer& answer, Patterns& patterns);

}  // namespace nines::probes
