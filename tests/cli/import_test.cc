// SPDX-License-Identifier: Apache-2.0
// Configurations of other programs become checks that the agent takes, and what could not be
// carried over is said with its place.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "cli/import_blackbox.h"
#include "cli/import_nagios.h"
#include "cli/import_relabel.h"

namespace nines::cli::import_test {
namespace {

namespace fs = std::filesystem;

const std::string kData = std::string(NINES_SOURCE_DIR) + "/tests/data/import";

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A folder of this test alone, gone with it.
class Folder {
 public:
  Folder() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = testing::TempDir() + "nines-import-" + test->name();
    fs::remove_all(path_);
    fs::create_directories(path_);
  }

  ~Folder() { fs::remove_all(path_); }

  std::string in(const std::string& name) const { return path_ + "/" + name; }

  std::string put(const std::string& name, const std::string& text) const {
    std::ofstream(in(name), std::ios::binary) << text;
    return in(name);
  }

 private:
  std::string path_;
};

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

// Runs a built program through the shell; `arguments` are trusted text of this file.
Ran run(const Folder& folder, const std::string& program, const std::string& arguments) {
  const auto command = std::string(NINES_BINARY_DIR) + "/" + program + " " + arguments + " >" +
                       folder.in("out") + " 2>" + folder.in("err") + " </dev/null";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(folder.in("out")),
          content(folder.in("err"))};
}

std::string without(std::string text, const std::string& path) {
  for (auto at = text.find(path); at != text.npos; at = text.find(path)) {
    text.replace(at, path.size(), "DATA");
  }
  return text;
}

// What differs is written beside the test, so that a golden file can be looked at and renewed.
void expect_golden(const std::string& text, const std::string& name) {
  const auto wanted = content(kData + "/" + name);
  if (text == wanted) return;
  std::ofstream(testing::TempDir() + name, std::ios::binary) << text;
  EXPECT_EQ(text, wanted) << "see " << testing::TempDir() << name;
}

Ran import_blackbox(const Folder& folder, const std::string& more = "") {
  return run(folder, "cli/nines",
             "import blackbox --modules " + kData + "/blackbox.yml --prometheus " + kData +
                 "/prometheus.yml" + more);
}

TEST(ImportBlackbox, WritesWhatItsGoldenFileSays) {
  const Folder folder;
  const auto ran = import_blackbox(folder);
  EXPECT_EQ(ran.code, 2) << ran.err;
  expect_golden(without(ran.out, kData), "blackbox.expected.yaml");
  expect_golden(without(ran.err, kData), "blackbox.expected.err");
}

TEST(ImportBlackbox, WritesASetThatTheAgentAccepts) {
  const Folder folder;
  const auto ran = import_blackbox(folder, " --out " + folder.in("agent.yaml"));
  EXPECT_EQ(ran.code, 2) << ran.err;
  EXPECT_EQ(ran.out, "");
  const auto checked =
      run(folder, "agent/nines-agent", "--check-config --config " + folder.in("agent.yaml"));
  EXPECT_EQ(checked.code, 0) << checked.err;
  EXPECT_NE(checked.out.find("11 checks"), std::string::npos) << checked.out;
  EXPECT_EQ(fs::status(folder.in("agent.yaml")).permissions(), fs::perms(0600));
}

TEST(ImportBlackbox, EndsWithZeroWhereAllWasCarriedOver) {
  const Folder folder;
  const auto modules = folder.put("m.yml", "modules: {ping: {prober: icmp, icmp: }}\n");
  const auto jobs = folder.put(
      "p.yml",
      "scrape_configs: [{job_name: j, metrics_path: /probe, params: {module: [ping], target: "
      "[a.example]}, static_configs: [{targets: [x]}]}]\n");
  const auto ran =
      run(folder, "cli/nines", "import blackbox --modules " + modules + " --prometheus " + jobs);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err, "nines: import: 1 checks written, 0 left out\n");
}

TEST(ImportBlackbox, SaysWhatItCannotReadAndWritesNothing) {
  const Folder folder;
  const auto bad = folder.put("bad.yml", "modules:\n  x: [\n");
  const auto ran = run(folder, "cli/nines",
                       "import blackbox --modules " + bad + " --prometheus " + kData +
                           "/prometheus.yml --out " + folder.in("set.yaml"));
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("bad.yml:"), std::string::npos) << ran.err;
  EXPECT_FALSE(fs::exists(folder.in("set.yaml")));
}

