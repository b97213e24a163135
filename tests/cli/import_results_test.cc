// SPDX-License-Identifier: Apache-2.0
// `nines import results`: histories of other monitors in, a results file out.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/import_commands.h"
#include "cli/recorded_history.h"
#include "tests/support/command.h"

namespace nines::cli::import_results_test {
namespace {

Expected<std::vector<RecordedSeries>> read(const std::string& text) {
  return read_history(text, "h", "probe_success");
}

std::string refusal(const std::string& text) {
  const auto out = read(text);
  return out ? "" : out.error().message;
}

const std::string kMatrix = R"({"status":"success","data":{"resultType":"matrix","result":[
  {"metric":{"__name__":"probe_success","instance":"https://shop.example/","job":"web"},
   "values":[[1761955200.781,"1"],[1761955230,"0"],[1761955260,"NaN"]]},
  {"metric":{"__name__":"probe_duration_seconds","instance":"https://shop.example/","job":"web"},
   "values":[[1761955200.781,"0.123456"]]}]}})";

TEST(RecordedHistory, ReadsAPrometheusMatrixExactlyToTheMillisecond) {
  const auto out = read(kMatrix);
  ASSERT_TRUE(out) << out.error().message;
  ASSERT_EQ(out->size(), 1U);
  const auto& seen = out->front().observations;
  EXPECT_EQ(out->front().labels.at("instance"), "https://shop.example/");
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].t.ns, 1'761'955'200'781'000'000);
  EXPECT_EQ(seen[0].outcome, Outcome::up);
  EXPECT_EQ(seen[0].total_us, 123'456);
  EXPECT_EQ(seen[1].outcome, Outcome::down);
  EXPECT_EQ(seen[1].total_us, std::nullopt);
  EXPECT_EQ(seen[2].outcome, Outcome::unknown);
}

TEST(RecordedHistory, ReadsSampleLinesWithTimestamps) {
  const auto out = read(
      "# HELP probe_success up\n"
      "probe_success{instance=\"a\",note=\"q\\\"x\"} 1 1761955200781\n"
      "{__name__=\"probe_success\", instance=\"a\", note=\"q\\\"x\"} 0 1761955230000\n");
  ASSERT_TRUE(out) << out.error().message;
  ASSERT_EQ(out->size(), 1U);
  EXPECT_EQ(out->front().labels.at("note"), "q\"x");
  EXPECT_EQ(out->front().observations[0].t.ns, 1'761'955'200'781'000'000);
  EXPECT_EQ(out->front().observations[1].outcome, Outcome::down);
}

TEST(RecordedHistory, ReadsCsvByTheNamesInItsHeader) {
  const auto out = read(
      "time,check,vantage,outcome,total_us\r\n"
      "2025-11-01T00:00:00Z,web,sh,up,1500\r\n"
      "1761955230,web,sh,down,\r\n");
  ASSERT_TRUE(out) << out.error().message;
  const auto& seen = out->front().observations;
  EXPECT_EQ(out->front().labels.at("vantage"), "sh");
  EXPECT_EQ(seen[0].t.ns, 1'761'955'200'000'000'000);
  EXPECT_EQ(seen[0].total_us, 1500);
  EXPECT_EQ(seen[1].t - seen[0].t, seconds(30));
}

TEST(RecordedHistory, RefusesWhatItWouldHaveToGuess) {
  EXPECT_NE(refusal("time,check,value\n2025-11-01T00:00:00Z,web,2\n").find("h:2: '2' is not 1"),
            std::string::npos);
  EXPECT_NE(refusal("time,check,value\n2025-11-01T00:00:00Z,web\n").find("2 fields"),
            std::string::npos);
  EXPECT_NE(refusal("time,check,value\nyesterday,web,1\n").find("is no time"), std::string::npos);
  EXPECT_NE(refusal("probe_success{a=\"b\"} 1\n").find("h:1: no sample"), std::string::npos);
  EXPECT_NE(refusal("probe_success{a=\"b} 1 1\n").find("labels"), std::string::npos);
  EXPECT_NE(refusal("other{a=\"b\"} 1 1761955200000\n").find("only of other metrics"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"data":{"resultType":"vector","result":[]}})").find("no matrix"),
            std::string::npos);
  EXPECT_NE(
      refusal(R"({"data":{"resultType":"matrix","result":[{"metric":{}}]}})").find("series 1"),
      std::string::npos);
  EXPECT_NE(refusal("{\"data\":").find("not JSON"), std::string::npos);
  EXPECT_NE(refusal("").find("no sample"), std::string::npos);
}

using test::Ran;

Ran run(std::vector<std::string> arguments) {
  const auto add = [](CLI::App& app, int& code) {
    add_import_results(*app.add_subcommand("import"), code);
  };
  return test::run_command(add, std::move(arguments));
}

std::string file(const std::string& name, const std::string& text) {
  const auto path = testing::TempDir() + "nines-import-" + std::to_string(getpid()) + "-" + name;
  std::ofstream(path) << text;
  return path;
}

const char* const kAgreement =
    "apiVersion: nines/v1\nkind: Agreement\nmetadata: {name: acme, version: \"1\"}\nspec:\n"
    "  effective: {from: \"2025-01-01\"}\n  scope: {services: [{name: shop}]}\n"
    "  measurement: {checks: [{name: web, http: {url: \"https://shop.example\"}}]}\n"
    "  objectives: [{name: a, target: \"99\"}]\n";

TEST(ImportResults, NamesSeriesAfterTheChecksOfAnAgreement) {
  const Ran ran = run({"import", "results", file("m.json", kMatrix), "--agreement",
                       file("a.yaml", kAgreement), "--vantage", "prom"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "{\"check\":\"web\",\"vantage\":\"prom\",\"started\":\"2025-11-01T00:00:00.781Z\","
            "\"outcome\":\"up\",\"total_us\":123456}\n"
            "{\"check\":\"web\",\"vantage\":\"prom\",\"started\":\"2025-11-01T00:00:30Z\","
            "\"outcome\":\"down\"}\n"
            "{\"check\":\"web\",\"vantage\":\"prom\",\"started\":\"2025-11-01T00:01:00Z\","
            "\"outcome\":\"unknown\"}\n");
  EXPECT_EQ(ran.err, "web from prom: 3 results, longest gap 30s\n");
}

TEST(ImportResults, SaysWhatItCouldNotName) {
  const Ran mapped = run({"import", "results", file("m.json", kMatrix), "--vantage", "prom",
                          "--check", "https://shop.example/=front"});
  EXPECT_NE(mapped.out.find("\"check\":\"front\""), std::string::npos) << mapped.out;
  const Ran other = run({"import", "results", file("m.json", kMatrix), "--vantage-label", "job",
                         "--check", "x=front"});
  EXPECT_NE(other.out.find("\"vantage\":\"web\""), std::string::npos) << other.out;
  EXPECT_NE(other.err.find("no check of that name or target"), std::string::npos) << other.err;
}

TEST(ImportResults, NeedsToKnowFromWhereItWasMeasured) {
  const Ran ran = run({"import", "results", file("m.json", kMatrix)});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("from where was it measured"), std::string::npos) << ran.err;
  EXPECT_EQ(run({"import", "results", "/nonexistent", "--vantage", "x"}).code, 1);
  EXPECT_EQ(
      run({"import", "results", file("m.json", kMatrix), "--vantage", "x", "--check", "y"}).code,
      1);
}

}  // namespace
}  // namespace nines::cli::import_results_test
