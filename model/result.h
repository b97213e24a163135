// SPDX-License-Identifier: Apache-2.0
// What one slot of a check produced. Raw: no confirmation, quorum or exclusion is ever applied
// here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/check.h"
#include "model/outcome.h"

namespace nines {

// Durations of the phases in microseconds; a phase that was not reached is absent, never 0.
struct Phases {
  std::optional<std::int64_t> dns_us, connect_us, tls_us, first_byte_us, transfer_us;

  bool operator==(const Phases&) const = default;
};

struct HttpDetail {
  std::optional<int> status;      // of the last answer
  std::string version;            // "1.1", "2"; empty before an answer
  std::vector<std::string> hops;  // URLs redirected to, in order
  std::int64_t wire_bytes = 0;    // received, headers included
  std::int64_t body_bytes = 0;    // decoded body

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
  std::vector<std::int64_t> rtt_us;  // in order of sending, answered ones only

  bool operator==(const IcmpDetail&) const = default;
};

// What a probe reports: no identity, no schedule. Default-constructed it is unknown: a probe that
// forgot to decide never blames the service.
struct ProbeResult {
  Outcome outcome = Outcome::unknown;
  Reason reason = Reason::agent_internal;
  std::string detail;  // one line for people, at most 200 bytes; bounded where it is made
  std::optional<std::int64_t> total_us;
  Phases phases;
  std::string address;  // "192.0.2.10:443", "[2001:db8::1]:443", "192.0.2.1"; empty when unresolved
  std::optional<HttpDetail> http;
  std::optional<TlsDetail> tls;
  std::optional<IcmpDetail> icmp;

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
