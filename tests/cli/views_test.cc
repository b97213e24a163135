// SPDX-License-Identifier: Apache-2.0
// Answers as people read them, at 80 columns: tests/data/cli/NAME.json gives NAME.txt. After a
// change on purpose, NINES_WRITE_EXPECTED=1 writes the texts anew; read them before you commit
// them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/disk.h"
#include "base/random.h"
#include "cli/agents_view.h"
#include "cli/alerts_view.h"
#include "cli/result_rows.h"
#include "cli/spool_view.h"
#include "cli/status_view.h"

namespace nines::cli::views_test {
namespace {

const std::string kData = std::string(NINES_SOURCE_DIR) + "/tests/data/cli/";
const WallTime kNow = *parse_rfc3339("2026-11-23T08:00:00Z");
constexpr Style kPlain{false, 80};

Json input(const std::string& name) {
  const auto text = read_file(kData + name + ".json", 1 << 20);
  EXPECT_TRUE(text) << name;
  const auto json = parse_answer(text ? *text : "");
  EXPECT_TRUE(json) << name;
  return json ? *json : Json();
}

void expect_text(const std::string& name, const std::string& text) {
  const auto file = kData + name + ".txt";
  if (std::getenv("NINES_WRITE_EXPECTED") != nullptr) std::ofstream(file) << text;
  const auto expected = read_file(file, 1 << 20);
  ASSERT_TRUE(expected) << text;
  EXPECT_EQ(text, *expected);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    ASSERT_NE(end, std::string::npos) << "the last line has no newline";
    EXPECT_LE(display_width(text.substr(at, end - at)), 80U) << text.substr(at, end - at);
    at = end + 1;
  }
}

TEST(Views, StatusOfAnAgentWithTrouble) {
  expect_text("status", status_view(input("status"), kNow, kPlain));
}

TEST(Views, StatusOfAnAgentWithNothingToDoNamesTheNextStep) {
  expect_text("status_empty", status_view(input("status_empty"), kNow, kPlain));
}

TEST(Views, StatusOfAVantageFromACollector) {
  const auto status = input("status");
  expect_text("status_checks", status_view(status["checks"], kNow, kPlain));
}

TEST(Views, AlertsThatNeedSomebodyAndWhatDidNotGetThrough) {
  expect_text("alerts", alerts_view(input("alerts"), false, kNow, kPlain));
  expect_text("alerts_all", alerts_view(input("alerts"), true, kNow, kPlain));
  EXPECT_EQ(alerts_view(Json{{"configured", true}}, false, kNow, kPlain), "No alert.\n");
  EXPECT_NE(alerts_view(Json::object(), false, kNow, kPlain).find("no 'alerts:'"),
            std::string::npos);
}

TEST(Views, OneCheck) { expect_text("check", check_view(input("check"), kNow, kPlain)); }

TEST(Views, Why) { expect_text("why", why_view(input("check"), kNow, kPlain)); }

TEST(Views, WhyWithoutAnOutage) {
  auto check = input("check");
  check["outages"] = Json::array();
  EXPECT_TRUE(why_view(check, kNow, kPlain).ends_with("No outage is on record here.\n"));
}

// What the canaries explain is shown as unknown, and what was measured beside it.
TEST(Views, ACheckWhoseUplinkIsLost) {
  const auto check = input("uplink");
  expect_text("uplink_check", check_view(check, kNow, kPlain));
  expect_text("uplink_why", why_view(check, kNow, kPlain));
  const Json status{{"checks", Json::array({check})}};
  expect_text("uplink_status", status_view(status, kNow, kPlain));
  EXPECT_EQ(worst_code(status), 3);
}

TEST(Views, History) {
  const auto answer = input("history");
  std::vector<const Json*> rows;
  for (const auto& result : answer["results"]) rows.push_back(&result);
  expect_text("history", result_rows(rows, kPlain));
}

TEST(Views, Agents) { expect_text("agents", agents_view(input("agents"), kNow, kPlain)); }

TEST(Views, SilentAgentsAreThoseNotHeardOf) {
  const auto silent = silent_agents(input("agents"), minutes(5), kNow);
  ASSERT_EQ(silent["agents"].size(), 1U);
  EXPECT_EQ(silent["agents"][0]["name"], "edge-043");
}

TEST(Views, Spool) { expect_text("spool", spool_view(input("spool"), kNow, kPlain)); }

TEST(Views, TheWorstCheckIsTheExitCode) {
  EXPECT_EQ(worst_code(input("status")), 2);
  EXPECT_EQ(worst_code(input("status_empty")), 0);
  EXPECT_EQ(worst_code(*parse_answer(R"({"checks":[{"outcome":"up"},{"outcome":"pending"}]})")), 3);
}

// Whatever an answer holds, a view is text. Every value of a good answer is replaced in turn.
void mangle(const Json& whole, const std::function<void(const Json&)>& show) {
  const auto flat = whole.flatten();
  const Json odd[] = {Json(nullptr),
                      Json(-1),
                      Json("\x1b[2J\n"),
                      Json::array(),
                      Json::object(),
                      Json(UINT64_MAX),
                      Json(INT64_MIN),
                      Json(1e300),
                      Json("9999-99-99T99:99:99Z"),
                      Json("2261-12-31T00:00:00Z"),
                      Json("1678-01-01T00:00:00Z")};
  for (const auto& [pointer, value] : flat.items()) {
    for (const auto& replacement : odd) {
      auto copy = whole;
      copy[Json::json_pointer(pointer)] = replacement;
      show(copy);
    }
  }
}

TEST(Views, SurviveAnyAnswer) {
  const auto no_escape = [](const std::string& text) {
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  };
  mangle(input("status"), [&](const Json& j) { no_escape(status_view(j, kNow, kPlain)); });
  for (const auto* check : {"check", "uplink"}) {
    mangle(input(check), [&](const Json& j) {
      no_escape(check_view(j, kNow, kPlain));
      no_escape(why_view(j, kNow, kPlain));
    });
  }
  mangle(input("agents"), [&](const Json& j) { no_escape(agents_view(j, kNow, kPlain)); });
  mangle(input("spool"), [&](const Json& j) { no_escape(spool_view(j, kNow, kPlain)); });
  for (const auto* text : {"null", "1", "\"x\"", "[]", "[[1]]", "{}", "{\"checks\":{\"a\":1}}"}) {
    const auto json = *parse_answer(text);
    no_escape(status_view(json, kNow, kPlain) + check_view(json, kNow, kPlain) +
              why_view(json, kNow, kPlain) + agents_view(json, kNow, kPlain) +
              spool_view(json, kNow, kPlain));
  }
}

}  // namespace
}  // namespace nines::cli::views_test
