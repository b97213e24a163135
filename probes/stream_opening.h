// SPDX-License-Identifier: Apache-2.0
// From a target to a stream of bytes, for every kind that speaks over one: look up, connect,
// shake hands. Phases, address, certificate and whose clock timed them are left in the result.
#pragma once

#include <string>

#include "probes/byte_stream.h"
#include "probes/connector.h"
#include "probes/tools.h"

namespace nines::probes {

struct Target {
  std::string host;
  std::uint16_t port = 0;
  Family family = Family::any;
  std::string source;
  Greeting greeting = Greeting::ours;
};

template <class Spec>
Target target_of(const Spec& spec) {
  return {spec.host, spec.port, spec.family, spec.source, Greeting::ours};
}

struct Opening {
  Descriptor socket;  // there where nothing failed
  Failure failure;
};

// `result` must outlive the call.
Task<Opening> open_tcp(Run& run, Tools tools, Target target, ProbeResult& result);

// `stream`, `witness` and `result` must outlive the call, and the witness the stream too: tickets
// come after the handshake.
Task<Failure> secure(Run& run,
                     Tools tools,
                     TlsSpec spec,
                     std::string host,
                     ByteStream& stream,
                     TlsWitness& witness,
                     ProbeResult& result);

}  // namespace nines::probes
