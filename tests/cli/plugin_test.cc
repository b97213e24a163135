// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/plugin_line.h"

namespace nines::cli::plugin_test {
namespace {

const WallTime kNow = *parse_rfc3339("2026-11-23T08:00:00Z");

PluginLine line_of(const char* json) { return plugin_line(*parse_answer(json), kNow); }

TEST(Plugin, UpIsOkWithPerformanceData) {
  const auto line = line_of(
      R"({"name":"shop","outcome":"up","reason":"ok","since":"2026-11-23T07:00:00Z",
          "last":{"total_us":48211}})");
  EXPECT_EQ(line.text, "OK: shop is up for 1h|total=0.048211s;;;0");
  EXPECT_EQ(line.code, 0);
}

TEST(Plugin, UpWithWarningsIsAWarning) {
  const auto line = line_of(
      R"({"name":"shop","outcome":"up","last":{"warnings":["certificate expires in 9 days"]}})");
  EXPECT_EQ(line.text, "WARNING: shop is up: certificate expires in 9 days");
  EXPECT_EQ(line.code, 1);
}

TEST(Plugin, DownIsCriticalAndNothingForgesPerformanceData) {
  const auto line = line_of(
      R"({"name":"db","outcome":"down","reason":"tcp_expect","detail":"got 'x|total=0s\nOK'"})");
  EXPECT_EQ(line.text, "CRITICAL: db is down, tcp_expect: got 'x/total=0s OK'");
  EXPECT_EQ(line.code, 2);
}

TEST(Plugin, WhatTheCanariesExplainIsUnknown) {
  const auto line = line_of(
      R"({"name":"db","outcome":"down","reason":"connect_timeout","since":"2026-11-23T07:00:00Z",
          "shown":{"outcome":"unknown","cause":"uplink","since":"2026-11-23T07:58:00Z"}})");
  EXPECT_EQ(line.text, "UNKNOWN: db is unknown for 2m, uplink, connect_timeout");
  EXPECT_EQ(line.code, 3);
}

TEST(Plugin, TheRestIsUnknown) {
  EXPECT_EQ(line_of(R"({"name":"a","outcome":"unknown","reason":"agent_no_route"})").code, 3);
  EXPECT_EQ(line_of(R"({"name":"a","outcome":"pending"})").code, 3);
  EXPECT_EQ(line_of("{}").code, 3);
  EXPECT_EQ(line_of("[]").code, 3);
}

}  // namespace
}  // namespace nines::cli::plugin_test
