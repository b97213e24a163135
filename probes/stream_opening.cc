// SPDX-License-Identifier: Apache-2.0
#include "probes/stream_opening.h"

#include <cerrno>
#include <utility>

namespace nines::probes {

Task<Opening> open_tcp(Run& run, Tools tools, Target target, ProbeResult& result) {
  Opening opening;
  auto addresses = literal_address(target.host, target.family);
  if (addresses.empty()) {
    auto lookup =
        look_up(run, tools.resolver, target.host, target.family, result.phases, result.stamps);
    addresses = co_await std::move(lookup);
  }
  opening.failure = std::move(addresses.failure);
  if (opening.failure) co_return opening;
  auto connect = connect_any(run, std::move(addresses.list), target.port, target.source,
                             result.phases, target.greeting);
  auto connection = co_await std::move(connect);
  opening.failure = std::move(connection.failure);
  result.address = connection.address;
  note_stamp(result.stamps, connection.kernel_timed);
  opening.socket = std::move(connection.socket);
  co_return opening;
}

Task<Failure> secure(Run& run,
                     Tools tools,
                     TlsSpec spec,
                     std::string host,
                     ByteStream& stream,
                     TlsWitness& witness,
                     ProbeResult& result) {
  Failure failure;
  auto context = tools.tls.get(spec);
  if (!context) {
    const bool no_memory = context.error().code == ENOMEM;
    failure.reason = no_memory ? Reason::agent_no_memory : Reason::agent_configuration;
    failure.detail = context.error().message;
    co_return failure;
  }
  witness.skip_verify = spec.skip_verify;
  witness.clock = &run.clock;
  const auto start = run.clock.boot();
  auto handshake = stream.handshake(*context, tls_name(spec, std::move(host)), witness);
  failure = co_await std::move(handshake);
  const auto time = time_of(witness, start, run.clock.boot());
  add_phase(result.phases.tls_us, time.took);
  note_stamp(result.stamps, time.kernel);
  result.tls = witness.detail;
  co_return failure;
}

}  // namespace nines::probes
