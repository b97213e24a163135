// SPDX-License-Identifier: Apache-2.0
// Hosts, ports and URLs as people write them, checked before anything is asked to resolve them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace nines::config {

struct HostPort {
  std::string host;  // without brackets
  std::uint16_t port = 0;
};

struct Url {
  std::string scheme;      // lower case
  std::string host;        // without brackets
  std::uint16_t port = 0;  // 0: none was written
  std::string path;        // with query; may be empty
};

inline constexpr std::size_t kMaxUrl = 2000;

// A DNS name (letters, digits, '-', '_'; at most 253 bytes) or an IPv4 or IPv6 literal without
// brackets, with a zone ("fe80::1%eth0") where it has one.
Expected<void> check_host(std::string_view host);

// "db:5432", "192.0.2.1:53", "[2001:db8::1]:443"; the port is needed unless `default_port` is not
// 0.
Expected<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port = 0);

// An address to listen on: an IP address and a port, 0 where the kernel is to choose.
Expected<HostPort> parse_listen_address(std::string_view text);

std::string text_of(const HostPort& address);  // "192.0.2.1:53", "[::1]:53"

// scheme://host[:port][/path][?query]. No user name, no fragment, no byte that a URL must escape.
Expected<Url> parse_url(std::string_view text);

}  // namespace nines::config
