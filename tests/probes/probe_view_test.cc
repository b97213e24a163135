// SPDX-License-Identifier: Apache-2.0
#include "cli/probe_view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "cli/terminal.h"

namespace nines::cli::probe_view_test {
namespace {

const WallTime kStarted = *parse_rfc3339("2026-11-23T08:00:00.123456789Z");
constexpr ViewStyle kPlain;

Check shop() {
  HttpSpec spec;
  spec.url = "https://shop.example/cart";
  Check check;
  check.name = "shop-http";
  check.spec = spec;
  return check;
}

ProbeResult answered() {
  ProbeResult r;
  r.outcome = Outcome::up;
  r.reason = Reason::ok;
  r.total_us = 48'211;
  r.phases = {812, 10'123, 30'110, 6'000, 1'100};
  r.address = "192.0.2.10:443";
  r.http = HttpDetail{200, "2", {{"https://shop.example/cart/", 301, "", {}}}, 13'200, 12'600};
  r.tls = TlsDetail{"TLSv1.3", *parse_rfc3339("2027-01-25T00:00:00Z"), std::nullopt, true};
  return r;
}

ProbeResult expired() {
  auto r = answered();
  r.outcome = Outcome::down;
  r.reason = Reason::tls_certificate_expired;
  r.detail = "certificate of shop.example expired 2026-11-20";
  r.total_us = 41'100;
  r.phases = {812, 10'123, 30'110};
  r.http = HttpDetail{};
  r.tls = TlsDetail{"", *parse_rfc3339("2026-11-20T00:00:00Z"), std::nullopt, false};
  return r;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

TEST(ProbeView, ShowsAWaterfallThatAddsUp) {
  const std::string expected =
      "✓ up  shop-http  https://shop.example/cart                               48.2 ms\n"
      "\n"
      "  dns         ▉                                                           812 us\n"
      "  connect     ████████████▌                                              10.1 ms\n"
      "  tls                     ██████████████████████████████████▉            30.1 ms\n"
      "  first byte                                                ███████▋     6.00 ms\n"
      "  transfer                                                         █▉    1.10 ms\n"
      "\n"
      "  address     192.0.2.10:443\n"
      "  redirected  301 → https://shop.example/cart/\n"
      "  answer      HTTP/2 200, body 12.3 KiB, received 12.9 KiB\n"
      "  certificate expires 2027-01-25, in 62 days (verified, TLSv1.3)\n"
      "  started     2026-11-23T08:00:00.123Z\n";
  EXPECT_EQ(probe_view(shop(), answered(), kStarted, kPlain), expected);
}

TEST(ProbeView, SpeaksAsciiWhereTheTerminalDoes) {
  const std::string expected =
      "x down  shop-http  https://shop.example/cart                             41.1 ms\n"
      "  tls_certificate_expired: certificate of shop.example expired 2026-11-20\n"
      "\n"
      "  dns         #                                                           812 us\n"
      "  connect      ##############                                            10.1 ms\n"
      "  tls                       #########################################    30.1 ms\n"
      "\n"
      "  address     192.0.2.10:443\n"
      "  certificate expired 2026-11-20, 3 days ago (not verified)\n"
      "  started     2026-11-23T08:00:00.123Z\n";
  const auto text = probe_view(shop(), expired(), kStarted, ViewStyle{false, false});
  EXPECT_EQ(text, expected);
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c > 0; }));
}

TEST(ProbeView, ShowsEveryRoundTrip) {
  Check check;
  check.name = "icmp://192.0.2.1";
  IcmpSpec spec;
  spec.host = "192.0.2.1";
  check.spec = spec;
  ProbeResult r;
  r.outcome = Outcome::up;
  r.reason = Reason::ok;
  r.total_us = 401'000;
  r.address = "192.0.2.1";
  r.icmp = IcmpDetail{.sent = 4, .received = 3, .duplicates = 1, .rtt_us = {512, 1498, 530}};
  r.phases.dns_us = 300;
  const std::string expected =
      "✓ up  icmp://192.0.2.1                                                    401 ms\n"
      "\n"
      "  dns         ▏                                                           300 us\n"
      "\n"
      "  reply 1     ██████████████████▊                                         512 us\n"
      "  reply 2     ███████████████████████████████████████████████████████    1.50 ms\n"
      "  reply 3     ███████████████████▌                                        530 us\n"
      "\n"
      "  address     192.0.2.1\n"
      "  packets     4 sent, 3 answered, 1 lost, 1 duplicate\n"
      "  round trip  min 512 us · mean 846 us · max 1.50 ms\n"
      "  started     2026-11-23T08:00:00.123Z\n";
  EXPECT_EQ(probe_view(check, r, kStarted, kPlain), expected);
}

TEST(ProbeView, ShowsWhatEachHopTook) {
  auto r = answered();
  r.http->hops[0].address = "192.0.2.1:80";
  r.http->hops[0].phases = {500, 1'500, std::nullopt, 2'000, 30};
  const auto text = probe_view(shop(), r, kStarted, kPlain);
  EXPECT_TRUE(holds(text,
                    "  redirected  301 → https://shop.example/cart/\n"
                    "              192.0.2.1:80: dns 500 us, connect 1.50 ms, first byte 2.00 ms,"))
      << text;
}

