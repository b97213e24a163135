// SPDX-License-Identifier: Apache-2.0
// What this host lacks is never the service's fault: descriptors, permission, a route. Each test
// takes it away in a forked child and asks there. Needs root where a namespace is made; skipped
// else.
#include <sys/socket.h>
#include <unistd.h>

#include "tests/probes/fixture.h"
#include "tests/support/child.h"

namespace nines::probes::host_trouble_test {
namespace {

std::string describe(const ProbeResult& result) { return verdict(result) + " | " + result.detail; }

bool says(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

bool is_root() { return ::geteuid() == 0; }

TEST(HostTrouble, NoDescriptorLeftIsUnknown) {
  const auto text = test::in_child([] {
    Room room;
    test::run(room.io(), sleep_until(room.io(), room.clock(), room.clock().boot(), room.stop()));
    test::forbid_new_descriptors();
    return describe(room.run(tcp_check(9))) + "\n" +
           describe(room.run(http_check("http://127.0.0.1:9/"))) + "\n" +
           describe(room.run(icmp_check("127.0.0.1"))) + "\n" +
           describe(room.run(icmp_check("::1")));
  });
  const std::string wanted = "unknown agent_no_descriptor | open ";
  std::istringstream lines(text);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_TRUE(line.starts_with(wanted)) << line;
  EXPECT_EQ(count, 4) << text;
}

TEST(HostTrouble, LookingUpWithoutDescriptorsIsUnknown) {
  const auto text = test::in_child([] {
    Room room;
    test::run(room.io(), sleep_until(room.io(), room.clock(), room.clock().boot(), room.stop()));
    test::forbid_new_descriptors();
    return describe(room.run(tcp_check(9, {}, "shop.example"), milliseconds(500)));
  });
  EXPECT_TRUE(text.starts_with("unknown agent_no_")) << text;
}

TEST(HostTrouble, IcmpWithoutPermissionIsUnknown) {
  if (!is_root()) GTEST_SKIP() << "needs root to give it up";
  const auto text = test::in_child([] {
    // The default of ping_group_range allows nobody; a namespace of its own has the default.
    if (!test::enter_empty_network(true)) return std::string("skip");
    if (!test::become_nobody()) return std::string("skip");
    Room room;
    return room.room().icmp_support() + "\n" + describe(room.run(icmp_check("127.0.0.1")));
  });
  if (text == "skip") GTEST_SKIP() << "no network namespace here";
  EXPECT_TRUE(says(text, "unknown agent_no_permission")) << text;
  EXPECT_TRUE(says(text, "ping_group_range")) << text;
}

TEST(HostTrouble, PingSocketIsUsedWhereTheGroupMay) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const auto text = test::in_child([] {
    if (!test::enter_empty_network(true)) return std::string("skip");
    if (!test::run_program("echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range")) {
      return std::string("skip");
    }
    if (!test::become_nobody()) return std::string("skip");
    Room room;
    auto all = room.room().icmp_support();
    for (const char* host : {"127.0.0.1", "::1"}) {
      const auto result = room.run(icmp_check(host, 3));
      all += " | " + describe(result) + std::to_string(result.icmp ? result.icmp->received : -1);
    }
    return all;
  });
  if (text == "skip") GTEST_SKIP() << "no network namespace here";
  EXPECT_EQ(text, "ping socket | up ok | 3 | up ok | 3");
}

TEST(HostTrouble, NoRouteIsUnknown) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const auto text = test::in_child([] {
    if (!test::enter_empty_network(true)) return std::string("skip");
    Room room;
    return describe(room.run(tcp_check(9, {}, "192.0.2.1"))) + "\n" +
           describe(room.run(tcp_check(9, {}, "2001:db8::1"))) + "\n" +
           describe(room.run(http_check("http://192.0.2.1/"))) + "\n" +
           describe(room.run(icmp_check("192.0.2.1")));
  });
  if (text == "skip") GTEST_SKIP() << "no network namespace here";
  std::istringstream lines(text);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_TRUE(line.starts_with("unknown agent_no_route")) << line;
  }
  EXPECT_EQ(count, 4) << text;
}

TEST(HostTrouble, OwnRoutingTableIsNotTheNetwork) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const auto text = test::in_child([] {
    if (!test::enter_empty_network(true)) return std::string("skip");
    const bool made = test::run_program("ip route add unreachable 192.0.2.1") &&
                      test::run_program("ip route add prohibit 192.0.2.2") &&
                      test::run_program("ip route add blackhole 192.0.2.3");
    if (!made) return std::string("skip");
    Room room;
    std::string all;
    for (const char* host : {"192.0.2.1", "192.0.2.2", "192.0.2.3"}) {
      all += verdict(room.run(tcp_check(9, {}, host))) + "\n";
      all += verdict(room.run(icmp_check(host))) + "\n";
    }
    return all;
  });
  if (text == "skip") GTEST_SKIP() << "no network namespace or no ip(8) here";
  EXPECT_EQ(text,
            "unknown agent_no_route\nunknown agent_no_route\n"
            "unknown agent_no_permission\nunknown agent_no_permission\n"
            "unknown agent_no_route\nunknown agent_no_route\n");
}

