// SPDX-License-Identifier: Apache-2.0
#include "probes/udp_probe.h"

#include <re2/re2.h>

#include <utility>

#include "probes/connector.h"
#include "probes/datagram.h"

namespace nines::probes {
namespace {

constexpr std::size_t kLargestDatagram = 64 << 10;  // of a datagram

Failure judge_reply(const UdpSpec& spec, std::string_view reply, Patterns& patterns) {
  if (spec.pattern.empty()) return {};
  const auto pattern = patterns.get(spec.pattern, Patterns::Kind::bytes);
  if (pattern == nullptr) return {Reason::agent_configuration, "the pattern does not compile"};
  if (re2::RE2::PartialMatch(re2::StringPiece(reply.data(), reply.size()), *pattern)) return {};
  constexpr std::size_t kShown = 60;
  return {Reason::udp_expect, "the reply does not match: \"" +
                                  std::string(reply.substr(0, kShown)) +
                                  (reply.size() > kShown ? "…\"" : "\"")};
}

}  // namespace

Task<Failure> run_udp(Run& run, Tools tools, const UdpSpec& spec, ProbeResult& result) {
  auto lookup = look_up(run, tools.resolver, spec.host, spec.family, result.phases, result.stamps);
  auto addresses = co_await std::move(lookup);
  if (addresses.failure) co_return addresses.failure;
  DatagramSocket socket(run);
  auto failure = socket.open(addresses.list, spec.port, spec.source);
  result.address = socket.address();
  if (!failure) failure = socket.send(as_bytes(spec.send));
  if (failure) co_return failure;
  std::vector<std::uint8_t> buffer(kLargestDatagram);
  auto receive = socket.receive(buffer);
  const auto got = co_await std::move(receive);
  failure = got.failure;
  const auto at = failure || got.timed_out ? run.clock.boot() : got.at;
  add_phase(result.phases.first_byte_us, at - socket.sent());
  if (got.timed_out) {
    failure.reason = Reason::udp_timeout;
    failure.detail = result.address + ": no reply in time";
  } else if (!failure) {
    note_stamp(result.stamps, socket.kernel_timed());
    const auto reply = as_text(ByteView(buffer).first(got.size));
    failure = judge_reply(spec, reply, tools.patterns);
  }
  co_return failure;
}

}  // namespace nines::probes