TEST(ProbeView, ShowsEveryAddress) {
  auto r = answered();
  r.addresses = {{"192.0.2.10:443", Reason::ok, 48'211, {}},
                 {"[2001:db8::1]:443", Reason::connect_refused, 700, {}}};
  const auto text = probe_view(shop(), r, kStarted, kPlain);
  EXPECT_TRUE(holds(text,
                    "  each        192.0.2.10:443     ok  48.2 ms\n"
                    "              [2001:db8::1]:443  connect_refused  700 us\n"))
      << text;
}

ProbeResult finished(Reason reason, const std::string& detail) {
  ProbeResult r;
  r.outcome = outcome_of(reason);
  r.reason = reason;
  r.detail = detail;
  r.total_us = 12'300;
  return r;
}

TEST(ProbeView, ShowsWhatANameServerAnswered) {
  Check check;
  DnsSpec spec;
  spec.host = "192.0.2.53";
  spec.name = "shop.example";
  check.spec = spec;
  auto r = finished(Reason::ok, "");
  r.phases.first_byte_us = 12'100;
  r.address = "192.0.2.53:53";
  r.dns = DnsDetail{"NOERROR",
                    true,
                    false,
                    true,
                    {"shop.example. 300 IN A 192.0.2.1", "shop.example. 300 IN A 192.0.2.2"}};
  r.warnings = {"slow", "late"};
  const std::string expected =
      "✓ up  dns://192.0.2.53/shop.example                                      12.3 ms\n"
      "\n"
      "  first byte  ██████████████████████████████████████████████████████▏    12.1 ms\n"
      "\n"
      "  address     192.0.2.53:53\n"
      "  answer      NOERROR, authoritative, truncated over UDP\n"
      "              shop.example. 300 IN A 192.0.2.1\n"
      "              shop.example. 300 IN A 192.0.2.2\n"
      "  warning     slow\n"
      "              late\n"
      "  started     2026-11-23T08:00:00.123Z\n";
  EXPECT_EQ(probe_view(check, r, kStarted, kPlain), expected);
}

TEST(ProbeView, ShowsStepHealthAndPlugin) {
  auto r = finished(Reason::tcp_expect, "step 3: connection closed after \"500 no\"");
  r.step = 3;
  EXPECT_TRUE(holds(probe_view(shop(), r, kStarted, kPlain), "  failed at   step 3\n"));
  r = finished(Reason::grpc_not_serving, "NOT_SERVING");
  r.grpc_status = "NOT_SERVING";
  EXPECT_TRUE(holds(probe_view(shop(), r, kStarted, kPlain), "  health      NOT_SERVING\n"));
  r = finished(Reason::exec_critical, "CRITICAL - gone");
  r.exec = ExecDetail{2, "time=1s;2;3"};
  const auto text = probe_view(shop(), r, kStarted, kPlain);
  EXPECT_TRUE(holds(text, "  exec_critical: CRITICAL - gone\n")) << text;
  EXPECT_TRUE(holds(text, "  exit code   2\n")) << text;
  EXPECT_TRUE(holds(text, "  perfdata    time=1s;2;3\n")) << text;
}

TEST(ProbeView, HostileAnswersCannotDriveTheTerminal) {
  auto r = finished(Reason::ok, "");
  r.dns = DnsDetail{"NOERROR", false, false, false, {"a\x1b[31m"}};
  r.exec = ExecDetail{0, "b\x1b[31m"};
  r.grpc_status = "c\x1b[31m";
  r.warnings = {"d\x1b[31m"};
  EXPECT_FALSE(holds(probe_view(shop(), r, kStarted, kPlain), "\x1b"));
}

TEST(ProbeView, ColoursOnlyWhenAsked) {
  EXPECT_FALSE(holds(probe_view(shop(), expired(), kStarted, kPlain), "\x1b"));
  const auto coloured = probe_view(shop(), expired(), kStarted, ViewStyle{true});
  EXPECT_TRUE(holds(coloured, "\x1b[1;31m✗ down\x1b[0m")) << coloured;
}

TEST(ProbeView, SaysWhatWasNotRun) {
  ProbeResult r;
  r.reason = Reason::agent_stopped;
  const auto text = probe_view(shop(), r, kStarted, kPlain);
  EXPECT_TRUE(holds(text, "? unknown")) << text;
  EXPECT_TRUE(holds(text, "not run"));
  EXPECT_TRUE(holds(text, "agent_stopped"));
  EXPECT_FALSE(holds(text, "0 us"));
}

TEST(ProbeView, NeverExceedsItsWidthNorObeysItsTarget) {
  auto check = shop();
  std::get<HttpSpec>(check.spec).url = "https://shop.example/\x1b[2J" + std::string(300, 'a');
  auto r = answered();
  r.http->hops.assign(
      3, HopDetail{"https://" + std::string(150, 'b') + "\x1b]0;title\x07", 302, "", {}});
  r.detail = std::string(90, 'x') + " and words that go on and on " + std::string(60, 'y');
  r.icmp = IcmpDetail{
      .sent = 100, .received = 100, .duplicates = 0, .rtt_us = std::vector<std::int64_t>(100, 1)};
  for (const std::size_t width : {40U, 80U, 120U}) {
    for (const bool unicode : {true, false}) {
      std::istringstream lines(probe_view(check, r, kStarted, ViewStyle{false, unicode, width}));
      for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(display_width(line), width) << line;
        EXPECT_EQ(line.find_first_of("\x1b\x07"), line.npos);
      }
    }
  }
}

}  // namespace
}  // namespace nines::cli::probe_view_test
