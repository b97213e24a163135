// SPDX-License-Identifier: Apache-2.0
#include "alerts/message.h"

#include <gtest/gtest.h>

#include "alerts/template.h"
#include "tests/alerts/book_rig.h"

namespace nines::alerts::message_test {
namespace {

using nlohmann::json;
using test::kStart;

std::string message_of(std::vector<Alert*> firing, std::vector<Alert*> resolved = {}) {
  Group group;
  group.label = "agreement";
  group.value = "acme";
  const std::vector<std::string> to{"duty +49 30 1", "lead +49 30 2"};
  return message_json({group, "firing", "store-7", 2, to, firing, resolved, kStart});
}

Alert alert(const std::string& text, Alert::State state = Alert::State::firing) {
  Alert out;
  out.id = 3;
  out.condition = test::condition("k");
  out.condition.text = text;
  out.condition.figures = {{"first_failure", "2026-11-01T23:59:00Z"}};
  out.state = state;
  out.began = kStart - seconds(10);
  out.fired = kStart;
  if (state == Alert::State::resolved) out.resolved = kStart + minutes(1);
  return out;
}

TEST(Messages, HaveTheDocumentedShape) {
  auto one = alert("shop is down");
  const auto said = json::parse(message_of({&one}));
  EXPECT_EQ(said["version"], 1);
  EXPECT_EQ(said["dedup_key"], "store-7");
  EXPECT_EQ(said["status"], "firing");
  EXPECT_EQ(said["reason"], "firing");
  EXPECT_EQ(said["step"], 2);
  EXPECT_EQ(said["group"]["label"], "agreement");
  const auto& first = said["alerts"][0];
  EXPECT_EQ(first["key"], "k");
  EXPECT_EQ(first["text"], "shop is down");
  EXPECT_EQ(first["labels"]["severity"], "page");
  EXPECT_EQ(first["figures"]["first_failure"], "2026-11-01T23:59:00Z");
  EXPECT_EQ(first["fired"], "2026-11-02T00:00:00Z");
  EXPECT_EQ(first["resolved"], nullptr);
  auto over = alert("shop is down", Alert::State::resolved);
  EXPECT_EQ(json::parse(message_of({}, {&over}))["status"], "resolved");
}

TEST(Messages, ForAlertmanagerEndByThemselvesUnlessSaidAgain) {
  auto one = alert("shop is down");
  auto over = alert("web is down", Alert::State::resolved);
  const auto said = json::parse(alertmanager_json({&one, &over}, kStart + minutes(4)));
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0]["labels"]["alertname"], "nines_incident");
  EXPECT_EQ(said[0]["labels"]["severity"], "page");
  EXPECT_EQ(said[0]["annotations"]["summary"], "shop is down");
  EXPECT_EQ(said[0]["startsAt"], "2026-11-02T00:00:00Z");
  EXPECT_EQ(said[0]["endsAt"], "2026-11-02T00:04:00Z");
  EXPECT_EQ(said[1]["endsAt"], "2026-11-02T00:01:00Z");
}

TEST(Mails, CannotBeGivenAHeaderByWhatAnAlertSays) {
  auto bad = alert("down\r\nBcc: everyone@example.org\r\n\r\nhello");
  bad.condition.figures["x"] = "\r\n.\r\nMAIL FROM:<evil@example.org>";
  const auto mail = mail_of(message_of({&bad}), {"nines@example.net", {"ops@example.net"}});
  EXPECT_EQ(mail.find("Bcc"), std::string::npos);
  EXPECT_EQ(mail.find("\r\n.\r\n"), std::string::npos);
  const auto headers = mail.substr(0, mail.find("\r\n\r\n"));
  for (const auto* name :
       {"\r\nFrom: nines@example.net\r\n", "\r\nTo: ops@example.net\r\n",
        "\r\nMessage-ID: <store-7@example.net>\r\n", "\r\nX-Nines-Dedup-Key: store-7\r\n",
        "\r\nContent-Transfer-Encoding: base64"}) {
    EXPECT_NE(headers.find(name), std::string::npos) << name << "\n" << headers;
  }
  EXPECT_TRUE(headers.starts_with("Date: Mon, 02 Nov 2026 00:00:00 +0000\r\n")) << headers;
  for (std::size_t at = 0; at < mail.size();) {
    const auto end = mail.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 78U);
    at = end + 2;
  }
}

TEST(Mails, KeepEveryCharacterOfALongSubjectWhole) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "商";
  auto one = alert(text);
  const auto mail = mail_of(message_of({&one}), {"a@b", {"c@d", "e@f"}});
  const auto subject = mail.find("\r\nSubject: =?utf-8?B?");
  ASSERT_NE(subject, std::string::npos);
  EXPECT_NE(mail.find("?=\r\n =?utf-8?B?", subject), std::string::npos);
  EXPECT_NE(mail.find("To: c@d,\r\n e@f\r\n"), std::string::npos);
}

TEST(Templates, EscapeForTheFormThatTheBodyHas) {
  auto one = alert("a \"b\"\n\\ & c");
  const auto values = values_of(message_of({&one}));
  const auto filled = [&](const char* type, const std::string& body) {
    const auto parsed = Template::parse(body, Template::escape_of(type));
    EXPECT_TRUE(parsed);
    return parsed->fill(values);
  };
  const auto body = filled("application/json", R"({"t":"{{title}}","k":"{{ dedup_key }}"})");
  const auto parsed = json::parse(body, nullptr, false);
  ASSERT_TRUE(parsed.is_object()) << body;
  EXPECT_EQ(parsed["k"], "store-7");
  EXPECT_NE(parsed["t"].get<std::string>().find("a \"b\""), std::string::npos);
  EXPECT_EQ(filled("application/x-www-form-urlencoded", "t={{title}}").find('&'),
            std::string::npos);
  EXPECT_EQ(filled("text/plain", "{{status}}"), "firing");
  EXPECT_TRUE(json::parse(filled("application/json", "{{json}}"), nullptr, false).is_object());
}

TEST(Templates, RefuseNamesThatNothingHas) {
  const auto why = [](const std::string& body) {
    const auto parsed = Template::parse(body, Template::Escape::json);
    return parsed ? std::string() : parsed.error().message;
  };
  EXPECT_NE(why("{{titel}}").find("did you mean {{title}}"), std::string::npos);
  EXPECT_NE(why("{{title").find("without"), std::string::npos);
  EXPECT_NE(why(std::string(kMaxTemplate + 1, 'x')).find("64 KiB"), std::string::npos);
  std::string many;
  for (std::size_t i = 0; i <= kMaxPlaces; ++i) many += "{{at}}";
  EXPECT_NE(why(many).find("256"), std::string::npos);
  EXPECT_EQ(why("no name at all, { } }}"), "");
}

TEST(Templates, AreBoundedInWhatTheyMake) {
  std::string many;
  for (int i = 0; i < 200; ++i) many += "{{text}}";
  const auto parsed = Template::parse(many, Template::Escape::plain);
  ASSERT_TRUE(parsed);
  EXPECT_LE(parsed->fill({{"text", std::string(100'000, 'x')}}).size(), kMaxBody);
}

}  // namespace
}  // namespace nines::alerts::message_test
