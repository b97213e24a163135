// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: any bytes from the network are an echo reply, a quoted request or neither, and
// nobody who has not seen the nonce is taken for an answer.
#include "probes/icmp_packet.h"

#include <algorithm>

#include "base/assert.h"

namespace nines::probes {
namespace {

void run(ByteView bytes) {
  const Nonce nonce{0x6e, 0x69, 0x6e, 0x65, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  for (const auto version : {IpVersion::v4, IpVersion::v6}) {
    const auto packet = version == IpVersion::v4 ? skip_ipv4_header(bytes) : bytes;
    ASSERT(packet.size() <= bytes.size());
    for (const auto view : {packet, bytes}) {
      const auto reply = decode_echo_reply(version, view);
      if (reply) {
        ASSERT(reply->payload.size() + kIcmpHeader <= view.size());
        ASSERT(reply->payload.empty() || (reply->payload.data() >= bytes.data() &&
                                          reply->payload.data() < bytes.data() + bytes.size()));
        if (carries(reply->payload, nonce)) {
          for (std::size_t i = 0; i < reply->payload.size(); ++i) {
            ASSERT(reply->payload[i] == nonce[i % kNonce]);
          }
        }
      }
      const auto quoted = decode_quoted_request(version, view);
      if (quoted) ASSERT(quoted->payload.size() <= view.size());
    }
    if (bytes.size() >= 2) {
      static_cast<void>(classify(version, bytes[0]));
      ASSERT(!describe(version, bytes[0], bytes[1]).empty());
    }
  }
  // What we send ourselves is read back as what it is.
  const auto size = kNonce + bytes.size() % 512;
  auto request = encode_echo_request(IpVersion::v4, 7, 9, nonce, size);
  request[0] = 0;
  request[2] = request[3] = 0;
  const auto sum = internet_checksum(request);
  request[2] = static_cast<std::uint8_t>(sum >> 8);
  request[3] = static_cast<std::uint8_t>(sum & 0xFF);
  const auto back = decode_echo_reply(IpVersion::v4, request);
  ASSERT(back && back->sequence == 9 && carries(back->payload, nonce));
}

}  // namespace
}  // namespace nines::probes

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nines::probes::run({data, size});
  return 0;
}
