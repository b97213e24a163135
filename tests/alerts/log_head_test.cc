// SPDX-License-Identifier: Apache-2.0
// The head of the log goes out once a day, whatever happens to the collector or its clock, and says
// how it can be checked.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "alerts/message.h"
#include "book_rig.h"

namespace nines::alerts::log_head_test {
namespace {

using test::kStart;

constexpr const char* kHead =
    R"({"head":{"at":"2026-11-02T06:00:00Z","log":"00ff","root":"abcd","size":1234},)"
    R"("key":"11aa","signature":"22bb"})";

class LogHead : public test::BookTest {
 protected:
  void SetUp() override {
    BookTest::SetUp();
    use_rule({hours(6), {"a", "b", "a"}});
  }

  void use_rule(LogHeadRule rule) {
    auto settings = test::settings_of(test::pages());
    settings.log_head = rule;
    shared = std::make_shared<const Settings>(settings);
    book.set_settings(shared);
  }

  // What is sent where one looks at this time of a day of the test, and delivered.
  std::vector<std::string> look(int day, int hour) {
    now = kStart + hours(24 * day + hour);
    if (book.head_due(now)) book.send_head(kHead, now);
    return told();
  }

  using Told = std::vector<std::string>;
  const Told both{"a log_head", "b log_head"};
  std::shared_ptr<const Settings> shared;
};

TEST_F(LogHead, GoesOutOnceADayFromItsTimeOn) {
  EXPECT_EQ(look(0, 1), both) << "the first at once: whoever set it up sees that it works";
  EXPECT_EQ(look(0, 5), Told());
  EXPECT_EQ(look(0, 6), both);
  EXPECT_EQ(look(0, 7), Told());
  EXPECT_EQ(look(0, 23), Told());
  EXPECT_EQ(look(1, 5), Told());
  EXPECT_EQ(look(1, 9), both) << "later where nobody looked in time";
  EXPECT_EQ(look(4, 1), both) << "one, not one for each day that was slept through";
  EXPECT_EQ(look(4, 6), both);
}

TEST_F(LogHead, IsNotRepeatedByARestartAndNotForgotten) {
  now = kStart + hours(7);
  ASSERT_TRUE(book.head_due(now));
  book.send_head(kHead, now);
  keep();  // killed before anything went out
  auto next = restarted();
  next->set_settings(shared);
  EXPECT_FALSE(next->head_due(now + minutes(1)));
  ASSERT_NE(next->next_for("a"), nullptr) << "and what was made still goes out";
  EXPECT_EQ(next->next_for("a")->dedup_key, book.next_for("a")->dedup_key);
  EXPECT_TRUE(next->head_due(now + hours(24)));
}

TEST_F(LogHead, IsStillDueWhereItCouldNotBeKept) {
  now = kStart + hours(7);
  book.send_head(kHead, now);
  const auto changes = book.take_changes();
  EXPECT_TRUE(changes.head_day);
  EXPECT_FALSE(book.take_changes().head_day);
  book.put_back(changes);
  EXPECT_EQ(book.take_changes().head_day, changes.head_day);
  auto next = restarted();
  next->set_settings(shared);
  EXPECT_TRUE(next->head_due(now)) << "a run that ended before it was durable made none";
}

TEST_F(LogHead, IsNotHeldUpByAClockThatOnceRanAhead) {
  EXPECT_EQ(look(3650, 7), both);
  EXPECT_EQ(look(0, 7), both) << "a day in the far future binds nobody";
  EXPECT_EQ(look(0, 5), Told()) << "a step back over its time does not repeat it";
}

TEST_F(LogHead, GoesToNobodyWhereNobodyIsNamed) {
  use_rule({});
  EXPECT_FALSE(book.head_due(kStart + hours(7)));
}

TEST_F(LogHead, SaysAllThatIsNeededAndHowToCheckIt) {
  const auto message = log_head_message(kHead, "store-7", kStart + hours(6));
  const auto json = nlohmann::json::parse(message);
  EXPECT_EQ(json.at("version"), 1);
  EXPECT_EQ(json.at("status"), "log_head");
  EXPECT_EQ(json.at("log_head"), nlohmann::json::parse(kHead));
  EXPECT_EQ(title_of(json), "[log] 1234 entries, root abcd");
  const auto text = text_of(json);
  for (const auto* part :
       {"size       1234\n", "root       abcd\n", "time       2026-11-02T06:00:00Z\n",
        "key        11aa\n", "signature  22bb\n", "nines log check FILE", "--log-key 11aa"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_NE(text.find("\n" + std::string(kHead) + "\n"), std::string::npos) << text;
  const auto mail = mail_of(message, {"nines@x.example", {"bob@y.example"}});
  EXPECT_NE(mail.find("X-Nines-Dedup-Key: store-7\r\n"), std::string::npos);
  EXPECT_EQ(values_of(message).at("title"), title_of(json)) << "templates have it too";
}

}  // namespace
}  // namespace nines::alerts::log_head_test
