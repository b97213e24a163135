// SPDX-License-Identifier: Apache-2.0
// The `icmp:` mapping of a check.
#include <algorithm>

#include "config/address.h"
#include "config/kind_decoders.h"

namespace nines::config {

namespace {

// `expect` or `warn`: a share of loss, and the latency of the mean round trip.
void decode_judgement(Mapping& mapping,
                      std::string_view key,
                      const KindContext& context,
                      std::optional<std::pair<std::int64_t, std::int64_t>>& loss,
                      Limits& limits,
                      Complaints& complaints) {
  const Node* node = mapping.take(key);
  if (node == nullptr) return;
  Mapping inner(*node, complaints, std::string(key) + " of " + context.check);
  if (const auto text = inner.take_text("loss")) {
    const auto share = parse_share(*text);
    if (share) {
      loss = *share;
    } else {
      complaints.add(node->find("loss")->place(), share.error().message);
    }
  }
  limits = take_limits(inner, context, false, complaints);
  inner.finish();
}

}  // namespace

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
  spec.ttl = static_cast<int>(mapping.take_integer("ttl", 1, 255).value_or(0));
  spec.dscp = static_cast<int>(mapping.take_integer("dscp", 0, 63).value_or(0));
  spec.dont_fragment = mapping.take_bool("dont_fragment").value_or(false);
  take_path(mapping, spec, complaints);
  decode_judgement(mapping, "expect", context, spec.loss, spec.expect, complaints);
  decode_judgement(mapping, "warn", context, spec.warn_loss, spec.warn, complaints);
  mapping.finish();
  return spec;
}

}  // namespace nines::config
