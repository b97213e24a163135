// SPDX-License-Identifier: Apache-2.0
#include "agent/default_route.h"

#include <arpa/inet.h>

#include <cstring>
#include <sstream>
#include <vector>

#include "base/bytes.h"
#include "base/disk.h"

namespace nines::agent {
namespace {

constexpr std::size_t kMaxRoutes = 4 << 20;  // bytes of a routing table that we read

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; words.size() < 16 && stream >> word;) words.push_back(word);
  return words;
}

}  // namespace

// Columns: Iface Destination Gateway Flags RefCnt Use Metric Mask …; addresses are the bytes of the
// network order printed as one number of the host's order.
std::optional<std::string> gateway_in_ipv4_routes(std::string_view text) {
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const auto words = words_of(line);
    if (words.size() < 8 || words[1] != "00000000" || words[7] != "00000000") continue;
    const auto bytes = from_hex(words[2]);
    if (!bytes || bytes->size() != 4 || words[2] == "00000000") continue;
    in_addr address{};
    address.s_addr = static_cast<in_addr_t>(std::stoul(words[2], nullptr, 16));
    char out[INET_ADDRSTRLEN];
    if (::inet_ntop(AF_INET, &address, out, sizeof out) != nullptr) return out;
  }
  return std::nullopt;
}

// Columns: destination, its length, source, its length, next hop, metric, …, device.
std::optional<std::string> gateway_in_ipv6_routes(std::string_view text) {
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const auto words = words_of(line);
    if (words.size() < 10 || words[0].find_first_not_of('0') != std::string::npos ||
        words[1] != "00" || words[4].find_first_not_of('0') == std::string::npos) {
      continue;
    }
    const auto bytes = from_hex(words[4]);
    if (!bytes || bytes->size() != 16) continue;
    char out[INET6_ADDRSTRLEN];
    if (::inet_ntop(AF_INET6, bytes->data(), out, sizeof out) == nullptr) continue;
    std::string gateway = out;
    // A link-local next hop means nothing without its device.
    if (gateway.starts_with("fe80")) gateway += "%" + words[9];
    return gateway;
  }
  return std::nullopt;
}

std::optional<std::string> default_gateway() {
  if (const auto text = read_file("/proc/net/route", kMaxRoutes)) {
    if (auto gateway = gateway_in_ipv4_routes(*text)) return gateway;
  }
  if (const auto text = read_file("/proc/net/ipv6_route", kMaxRoutes)) {
    return gateway_in_ipv6_routes(*text);
  }
  return std::nullopt;
}

}  // namespace nines::agent
