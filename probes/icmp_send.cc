// SPDX-License-Identifier: Apache-2.0
// How one echo request leaves: its hop limit, class, source and fragmenting belong to the request,
// not to the socket that all of them share.
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <asio/ip/icmp.hpp>
#include <cerrno>
#include <cstring>

#include "probes/icmp_socket.h"

namespace nines::probes {
namespace {

// Control messages of one sendmsg().
class Controls {
 public:
  template <class Value>
  void add(int level, int type, const Value& value) {
    auto* header = reinterpret_cast<cmsghdr*>(bytes_.data() + size_);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(sizeof value);
    std::memcpy(CMSG_DATA(header), &value, sizeof value);
    size_ += CMSG_SPACE(sizeof value);
  }

  void put(msghdr& message) {
    message.msg_control = size_ > 0 ? bytes_.data() : nullptr;
    message.msg_controllen = size_;
  }

 private:
  alignas(cmsghdr) std::array<char, 256> bytes_{};
  std::size_t size_ = 0;
};

void add_source(Controls& controls, IpVersion version, const std::string& source) {
  if (source.empty()) return;
  asio::error_code not_literal;
  const auto literal = asio::ip::make_address(source, not_literal);
  // An interface that does not exist has no index; -1 has the kernel refuse it.
  const unsigned named = not_literal ? ::if_nametoindex(source.c_str()) : 0;
  const int index = not_literal ? (named == 0 ? -1 : static_cast<int>(named)) : 0;
  if (version == IpVersion::v4) {
    in_pktinfo info{};
    info.ipi_ifindex = index;
    if (!not_literal && literal.is_v4()) {
      info.ipi_spec_dst.s_addr = htonl(literal.to_v4().to_uint());
    } else if (!not_literal) {
      info.ipi_ifindex = -1;
    }
    controls.add(IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    info.ipi6_ifindex = static_cast<unsigned>(index);
    if (!not_literal && literal.is_v6()) {
      const auto bytes = literal.to_v6().to_bytes();
      std::memcpy(&info.ipi6_addr, bytes.data(), bytes.size());
    } else if (!not_literal) {
      info.ipi6_ifindex = ~0U;
    }
    controls.add(IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

}  // namespace

// The error number, 0 where it was sent.
int IcmpSocket::send_packet(const Echo& echo, ByteView packet) {
  const bool v4 = version_ == IpVersion::v4;
  const int fd = socket_.native_handle();
  Controls controls;
  if (echo.options.ttl > 0) {
    controls.add(v4 ? int{IPPROTO_IP} : int{IPPROTO_IPV6}, v4 ? IP_TTL : IPV6_HOPLIMIT,
                 echo.options.ttl);
  }
  if (echo.options.dscp > 0) {
    controls.add(v4 ? int{IPPROTO_IP} : int{IPPROTO_IPV6}, v4 ? IP_TOS : IPV6_TCLASS,
                 echo.options.dscp << 2);
  }
  add_source(controls, version_, echo.options.source);
  asio::ip::icmp::endpoint endpoint(echo.target, 0);
  iovec part{const_cast<std::uint8_t*>(packet.data()), packet.size()};
  msghdr message{};
  message.msg_name = endpoint.data();
  message.msg_namelen = static_cast<socklen_t>(endpoint.size());
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  controls.put(message);
  // Not fragmenting is the socket's own option, and the socket is everybody's: put back at once.
  const auto fragmenting = [&](int how) {
    ::setsockopt(fd, v4 ? int{IPPROTO_IP} : int{IPPROTO_IPV6},
                 v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &how, sizeof how);
  };
  if (echo.options.dont_fragment) fragmenting(IP_PMTUDISC_PROBE);
  const auto sent = ::sendmsg(fd, &message, MSG_NOSIGNAL);
  const int error_number = sent < 0 ? errno : 0;
  if (echo.options.dont_fragment) fragmenting(IP_PMTUDISC_DONT);
  return error_number;
}

}  // namespace nines::probes