TEST(ImportBlackbox, LeavesACheckOutAsACommentWhereTheAgentWouldRefuseIt) {
  const Folder folder;
  const auto modules =
      folder.put("m.yml", "modules: {web: {prober: http, http: {body_file: nowhere.txt}}}\n");
  const auto jobs = folder.put(
      "p.yml",
      "scrape_configs: [{job_name: j, metrics_path: /probe, params: {module: [web], target: "
      "[a.example]}, static_configs: [{targets: [x]}]}]\n");
  const auto ran =
      run(folder, "cli/nines", "import blackbox --modules " + modules + " --prometheus " + jobs);
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.out.find("checks: []\n"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("  #   - name: \"j-a.example\"\n"), std::string::npos) << ran.out;
  EXPECT_NE(ran.err.find("nowhere.txt: No such file"), std::string::npos) << ran.err;
}

TEST(ImportNagios, WritesWhatItsGoldenFileSays) {
  const Folder folder;
  const auto ran = run(folder, "cli/nines", "import nagios " + kData + "/nagios.cfg");
  EXPECT_EQ(ran.code, 2) << ran.err;
  expect_golden(without(ran.out, kData), "nagios.expected.yaml");
  expect_golden(without(ran.err, kData), "nagios.expected.err");
}

TEST(ImportNagios, WritesASetThatTheAgentAccepts) {
  const Folder folder;
  const auto ran = run(folder, "cli/nines",
                       "import nagios " + kData + "/nagios.cfg --out " + folder.in("agent.yaml"));
  EXPECT_EQ(ran.code, 2) << ran.err;
  const auto checked =
      run(folder, "agent/nines-agent", "--check-config --config " + folder.in("agent.yaml"));
  EXPECT_EQ(checked.code, 0) << checked.err;
  EXPECT_NE(checked.out.find("12 checks"), std::string::npos) << checked.out;
}

TEST(ImportNagios, TakesALineApartAsAShellDoesAndNeverRunsOne) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(shell_words(R"(a  'b c' "d \"e\\" f\ g '' "x"y)"),
            (Words{"a", "b c", "d \"e\\", "f g", "", "xy"}));
  EXPECT_EQ(shell_words("a 'b$c|d' cost$"), (Words{"a", "b$c|d", "cost$"}));
  for (const auto* line : {"a | b", "a; b", "a $HOME", "a `b`", "a \"$(b)\"", "a > b", "a 'b",
                           "a \\", "a *", "a & b", "a {b,c}"}) {
    EXPECT_FALSE(shell_words(line)) << line;
  }
}

// Whatever is in the files, the import ends and what it writes is read back.
TEST(Import, SurvivesMutilatedFiles) {
  const Folder folder;
  Random random(7);
  const auto modules = content(kData + "/blackbox.yml");
  const auto jobs = content(kData + "/prometheus.yml");
  const auto objects = content(kData + "/nagios.cfg");
  constexpr std::string_view kOdd = "[]{}:,&*!-$\\\"' \n;";
  const auto mutilated = [&](std::string text) {
    for (int i = 0; i < 4; ++i) {
      const auto at = random.below(text.size());
      const auto size = random.below(40);
      if (random.below(3) == 0) text.erase(at, size);
      if (random.below(3) == 0) text.insert(at, text.substr(random.below(text.size()), size));
      if (random.below(3) == 0) text[at % text.size()] = kOdd[random.below(kOdd.size())];
    }
    return text;
  };
  for (int i = 0; i < 60; ++i) {
    const auto broken = folder.put("p.yml", mutilated(jobs));
    ImportedSet set("test");
    config::Complaints complaints;
    const auto targets = read_prometheus(broken, set, complaints);
    EXPECT_TRUE(targets || !complaints.empty());
    const auto root =
        config::parse_yaml(mutilated(modules), "m.yml", complaints, config::Dialect::foreign);
    const config::Node* list = root ? root->find("modules") : nullptr;
    if (targets) {
      for (const auto& target : *targets) add_probe_target(target, "m.yml", list, set);
    }
    NagiosReader reader(set);
    ASSERT_TRUE(reader.read(folder.put("n.cfg", mutilated(objects))));
    for (const auto& command : reader.commands()) (void)shell_words(command.line);
    config::Complaints again;
    EXPECT_TRUE(config::parse_yaml(set.yaml(), "written", again)) << set.yaml();
    EXPECT_TRUE(again.empty()) << again.text() << set.yaml();
  }
}

