// SPDX-License-Identifier: Apache-2.0
#include "alerts/settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/certificates.h"

namespace nines::alerts::settings_test {
namespace {

class AlertSettings : public ::testing::Test {
 protected:
  void SetUp() override {
    write("secret", "hunter2\n");
    write("headers", "# who we are\nAuthorization: Bearer abc\nX-Team: ops \n");
  }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
  }

  Settings decode(const std::string& text) {
    config::Complaints complaints;
    const auto node = config::parse_yaml(text, folder / "c.yaml", complaints);
    Settings out;
    if (node) out = decode_settings(*node, complaints);
    said = complaints.text();
    for (auto at = said.find(folder.path()); at != said.npos; at = said.find(folder.path())) {
      said.erase(at, folder.path().size() + 1);
    }
    return out;
  }

  void refuses(const std::string& text, const std::string& why) {
    decode(text);
    EXPECT_NE(said.find(why), std::string::npos) << text << "\n" << said;
  }

  nines::test::TemporaryDirectory folder;
  std::string said;
};

constexpr const char* kWhole = R"(
channels:
  - {name: hook, webhook: {url: "https://ops.example/x?y=1", headers_file: headers}}
  - name: chat
    timeout: 5s
    webhook: {url: "http://chat.example/", body: '{"text":"{{title}}"}'}
  - {name: am, alertmanager: {url: "https://am.example:9093", resend: 30s}}
  - name: mail
    smtp: {url: "smtps://mail.example", from: a@b, to: [c@d, e@f], username: u, password_file: secret}
  - {name: pager, exec: {command: [/usr/local/bin/page, now]}}
routes:
  - match: {severity: page}
    group_by: service
    contacts: [hook, [mail, pager]]
    emergency: {phone: pager, sms: [hook, am]}
    ack_within: 10m
    repeat: 1h
    wait: 0s
  - {match: {kind: [budget, burn]}, contacts: [am]}
agent_silent: 3m
certificate_days: 7
incident: {slots: 3, vantages: 4, reopen: 1h}
log_head: {at: "06:30", channels: [mail, hook]}
)";

TEST_F(AlertSettings, TakeEveryKey) {
  const auto s = decode(kWhole);
  EXPECT_EQ(said, "");
  ASSERT_EQ(s.channels.size(), 5U);
  const auto& hook = std::get<Webhook>(s.channels[0].how);
  EXPECT_EQ(hook.url, "https://ops.example/x?y=1");
  const Headers headers{{"Authorization", "Bearer abc"}, {"X-Team", "ops"}};
  EXPECT_EQ(hook.headers, headers);
  EXPECT_TRUE(std::get<Webhook>(s.channels[1].how).body);
  EXPECT_EQ(s.channels[1].timeout, seconds(5));
  EXPECT_EQ(std::get<Alertmanager>(s.channels[2].how).resend, seconds(30));
  const auto& mail = std::get<Mail>(s.channels[3].how);
  EXPECT_EQ(mail.password, "hunter2");
  EXPECT_EQ(mail.to.size(), 2U);
  EXPECT_EQ(std::get<Exec>(s.channels[4].how).command[1], "now");
  ASSERT_EQ(s.routes.size(), 2U);
  ASSERT_EQ(s.routes[0].contacts.size(), 2U);
  EXPECT_EQ(s.routes[0].contacts[1].channels.size(), 2U);
  EXPECT_EQ(s.routes[0].contacts[1].ack_within, minutes(10));
  ASSERT_EQ(s.routes[0].emergency.size(), 2U);
  EXPECT_EQ(s.routes[0].emergency[0].first, "phone");
  EXPECT_EQ(s.routes[0].emergency[1].second.size(), 2U);
  EXPECT_EQ(s.routes[0].wait, Duration(0));
  EXPECT_EQ(s.routes[1].repeat, hours(4));
  EXPECT_EQ(s.agent_silent, minutes(3));
  EXPECT_EQ(s.certificate_days, 7);
  EXPECT_EQ(s.incident, (IncidentRule{true, 3, 4, hours(1)}));
  EXPECT_EQ(s.log_head.at, hours(6) + minutes(30));
  EXPECT_EQ(s.log_head.channels, (std::vector<std::string>{"mail", "hook"}));
}

TEST_F(AlertSettings, SendTheHeadOfTheLogAtATimeOfDayToChannelsThatCanTakeIt) {
  const std::string channels =
      "channels: [{name: am, alertmanager: {url: \"https://am.example\"}}, "
      "{name: pager, exec: {command: [/bin/true]}}]\n";
  EXPECT_EQ(decode(channels + "log_head: {channels: pager}").log_head.at, Duration(0));
  EXPECT_EQ(said, "");
  for (const auto* at : {"24:00", "6:00", "06:00:00", "06:60", "six", "06:00Z"}) {
    refuses(channels + "log_head: {channels: pager, at: \"" + at + "\"}",
            "'at' is a time of day in UTC");
  }
  refuses(channels + "log_head: {at: \"06:00\"}", "'channels'");
  refuses(channels + "log_head: {channels: page}", "did you mean 'pager'");
  refuses(channels + "log_head: {channels: [pager, am]}", "is an Alertmanager");
}

