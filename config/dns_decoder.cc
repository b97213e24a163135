// SPDX-License-Identifier: Apache-2.0
// The `dns:` mapping of a check.
#include "config/kind_decoders.h"
#include "model/dns_names.h"

namespace nines::config {
namespace {

constexpr std::uint16_t kUsualPort = 53;
constexpr std::uint16_t kUsualTlsPort = 853;

DnsTransport take_transport(Mapping& mapping, Complaints& complaints) {
  const auto text = mapping.take_text("transport");
  if (!text || *text == "udp") return DnsTransport::udp;
  if (*text == "tcp") return DnsTransport::tcp;
  if (*text == "tls") return DnsTransport::tls;
  complaints.add(mapping.node().find("transport")->place(),
                 shown(*text) + " is none of udp, tcp, tls");
  return DnsTransport::udp;
}

void take_question(Mapping& mapping, DnsSpec& spec, Complaints& complaints) {
  if (const auto name = mapping.require_text("name")) {
    const auto good = check_dns_name(*name);
    if (!good) complaints.add(mapping.node().find("name")->place(), good.error().message);
    spec.name = *name;
  }
  if (const auto type = mapping.take_text("type")) {
    if (!dns_type_number(*type)) {
      complaints.add(mapping.node().find("type")->place(),
                     shown(*type) + " is no type of DNS records (write A, MX, TYPE65 …)");
    }
    spec.type = *type;
  }
}

void decode_expect(const Node& node,
                   const KindContext& context,
                   DnsSpec& spec,
                   Complaints& complaints) {
  const bool has_certificate = spec.transport == DnsTransport::tls;
  Mapping mapping(node, complaints, "expect of " + context.check);
  if (const auto rcode = mapping.take_text("rcode")) {
    if (!dns_rcode_number(*rcode)) {
      complaints.add(node.find("rcode")->place(),
                     shown(*rcode) + " is no code of DNS answers (write NOERROR, NXDOMAIN …)");
    }
    spec.rcode = *rcode;
  }
  if (const Node* answer = mapping.take("answer")) {
    Mapping patterns(*answer, complaints, "answer of " + context.check);
    spec.answer.matches = take_patterns(patterns, "matches", complaints);
    spec.answer.not_matches = take_patterns(patterns, "not_matches", complaints);
    patterns.finish();
    const bool nothing =
        answer->find("matches") == nullptr && answer->find("not_matches") == nullptr;
    if (nothing) complaints.add(answer->place(), "'answer' without 'matches' or 'not_matches'");
  }
  spec.authoritative = mapping.take_bool("authoritative");
  spec.authenticated = mapping.take_bool("authenticated");
  spec.expect = take_limits(mapping, context, has_certificate, complaints);
  mapping.finish();
}

}  // namespace

DnsSpec decode_dns(const Node& node, const KindContext& context, Complaints& complaints) {
  DnsSpec spec;
  Mapping mapping(node, complaints, "dns of " + context.check);
  spec.transport = take_transport(mapping, complaints);
  const bool secure = spec.transport == DnsTransport::tls;
  auto server = take_endpoint(mapping, "server", secure ? kUsualTlsPort : kUsualPort, complaints);
  spec.host = std::move(server.host);
  spec.port = server.port;
  take_question(mapping, spec, complaints);
  if (const Node* tls = mapping.take("tls")) {
    spec.tls = decode_tls(*tls, context, complaints);
    if (!secure) complaints.add(tls->place(), "'tls' needs 'transport: tls'");
  }
  if (const Node* expect = mapping.take("expect"))
    decode_expect(*expect, context, spec, complaints);
  spec.warn = decode_limits(mapping, "warn", context, secure, complaints);
  take_path(mapping, spec, complaints);
  mapping.finish();
  return spec;
}

}  // namespace nines::config
