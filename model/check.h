// SPDX-License-Identifier: Apache-2.0
// A check: a configured measurement, as validated. Immutable once decoded (config/check_decoder.h);
// later code never re-checks it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/hash.h"
#include "base/time.h"

namespace nines {

using Labels = std::map<std::string, std::string>;

enum class CheckKind : std::uint8_t {
  http = 1,
  tcp = 2,
  icmp = 3,
  dns = 4,
  tls = 5,
  grpc = 6,
  udp = 7,
  exec = 8,
};

std::string_view name(CheckKind kind);
std::optional<CheckKind> parse_check_kind(std::string_view name);

struct TlsSpec {
  std::string ca_file;           // empty: the system's store
  std::string certificate_file;  // both or neither
  std::string key_file;
  std::string server_name;          // empty: the target's host name
  std::string min_version = "1.2";  // "1.2" or "1.3"
  bool skip_verify = false;

  bool operator==(const TlsSpec&) const = default;
};

// Which addresses of a name are tried, and in which order.
enum class Family : std::uint8_t { any, ipv4, ipv6, prefer_ipv4, prefer_ipv6 };

struct PatternSpec {
  std::vector<std::string> matches;      // RE2; every one must match
  std::vector<std::string> not_matches;  // RE2; none may match

  bool empty() const { return matches.empty() && not_matches.empty(); }

  bool operator==(const PatternSpec&) const = default;
};

// What may be expected, or warned of, of every kind that has it.
struct Limits {
  std::optional<Duration> latency;
  std::optional<int> certificate_days;  // the verified chain must be valid for at least so many

  bool empty() const { return !latency && !certificate_days; }

  bool operator==(const Limits&) const = default;
};

struct StatusRange {
  int first = 200;
  int last = 299;

  bool operator==(const StatusRange&) const = default;
};

struct HeaderExpect {
  std::string name;
  PatternSpec value;
  bool allow_missing = false;

  bool operator==(const HeaderExpect&) const = default;
};

// One comparison of the value at a JSON Pointer (RFC 6901).
struct JsonExpect {
  enum class Op : std::uint8_t { equals, not_equals, below, above, exists };

  std::string pointer;
  Op op = Op::exists;
  std::string operand;  // a JSON text: a scalar for (not_)equals, a number for below and above,
                        // true or false for exists

  bool operator==(const JsonExpect&) const = default;
};

struct HttpExpect {
  std::vector<StatusRange> status;   // empty: any
  std::vector<std::string> version;  // "1.0", "1.1", "2"; empty: any
  PatternSpec body;
  std::vector<HeaderExpect> headers;
  std::vector<JsonExpect> json;
  std::optional<Duration> modified_within;  // age of Last-Modified
  Limits limits;

  bool needs_body() const { return !body.empty() || !json.empty(); }

  bool operator==(const HttpExpect&) const = default;
};

enum class Compression : std::uint8_t { none, identity, gzip, deflate, br, zstd };

struct OAuth2Spec {
  std::string token_url;  // https://, or http:// to a loopback address
  std::string client_id;
  std::string client_secret;
  std::vector<std::string> scopes;

  bool operator==(const OAuth2Spec&) const = default;
};

struct HttpSpec {
  std::string url;  // http:// or https://, validated
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Compression compression = Compression::none;  // none: not asked for, and none expected
  std::uint64_t max_body = 1 << 20;             // bytes, of the wire's body and of the decoded one
  int redirects = 10;                           // at most so many hops are followed; 0 follows none
  std::optional<OAuth2Spec> oauth2;
  std::string proxy;  // http://, https:// or socks5://; empty: none, whatever the environment says
  Family family = Family::any;
  bool all_addresses = false;  // every resolved address is measured and must do
  std::string source;          // a local address or the name of an interface
  std::string resolve;         // a literal address used in place of what DNS says
  TlsSpec tls;
  HttpExpect expect{.status = {StatusRange{}}};
  HttpExpect warn;

  bool operator==(const HttpSpec&) const = default;
};

enum class StartTls : std::uint8_t { none, smtp, imap, pop3, ftp, ldap, postgresql, mysql };

struct TcpStep {
  enum class Kind : std::uint8_t { send, expect, expect_bytes, starttls };

  Kind kind = Kind::send;
  std::string bytes;  // send: what is written, "${1}" a group of the last pattern;
                      // expect: an RE2 pattern; expect_bytes: exactly these

