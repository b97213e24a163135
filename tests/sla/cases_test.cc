// SPDX-License-Identifier: Apache-2.0
// The worked cases of tests/data/cases, each computed by hand from the text of its rule, run as a
// user would: files in, `nines sla eval --json` out.
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "case_reader.h"
#include "cli/sla_commands.h"
#include "sla/number/rational.h"

namespace nines::sla::cases_test {
namespace {

using Json = nlohmann::json;

const std::string kFolder = std::string(NINES_SOURCE_DIR) + "/tests/data/cases";

std::string content_of(const std::string& path) {
  std::ifstream in(path);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

struct Table {
  std::vector<Case> cases;
  std::map<std::string, std::string> pending;  // id → why
  std::vector<std::string> faults;
};

Table read_table() {
  Table out;
  std::vector<std::string> names;
  for (const auto& each : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = each.path().filename().string();
    if (name.ends_with(".md") && name != "README.md") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    auto cases = read_cases(content_of(kFolder + "/" + name), name);
    if (!cases) {
      out.faults.push_back(cases.error().message);
      continue;
    }
    out.cases.insert(out.cases.end(), cases->begin(), cases->end());
  }
  std::istringstream pending(content_of(kFolder + "/pending.txt"));
  for (std::string line; std::getline(pending, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto space = std::min(line.find(' '), line.size());
    out.pending[line.substr(0, space)] = line.substr(space);
  }
  return out;
}

const Table& table() {
  static const Table out = read_table();
  return out;
}

struct Ran {
  int code = 0;
  std::string out, err;
};

Ran run(const Case& each) {
  const auto folder = std::filesystem::path(testing::TempDir()) /
                      ("nines_cases_" + std::to_string(getpid()) + "_" + each.id);
  std::filesystem::create_directories(folder);
  const auto file = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  };
  std::vector<std::string> arguments{"sla", "eval", "--json"};
  for (std::size_t i = 0; i < each.agreements.size(); ++i) {
    arguments.push_back("--agreement");
    arguments.push_back(file("version-" + std::to_string(i + 1) + ".yaml", each.agreements[i]));
  }
  const auto add = [&](const std::string& option, const std::string& value) {
    if (value.empty()) return;
    arguments.push_back(option);
    arguments.push_back(value);
  };
  add("--results", file("results.jsonl", each.results));
  if (!each.events.empty()) add("--events", file("events.jsonl", each.events));
  add("--period", each.period);
  add("--as-of", each.as_of);
  CLI::App app("test");
  Ran out;
  cli::add_sla_commands(app, out.code);
  std::reverse(arguments.begin(), arguments.end());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& e) {
    out.code = app.exit(e);
  }
  out.out = testing::internal::GetCapturedStdout();
  out.err = testing::internal::GetCapturedStderr();
  std::filesystem::remove_all(folder);
  return out;
}

// The member of an object; of an array the element of that number or of that name, or its `count`.
Json step(const Json& from, const std::string& key) {
  if (from.is_object()) return from.contains(key) ? from.at(key) : Json("(no such figure)");
  if (!from.is_array()) return from.is_null() ? Json() : Json("(no such figure)");
  if (key == "count") return from.size();
  if (key.find_first_not_of("0123456789") == std::string::npos) {
    const std::size_t i = std::stoul(key);
    return i < from.size() ? from.at(i) : Json("(no such element)");
  }
  for (const Json& each : from) {
    for (const char* name : {"name", "priority", "objective", "severity", "clock", "incident"}) {
      if (each.is_object() && each.contains(name) && each.at(name) == key) return each;
    }
  }
  return "(no element " + key + ")";
}

Json figure(const Json& report, int code, std::string key) {
  static const std::set<std::string> kSeconds = {
      "not_in_force", "out_of_hours", "future", "excluded", "unknown", "down", "up"};
  static const std::set<std::string> kWhole = {"support",  "credits", "suppliers",  "uncovered",
                                               "warnings", "version", "signatures", "as_of",
                                               "notices",  "state",   "zone_data"};
  if (key == "exit") return code;
  Json at = report;
  const auto slash = key.find('/');
  const std::string first = key.substr(0, key.find('.'));
  if (slash != std::string::npos) {
    at = step(report.at("objectives"), key.substr(0, slash));
    key = key.substr(slash + 1);
  } else if (!kWhole.contains(first)) {
    at = step(report.at("objectives"), "0");
  }
  if (kSeconds.contains(key)) key = "seconds." + key;
  std::istringstream path(key);
  for (std::string part; std::getline(path, part, '.');) at = step(at, part);
  return at;
}

std::optional<Rational> fraction(const std::string& text) {
  const auto slash = text.find('/');
  const auto top = parse_decimal(text.substr(0, slash));
  if (!top || slash == std::string::npos) return top;
  const auto bottom = parse_decimal(text.substr(slash + 1));
  if (!bottom || *bottom == Rational(0)) return std::nullopt;
  return *top / *bottom;
}

bool same(const Case& each, const Json& actual, const std::string& expected) {
  const std::string text = actual.is_string() ? actual.get<std::string>() : actual.dump();
  if (text == expected) return true;
  if (expected == "present") return !text.empty() && !actual.is_null();
  constexpr std::string_view kAndSoOn = "…";
  if (expected.ends_with(kAndSoOn)) {
    return text.starts_with(expected.substr(0, expected.size() - kAndSoOn.size()));
  }
  if (const auto t = instant(expected, each.day)) return text == format_rfc3339(*t);
  // Fractions may be written in any terms; decimals that are displayed may not.
  if (text.find('/') == std::string::npos && expected.find('/') == std::string::npos) return false;
  const auto a = fraction(text);
  const auto b = fraction(expected);
  return a && b && *a == *b;
}

std::vector<std::string> differences(const Case& each, const Ran& ran) {
  std::vector<std::string> out;
  if (!each.refused.empty()) {
    if (ran.code != 1) out.push_back("was judged instead of refused:\n" + ran.out);
    for (const std::string& part : each.refused) {
      if (ran.err.find(part) == std::string::npos) {
        out.push_back("the refusal does not say '" + part + "': " + ran.err);
      }
    }
    return out;
  }
  if (!ran.err.empty()) out.push_back(ran.err);
  const Json report = Json::parse(ran.out, nullptr, false);
  if (!report.is_object()) {
    out.push_back("no report: " + ran.out);
    return out;
  }
  for (const Expectation& expected : each.expected) {
    const Json actual = figure(report, ran.code, expected.key);
    if (expected.key == "warnings") {
      if (actual.dump().find(expected.text) != std::string::npos) continue;
    } else if (same(each, actual, expected.text)) {
      continue;
    }
    out.push_back(expected.key + " is " + actual.dump() + ", computed by hand " + expected.text);
  }
  // S21, of every case: the categories add up to the period.
  for (const Json& objective : report.at("objectives")) {
    Rational sum;
    for (const auto& [name, value] : objective.at("seconds").items()) {
      sum = sum + fraction(value.is_string() ? value.get<std::string>() : value.dump())
                      .value_or(Rational(0));
    }
    const Json& length = objective.at("period").at("length_s");
    const std::string text = length.is_string() ? length.get<std::string>() : length.dump();
    if (sum != fraction(text)) out.push_back("the seconds do not add up to " + text);
  }
  return out;
}

std::string lines(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& each : all) out += "  " + each + "\n";
  return out;
}

class WorkedCase : public testing::TestWithParam<std::size_t> {};

TEST_P(WorkedCase, GivesWhatWasComputedByHand) {
  const Case& each = table().cases.at(GetParam());
  const auto wrong = differences(each, run(each));
  if (const auto pending = table().pending.find(each.id); pending != table().pending.end()) {
    if (wrong.empty()) std::cout << each.id << " passes: take it off pending.txt\n";
    GTEST_SKIP() << each.id << " is pending:" << pending->second << '\n' << lines(wrong);
  }
  EXPECT_TRUE(wrong.empty()) << each.place << ": " << each.id << " " << each.title << '\n'
                             << lines(wrong);
}

INSTANTIATE_TEST_SUITE_P(Table,
                         WorkedCase,
                         testing::Range(std::size_t{0}, table().cases.size()),
                         [](const auto& at) { return table().cases.at(at.param).id; });

TEST(WorkedCases, AreWrittenWellAndNumberedOnce) {
  EXPECT_TRUE(table().faults.empty()) << lines(table().faults);
  std::set<std::string> ids;
  for (const Case& each : table().cases) {
    EXPECT_TRUE(each.id.size() == 4 && each.id[0] == 'C') << each.place;
    EXPECT_TRUE(ids.insert(each.id).second) << each.place << ": a second " << each.id;
  }
  for (const auto& [id, why] : table().pending) {
    EXPECT_TRUE(ids.contains(id)) << "pending.txt names " << id;
  }
}

}  // namespace
}  // namespace nines::sla::cases_test
