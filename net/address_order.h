// SPDX-License-Identifier: Apache-2.0
// The order in which to try addresses of both families (RFC 6724 section 6): what the host has no
// way to goes last, then scope, label and precedence decide. Rule 9 (longest common prefix) is left
// out: it defeats the rotation of addresses that a name's owner chose.
#pragma once

#include <asio/ip/address.hpp>
#include <functional>
#include <optional>
#include <vector>

namespace nines::net {

// The address that the kernel would send from; nothing where there is no route.
using SourceOf = std::function<std::optional<asio::ip::address>(const asio::ip::address&)>;

std::optional<asio::ip::address> kernel_source(const asio::ip::address& destination);

// Stable: equals keep their order.
void order_addresses(std::vector<asio::ip::address>& addresses, const SourceOf& source_of);

}  // namespace nines::net
