// SPDX-License-Identifier: Apache-2.0
// This host's default gateway, which a canary may name as `icmp://gateway`. Read from the kernel at
// each run: it changes with DHCP.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nines::agent {

// Nothing where the host has no default route with a gateway. IPv4 first, then IPv6.
std::optional<std::string> default_gateway();

// The same from the text of /proc/net/route and /proc/net/ipv6_route.
std::optional<std::string> gateway_in_ipv4_routes(std::string_view text);
std::optional<std::string> gateway_in_ipv6_routes(std::string_view text);

}  // namespace nines::agent
