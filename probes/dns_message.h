// SPDX-License-Identifier: Apache-2.0
// DNS messages as bytes (RFC 1035 section 4, EDNS0 of RFC 6891). A message is up to 64 KiB of a
// stranger's making: every length is checked, a name follows at most 126 pointers, each strictly
// backwards, so that reading is linear in the message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace nines::probes {

inline constexpr std::size_t kDnsHeader = 12;
inline constexpr std::uint16_t kEdnsPayload = 1232;  // what fits every path without fragments

struct DnsQuery {
  std::string name;  // as check_dns_name() takes it
  std::uint16_t type = 1;
  std::uint16_t id = 0;
  bool want_authenticated = false;  // AD in a question asks for AD in the answer (RFC 6840 5.7)
};

// Recursion desired, class IN, an OPT record.
std::vector<std::uint8_t> encode_query(const DnsQuery& query);

// Whether the message is a response with the query's identifier and question. Servers that fail
// may leave the question out; an answer that says NOERROR or NXDOMAIN must repeat it.
bool answers(ByteView message, const DnsQuery& query);

struct DnsAnswer {
  std::uint16_t rcode = 0;  // with the upper bits of OPT
  bool authoritative = false;
  bool authenticated = false;
  bool truncated = false;
  bool has_type = false;             // a record of the type that was asked for
  std::vector<std::string> records;  // of the answer section: "shop.example. 300 IN A 192.0.2.1"
  std::string extended_error;        // RFC 8914: "6 (DNSSEC bogus): text"; empty where none came
};

// The whole of a message for which answers() holds; nothing where it does not parse. Of a truncated
// one only the header is read.
std::optional<DnsAnswer> decode_answer(ByteView message, const DnsQuery& query);

// A cursor over a message. Once a read failed every further one does.
class DnsReader {
 public:
  explicit DnsReader(ByteView message, std::size_t at = 0) : message_(message), at_(at) {
    end_ = message.size();
  }

  bool failed() const { return failed_; }

  bool at_end() const { return at_ == end_; }

  std::size_t at() const { return at_; }

  std::size_t left() const { return failed_ ? 0 : end_ - at_; }

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  ByteView bytes(std::size_t size);

  ByteView rest() { return bytes(left()); }

  // With a dot at its end; unusual bytes as \DDD. Names may point to anywhere before them.
  std::string name();
  void skip_name();

  // The next `size` bytes as a reader of their own, whose names may still point out of it.
  DnsReader part(std::size_t size);

  void fail() { failed_ = true; }

 private:
  void read_name(std::string* out);

  ByteView message_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  bool failed_ = false;
};

// The data of a record as zone files write it; unknown types as RFC 3597 "\# 3 0a0b0c". `data`
// fails where the data does not fit its type.
std::string render_record(std::uint16_t type, DnsReader& data);

}  // namespace nines::probes