  bool operator==(const TcpStep&) const = default;
};

struct TcpSpec {
  std::string host;  // empty where unix_path is set
  std::uint16_t port = 0;
  std::string unix_path;
  std::optional<TlsSpec> tls;  // TLS from the first byte, or after `starttls` or a starttls step
  StartTls starttls = StartTls::none;
  std::vector<TcpStep> steps;
  Family family = Family::any;
  std::string source;
  Limits expect;
  Limits warn;

  bool operator==(const TcpSpec&) const = default;
};

struct IcmpSpec {
  std::string host;
  int count = 3;                          // echo requests in one run, 1 to 100
  Duration interval = milliseconds(200);  // between them
  int size = 56;                          // bytes of payload, 16 to 1472
  int ttl = 0;                            // 1 to 255; 0: the host's own
  int dscp = 0;                           // 0 to 63
  bool dont_fragment = false;
  Family family = Family::any;
  std::string source;
  std::optional<std::pair<std::int64_t, std::int64_t>>
      loss;       // highest share of lost packets, as a fraction
  Limits expect;  // latency: of the mean round trip
  std::optional<std::pair<std::int64_t, std::int64_t>> warn_loss;
  Limits warn;

  bool operator==(const IcmpSpec&) const = default;
};

enum class DnsTransport : std::uint8_t { udp, tcp, tls };

struct DnsSpec {
  std::string host;  // of the server
  std::uint16_t port = 53;
  std::string name;
  std::string type = "A";
  DnsTransport transport = DnsTransport::udp;
  TlsSpec tls;  // of transport tls
  std::string rcode = "NOERROR";
  PatternSpec answer;  // each answer is one line, "name. ttl IN A 192.0.2.1"
  std::optional<bool> authoritative, authenticated;  // the AA and AD flags
  Family family = Family::any;
  std::string source;
  Limits expect;
  Limits warn;

  bool operator==(const DnsSpec&) const = default;
};

// A handshake and nothing more.
struct HandshakeSpec {
  std::string host;
  std::uint16_t port = 443;
  TlsSpec tls;
  Family family = Family::any;
  std::string source;
  Limits expect;
  Limits warn;

  bool operator==(const HandshakeSpec&) const = default;
};

// grpc.health.v1.Health/Check.
struct GrpcSpec {
  std::string host;
  std::uint16_t port = 0;
  std::string service;  // empty: the server as a whole
  std::vector<std::pair<std::string, std::string>> metadata;
  std::optional<TlsSpec> tls;  // absent: HTTP/2 in clear
  Family family = Family::any;
  std::string source;
  Limits expect;
  Limits warn;

  bool operator==(const GrpcSpec&) const = default;
};

struct UdpSpec {
  std::string host;
  std::uint16_t port = 0;
  std::string send;     // one datagram
  std::string pattern;  // RE2 that the reply must match; empty: any reply
  Family family = Family::any;
  std::string source;
  Limits expect;
  Limits warn;

  bool operator==(const UdpSpec&) const = default;
};

// A program with the exit codes and the output of a Nagios plugin.
struct ExecSpec {
  std::vector<std::string> command;  // an absolute path and its arguments; no shell
  std::uint64_t max_output = 64 << 10;
  std::uint64_t max_memory = 64 << 20;  // bytes of address space
  Limits expect;
  Limits warn;

  bool operator==(const ExecSpec&) const = default;
};

struct Check {
  std::string name;
  Duration every = seconds(30);
  Duration timeout = seconds(5);  // at most `every`
  Labels labels;
  int priority = 5;     // 1 is shed last, 9 first
  bool invert = false;  // a check that must fail
  std::variant<HttpSpec, TcpSpec, IcmpSpec, DnsSpec, HandshakeSpec, GrpcSpec, UdpSpec, ExecSpec>
      spec;

  CheckKind kind() const { return static_cast<CheckKind>(spec.index() + 1); }

  // "https://shop.example/", "tcp://db:5432", "unix:/run/x.sock", "icmp://192.0.2.1",
  // "dns://192.0.2.53/shop.example", "tls://db:5433", "grpc://api:50051/Orders", "udp://…",
  // "exec:/usr/lib/nagios/plugins/check_x"
  std::string target() const;

  const Limits& expected() const;  // of whatever kind
  const Limits& warned() const;

  bool operator==(const Check&) const = default;
};

// A canonical JSON text of what decides outcomes: target, every, timeout and expectations; not
// name, labels or priority, and no secret. Two parties compare its SHA-256.
std::string canonical_text(const Check& check);
Digest digest_of(const Check& check);

}  // namespace nines
