// SPDX-License-Identifier: Apache-2.0
// Sockets that wait for connections, made and bound with clear errors. Used by the server alone.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/descriptor.h"
#include "base/expected.h"

namespace nines::net {

// "0.0.0.0:8643", "[::]:8643" (both families), "127.0.0.1:0". SO_REUSEADDR, so that a restart does
// not wait for old connections.
Expected<Descriptor> bind_tcp(const std::string& address);
Expected<std::uint16_t> bound_port(const Descriptor& socket);

// A socket file that nobody listens on is replaced; anything else in the way is left alone and an
// error. Mode 0660.
Expected<Descriptor> bind_unix(const std::string& path);

struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
};

FileIdentity identify(const std::string& path);
// Removes the socket file unless another program has put its own there since.
void remove_socket(const std::string& path, const FileIdentity& ours);

// "192.0.2.1:4711", "[2001:db8::1]:4711"; empty for other families. IPv4 inside IPv6 shows as IPv4.
std::string address_text(const sockaddr_storage& address);
// What connections of one peer have in common: the IPv4 address, or the /64 of an IPv6 address.
std::string address_group(const sockaddr_storage& address);

}  // namespace nines::net
