// SPDX-License-Identifier: Apache-2.0
#include "model/dns_names.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace nines {
namespace {

using Names = std::pair<std::uint16_t, std::string_view>;

constexpr Names kTypes[] = {
    {1, "A"},       {2, "NS"},       {5, "CNAME"},       {6, "SOA"},     {12, "PTR"},
    {13, "HINFO"},  {15, "MX"},      {16, "TXT"},        {17, "RP"},     {18, "AFSDB"},
    {28, "AAAA"},   {29, "LOC"},     {33, "SRV"},        {35, "NAPTR"},  {37, "CERT"},
    {39, "DNAME"},  {43, "DS"},      {44, "SSHFP"},      {46, "RRSIG"},  {47, "NSEC"},
    {48, "DNSKEY"}, {50, "NSEC3"},   {51, "NSEC3PARAM"}, {52, "TLSA"},   {53, "SMIMEA"},
    {59, "CDS"},    {60, "CDNSKEY"}, {61, "OPENPGPKEY"}, {62, "CSYNC"},  {63, "ZONEMD"},
    {64, "SVCB"},   {65, "HTTPS"},   {99, "SPF"},        {108, "EUI48"}, {109, "EUI64"},
    {255, "ANY"},   {256, "URI"},    {257, "CAA"},
};

// RFC 6895 section 2.3. BADVERS and BADSIG share a number; in an answer it is the first.
constexpr Names kRcodes[] = {
    {0, "NOERROR"},  {1, "FORMERR"},  {2, "SERVFAIL"},   {3, "NXDOMAIN"}, {4, "NOTIMP"},
    {5, "REFUSED"},  {6, "YXDOMAIN"}, {7, "YXRRSET"},    {8, "NXRRSET"},  {9, "NOTAUTH"},
    {10, "NOTZONE"}, {16, "BADVERS"}, {23, "BADCOOKIE"},
};

template <std::size_t N>
std::optional<std::uint16_t> number_of(const Names (&names)[N],
                                       std::string_view prefix,
                                       std::uint16_t most,
                                       std::string_view name) {
  for (const auto& [number, text] : names) {
    if (text == name) return number;
  }
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size() || number > most) {
    return std::nullopt;
  }
  return number;
}

template <std::size_t N>
std::string name_of(const Names (&names)[N], std::string_view prefix, std::uint16_t number) {
  for (const auto& [known, text] : names) {
    if (known == number) return std::string(text);
  }
  return std::string(prefix) + std::to_string(number);
}

constexpr std::uint16_t kMostRcode = 4095;  // 12 bits with EDNS

bool is_legal(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '*' || c == '/';
}

}  // namespace

std::optional<std::uint16_t> dns_type_number(std::string_view name) {
  return number_of(kTypes, "TYPE", 0xFFFF, name);
}

std::string dns_type_name(std::uint16_t type) { return name_of(kTypes, "TYPE", type); }

std::optional<std::uint16_t> dns_rcode_number(std::string_view name) {
  return number_of(kRcodes, "RCODE", kMostRcode, name);
}

std::string dns_rcode_name(std::uint16_t rcode) { return name_of(kRcodes, "RCODE", rcode); }

Expected<void> check_dns_name(std::string_view name) {
  constexpr std::size_t kMostName = 253;
  constexpr std::size_t kMostLabel = 63;
  if (name == ".") return {};
  if (name.ends_with('.')) name.remove_suffix(1);
  const auto bad = fail(
      "a DNS name has labels of 1 to 63 letters, digits, '-', '_', '*' and '/', "
      "and 253 bytes at most");
  if (name.empty() || name.size() > kMostName) return bad;
  while (!name.empty()) {
    const auto dot = name.find('.');
    const auto label = name.substr(0, dot);
    if (label.empty() || label.size() > kMostLabel ||
        !std::all_of(label.begin(), label.end(), is_legal) || dot == name.size() - 1) {
      return bad;
    }
    name.remove_prefix(dot == name.npos ? name.size() : dot + 1);
  }
  return {};
}

}  // namespace nines