// Two namespaces with a cable: the child is "near", its router "far". What far refuses comes back
// as ICMP errors from the network.
constexpr const char* kCable =
    "ip link add near type veth peer name far netns $FAR && ip addr add 10.9.0.1/24 dev near && "
    "ip addr add fd09::1/64 dev near nodad && ip link set near up && "
    "nsenter -t $FAR -n sh -c 'ip link set lo up && ip addr add 10.9.0.2/24 dev far && "
    "ip addr add fd09::2/64 dev far nodad && ip link set far up && "
    "echo 1 > /proc/sys/net/ipv4/ip_forward && echo 1 > /proc/sys/net/ipv6/conf/all/forwarding && "
    "echo 0 > /proc/sys/net/ipv4/icmp_ratelimit && "
    "ip route add unreachable 198.51.100.1 && ip route add prohibit 198.51.100.2 && "
    "ip -6 route add unreachable 2001:db8::1 && "
    "ip route add 198.51.100.3 via 10.9.0.1' && "
    "ip route add default via 10.9.0.2 && ip -6 route add default via fd09::2";

// Runs `work` beside such a router; "skip" where none can be made.
std::string beside_a_router(const std::function<std::string(Room&)>& work) {
  return test::in_child([&] {
    if (!test::enter_empty_network(true)) return std::string("skip");
    int ready[2], done[2];
    if (::pipe(ready) != 0 || ::pipe(done) != 0) return std::string("skip");
    const pid_t far = ::fork();
    if (far == 0) {
      const bool entered = test::enter_empty_network(true);
      ::close(done[1]);
      char byte = entered ? 'y' : 'n';
      if (::write(ready[1], &byte, 1) == 1 && ::read(done[0], &byte, 1) >= 0) ::_exit(0);
      ::_exit(1);
    }
    ::close(done[0]);
    char byte = 'n';
    std::string text = "skip";
    if (::read(ready[0], &byte, 1) == 1 && byte == 'y' &&
        test::run_program("FAR=" + std::to_string(far) + "; " + kCable)) {
      Room room;
      text = work(room);
    }
    ::close(done[1]);
    return text;
  });
}

TEST(HostTrouble, ErrorsOfARouterAreTheNetworks) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const auto text = beside_a_router([](Room& room) {
    std::string all;
    for (const char* host : {"198.51.100.1", "198.51.100.2", "2001:db8::1"}) {
      all += describe(room.run(icmp_check(host, 2))) + "\n";
    }
    for (const char* host : {"198.51.100.1", "198.51.100.2", "2001:db8::1"}) {
      all += verdict(room.run(tcp_check(9, {}, host))) + "\n";
    }
    if (!test::run_program("echo 1 > /proc/sys/net/ipv4/ip_default_ttl"))
      return std::string("skip");
    all += describe(room.run(icmp_check("198.51.100.3", 2))) + "\n";
    // The errors of others must not reach a request to a host that answers.
    all += describe(room.run(icmp_check("10.9.0.2", 2)));
    return all;
  });
  if (text == "skip") GTEST_SKIP() << "no network namespace or no ip(8) here";
  EXPECT_EQ(text,
            "down icmp_unreachable | host unreachable, says 10.9.0.2\n"
            "down icmp_unreachable | communication administratively prohibited, says 10.9.0.2\n"
            "down icmp_unreachable | no route to destination, says fd09::2\n"
            "down connect_unreachable\ndown connect_unreachable\ndown connect_unreachable\n"
            "down icmp_ttl_exceeded | time to live exceeded, says 10.9.0.2\n"
            "up ok | ");
}

TEST(HostTrouble, ErrorsForOneTargetDoNotReachAnother) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const auto text = beside_a_router([](Room& room) {
    // All over one socket, at one time. Linux sends one peer no more than five such errors in a
    // row.
    std::vector<Check> checks;
    for (int i = 0; i < 20; ++i) {
      checks.push_back(i % 5 == 0 ? icmp_check("198.51.100.1", 1) : icmp_check("10.9.0.2", 5));
    }
    std::vector<ProbeResult> results(checks.size());
    struct One {
      static Task<void> run(Room& room, const Check& check, ProbeResult& out) {
        auto task = room.room().run(check, room.clock().boot() + seconds(10), room.stop(), out);
        co_await std::move(task);
      }
    };
    TaskSet tasks(room.io());
    for (std::size_t i = 0; i < checks.size(); ++i) {
      tasks.spawn("ping", One::run(room, checks[i], results[i]));
    }
    test::run(room.io(), tasks.join());
    std::string wrong;
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto wanted = i % 5 == 0 ? Reason::icmp_unreachable : Reason::ok;
      const bool right = results[i].reason == wanted &&
                         (i % 5 == 0 || (results[i].icmp && results[i].icmp->received == 5));
      if (!right) wrong += describe(results[i]) + "; ";
    }
    return wrong;
  });
  if (text == "skip") GTEST_SKIP() << "no network namespace or no ip(8) here";
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace nines::probes::host_trouble_test
