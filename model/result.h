// SPDX-License-Identifier: Apache-2.0
// What one slot of a check produced. Raw: no confirmation, quorum or exclusion is ever applied
// here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/boxed.h"
#include "base/time.h"
#include "model/check.h"
#include "model/outcome.h"

namespace nines {

// Durations of the phases in microseconds; a phase that was not reached is absent, never 0.
struct Phases {
  std::optional<std::int64_t> dns_us, connect_us, tls_us, first_byte_us, transfer_us;

  bool operator==(const Phases&) const = default;
};

// One exchange that ended in a redirect which was followed.
struct HopDetail {
  std::string url;      // where it led
  int status = 0;       // of the answer that said so
  std::string address;  // that gave it
  Phases phases;        // of this exchange alone

  bool operator==(const HopDetail&) const = default;
};

struct HttpDetail {
  std::optional<int> status;    // of the last answer
  std::string version;          // "1.1", "2"; empty before an answer
  std::vector<HopDetail> hops;  // in order
  std::int64_t wire_bytes = 0;  // received, headers included
  std::int64_t body_bytes = 0;  // decoded body

  bool operator==(const HttpDetail&) const = default;
};

struct TlsDetail {
  std::string version;                    // "TLSv1.3"; empty when the handshake did not end
  std::optional<WallTime> expires;        // notAfter of the leaf
  std::optional<WallTime> chain_expires;  // earliest notAfter of the verified chain
  bool verified = false;

  bool operator==(const TlsDetail&) const = default;
};

struct IcmpDetail {
  int sent = 0;
  int received = 0;  // distinct requests answered in time
  int duplicates = 0;
  int reordered = 0;                 // replies that came after one to a later request
  int late = 0;                      // replies that came now to requests of earlier runs
  std::optional<int> ttl;            // of the first reply
  std::vector<std::int64_t> rtt_us;  // in order of sending, answered ones only

  bool operator==(const IcmpDetail&) const = default;
};

struct DnsDetail {
  std::string rcode;  // "NOERROR", "RCODE17"; empty before an answer
  bool authoritative = false;
  bool authenticated = false;
  bool truncated = false;
  std::vector<std::string>
      answers;  // at most kMaxAnswers lines, "shop.example. 300 IN A 192.0.2.1"

  bool operator==(const DnsDetail&) const = default;
};

struct ExecDetail {
  std::optional<int> exit;  // absent where the program was killed
  std::string perfdata;     // as the plugin wrote it, cut

  bool operator==(const ExecDetail&) const = default;
};

// One address of a check that measures every one.
struct AddressResult {
  std::string address;
  Reason reason = Reason::agent_internal;
  std::optional<std::int64_t> total_us;
  Phases phases;

  bool operator==(const AddressResult&) const = default;
};

// Whose clock timed the phases: the kernel's stamps of packets, the program's own readings where
// the kernel gave none, or some of both.
enum class Stamps : std::uint8_t { none = 0, kernel = 1, mixed = 2, program = 3 };

std::string_view name(Stamps stamps);

inline constexpr std::size_t kMaxAnswers = 16;
inline constexpr std::size_t kMaxWarnings = 8;
inline constexpr std::size_t kMaxAddresses = 16;

// What a probe reports: no identity, no schedule. Default-constructed it is unknown: a probe that
// forgot to decide never blames the service.
struct ProbeResult {
  Outcome outcome = Outcome::unknown;
  Reason reason = Reason::agent_internal;
  std::string detail;  // one line for people, at most 200 bytes; bounded where it is made
  std::optional<std::int64_t> total_us;
  Phases phases;
  std::string address;  // "192.0.2.10:443", "[2001:db8::1]:443", "192.0.2.1"; empty when unresolved
  Boxed<HttpDetail> http;
  Boxed<TlsDetail> tls;
  Boxed<IcmpDetail> icmp;
  Boxed<DnsDetail> dns;
  Boxed<ExecDetail> exec;
  std::string grpc_status;  // "SERVING"; empty before an answer
  std::optional<int> step;  // of a dialogue that failed, from 1
  Stamps stamps = Stamps::none;
  std::vector<std::string> warnings;     // at most kMaxWarnings lines; never make a service down
  std::vector<AddressResult> addresses;  // at most kMaxAddresses, where every one was measured

  bool operator==(const ProbeResult&) const = default;
};

// One record: a slot's end. `span` > 1 only where `span` slots in a row, beginning with `slot`,
// were not run for one reason; such a record carries no measurement.
struct Result {
  std::uint64_t seq = 0;  // dense within the agent's epoch, from 1
  std::int64_t slot = 0;  // k of k·every + phase
  std::int64_t span = 1;
  std::int64_t late_us = 0;  // start behind the slot's instant; 0 for what was not run
  ProbeResult probe;

  bool operator==(const Result&) const = default;
};

// The longest detail or address that a record carries; makers cut, decoders refuse.
inline constexpr std::size_t kMaxText = 200;
std::string cut_text(std::string text);  // to kMaxText, on a UTF-8 boundary, control bytes replaced

}  // namespace nines
