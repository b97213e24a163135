// SPDX-License-Identifier: Apache-2.0
// The `icmp:` mapping of a check.
#include <algorithm>

#include "config/address.h"
#include "config/kind_decoders.h"

namespace nines::config {

IcmpSpec decode_icmp(const Node& node, const KindContext& context, Complaints& complaints) {
  IcmpSpec spec;
  Mapping mapping(node, complaints, "icmp of " + context.check);
  if (const auto host = mapping.require_text("host")) {
    const auto good = check_host(*host);
    if (!good) complaints.add(node.find("host")->place(), good.error().message);
    spec.host = *host;
  }
  spec.count = static_cast<int>(mapping.take_integer("count", 1, 100).value_or(spec.count));
  const auto interval = mapping.take_duration("interval", milliseconds(1), seconds(60));
  // Not written, the interval bends to the timeout; written, it is a promise to keep.
  spec.interval = interval.value_or(std::max<Duration>(
      milliseconds(1), std::min<Duration>(spec.interval, context.timeout / (spec.count + 1))));
  if (interval && spec.interval * (spec.count - 1) >= context.timeout) {
    complaints.add(node.find("interval")->place(),
                   std::to_string(spec.count) + " requests " + format_duration(spec.interval) +
                       " apart do not fit in the timeout " + format_duration(context.timeout));
  }
  spec.size = static_cast<int>(mapping.take_integer("size", 16, 1472).value_or(spec.size));
  if (const Node* node_of_expect = mapping.take("expect")) {
    Mapping expect(*node_of_expect, complaints, "expect of " + context.check);
    if (const auto text = expect.take_text("loss")) {
      const auto share = parse_share(*text);
      if (share) {
        spec.loss = *share;
      } else {
        complaints.add(node_of_expect->find("loss")->place(), share.error().message);
      }
    }
    spec.expect.latency = take_latency(expect, context, complaints);
    expect.finish();
  }
  refuse_unsupported(mapping, {"ttl", "dscp", "dont_fragment", "source", "family", "warn"},
                     complaints);
  mapping.finish();
  return spec;
}

}  // namespace nines::config
