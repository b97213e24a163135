// SPDX-License-Identifier: Apache-2.0
// One result as JSON: the keys that users and scripts rely on.
#include "proto/result_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace nines::proto::result_json_test {
namespace {

ResultContext context() {
  return {"shop-http", CheckKind::http, "https://shop.example/",
          "edge-042",  59'847'360,      *parse_rfc3339("2026-11-23T08:00:00.000123456Z")};
}

Result http_result() {
  Result r;
  r.seq = 7;
  r.slot = 59'847'360;
  r.late_us = 123;
  r.probe.outcome = Outcome::down;
  r.probe.reason = Reason::tls_certificate_expired;
  r.probe.detail = "certificate of shop.example expired 2026-11-20";
  r.probe.total_us = 48'211;
  r.probe.phases.dns_us = 812;
  r.probe.phases.connect_us = 10'123;
  r.probe.phases.tls_us = 30'110;
  r.probe.address = "192.0.2.10:443";
  r.probe.http = HttpDetail{};
  r.probe.tls = TlsDetail{"TLSv1.3", parse_rfc3339("2026-11-20T00:00:00Z").operator*(), {}, false};
  return r;
}

TEST(ResultJson, HasThePromisedKeysAndValues) {
  const auto j = nlohmann::json::parse(result_line(context(), http_result()));
  EXPECT_EQ(j["check"], "shop-http");
  EXPECT_EQ(j["kind"], "http");
  EXPECT_EQ(j["target"], "https://shop.example/");
  EXPECT_EQ(j["vantage"], "edge-042");
  EXPECT_EQ(j["slot"], 59'847'360);
  EXPECT_EQ(j["started"], "2026-11-23T08:00:00.000123456Z");
  EXPECT_EQ(j["late_us"], 123);
  EXPECT_EQ(j["outcome"], "down");
  EXPECT_EQ(j["reason"], "tls_certificate_expired");
  EXPECT_EQ(j["total_us"], 48'211);
  EXPECT_EQ(j["phases"],
            nlohmann::json({{"dns_us", 812}, {"connect_us", 10'123}, {"tls_us", 30'110}}));
  EXPECT_EQ(j["address"], "192.0.2.10:443");
  EXPECT_TRUE(j["http"]["status"].is_null());
  EXPECT_TRUE(j["http"]["version"].is_null());
  EXPECT_EQ(j["http"]["hops"], nlohmann::json::array());
  EXPECT_EQ(j["tls"]["version"], "TLSv1.3");
  EXPECT_EQ(j["tls"]["expires"], "2026-11-20T00:00:00Z");
  EXPECT_EQ(j["tls"]["verified"], false);
  EXPECT_TRUE(j["icmp"].is_null());
}

TEST(ResultJson, LeavesOutAPhaseThatWasNotReached) {
  auto r = http_result();
  r.probe.phases = {};
  r.probe.total_us.reset();
  const auto j = nlohmann::json::parse(result_line(context(), r));
  EXPECT_EQ(j["phases"], nlohmann::json::object());
  EXPECT_FALSE(j.contains("total_us"));
}

TEST(ResultJson, GivesRoundTripsOfAnEcho) {
  auto r = http_result();
  r.probe.http.reset();
  r.probe.tls.reset();
  r.probe.icmp = IcmpDetail{.sent = 3, .received = 2, .duplicates = 1, .rtt_us = {512, 498}};
  const auto j = nlohmann::json::parse(result_line(context(), r))["icmp"];
  EXPECT_EQ(j["sent"], 3);
  EXPECT_EQ(j["received"], 2);
  EXPECT_EQ(j["duplicates"], 1);
  EXPECT_EQ(j["loss"], "1/3");
  EXPECT_EQ(j["rtt_us"], nlohmann::json({512, 498}));
  EXPECT_EQ(j["min_us"], 498);
  EXPECT_EQ(j["avg_us"], 505);
  EXPECT_EQ(j["max_us"], 512);
  EXPECT_TRUE(j.contains("jitter_us"));
}

TEST(ResultJson, IsOneLineWhateverATargetSent) {
  auto r = http_result();
  r.probe.detail = "a\nb\r\xff\x01 \"quoted\" \xe2\x80\xa8";
  r.probe.http->hops = {{"http://\xff/", 302, "", {}}};
  const auto line = result_line(context(), r);
  EXPECT_EQ(line.find_first_of("\n\r"), std::string::npos);
  EXPECT_TRUE(nlohmann::json::accept(line)) << line;
}

TEST(ResultJson, TellsTheSpanOfWhatWasNotRun) {
  Result r;
  r.slot = 5;
  r.span = 12;
  r.probe.reason = Reason::agent_suspended;
  const auto j = nlohmann::json::parse(result_line(context(), r));
  EXPECT_EQ(j["span"], 12);
  EXPECT_EQ(j["outcome"], "unknown");
  EXPECT_EQ(j["reason"], "agent_suspended");
}

}  // namespace
}  // namespace nines::proto::result_json_test
