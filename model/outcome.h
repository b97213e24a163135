// SPDX-License-Identifier: Apache-2.0
// What a slot can end in, and the closed list of why. The names are promises (docs/reasons.md); the
// numbers travel on the wire and on disk and are never reused.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nines {

enum class Outcome : std::uint8_t { unknown = 0, up = 1, down = 2 };

std::string_view name(Outcome outcome);
std::optional<Outcome> parse_outcome(std::string_view name);

// X(identifier, number, outcome when not inverted)
#define NINES_REASONS(X)                     \
  X(ok, 1, up)                               \
  X(inverted_up, 2, down)                    \
  X(dns_nxdomain, 10, down)                  \
  X(dns_servfail, 11, down)                  \
  X(dns_timeout, 12, down)                   \
  X(dns_refused, 13, down)                   \
  X(dns_no_address, 14, down)                \
  X(dns_malformed, 15, down)                 \
  X(connect_refused, 20, down)               \
  X(connect_timeout, 21, down)               \
  X(connect_unreachable, 22, down)           \
  X(connect_reset, 23, down)                 \
  X(tls_handshake, 30, down)                 \
  X(tls_timeout, 31, down)                   \
  X(tls_certificate_expired, 32, down)       \
  X(tls_certificate_untrusted, 33, down)     \
  X(tls_name_mismatch, 34, down)             \
  X(tls_certificate_not_yet_valid, 35, down) \
  X(tls_certificate_revoked, 36, down)       \
  X(tls_certificate_days, 37, down)          \
  X(tls_version, 38, down)                   \
  X(http_status, 40, down)                   \
  X(http_body, 41, down)                     \
  X(http_header, 42, down)                   \
  X(http_redirect_limit, 43, down)           \
  X(http_too_large, 44, down)                \
  X(http_protocol, 45, down)                 \
  X(http_timeout, 46, down)                  \
  X(http_reset, 47, down)                    \
  X(http_version, 48, down)                  \
  X(http_json, 49, down)                     \
  X(tcp_expect, 50, down)                    \
  X(tcp_timeout, 51, down)                   \
  X(tcp_reset, 52, down)                     \
  X(tcp_closed, 53, down)                    \
  X(tcp_too_large, 54, down)                 \
  X(tcp_starttls, 55, down)                  \
  X(icmp_timeout, 60, down)                  \
  X(icmp_unreachable, 61, down)              \
  X(icmp_loss, 62, down)                     \
  X(icmp_ttl_exceeded, 63, down)             \
  X(latency_above, 70, down)                 \
  X(dns_rcode, 80, down)                     \
  X(dns_answer, 81, down)                    \
  X(dns_flags, 82, down)                     \
  X(grpc_not_serving, 85, down)              \
  X(grpc_unknown_service, 86, down)          \
  X(grpc_status, 87, down)                   \
  X(udp_timeout, 90, down)                   \
  X(udp_expect, 91, down)                    \
  X(exec_critical, 95, down)                 \
  X(exec_timeout, 96, down)                  \
  X(http_stale, 130, down)                   \
  X(http_encoding, 131, down)                \
  X(http_token, 132, down)                   \
  X(http_proxy, 133, down)                   \
  X(agent_no_descriptor, 100, unknown)       \
  X(agent_no_route, 101, unknown)            \
  X(agent_no_resolver, 102, unknown)         \
  X(agent_no_permission, 103, unknown)       \
  X(agent_no_memory, 104, unknown)           \
  X(agent_no_source, 105, unknown)           \
  X(agent_overloaded, 110, unknown)          \
  X(agent_overlap, 111, unknown)             \
  X(agent_suspended, 112, unknown)           \
  X(agent_stopped, 113, unknown)             \
  X(agent_clock_step, 114, unknown)          \
  X(agent_uplink, 115, unknown)              \
  X(agent_internal, 116, unknown)            \
  X(agent_configuration, 117, unknown)       \
  X(exec_unknown, 118, unknown)              \
  X(agent_policy, 119, unknown)              \
  X(spool_full, 120, unknown)                \
  X(spool_damaged, 121, unknown)

enum class Reason : std::uint8_t {
#define X(identifier, number, outcome) identifier = number,
  NINES_REASONS(X)
#undef X
};

std::string_view name(Reason reason);
std::optional<Reason> parse_reason(std::string_view name);
std::optional<Reason> reason_from_number(std::uint32_t number);
Outcome outcome_of(Reason reason);

}  // namespace nines
