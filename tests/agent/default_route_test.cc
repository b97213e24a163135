// SPDX-License-Identifier: Apache-2.0
#include "agent/default_route.h"

#include <gtest/gtest.h>

namespace nines::agent::default_route_test {
namespace {

TEST(DefaultRoute, FindsTheGatewayAmongOtherRoutes) {
  const auto gateway = gateway_in_ipv4_routes(
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
      "eth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
      "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
  EXPECT_EQ(gateway, "192.0.2.1");
}

TEST(DefaultRoute, HasNoneWithoutADefaultRoute) {
  EXPECT_FALSE(gateway_in_ipv4_routes("Iface\tDestination\n"));
  EXPECT_FALSE(gateway_in_ipv4_routes(""));
  // A default route through a device has no gateway to ask.
  EXPECT_FALSE(
      gateway_in_ipv4_routes("ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n"));
}

TEST(DefaultRoute, NamesTheDeviceOfALinkLocalGateway) {
  EXPECT_EQ(gateway_in_ipv6_routes(
                "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
                "fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n"),
            "fe80::1%eth0");
}

TEST(DefaultRoute, IgnoresGarbage) {
  EXPECT_FALSE(gateway_in_ipv4_routes("a 00000000 zzzzzzzz 3 0 0 0 00000000\n"));
  EXPECT_FALSE(gateway_in_ipv6_routes("0 0 0 0 1 2 3 4 5 6\n"));
}

}  // namespace
}  // namespace nines::agent::default_route_test
