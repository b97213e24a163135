// SPDX-License-Identifier: Apache-2.0
// The kinds of check beside http and icmp: every key, every refusal, and targets as URIs.
#include <gtest/gtest.h>

#include "config/check_decoder.h"
#include "config/kind_decoders.h"
#include "model/dns_names.h"

namespace nines::config::kinds_test {
namespace {

struct Decoded {
  std::optional<Check> check;
  std::string said;
};

Decoded decode(const std::string& kind) {
  Complaints complaints;
  const auto root = parse_yaml("name: a\n" + kind + "\n", "f", complaints);
  Decoded out;
  if (root) out.check = decode_check(*root, {}, "/nonexistent", {}, complaints);
  out.said = complaints.text();
  EXPECT_EQ(out.check.has_value(), out.said.empty()) << out.said;
  return out;
}

template <class Spec>
Spec good(const std::string& kind) {
  const auto [check, said] = decode(kind);
  EXPECT_TRUE(check) << kind << "\n" << said;
  return check ? std::get<Spec>(check->spec) : Spec{};
}

// What is wrong is told, and told as such.
void expect_refused(const std::string& kind, const std::string& because) {
  const auto [check, said] = decode(kind);
  EXPECT_FALSE(check) << kind;
  EXPECT_NE(said.find(because), std::string::npos) << kind << "\n" << said;
}

TEST(TcpKeys, KnowsStepsAndWhatTheyImply) {
  const auto tcp = good<TcpSpec>(R"(tcp:
  address: mail:25
  steps:
    - expect: '^220 (\S+) '
    - send: "EHLO ${1} $${1}\r\n"
    - expect_hex: 323530
    - send_hex: 0d247b317d
    - starttls: true
  expect: {certificate_days: 7, latency: 1s}
  warn: {certificate_days: 21}
  family: ipv6
  source: eth0)");
  using Kind = TcpStep::Kind;
  ASSERT_EQ(tcp.steps.size(), 5U);
  EXPECT_EQ(tcp.steps[1].bytes, "EHLO ${1} $${1}\r\n");
  EXPECT_EQ(tcp.steps[2].kind, Kind::expect_bytes);
  EXPECT_EQ(tcp.steps[2].bytes, "250");
  EXPECT_EQ(tcp.steps[3].bytes, "\r$${1}") << "digits hold no reference";
  EXPECT_EQ(tcp.steps[4].kind, Kind::starttls);
  EXPECT_TRUE(tcp.tls) << "a step that starts TLS implies it";
  EXPECT_EQ(tcp.expect.certificate_days, 7);
  EXPECT_EQ(tcp.warn.certificate_days, 21);
  EXPECT_EQ(tcp.family, Family::ipv6);
  EXPECT_EQ(tcp.source, "eth0");
}

TEST(TcpKeys, KnowsProtocolsAndUnixSockets) {
  for (const auto* name : {"smtp", "imap", "pop3", "ftp", "ldap", "postgresql", "mysql"}) {
    const auto tcp = good<TcpSpec>("tcp: {address: 'a:1', starttls: " + std::string(name) + "}");
    EXPECT_NE(tcp.starttls, StartTls::none);
    EXPECT_TRUE(tcp.tls);
  }
  EXPECT_EQ(good<TcpSpec>("tcp: {address: 'unix:/run/x.sock'}").unix_path, "/run/x.sock");
  EXPECT_FALSE(good<TcpSpec>("tcp: {address: 'a:1'}").tls);
}

TEST(TcpKeys, RefusesWhatCannotBe) {
  const auto steps = [](const std::string& list) {
    return "tcp: {address: 'a:1', steps: [" + list + "]}";
  };
  expect_refused(steps("{send: '${1}'}"), "no 'expect' comes before");
  expect_refused(steps("{expect: '(a)'}, {send: 'x${2}'}"), "has 1 groups");
  expect_refused(steps("{expect: '(a)(b)'}, {expect: 'c'}, {send: '${1}'}"), "has 0 groups");
  expect_refused(steps("{expect: '(a)'}, {send: '${0}'}"), "groups are ${1} to ${9}");
  expect_refused(steps("{expect: '(a)'}, {send: '${10}'}"), "groups are ${1} to ${9}");
  expect_refused(steps("{expect: '('}"), "missing )");
  expect_refused(steps("{expect_hex: '0'}"), "hexadecimal");
  expect_refused(steps("{expect_hex: 'zz'}"), "hexadecimal");
  expect_refused(steps("{send_hex: 'abc'}"), "hexadecimal");
  expect_refused(steps("{starttls: false}"), "or no such step");
  expect_refused(steps("{starttls: true}, {starttls: true}"), "speaks TLS already");
  expect_refused(steps("{send: a, expect: b}"), "a step is one of");
  expect_refused(steps("{}"), "a step is one of");
  expect_refused("tcp: {address: 'a:1', starttls: smtp, steps: [{starttls: true}]}",
                 "speaks TLS already");
  expect_refused("tcp: {address: 'a:1', starttls: nntp}", "is none of smtp");
  expect_refused("tcp: {address: 'unix:run/x'}", "absolute path");
  expect_refused("tcp: {address: 'unix:/" + std::string(107, 'x') + "'}", "107 bytes");
  expect_refused("tcp: {address: 'unix:/x', tls: {}}", "server_name");
  expect_refused("tcp: {address: 'unix:/x', family: ipv4}", "no 'family'");
  expect_refused("tcp: {address: 'a:1', expect: {certificate_days: 1}}", "certificate_days");
  good<TcpSpec>(steps("{send: '${x} $${1} ${ }$'}"));
}

TEST(DnsKeys, TakesEveryOne) {
  const auto dns = good<DnsSpec>(R"(dns:
  server: "[2001:db8::53]"
  name: _sip._tcp.shop.example.
  type: SRV
  transport: tls
  tls: {server_name: dns.example}
  expect:
    rcode: NOERROR
    answer: {matches: [a, b], not_matches: c}
    authoritative: true
    authenticated: false
    latency: 100ms
    certificate_days: 7
  warn: {latency: 50ms})");
  EXPECT_EQ(dns.host, "2001:db8::53");
  EXPECT_EQ(dns.port, 853) << "of DNS over TLS";
  EXPECT_EQ(dns.type, "SRV");
  EXPECT_EQ(dns.answer.matches.size(), 2U);
  EXPECT_EQ(dns.authoritative, true);
  EXPECT_EQ(dns.authenticated, false);
  EXPECT_EQ(dns.warn.latency, milliseconds(50));
  const auto plain = good<DnsSpec>("dns: {server: 192.0.2.53, name: shop.example}");
  EXPECT_EQ(plain.port, 53);
  EXPECT_EQ(plain.type, "A");
  EXPECT_EQ(plain.rcode, "NOERROR");
  EXPECT_FALSE(plain.authoritative);
  EXPECT_EQ(good<DnsSpec>("dns: {server: 'a:5353', name: ., type: TYPE65}").port, 5353);
}

TEST(DnsKeys, RefusesWhatIsNone) {
  expect_refused("dns: {name: a}", "server");
  expect_refused("dns: {server: a}", "name");
  expect_refused("dns: {server: a, name: 'a..b'}", "a DNS name has labels");
  expect_refused("dns: {server: a, name: 'a b'}", "a DNS name has labels");
  expect_refused("dns: {server: a, name: '" + std::string(64, 'x') + "'}", "a DNS name has labels");
  expect_refused("dns: {server: a, name: a, type: AAAAA}", "is no type of DNS records");
  expect_refused("dns: {server: a, name: a, type: TYPE65536}", "is no type of DNS records");
  expect_refused("dns: {server: a, name: a, transport: https}", "is none of udp, tcp, tls");
  expect_refused("dns: {server: a, name: a, tls: {}}", "needs 'transport: tls'");
  expect_refused("dns: {server: a, name: a, expect: {rcode: MAYBE}}", "no code of DNS answers");
  expect_refused("dns: {server: a, name: a, expect: {answer: {matches: '('}}}", "missing )");
  expect_refused("dns: {server: a, name: a, expect: {answer: {}}}", "without 'matches'");
  expect_refused("dns: {server: a, name: a, expect: {certificate_days: 1}}", "certificate_days");
}

TEST(TlsKeys, SharesThoseOfTlsInOtherKinds) {
  const auto tls = good<HandshakeSpec>(
      "tls: {address: 'db:5433', server_name: b, skip_verify: true, warn: {certificate_days: 21}}");
  EXPECT_EQ(tls.port, 5433);
  EXPECT_EQ(tls.tls.server_name, "b");
  EXPECT_TRUE(tls.tls.skip_verify);
  EXPECT_EQ(tls.warn.certificate_days, 21);
  EXPECT_EQ(good<HandshakeSpec>("tls: {address: shop.example}").port, 443);
  expect_refused("tls: {address: a, tls: {}}", "unknown key 'tls'");
  expect_refused("tls: {}", "address");
}

TEST(GrpcKeys, BoundsAndGuardsMetadata) {
  const auto grpc = good<GrpcSpec>(
      "grpc: {address: 'api:50051', service: shop.Orders, metadata: {x-key: v}, tls: {}}");
  EXPECT_EQ(grpc.service, "shop.Orders");
  EXPECT_EQ(grpc.metadata.size(), 1U);
  EXPECT_TRUE(grpc.tls);
  expect_refused("grpc: {address: api}", "port");
  expect_refused("grpc: {address: 'a:1', metadata: {X-Key: v}}", "lower case");
  expect_refused("grpc: {address: 'a:1', metadata: {grpc-timeout: 1S}}", "is set by nines");
  expect_refused("grpc: {address: 'a:1', metadata: {content-type: a}}", "is set by nines");
  const auto secret = decode("grpc: {address: 'a:1', metadata: {a: \"hunter2\\r\\nb: c\"}}");
  EXPECT_FALSE(secret.check);
  EXPECT_EQ(secret.said.find("hunter2"), std::string::npos) << secret.said;
}

TEST(UdpKeys, TakesAPatternOrAMapping) {
  const auto udp = good<UdpSpec>("udp: {address: 'a:123', send: \"\\x1b\\0\", expect: '^.'}");
  EXPECT_EQ(udp.send, std::string("\x1b\0", 2));
  EXPECT_EQ(udp.pattern, "^.");
  const auto full =
      good<UdpSpec>("udp: {address: 'a:123', send_hex: '00ff', expect: {matches: a, latency: 1s}}");
  EXPECT_EQ(full.send, std::string("\0\xff", 2));
  EXPECT_EQ(full.pattern, "a");
  EXPECT_EQ(full.expect.latency, seconds(1));
  expect_refused("udp: {address: 'a:1'}", "needs 'send'");
  expect_refused("udp: {address: 'a:1', send: a, send_hex: '00'}", "exclude each other");
  expect_refused("udp: {address: 'a:1', send: a, expect: '('}", "missing )");
  expect_refused("udp: {address: 'a:1', send_hex: '" + std::string(2 * 65'508, '0') + "'}",
                 "65507");
}

TEST(ExecKeys, WantsAnAbsolutePathAndNoShell) {
  const auto exec = good<ExecSpec>(
      "exec: {command: [/usr/lib/nagios/plugins/check_x, -w, '5'], max_output: 1KiB}");
  EXPECT_EQ(exec.command.size(), 3U);
  EXPECT_EQ(exec.max_output, 1024U);
  EXPECT_EQ(exec.max_memory, std::uint64_t{64} << 20);
  expect_refused("exec: {}", "command");
  expect_refused("exec: {command: /bin/true -x}", "no shell");
  expect_refused("exec: {command: []}", "a list is wanted");
  expect_refused("exec: {command: [check_x]}", "no absolute path");
  expect_refused("exec: {command: [/bin/true, \"a\\0b\"]}", "control byte");
  expect_refused("exec: {command: [/bin/true], max_memory: 1KiB}", "out of range");
}

template <class Spec>
Spec target(const std::string& uri) {
  const auto check = check_from_uri(uri, seconds(30), seconds(5));
  EXPECT_TRUE(check) << uri << ": " << (check ? "" : check.error().message);
  if (!check) return {};
  EXPECT_EQ(check->name, uri);
  return std::get<Spec>(check->spec);
}

TEST(Uris, NameEveryKindThatNeedsNoFile) {
  EXPECT_EQ(target<DnsSpec>("dns://192.0.2.53/shop.example").name, "shop.example");
  EXPECT_EQ(target<DnsSpec>("dns://[::1]:5353/a?type=MX").type, "MX");
  EXPECT_EQ(target<DnsSpec>("dns://[::1]:5353/a?type=MX").port, 5353);
  EXPECT_EQ(target<DnsSpec>("dns://a/.").name, ".");
  EXPECT_EQ(target<HandshakeSpec>("tls://shop.example").port, 443);
  EXPECT_EQ(target<HandshakeSpec>("tls://[::1]:8443").host, "::1");
  EXPECT_EQ(target<GrpcSpec>("grpc://api:50051").service, "");
  EXPECT_EQ(target<GrpcSpec>("grpc://api:50051/shop.Orders").service, "shop.Orders");
  EXPECT_EQ(target<TcpSpec>("unix:/run/x.sock").unix_path, "/run/x.sock");
  for (const auto* uri : {"dns://192.0.2.53/shop.example", "dns://a:54/b", "tls://a:443",
                          "grpc://a:1/b.C", "unix:/run/x"}) {
    EXPECT_EQ(check_from_uri(uri, seconds(30), seconds(5))->target(), uri);
  }
}

TEST(Uris, SayWhatIsMissing) {
  const auto said = [](const std::string& uri) {
    const auto check = check_from_uri(uri, seconds(30), seconds(5));
    return check ? "nothing" : check.error().message;
  };
  EXPECT_NE(said("udp://a:1").find("file"), std::string::npos);
  EXPECT_NE(said("grpc://a").find("has no port"), std::string::npos);
  EXPECT_NE(said("dns://a").find("dns://server/name"), std::string::npos);
  EXPECT_NE(said("dns://a/b?type=WHAT").find("type=MX"), std::string::npos);
  EXPECT_NE(said("tls://a/b").find("no path"), std::string::npos);
  EXPECT_NE(said("unix:/" + std::string(200, 'x')).find("107"), std::string::npos);
  EXPECT_NE(said("exec:/bin/true"), "nothing");
}

TEST(DnsNames, HaveNumbers) {
  EXPECT_EQ(dns_type_number("HTTPS"), 65);
  EXPECT_EQ(dns_type_number("TYPE65"), 65);
  EXPECT_EQ(dns_type_name(65), "HTTPS");
  EXPECT_EQ(dns_type_name(65280), "TYPE65280");
  EXPECT_EQ(dns_type_number("type65"), std::nullopt);
  EXPECT_EQ(dns_type_number("TYPE"), std::nullopt);
  EXPECT_EQ(dns_type_number("TYPE-1"), std::nullopt);
  EXPECT_EQ(dns_rcode_number("BADVERS"), 16);
  EXPECT_EQ(dns_rcode_name(4095), "RCODE4095");
  EXPECT_EQ(dns_rcode_number("RCODE4096"), std::nullopt);
}

}  // namespace
}  // namespace nines::config::kinds_test
