// SPDX-License-Identifier: Apache-2.0
// At stake: a check tries the address that the host's own programs would try. The kernel's routes
// are given by a table; examples follow RFC 6724 section 10.2.
#include "net/address_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace nines::net::address_order_test {
namespace {

using asio::ip::make_address;

std::vector<std::string> ordered(const std::vector<std::string>& names,
                                 const std::map<std::string, std::string>& sources) {
  std::vector<asio::ip::address> addresses;
  for (const auto& name : names) addresses.push_back(make_address(name));
  order_addresses(addresses, [&](const asio::ip::address& to) -> std::optional<asio::ip::address> {
    const auto at = sources.find(to.to_string());
    if (at == sources.end()) return std::nullopt;
    return make_address(at->second);
  });
  std::vector<std::string> out;
  for (const auto& address : addresses) out.push_back(address.to_string());
  return out;
}

using testing::ElementsAre;

TEST(AddressOrder, PrefersIpv6WhereBothWork) {
  EXPECT_THAT(ordered({"198.51.100.121", "2001:db8:1::1"},
                      {{"198.51.100.121", "198.51.100.117"}, {"2001:db8:1::1", "2001:db8:1::2"}}),
              ElementsAre("2001:db8:1::1", "198.51.100.121"));
}

TEST(AddressOrder, UnreachableFamilyGoesLast) {
  EXPECT_THAT(ordered({"2001:db8:1::1", "198.51.100.121"}, {{"198.51.100.121", "198.51.100.117"}}),
              ElementsAre("198.51.100.121", "2001:db8:1::1"));
}

TEST(AddressOrder, MatchingScopeBeatsPrecedence) {
  EXPECT_THAT(ordered({"2001:db8:1::1", "198.51.100.121"},
                      {{"2001:db8:1::1", "fe80::1"}, {"198.51.100.121", "198.51.100.117"}}),
              ElementsAre("198.51.100.121", "2001:db8:1::1"));
}

TEST(AddressOrder, MatchingLabelBeatsATunnel) {
  EXPECT_THAT(
      ordered({"2002:c633:6401::1", "2001:db8:1::1"},
              {{"2002:c633:6401::1", "2002:c633:6401::2"}, {"2001:db8:1::1", "2002:c633:6401::2"}}),
      ElementsAre("2002:c633:6401::1", "2001:db8:1::1"));
}

TEST(AddressOrder, LoopbackOfIpv6ComesFirst) {
  EXPECT_THAT(ordered({"127.0.0.1", "::1"}, {{"127.0.0.1", "127.0.0.1"}, {"::1", "::1"}}),
              ElementsAre("::1", "127.0.0.1"));
}

TEST(AddressOrder, EqualsKeepTheOrderOfTheName) {
  EXPECT_THAT(ordered({"192.0.2.9", "192.0.2.1", "192.0.2.5"}, {{"192.0.2.9", "192.0.2.100"},
                                                                {"192.0.2.1", "192.0.2.100"},
                                                                {"192.0.2.5", "192.0.2.100"}}),
              ElementsAre("192.0.2.9", "192.0.2.1", "192.0.2.5"));
}

TEST(AddressOrder, UniqueLocalComesAfterIpv4) {
  EXPECT_THAT(ordered({"fd00::1", "198.51.100.121"},
                      {{"fd00::1", "2001:db8::2"}, {"198.51.100.121", "198.51.100.117"}}),
              ElementsAre("198.51.100.121", "fd00::1"));
}

TEST(AddressOrder, KernelKnowsTheWayToLoopback) {
  EXPECT_EQ(kernel_source(make_address("127.0.0.1")), make_address("127.0.0.1"));
}

}  // namespace
}  // namespace nines::net::address_order_test
