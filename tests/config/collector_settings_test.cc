// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "collector/settings.h"

namespace nines::collector::collector_settings_test {
namespace {

struct Loaded {
  std::optional<Settings> settings;
  std::string said;
};

// Loads `text` as collector.yaml of a folder of the test's own, which also holds k.pem.
Loaded load(const std::string& text) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const auto folder = testing::TempDir() + "nines-collector-" + test->name();
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/k.pem") << "x";
  std::ofstream(folder + "/collector.yaml") << text;
  config::Complaints complaints;
  Loaded out;
  out.settings = load_settings(folder + "/collector.yaml", complaints);
  out.said = complaints.text();
  for (auto at = out.said.find(folder); at != std::string::npos; at = out.said.find(folder)) {
    out.said.erase(at, folder.size() + 1);
  }
  std::filesystem::remove_all(folder);
  return out;
}

TEST(CollectorSettings, NeedTlsAndHaveDefaultsForTheRest) {
  const auto [settings, said] =
      load("collector: {tls: {ca: k.pem, certificate: k.pem, key: k.pem}}\n");
  ASSERT_TRUE(settings) << said;
  EXPECT_EQ(config::text_of(settings->listen), "0.0.0.0:8643");
  EXPECT_EQ(settings->socket, "/run/nines-collector/collector.sock");
  EXPECT_EQ(settings->state, "/var/lib/nines-collector");
  EXPECT_EQ(settings->agreements, "/etc/nines/agreements.d");
  EXPECT_EQ(settings->retention, hours(9600));
  EXPECT_FALSE(settings->metrics);
}

TEST(CollectorSettings, TakeEveryKey) {
  const auto [settings, said] = load(R"(
collector:
  listen: "[::]:0"
  tls: {ca: k.pem, certificate: k.pem, key: k.pem}
  socket: /run/c.sock
  metrics: 127.0.0.1:9780
  state: /srv/c
  agreements: agreements
  retention: 30d
)");
  ASSERT_TRUE(settings) << said;
  EXPECT_EQ(settings->listen.host, "::");
  EXPECT_EQ(settings->listen.port, 0);
  EXPECT_EQ(settings->state, "/srv/c");
  EXPECT_TRUE(settings->agreements.ends_with("/agreements"));
  EXPECT_EQ(settings->retention, hours(720));
}

TEST(CollectorSettings, AreRefusedWithAllComplaints) {
  EXPECT_EQ(load("").said, "collector.yaml:1:1: error: the configuration has no 'collector'\n");
  EXPECT_EQ(load("collector: {}\n").said, "collector.yaml:1:12: error: collector has no 'tls'\n");
  EXPECT_EQ(load(R"(
collector:
  listn: 0.0.0.0:8643
  listen: "*:8643"
  tls: {ca: k.pem, certificate: missing.pem}
  retention: 1h
)")
                .said,
            "collector.yaml:3:3: error: unknown key 'listn' in collector (did you mean 'listen'?)\n"
            "collector.yaml:4:11: error: '*:8643' is not an IP address and a port (write "
            "127.0.0.1:9779)\n"
            "collector.yaml:5:8: error: tls of the collector has no 'key'\n"
            "collector.yaml:5:33: error: cannot read missing.pem: No such file or directory\n"
            "collector.yaml:6:14: error: '1h' is out of range (1d to 36500d)\n");
}

TEST(CollectorSettings, PrintedSettingsLoadAgain) {
  auto [settings, said] =
      load("collector: {tls: {ca: k.pem, certificate: k.pem, key: k.pem}, metrics: '[::1]:1'}\n");
  ASSERT_TRUE(settings) << said;
  settings->ca_file = settings->certificate_file = settings->key_file = "k.pem";
  const auto [again, said_again] = load(print_settings(*settings));
  ASSERT_TRUE(again) << said_again;
  EXPECT_EQ(again->retention, settings->retention);
  EXPECT_EQ(again->metrics->host, "::1");
}

constexpr const char* kTls = "collector: {tls: {ca: k.pem, certificate: k.pem, key: k.pem}}\n";

TEST(CollectorSettings, WithoutAlertsTellNobody) {
  const auto [settings, said] = load(kTls);
  ASSERT_TRUE(settings) << said;
  EXPECT_FALSE(settings->alerting);
}

TEST(CollectorSettings, WithAlertsKnowWhoIsTold) {
  const auto [settings, said] = load(std::string(kTls) + R"(
alerts:
  channels:
    - {name: duty, exec: {command: [/usr/local/bin/page, duty]}}
  routes:
    - {match: {severity: page}, group_by: agreement, contacts: [duty], repeat: 2h}
  agent_silent: 7m
)");
  ASSERT_TRUE(settings) << said;
  ASSERT_TRUE(settings->alerting);
  EXPECT_EQ(settings->alerting->agent_silent, minutes(7));
  ASSERT_EQ(settings->alerting->routes.size(), 1U);
  EXPECT_EQ(settings->alerting->routes[0].repeat, hours(2));
  EXPECT_NE(settings->alerting->channel("duty"), nullptr);
  EXPECT_NE(print_settings(*settings).find("agent_silent: 7m"), std::string::npos);
}

TEST(CollectorSettings, WithWrongAlertsAreRefusedWithTheirPlace) {
  const auto [settings, said] = load(std::string(kTls) + R"(
alerts:
  channels:
    - {name: duty, exec: {command: [/bin/page]}}
  routes:
    - {contacts: [dutty]}
)");
  EXPECT_FALSE(settings);
  EXPECT_TRUE(said.starts_with("collector.yaml:7:")) << said;
  EXPECT_NE(said.find("duty"), std::string::npos) << said;
}

}  // namespace
}  // namespace nines::collector::collector_settings_test
