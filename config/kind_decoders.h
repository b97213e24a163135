// SPDX-License-Identifier: Apache-2.0
// What is particular to each kind of check. Internal to config/: check_decoder.cc calls these.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/file_set.h"
#include "config/yaml.h"
#include "model/check.h"

namespace nines::config {

// What the kinds need to know of the check around them.
struct KindContext {
  std::string check;  // "check 'shop-http'", for complaints
  Duration timeout{0};
  std::string directory;         // paths in the file are relative to it
  bool files_elsewhere = false;  // nothing is opened, what would have been read is empty
};

HttpSpec decode_http(const Node& node, const KindContext& context, Complaints& complaints);
TcpSpec decode_tcp(const Node& node, const KindContext& context, Complaints& complaints);
IcmpSpec decode_icmp(const Node& node, const KindContext& context, Complaints& complaints);
DnsSpec decode_dns(const Node& node, const KindContext& context, Complaints& complaints);
HandshakeSpec decode_handshake(const Node& node,
                               const KindContext& context,
                               Complaints& complaints);
GrpcSpec decode_grpc(const Node& node, const KindContext& context, Complaints& complaints);
UdpSpec decode_udp(const Node& node, const KindContext& context, Complaints& complaints);
ExecSpec decode_exec(const Node& node, const KindContext& context, Complaints& complaints);

// The mapping `tls`: ca, certificate, key, server_name, min_version, skip_verify.
TlsSpec decode_tls(const Node& node, const KindContext& context, Complaints& complaints);

// The same keys out of a mapping that has others too.
TlsSpec take_tls(Mapping& mapping, const KindContext& context, Complaints& complaints);

// "host:port" under `key`; the port may be left out where there is a usual one.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};

Endpoint take_endpoint(Mapping& mapping,
                       std::string_view key,
                       std::uint16_t usual_port,
                       Complaints& complaints);

// The bytes that `send` or `send_hex` hold, 64 KiB at most; nothing where neither is given.
std::optional<std::string> take_bytes(Mapping& mapping,
                                      std::string_view text_key,
                                      std::string_view hex_key,
                                      Complaints& complaints);

// Names of keys that are promised and that this version does not know: refused, never ignored.
void refuse_unsupported(Mapping& mapping,
                        const std::vector<std::string_view>& keys,
                        Complaints& complaints);

// A list of patterns, each compiled once here so that it compiles later too.
std::vector<std::string> take_patterns(Mapping& mapping,
                                       std::string_view key,
                                       Complaints& complaints);

// `latency` of an expectation: at most the check's timeout.
std::optional<Duration> take_latency(Mapping& mapping,
                                     const KindContext& context,
                                     Complaints& complaints);

// `latency` and `certificate_days` (where the kind has certificates) of an expectation or a
// warning.
Limits take_limits(Mapping& mapping,
                   const KindContext& context,
                   bool certificates,
                   Complaints& complaints);

// The whole mapping under `key` where it holds limits and nothing else.
Limits decode_limits(Mapping& mapping,
                     std::string_view key,
                     const KindContext& context,
                     bool certificates,
                     Complaints& complaints);

// `family` and `source`: how the target is reached.
struct PathSpec {
  Family family = Family::any;
  std::string source;
};

PathSpec take_path(Mapping& mapping, Complaints& complaints);

template <class Spec>
void take_path(Mapping& mapping, Spec& spec, Complaints& complaints) {
  auto path = take_path(mapping, complaints);
  spec.family = path.family;
  spec.source = std::move(path.source);
}

bool is_address(const std::string& text);  // an IP address

// "0", "2.5%", "0.025", "1/3" as a fraction in lowest terms, from 0 to 1.
Expected<std::pair<std::int64_t, std::int64_t>> parse_share(std::string_view text);

// "200-399,404": ranges within 100 to 599, at most 32.
Expected<std::vector<StatusRange>> parse_status_ranges(std::string_view text);

Expected<void> check_pattern(const std::string& pattern);  // RE2, within bounds

// Reads a small file that a key names (a secret, a body); complains at the node.
std::optional<std::string> read_named_file(const Node& node,
                                           const KindContext& context,
                                           std::size_t limit,
                                           Complaints& complaints);
}  // namespace nines::config
