// SPDX-License-Identifier: Apache-2.0
// The data of records as zone files write it. A type that is not here is written by RFC 3597.
#include <array>
#include <asio/ip/address.hpp>
#include <cstdio>

#include "base/base64.h"
#include "base/time.h"
#include "model/dns_names.h"
#include "probes/dns_message.h"

namespace nines::probes {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string address4(DnsReader& in) {
  asio::ip::address_v4::bytes_type raw{};
  const auto bytes = in.bytes(raw.size());
  std::copy(bytes.begin(), bytes.end(), raw.begin());
  return asio::ip::address_v4(raw).to_string();
}

std::string address6(DnsReader& in) {
  asio::ip::address_v6::bytes_type raw{};
  const auto bytes = in.bytes(raw.size());
  std::copy(bytes.begin(), bytes.end(), raw.begin());
  return asio::ip::address_v6(raw).to_string();
}

std::string quoted(ByteView bytes) {
  std::string out = "\"";
  for (const auto byte : bytes) {
    if (byte < 0x20 || byte >= 0x7F) {
      char text[8];
      std::snprintf(text, sizeof text, "\\%03u", unsigned{byte});
      out += text;
      continue;
    }
    if (byte == '"' || byte == '\\') out += '\\';
    out += static_cast<char>(byte);
  }
  return out + "\"";
}

std::string character_string(DnsReader& in) { return quoted(in.bytes(in.u8())); }

std::string character_strings(DnsReader& in) {
  std::string out = character_string(in);
  while (!in.failed() && !in.at_end()) out += " " + character_string(in);
  return out;
}

// YYYYMMDDHHMMSS (RFC 4034 section 3.2).
std::string date(std::uint32_t seconds) {
  std::string out;
  for (const char c : format_rfc3339(WallTime{std::int64_t{seconds} * kSecondNs})) {
    if (c >= '0' && c <= '9') out += c;
  }
  return out;
}

std::string soa(DnsReader& in) {
  auto out = in.name();
  out += " " + in.name();
  for (int i = 0; i < 5; ++i) out += " " + number(in.u32());
  return out;
}

std::string srv(DnsReader& in) {
  std::string out;
  for (int i = 0; i < 3; ++i) out += number(in.u16()) + " ";
  return out + in.name();
}

std::string naptr(DnsReader& in) {
  auto out = number(in.u16());
  out += " " + number(in.u16());
  for (int i = 0; i < 3; ++i) out += " " + character_string(in);
  return out + " " + in.name();
}

// Key tag, algorithm and digest type before a digest.
std::string ds(DnsReader& in) {
  auto out = number(in.u16());
  out += " " + number(in.u8());
  out += " " + number(in.u8());
  return out + " " + to_hex(in.rest());
}

std::string dnskey(DnsReader& in) {
  auto out = number(in.u16());
  out += " " + number(in.u8());
  out += " " + number(in.u8());
  return out + " " + to_base64(in.rest());
}

std::string tlsa(DnsReader& in) {
  auto out = number(in.u8());
  out += " " + number(in.u8());
  out += " " + number(in.u8());
  return out + " " + to_hex(in.rest());
}

std::string sshfp(DnsReader& in) {
  auto out = number(in.u8());
  out += " " + number(in.u8());
  return out + " " + to_hex(in.rest());
}

std::string caa(DnsReader& in) {
  auto out = number(in.u8());
  out += " ";
  for (const auto byte : in.bytes(in.u8())) {
    const char c = static_cast<char>(byte);
    const bool legal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!legal) in.fail();  // RFC 8659 section 4.1
    out += c;
  }
  return out + " " + quoted(in.rest());
}

std::string uri(DnsReader& in) {
  auto out = number(in.u16());
  out += " " + number(in.u16());
  return out + " " + quoted(in.rest());
}

std::string rrsig(DnsReader& in) {
  auto out = dns_type_name(in.u16());
  out += " " + number(in.u8());
  out += " " + number(in.u8());
  out += " " + number(in.u32());
  out += " " + date(in.u32());
  out += " " + date(in.u32());
  out += " " + number(in.u16());
  out += " " + in.name();
  return out + " " + to_base64(in.rest());
}