TEST_F(AlertSettings, HaveDefaults) {
  const auto s = decode("{}");
  EXPECT_TRUE(s.log_head.channels.empty());
  EXPECT_EQ(said, "");
  EXPECT_TRUE(s.channels.empty());
  EXPECT_EQ(s.agent_silent, minutes(5));
  EXPECT_EQ(s.certificate_days, 21);
  EXPECT_EQ(s.incident, IncidentRule());
  EXPECT_FALSE(decode("incident: off").incident.open);
}

TEST_F(AlertSettings, TakeTheFirstRouteThatFits) {
  const auto s = decode(kWhole);
  const auto* first = s.route_of({{"severity", "page"}, {"kind", "burn"}});
  EXPECT_EQ(first, &s.routes[0]);
  EXPECT_EQ(s.route_of({{"severity", "ticket"}, {"kind", "burn"}}), &s.routes[1]);
  EXPECT_EQ(s.route_of({{"severity", "ticket"}, {"kind", "incident"}}), nullptr);
}

TEST_F(AlertSettings, SayWhereAndWhatIsWrong) {
  refuses("chanels: []", "c.yaml:1:1: error: unknown key 'chanels'");
  refuses("channels: [{name: a, webhook: {url: ftp://x/}}]", "must begin with https:// or http://");
  refuses("channels: [{name: a, webhook: {urll: \"http://x/\"}}]", "did you mean 'url'");
  refuses("channels: [{name: a}]", "one of webhook, alertmanager, smtp and exec");
  refuses("channels: [{name: a, exec: {command: [/x]}}, {name: a, exec: {command: [/x]}}]",
          "a second channel with the name 'a'");
  refuses("channels: [{name: a, exec: {command: [page]}}]", "absolute path");
  refuses("channels: [{name: a, webhook: {url: \"http://x/\", body: \"{{titel}}\"}}]",
          "did you mean {{title}}");
  refuses("channels: [{name: a, smtp: {url: \"smtp://m\", from: \"a\", to: [c@d]}}]",
          "no mail address");
  refuses("channels: [{name: a, smtp: {url: \"smtp://m\", from: a@b, to: [\"c@d\\r\\nX: y\"]}}]",
          "no mail address");
  refuses("channels: [{name: a, smtp: {url: \"smtp://m\", from: a@b, to: c@d, username: u}}]",
          "given together");
  refuses(
      "channels: [{name: a, smtp: {url: \"smtp://m\", from: a@b, to: c@d, username: u, "
      "password_file: secret, starttls: false}}]",
      "never sent in the clear");
  refuses(
      "channels: [{name: a, smtp: {url: \"smtp://m\", from: a@b, to: c@d, "
      "password_file: none, username: u}}]",
      "cannot read");
  write("headers", "Authorization: a\nno header\n");
  refuses("channels: [{name: a, webhook: {url: \"http://x/\", headers_file: headers}}]",
          "line 2 of the file is no header");
  refuses("routes: [{match: {severity: page}}]", "'contacts'");
  const std::string hook = "channels: [{name: hook, exec: {command: [/x]}}]\n";
  refuses(hook + "routes: [{contacts: [hok]}]", "did you mean 'hook'");
  refuses(hook + "routes: [{match: {severty: page}, contacts: [hook]}]", "did you mean 'severity'");
  refuses(hook + "routes: [{group_by: sevice, contacts: [hook]}]", "did you mean 'service'");
  refuses(hook + "routes: [{contacts: [hook], emergency: {phone: hok}}]", "did you mean 'hook'");
  refuses(hook + "routes: [{contacts: [hook], emergency: [hook]}]", "'emergency'");
  refuses(hook + "routes: [{contacts: [hook, hook]}]", "need 'ack_within'");
  refuses("incident: {slots: 0}", "out of range");
  refuses("agent_silent: 0s", "out of range");
}

// What stands under `alerts:`, without the two columns that it is set in by.
std::string inner_of(const std::string& printed) {
  EXPECT_TRUE(printed.starts_with("alerts:\n")) << printed;
  std::string inner;
  for (std::size_t at = printed.find('\n') + 1; at < printed.size();) {
    const auto end = printed.find('\n', at);
    inner += printed.substr(at + 2, end - at - 1);
    at = end + 1;
  }
  return inner;
}

TEST_F(AlertSettings, ArePrintedSoThatTheyCanBeReadAgainWithoutSecrets) {
  const auto first = decode(kWhole);
  const auto text = print_settings(first);
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
  EXPECT_EQ(text.find("Bearer"), std::string::npos);
  const auto again = decode(inner_of(text));
  EXPECT_EQ(said, "");
  EXPECT_EQ(print_settings(again), text);
}

TEST_F(AlertSettings, SurviveWhateverIsCutOffThem) {
  const std::string whole = kWhole;
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    for (const auto& part : {whole.substr(0, size), whole.substr(size)}) {
      const auto text = print_settings(decode(part));
      if (!said.empty()) continue;  // it was refused with a reason
      EXPECT_EQ(print_settings(decode(inner_of(text))), text) << part;
      EXPECT_EQ(said, "") << text;
    }
  }
}

}  // namespace
}  // namespace nines::alerts::settings_test
