// SPDX-License-Identifier: Apache-2.0
#include "probes/tls_probe.h"

#include <utility>

#include "probes/stream_opening.h"

namespace nines::probes {

Task<Failure> run_tls(Run& run, Tools tools, const HandshakeSpec& spec, ProbeResult& result) {
  auto open = open_tcp(run, tools, target_of(spec), result);
  auto opening = co_await std::move(open);
  auto failure = std::move(opening.failure);
  Socket socket(run.io);
  if (!failure) failure = attach(opening.socket, socket);
  if (!failure) {
    TlsWitness witness;  // longer than the stream: tickets come after the handshake
    ByteStream stream(run, std::move(socket));
    auto handshake = secure(run, tools, spec.tls, spec.host, stream, witness, result);
    failure = co_await std::move(handshake);
  }
  co_return failure;
}

}  // namespace nines::probes
