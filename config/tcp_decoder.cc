// SPDX-License-Identifier: Apache-2.0
// The `tcp:` mapping of a check.
#include "config/address.h"
#include "config/kind_decoders.h"

namespace nines::config {
namespace {

constexpr std::size_t kMaxSteps = 32;
constexpr std::size_t kMaxSend = 64 << 10;

// "${1}" stands for a group of the last pattern; a text with it must not be sent as it is.
bool has_reference(const std::string& text) {
  for (auto at = text.find("${"); at != std::string::npos; at = text.find("${", at + 1)) {
    const auto end = text.find_first_not_of("0123456789", at + 2);
    if (end != std::string::npos && end > at + 2 && text[end] == '}') return true;
  }
  return false;
}

void decode_step(const Node& node,
                 const KindContext& context,
                 TcpSpec& spec,
                 Complaints& complaints) {
  Mapping mapping(node, complaints, "a step of " + context.check);
  const Node* send = mapping.take("send");
  const Node* expect = mapping.take("expect");
  refuse_unsupported(mapping, {"expect_hex", "send_hex", "starttls"}, complaints);
  mapping.finish();
  if (node.kind() == Node::Kind::mapping && node.entries().size() != 1) {
    return complaints.add(node.place(), "a step is one of 'send' and 'expect'");
  }
  if (expect != nullptr) {
    const auto pattern = as_text(*expect, complaints);
    if (!pattern) return;
    const auto good = check_pattern(*pattern);
    if (!good) return complaints.add(expect->place(), good.error().message);
    spec.steps.push_back({TcpStep::Kind::expect, *pattern});
  } else if (send != nullptr && !send->broken()) {
    // Any byte may be sent: the text is taken as it is, "\r\n" and "\x00" of double quotes
    // included.
    if (send->kind() != Node::Kind::scalar || send->text().empty()) {
      return complaints.add(send->place(), "a text that is not empty is wanted here");
    }
    if (send->text().size() > kMaxSend) {
      return complaints.add(send->place(), "the text is longer than 64KiB");
    }
    if (has_reference(send->text())) {
      return complaints.add(send->place(),
                            "'${1}' in 'send' is not supported by this version of nines");
    }
    spec.steps.push_back({TcpStep::Kind::send, send->text()});
  }
}

void decode_address(Mapping& mapping, TcpSpec& spec, Complaints& complaints) {
  const auto text = mapping.require_text("address");
  if (!text) return;
  const auto& place = mapping.node().find("address")->place();
  if (text->starts_with("unix:")) {
    return complaints.add(place, "'unix:' addresses are not supported by this version of nines");
  }
  auto address = parse_host_port(*text);
  if (!address) return complaints.add(place, address.error().message);
  spec.host = std::move(address->host);
  spec.port = address->port;
}

}  // namespace

TcpSpec decode_tcp(const Node& node, const KindContext& context, Complaints& complaints) {
  TcpSpec spec;
  Mapping mapping(node, complaints, "tcp of " + context.check);
  decode_address(mapping, spec, complaints);
  if (const Node* tls = mapping.take("tls")) spec.tls = decode_tls(*tls, context, complaints);
  if (const Node* steps = mapping.take("steps"); steps != nullptr && !steps->broken()) {
    if (steps->kind() != Node::Kind::sequence || steps->items().empty() ||
        steps->items().size() > kMaxSteps) {
      complaints.add(steps->place(),
                     "a list of 1 to " + std::to_string(kMaxSteps) + " steps is wanted here");
    } else {
      for (const auto& step : steps->items()) decode_step(step, context, spec, complaints);
    }
  }
  if (const Node* node_of_expect = mapping.take("expect")) {
    Mapping expect(*node_of_expect, complaints, "expect of " + context.check);
    spec.expect.latency = take_latency(expect, context, complaints);
    refuse_unsupported(expect, {"certificate_days"}, complaints);
    expect.finish();
  }
  refuse_unsupported(mapping, {"starttls", "source", "family", "warn"}, complaints);
  mapping.finish();
  return spec;
}

}  // namespace nines::config
