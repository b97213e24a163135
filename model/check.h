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

enum class CheckKind : std::uint8_t { http = 1, tcp = 2, icmp = 3 };

std::string_view name(CheckKind kind);
std::optional<CheckKind> parse_check_kind(std::string_view name);

struct TlsSpec {
  std::string ca_file;           // empty: the system's store
  std::string certificate_file;  // both or neither
  std::string key_file;
  std::string server_name;  // empty: the target's host name
  bool skip_verify = false;
};

struct StatusRange {
  int first = 200;
  int last = 299;

  bool operator==(const StatusRange&) const = default;
};

struct PatternSpec {
  std::vector<std::string> matches;      // RE2; every one must match
  std::vector<std::string> not_matches;  // RE2; none may match
};

struct HttpExpect {
  std::vector<StatusRange> status{StatusRange{}};
  PatternSpec body;
  std::optional<Duration> latency;
};

struct HttpSpec {
  std::string url;  // http:// or https://, validated
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::uint64_t max_body = 1 << 20;  // bytes of decoded body
  int redirects = 10;                // at most so many hops are followed; 0 follows none
  TlsSpec tls;
  HttpExpect expect;
};

struct TcpStep {
  enum class Kind : std::uint8_t { send, expect } kind = Kind::send;
  std::string bytes;  // send: what is written; expect: an RE2 pattern
};

struct TcpSpec {
  std::string host;
  std::uint16_t port = 0;
  std::optional<TlsSpec> tls;  // TLS from the first byte
  std::vector<TcpStep> steps;
  std::optional<Duration> latency;
};

struct IcmpSpec {
  std::string host;
  int count = 3;                          // echo requests in one run, 1 to 100
  Duration interval = milliseconds(200);  // between them
  int size = 56;                          // bytes of payload, 16 to 1472
  std::optional<std::pair<std::int64_t, std::int64_t>>
      loss;                         // highest share of lost packets, as a fraction
  std::optional<Duration> latency;  // of the mean round trip
};

struct Check {
  std::string name;
  Duration every = seconds(30);
  Duration timeout = seconds(5);  // at most `every`
  Labels labels;
  int priority = 5;     // 1 is shed last, 9 first
  bool invert = false;  // a check that must fail
  std::variant<HttpSpec, TcpSpec, IcmpSpec> spec;

  CheckKind kind() const { return static_cast<CheckKind>(spec.index() + 1); }

  // "https://shop.example/", "tcp://db:5432", "icmp://192.0.2.1"
  std::string target() const;
};

// A canonical JSON text of what decides outcomes: target, every, timeout and expectations; not
// name, labels or priority, and no secret. Two parties compare its SHA-256.
std::string canonical_text(const Check& check);
Digest digest_of(const Check& check);

}  // namespace nines
