// SPDX-License-Identifier: Apache-2.0
// The `tls:` mapping of a check that is a handshake and nothing more. Not to be mistaken for the
// mapping `tls` within other kinds, whose keys it shares.
#include "config/kind_decoders.h"

namespace nines::config {

HandshakeSpec decode_handshake(const Node& node,
                               const KindContext& context,
                               Complaints& complaints) {
  HandshakeSpec spec;
  Mapping mapping(node, complaints, "tls of " + context.check);
  auto address = take_endpoint(mapping, "address", spec.port, complaints);
  spec.host = std::move(address.host);
  spec.port = address.port;
  spec.tls = take_tls(mapping, context, complaints);
  spec.expect = decode_limits(mapping, "expect", context, true, complaints);
  spec.warn = decode_limits(mapping, "warn", context, true, complaints);
  take_path(mapping, spec, complaints);
  mapping.finish();
  return spec;
}

}  // namespace nines::config
