// SPDX-License-Identifier: Apache-2.0
// Truth tables of every expectation on an answer.
#include "probes/http_judge.h"

#include <gtest/gtest.h>

namespace nines::probes::http_judge_test {
namespace {

const WallTime kNow = *parse_rfc3339("2026-11-24T08:00:00Z");

HttpAnswer answer(std::vector<std::pair<std::string, std::string>> headers = {},
                  std::string body = {}) {
  HttpAnswer a;
  a.status = 200;
  a.version = "1.1";
  a.headers = std::move(headers);
  a.body = std::move(body);
  return a;
}

class HttpJudge : public ::testing::Test {
 protected:
  std::string verdict(const HttpExpect& expect,
                      const HttpAnswer& a,
                      Compression asked = Compression::none) {
    std::string text;
    for (const auto& failure : judge_answer(expect, asked, a, kNow, patterns_)) {
      text += (text.empty() ? "" : " ") + std::string(name(failure.reason));
    }
    return text;
  }

  Patterns patterns_;
};

TEST_F(HttpJudge, Status) {
  HttpExpect expect;
  EXPECT_FALSE(judge_status(expect, 599)) << "nothing said: any";
  expect.status = {{200, 299}, {404, 404}};
  for (const int good : {200, 250, 299, 404}) EXPECT_FALSE(judge_status(expect, good)) << good;
  for (const int bad : {199, 300, 403, 405, 0}) {
    const auto failure = judge_status(expect, bad);
    EXPECT_EQ(failure.reason, Reason::http_status) << bad;
    EXPECT_EQ(failure.detail, "status " + std::to_string(bad) + ", expected 200-299, 404");
  }
}

TEST_F(HttpJudge, Version) {
  const std::tuple<std::vector<std::string>, const char*, bool> table[] = {
      {{}, "1.0", true},         {{"1.1"}, "1.1", true},      {{"1.1"}, "1.0", false},
      {{"1.1"}, "2", false},     {{"2"}, "2", true},          {{"2"}, "1.1", false},
      {{"1.1", "2"}, "2", true}, {{"1.1", "2"}, "1.1", true}, {{"1.1", "2"}, "1.0", false}};
  for (const auto& [allowed, version, good] : table) {
    HttpExpect expect;
    expect.version = allowed;
    EXPECT_EQ(judge_version(expect, version).reason, good ? Reason::ok : Reason::http_version)
        << version;
  }
}

TEST_F(HttpJudge, Header) {
  using Lines = std::vector<std::string>;

  struct Row {
    Lines lines, matches, not_matches;
    bool allow_missing, good;
  };

  const Row table[] = {{{}, {}, {}, false, false},
                       {{"x"}, {}, {}, false, true},
                       {{}, {"x"}, {}, false, false},
                       {{}, {"x"}, {}, true, true},
                       {{}, {}, {"x"}, false, false},
                       {{}, {}, {"x"}, true, true},
                       {{"x"}, {"x"}, {}, false, true},
                       {{"y"}, {"x"}, {}, false, false},
                       {{"y"}, {"x"}, {}, true, false},
                       {{"x", "y"}, {"x"}, {}, false, true},
                       {{"y", "x"}, {"x"}, {}, false, true},
                       {{"x", "y"}, {"x", "y"}, {}, false, true},
                       {{"x"}, {"x", "y"}, {}, false, false},
                       {{"x"}, {}, {"x"}, false, false},
                       {{"y"}, {}, {"x"}, false, true},
                       {{"y", "x"}, {}, {"x"}, false, false},
                       {{"y", "z"}, {}, {"x"}, false, true},
                       {{"y"}, {}, {"x", "y"}, true, false},
                       {{"x"}, {"x"}, {"y"}, false, true},
                       {{"x", "y"}, {"x"}, {"y"}, false, false},
                       {{""}, {"^$"}, {}, false, true},
                       {{"xy"}, {"^x$"}, {}, false, false}};
  int i = 0;
  for (const auto& row : table) {
    auto a = answer({{"Other", "x"}});
    for (const auto& line : row.lines) a.headers.emplace_back("x-cache", line);
    const HeaderExpect expect{"X-Cache", {row.matches, row.not_matches}, row.allow_missing};
    EXPECT_EQ(judge_header(expect, a, patterns_).reason,
              row.good ? Reason::ok : Reason::http_header)
        << "row " << i;
    ++i;
  }
  EXPECT_EQ(judge_header({"A", {{"("}, {}}, false}, answer({{"A", "x"}}), patterns_).reason,
            Reason::agent_configuration);
}

TEST_F(HttpJudge, Age) {
  HttpExpect expect;
  EXPECT_FALSE(judge_age(expect, answer(), kNow)) << "nothing said";
  expect.modified_within = hours(1);
  const std::pair<const char*, bool> table[] = {{"Tue, 24 Nov 2026 07:30:00 GMT", true},
                                                {"Tue, 24 Nov 2026 07:00:00 GMT", true},
                                                {"Tue, 24 Nov 2026 06:59:59 GMT", false},
                                                {"Tue, 24 Nov 2026 08:30:00 GMT", true},
                                                {"Tuesday, 24-Nov-26 07:30:00 GMT", true},
                                                {"Tue Nov 24 07:30:00 2026", true},
                                                {"Thu, 01 Jan 1970 00:00:00 GMT", false},
                                                {"yesterday", false},
                                                {"", false}};
  for (const auto& [date, good] : table) {
    const auto failure = judge_age(expect, answer({{"Last-Modified", date}}), kNow);
    EXPECT_EQ(failure.reason, good ? Reason::ok : Reason::http_stale) << date;
  }
  EXPECT_EQ(judge_age(expect, answer(), kNow).detail, "header Last-Modified is missing");
  const auto old = answer({{"last-modified", "Tue, 24 Nov 2026 06:00:00 GMT"}});
  EXPECT_EQ(judge_age(expect, old, kNow).detail, "last modified 2h ago, allowed 1h");
}

TEST_F(HttpJudge, Coding) {
  using enum Compression;
  const std::tuple<Compression, bool, const char*, bool> table[] = {
      {none, false, "", true},
      {none, true, "", true},
      {none, false, "gzip", true},
      {none, true, "gzip", false},
      {identity, false, "", true},
      {identity, false, "gzip", false},
      {gzip, false, "gzip", true},
      {gzip, true, "gzip", true},
      {gzip, false, "", false},
      {gzip, false, "br", false},
      {br, true, "br", true},
      {zstd, false, "zstd", true},
      {deflate, false, "deflate", true},
      {gzip, false, "gzip, br", false}};
  for (const auto& [asked, read, came, good] : table) {
    auto a = answer();
    a.coding = came;
    EXPECT_EQ(judge_coding(asked, read, a).reason, good ? Reason::ok : Reason::http_encoding)
        << static_cast<int>(asked) << read << came;
  }
  auto empty = answer();
  empty.status = 204;
  EXPECT_FALSE(judge_coding(gzip, false, empty)) << "no body, no coding";
}

TEST_F(HttpJudge, Body) {
  const std::tuple<std::vector<std::string>, std::vector<std::string>, bool> table[] = {
      {{}, {}, true},
      {{"ok"}, {}, true},
      {{"bad"}, {}, false},
      {{"ok", "all"}, {}, true},
      {{"ok", "bad"}, {}, false},
      {{}, {"bad"}, true},
      {{}, {"ok"}, false},
      {{}, {"bad", "ok"}, false},
      {{"ok"}, {"bad"}, true},
      {{"ok"}, {"all"}, false},
      {{"bad"}, {"worse"}, false}};
  for (const auto& [matches, not_matches, good] : table) {
    EXPECT_EQ(judge_body({matches, not_matches}, answer({}, "all ok"), patterns_).reason,
              good ? Reason::ok : Reason::http_body);
  }
}

TEST_F(HttpJudge, Json) {
  const auto a = answer({}, R"({"n":5})");
  const JsonExpect good{"/n", JsonExpect::Op::equals, "5"};
  const JsonExpect bad{"/n", JsonExpect::Op::above, "5"};
  EXPECT_FALSE(judge_json({good}, a));
  EXPECT_EQ(judge_json({good, bad}, a).detail, "/n is 5, expected above 5");
  EXPECT_EQ(judge_json({good}, answer({}, "<html>")).detail,
            "the body is no JSON: wrong at byte 0");
  EXPECT_EQ(judge_json({good}, answer()).detail, "the body is no JSON: empty");
  EXPECT_FALSE(judge_json({}, answer()));
}

TEST_F(HttpJudge, ListsAllThatIsWrongInOrder) {
  HttpExpect expect;
  expect.status = {{201, 201}};
  expect.version = {"2"};
  expect.headers = {{"A", {}, false}, {"B", {}, false}};
  expect.modified_within = hours(1);
  expect.body.matches = {"x"};
  expect.json = {{"/a", JsonExpect::Op::exists, "true"}};
  EXPECT_EQ(verdict(expect, answer({}, "{}")),
            "http_status http_version http_header http_header http_stale http_body http_json");
  auto packed = answer({}, "{}");
  packed.coding = "gzip";
  EXPECT_EQ(verdict(expect, packed),
            "http_status http_version http_header http_header http_stale http_encoding")
      << "what cannot be read is not judged";
}

}  // namespace
}  // namespace nines::probes::http_judge_test