TEST(Relabelling, FollowsPrometheus) {
  struct Row {
    const char* rules;
    const char* label;
    const char* wanted;  // null: dropped
  };

  const Row rows[] = {
      {"[{source_labels: [a], target_label: b}]", "b", "one"},
      {"[{source_labels: [a, c], target_label: b}]", "b", "one;three"},
      {"[{source_labels: [a, c], separator: '-', regex: 'o(.)e-.*', target_label: b}]", "b", "n"},
      {"[{source_labels: [a], regex: on, target_label: b}]", "b", "two"},  // wholly, or not at all
      {"[{source_labels: [a], regex: '(?P<x>.).*', target_label: b, replacement: '${x}$$y'}]", "b",
       "o$y"},
      {"[{source_labels: [a], target_label: b, replacement: '$1x'}]", "b", ""},  // "1x": no group
      {"[{target_label: b, replacement: ''}]", "b", ""},
      {"[{source_labels: [a], regex: one, action: keep}]", "b", "two"},
      {"[{source_labels: [a], regex: two, action: keep}]", "b", nullptr},
      {"[{source_labels: [a], regex: one, action: drop}]", "b", nullptr},
      {"[{source_labels: [a], target_label: b, action: keepequal}]", "b", nullptr},
      {"[{source_labels: [a], target_label: b, action: dropequal}]", "b", "two"},
      {"[{source_labels: [a], target_label: b, action: uppercase}]", "b", "ONE"},
      {"[{regex: '(a)', action: labelmap, replacement: 'was_$1'}]", "was_a", "one"},
      {"[{regex: b, action: labeldrop}]", "b", ""},
      {"[{regex: a, action: labelkeep}]", "b", ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.rules);
    config::Complaints complaints;
    const auto list = config::parse_yaml(row.rules, "r.yml", complaints, config::Dialect::foreign);
    ASSERT_TRUE(list && complaints.empty()) << complaints.text();
    Draft notes;
    const Relabelling relabelling(&*list, notes);
    EXPECT_TRUE(notes.notes.empty());
    LabelMap labels{{"a", "one"}, {"b", "two"}, {"c", "three"}};
    const bool kept = relabelling.apply(labels);
    EXPECT_EQ(kept, row.wanted != nullptr);
    if (row.wanted != nullptr) {
      EXPECT_EQ(labels[row.label], row.wanted);
    }
  }
}

TEST(Dialogues, OfAnExporterMatchWithinOneLine) {
  EXPECT_EQ(line_pattern("^220 x"), "(?m)(?:^220 x)[^\\n]*\\n");
  EXPECT_EQ(line_pattern("ready$"), "(?m)(?:ready(?:\\r?$))[^\\n]*\\n");
  EXPECT_EQ(line_pattern("\\$[$]"), "(?m)(?:\\$[$])[^\\n]*\\n");
  EXPECT_EQ(line_pattern("[]$][^]$][[:alpha:]$]$"),
            "(?m)(?:[]$][^]$][[:alpha:]$](?:\\r?$))[^\\n]*\\n");
}

TEST(Dialogues, OfAnExporterSendGroupsOfTheirOwnStepOnly) {
  const std::string pattern = "(.)(?P<who>.)";
  std::string trouble;
  EXPECT_EQ(sent_text("a ${1} $1", nullptr, trouble), "a $${1} $1");
  EXPECT_EQ(sent_text("a ${1} $2 $who.", &pattern, trouble), "a ${1} ${2} ${2}.");
  EXPECT_EQ(sent_text("$$ $${1} ${ $", &pattern, trouble), "$ $${1} $${ $");
  EXPECT_EQ(trouble, "");
  EXPECT_EQ(sent_text("[$3]", &pattern, trouble), "[]");
  EXPECT_NE(trouble, "");
}

TEST(Durations, AreReadAsGoAndPrometheusWriteThem) {
  EXPECT_EQ(parse_foreign_duration("1m30s"), seconds(90));
  EXPECT_EQ(parse_foreign_duration("1.5s"), milliseconds(1500));
  EXPECT_EQ(parse_foreign_duration("250ms"), milliseconds(250));
  EXPECT_EQ(parse_foreign_duration("1w2d"), hours(9 * 24));
  EXPECT_EQ(parse_foreign_duration("0"), Duration(0));
  for (const auto* text : {"", "5", "s", "1..5s", "-1s", "1 s", "99999999999s", "999999999y"}) {
    EXPECT_FALSE(parse_foreign_duration(text)) << text;
  }
}

}  // namespace
}  // namespace nines::cli::import_test
