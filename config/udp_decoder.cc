// SPDX-License-Identifier: Apache-2.0
// The `udp:` mapping of a check.
#include "config/kind_decoders.h"

namespace nines::config {
namespace {

constexpr std::size_t kMostDatagram = 65'507;  // bytes that fit a UDP packet over IPv4

void take_pattern(Mapping& mapping, std::string_view key, UdpSpec& spec, Complaints& complaints) {
  const auto pattern = mapping.take_text(key);
  if (!pattern) return;
  const auto good = check_pattern(*pattern);
  if (!good) complaints.add(mapping.node().find(key)->place(), good.error().message);
  spec.pattern = *pattern;
}

}  // namespace

// `expect` is a pattern, or a mapping of `matches` and limits.
UdpSpec decode_udp(const Node& node, const KindContext& context, Complaints& complaints) {
  UdpSpec spec;
  Mapping mapping(node, complaints, "udp of " + context.check);
  auto address = take_endpoint(mapping, "address", 0, complaints);
  spec.host = std::move(address.host);
  spec.port = address.port;
  const auto send = take_bytes(mapping, "send", "send_hex", complaints);
  if (send) spec.send = *send;
  if (node.find("send") == nullptr && node.find("send_hex") == nullptr) {
    complaints.add(node.place(), "udp of " + context.check + " needs 'send' or 'send_hex'");
  }
  if (spec.send.size() > kMostDatagram) {
    complaints.add(node.place(), "no datagram holds more than 65507 bytes");
  }
  const Node* expect = node.find("expect");
  if (expect != nullptr && expect->kind() == Node::Kind::mapping) {
    mapping.take("expect");
    Mapping inner(*expect, complaints, "expect of " + context.check);
    take_pattern(inner, "matches", spec, complaints);
    spec.expect = take_limits(inner, context, false, complaints);
    inner.finish();
  } else {
    take_pattern(mapping, "expect", spec, complaints);
  }
  spec.warn = decode_limits(mapping, "warn", context, false, complaints);
  take_path(mapping, spec, complaints);
  mapping.finish();
  return spec;
}

}  // namespace nines::config
