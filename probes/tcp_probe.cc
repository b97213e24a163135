// SPDX-License-Identifier: Apache-2.0
#include "probes/tcp_probe.h"

#include <utility>

#include "probes/connector.h"
#include "probes/stream_opening.h"

namespace nines::probes {
namespace {

// Whether anything follows the connection.
bool speaks(const TcpSpec& spec) { return spec.tls || !spec.steps.empty(); }

Task<Opening> open_unix(Run& run, const TcpSpec& spec, ProbeResult& result) {
  Opening opening;
  auto connect = connect_unix(run, spec.unix_path, result.phases);
  auto connection = co_await std::move(connect);
  result.address = connection.address;
  note_stamp(result.stamps, connection.kernel_timed);
  opening.failure = std::move(connection.failure);
  opening.socket = std::move(connection.socket);
  co_return opening;
}

Task<Opening> open(Run& run, Tools tools, const TcpSpec& spec, ProbeResult& result) {
  if (!spec.unix_path.empty()) return open_unix(run, spec, result);
  auto target = target_of(spec);
  if (speaks(spec)) target.greeting = Greeting::theirs;
  return open_tcp(run, tools, std::move(target), result);
}

}  // namespace

Task<Failure> run_tcp(Run& run, Tools tools, const TcpSpec& spec, ProbeResult& result) {
  auto task = open(run, tools, spec, result);
  auto opening = co_await std::move(task);
  auto failure = std::move(opening.failure);
  Socket socket(run.io);
  if (!failure && speaks(spec)) failure = attach(opening.socket, socket);
  if (!failure && speaks(spec)) {
    TlsWitness witness;  // longer than the stream: tickets come after the handshake
    ByteStream stream(run, std::move(socket));
    Dialogue dialogue(run, tools, spec, stream, witness, result);
    auto speak = dialogue.speak();
    failure = co_await std::move(speak);
  }
  co_return failure;
}

}  // namespace nines::probes