// The types of RFC 4034 section 4.1.2, by windows of 256.
std::string nsec(DnsReader& in) {
  auto out = in.name();
  while (!in.failed() && !in.at_end()) {
    const unsigned window = in.u8();
    const unsigned size = in.u8();
    if (size == 0 || size > 32) in.fail();
    const auto bits = in.bytes(size);
    for (unsigned i = 0; i < bits.size() * 8; ++i) {
      if ((bits[i / 8] & (0x80U >> i % 8)) == 0) continue;
      out += " " + dns_type_name(static_cast<std::uint16_t>(window << 8 | i));
    }
  }
  return out;
}

std::string joined(std::string out, const std::string& more) {
  return out.empty() ? more : std::move(out) + "," + more;
}

// One parameter of SVCB and HTTPS (RFC 9460 section 14.3.2).
std::string service_parameter(std::uint16_t key, DnsReader& in) {
  constexpr std::array<std::string_view, 7> kKeys{"mandatory", "alpn", "no-default-alpn", "port",
                                                  "ipv4hint",  "ech",  "ipv6hint"};
  const auto name_of = [&](std::uint16_t k) {
    return k < kKeys.size() ? std::string(kKeys[k]) : "key" + std::to_string(k);
  };
  const auto name = name_of(key);
  std::string list;
  switch (key) {
    case 0:
      while (!in.failed() && !in.at_end()) list = joined(std::move(list), name_of(in.u16()));
      return name + "=" + list;
    case 1:
      while (!in.failed() && !in.at_end()) {
        const auto text = quoted(in.bytes(in.u8()));
        list = joined(std::move(list), text.substr(1, text.size() - 2));
      }
      return name + "=\"" + list + "\"";
    case 2:
      return name;
    case 3:
      return name + "=" + number(in.u16());
    case 4:
      while (!in.failed() && !in.at_end()) list = joined(std::move(list), address4(in));
      return name + "=" + list;
    case 5:
      return name + "=\"" + to_base64(in.rest()) + "\"";
    case 6:
      while (!in.failed() && !in.at_end()) list = joined(std::move(list), address6(in));
      return name + "=" + list;
    default:
      return name + "=" + quoted(in.rest());
  }
}

std::string service(DnsReader& in) {
  auto out = number(in.u16());
  out += " " + in.name();
  while (!in.failed() && !in.at_end()) {
    const auto key = in.u16();
    auto value = in.part(in.u16());
    out += " " + service_parameter(key, value);
    if (value.failed() || !value.at_end()) in.fail();
  }
  return out;
}

std::string unknown(DnsReader& in) {
  const auto bytes = in.rest();
  return "\\# " + number(bytes.size()) + (bytes.empty() ? "" : " ") + to_hex(bytes);
}

std::string preference(DnsReader& in) {
  auto out = number(in.u16());
  return out + " " + in.name();
}

std::string name_only(DnsReader& in) { return in.name(); }

struct Form {
  std::uint16_t type;
  std::string (*render)(DnsReader&);
};

constexpr Form kForms[] = {
    {1, address4},
    {2, name_only},
    {5, name_only},
    {6, soa},
    {12, name_only},
    {13, character_strings},
    {15, preference},
    {16, character_strings},
    {18, preference},
    {28, address6},
    {33, srv},
    {35, naptr},
    {39, name_only},
    {43, ds},
    {44, sshfp},
    {46, rrsig},
    {47, nsec},
    {48, dnskey},
    {52, tlsa},
    {53, tlsa},
    {59, ds},
    {60, dnskey},
    {64, service},
    {65, service},
    {99, character_strings},
    {256, uri},
    {257, caa},
};

}  // namespace

std::string render_record(std::uint16_t type, DnsReader& data) {
  auto* render = unknown;
  for (const auto& form : kForms) {
    if (form.type == type) render = form.render;
  }
  auto text = render(data);
  if (!data.at_end()) data.fail();
  return text;
}

}  // namespace nines::probes
