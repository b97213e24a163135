// SPDX-License-Identifier: Apache-2.0
// The rules of the house, kept by a test: who may include whom, what only one place may call, and
// what every file looks like. Reads the files that git tracks; where there is no git (a tarball),
// every file of the tree.
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace nines {
namespace {

using Names = std::set<std::string>;

// A room may include only what is listed here beside itself.
const std::map<std::string, Names> kMayInclude = {
    {"base", {}},
    {"model", {"base"}},
    {"config", {"model", "base"}},
    {"ledger", {"base"}},
    {"proto", {"model", "base"}},
    {"net", {"base"}},
    {"probes", {"net", "model", "base"}},
    {"agent", {"probes", "ledger", "proto", "net", "config", "model", "base"}},
    {"sla", {"config", "model", "base"}},
    {"alerts", {"sla", "probes", "net", "config", "model", "base"}},
    {"collector", {"alerts", "sla", "proto", "net", "config", "model", "base"}},
    {"cli", {"sla", "probes", "ledger", "proto", "net", "config", "model", "base"}},
};

// The canary rule is one rule; the agent and the judge share its text.
const std::map<std::string, Names> kMayAlsoInclude = {{"agent", {"sla/rules/canaries.h"}}};

// The storeys of sla/, lowest first: none may include a later one.
const std::vector<std::string> kStoreys = {"number", "words", "time",   "input", "rules",
                                           "text",   "judge", "render", "tools"};

// What only some places may say. `home` are prefixes of paths; tests and benchmarks are named where
// they may too.
struct Ban {
  std::string pattern;  // of code, comments and texts taken out
  std::vector<std::string> home;
  std::string why;
};

const std::vector<Ban> kBans = {
    {R"(\b(clock_gettime|gettimeofday)\b|(system|steady|high_resolution)_clock::now|\btime\((nullptr|NULL|0)\))",
     {"base/clock.cc", "tests/", "bench/"},
     "only base/clock.cc reads clocks; take a Clock"},
    {R"(\badjtimex\b)", {"base/clock.cc"}, "only base/clock.cc reads clocks"},
    {R"(\bgetrandom\b|\bgetentropy\b|\brandom_device\b)",
     {"base/random.cc"},
     "entropy comes from fill_entropy()"},
    {R"(\b(std::)?s?rand\()", {}, "take a seeded Random"},
    // Oracles of tests may take a generator of their own.
    {R"(\bmt19937)", {"tests/"}, "take a seeded Random"},
    {R"(\b(u|nano)?sleep\(|\bsleep_for\b|\bclock_nanosleep\b)",
     {"tests/", "bench/", "cli/status_command.cc"},  // --watch has no loop to hold up
     "coroutines sleep by sleep_until()"},
    {R"(\bstd::j?thread\b|\bpthread_create\b|\bstd::async\b)",
     {"base/async.cc", "tests/", "bench/"},
     "one loop and one disk thread are all there is"},
    {R"(\bstd::(recursive_)?mutex\b|\bstd::condition_variable\b)",
     {"base/async.cc", "tests/", "bench/"},
     "one thread runs the loop, domain code has no locks"},
    {R"(\bsystem\(|\bpopen\()", {"tests/", "bench/"}, "no shell"},
    {R"(\bstd::w?regex\b|[<]regex>)", {"tests/"}, "patterns are RE2: linear in time"},
    // CLI11 takes a usage error from a callback as an exception, and catches it itself.
    {R"(\bthrow\b)",
     {"tests/", "cli/probe_command.cc"},
     "expected trouble is Expected<T>, a bug is ASSERT"},
    {R"(\b(float|double)\b)", {"!sla/"}, "what ends in a verdict is exact"},
    {R"(using namespace (asio|nines|date|google|std\b[^:]))",
     {"tests/", "cli/main.cc"},
     "say whose name it is"},
};

struct IncludeBan {
  std::string pattern;  // of the included path, from its beginning
  std::vector<std::string> home;
};

const std::vector<IncludeBan> kIncludeBans = {
    {R"(asio\.hpp$)", {}},
    {R"(curl/)", {"net/", "probes/http", "tests/net/", "bench/"}},
    {R"(.*\.pb\.h$|google/protobuf/)", {"proto/", "tests/proto/"}},
    {R"(zstd\.h)", {"proto/", "tests/proto/", "probes/content_coding", "tests/probes/"}},
    {R"(sqlite3\.h)", {"collector/", "tests/collector/", "bench/"}},
    {R"(yaml-cpp/)", {"config/"}},
    {R"(ares\.h)", {"net/"}},
    {R"(llhttp\.h)", {"net/"}},
    {R"(date/)", {"sla/"}},
};

// What a reader of this repository alone could not follow. Split so that this file passes too.
const std::vector<std::string> kPointsOutside = {
    "/wo"
    "rk/",
    "../sha"
    "red",
    "issu"
    "es show",
    "reference/sty"
    "le.md",
    "sla-seman"
    "tics.md",
    "interfa"
    "ces.md",
    "reliabil"
    "ity.md",
    "ecosys"
    "tem.md",
};

const std::vector<std::string> kUnfinished = {
    "TO"
    "DO",
    "FIX"
    "ME",
    "XX"
    "X:",
};

constexpr std::size_t kMaxLines = 700;
constexpr std::size_t kMaxTestLines = 1000;
constexpr std::size_t kMaxColumns = 100;

struct File {
  std::string path;  // from the root of the tree
  std::vector<std::string> lines;
  bool ends_with_newline = true;

  bool is(std::string_view suffix) const { return path.ends_with(suffix); }

  bool is_cpp() const { return is(".cc") || is(".h"); }

  bool is_script() const { return !lines.empty() && lines[0].starts_with("#!"); }

  bool is_code() const {
    return is_cpp() || is_script() || is(".proto") || is(".cmake") || is("CMakeLists.txt") ||
           is(".py") || is(".service") || is(".socket");
  }

  std::string room() const { return path.substr(0, path.find('/')); }

  std::string at(std::size_t line) const { return path + ":" + std::to_string(line + 1) + ": "; }
};

std::vector<std::string> tracked_paths() {
  const std::string root = NINES_SOURCE_DIR;
  std::vector<std::string> paths;
  const std::string command =
      "git -c safe.directory='*' -C '" + root + "' ls-files --cached 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> git(popen(command.c_str(), "r"), pclose);
  std::array<char, 4096> line{};
  while (git && std::fgets(line.data(), line.size(), git.get()) != nullptr) {
    std::string path = line.data();
    while (path.ends_with('\n')) path.pop_back();
    if (std::filesystem::is_regular_file(root + "/" + path)) paths.push_back(path);
  }
  if (!paths.empty()) return paths;
  const Names skip = {"build", ".git", ".cache"};
  for (auto i = std::filesystem::recursive_directory_iterator(root);
       i != std::filesystem::recursive_directory_iterator(); ++i) {
    if (i->is_directory() && skip.contains(i->path().filename())) i.disable_recursion_pending();
    if (i->is_regular_file()) paths.push_back(i->path().lexically_relative(root));
  }
  return paths;
}

// Text files that somebody wrote; recorded data and the licence are as they are.
std::vector<File> read_tree() {
  std::vector<File> files;
  for (const auto& path : tracked_paths()) {
    if (path.starts_with("tests/data/") || path.starts_with("tests/fuzz/corpus/") ||
        path.starts_with("third_party/") || path == "LICENSE") {
      continue;
    }
    std::ifstream in(std::string(NINES_SOURCE_DIR) + "/" + path, std::ios::binary);
    std::stringstream content;
    content << in.rdbuf();
    const std::string text = content.str();
    if (text.find('\0') != std::string::npos) continue;
    File file;
    file.path = path;
    file.ends_with_newline = text.empty() || text.ends_with('\n');
    std::string line;
    while (std::getline(content, line)) file.lines.push_back(line);
    files.push_back(std::move(file));
  }
  return files;
}

const std::vector<File>& tree() {
  static const std::vector<File> files = read_tree();
  return files;
}

// The line without its comment and without the insides of its texts.
std::string code_of(const std::string& line) {
  std::string code;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == '\\') {
        ++i;
      } else if (c == quote) {
        quote = 0;
        code += c;
      }
      continue;
    }
    if (c == '/' && i + 1 < line.size() && line[i + 1] == '/') break;
    const bool digit_separator =
        c == '\'' && i > 0 && std::isalnum(static_cast<unsigned char>(line[i - 1])) != 0;
    if ((c == '"' || c == '\'') && !digit_separator) quote = c;
    code += c;
  }
  return code;
}

// A home "!x/" stands for everything outside x/.
bool at_home(const std::string& path, const std::vector<std::string>& homes) {
  return std::any_of(homes.begin(), homes.end(), [&](const std::string& home) {
    return home.starts_with('!') ? !path.starts_with(home.substr(1)) : path.starts_with(home);
  });
}

std::string included_by(const std::string& line) {
  static const RE2 include(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::string included;
  RE2::PartialMatch(line, include, &included);
  return included;
}

std::size_t columns(const std::string& line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

TEST(House, IsFound) {
  EXPECT_GT(tree().size(), 50U) << "no files under " NINES_SOURCE_DIR;
  for (const auto& [room, may] : kMayInclude) {
    EXPECT_TRUE(std::filesystem::is_directory(std::string(NINES_SOURCE_DIR) + "/" + room)) << room;
  }
}

TEST(House, IncludesOnlyToTheRight) {
  for (const auto& file : tree()) {
    const auto rule = kMayInclude.find(file.room());
    if (!file.is_cpp() || rule == kMayInclude.end()) continue;
    const auto also = kMayAlsoInclude.find(file.room());
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const auto included = included_by(file.lines[i]);
      const auto slash = included.find('/');
      const auto room = included.substr(0, slash);
      if (slash == std::string::npos || !kMayInclude.contains(room)) continue;
      if (room == file.room() || rule->second.contains(room)) continue;
      if (also != kMayAlsoInclude.end() && also->second.contains(included)) continue;
      ADD_FAILURE() << file.at(i) << file.room() << "/ may not include " << included;
    }
  }
}

TEST(House, StoreysOfTheJudgeIncludeOnlyDownwards) {
  const auto storey_of = [](const std::string& path) {
    static const RE2 in_sla(R"(^sla/([a-z]+)/)");
    std::string name;
    RE2::PartialMatch(path, in_sla, &name);
    return std::find(kStoreys.begin(), kStoreys.end(), name);
  };
  for (const auto& file : tree()) {
    if (!file.is_cpp() || file.room() != "sla") continue;
    const auto own = storey_of(file.path);
    EXPECT_NE(own, kStoreys.end()) << file.path << " lies in no storey";
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const auto included = included_by(file.lines[i]);
      if (!included.starts_with("sla/")) continue;
      if (storey_of(included) > own)
        ADD_FAILURE() << file.at(i) << "includes upwards: " << included;
    }
  }
}

TEST(House, KeepsEachLibraryBehindItsRoom) {
  for (const auto& ban : kIncludeBans) {
    const RE2 pattern("^(" + ban.pattern + ")");
    for (const auto& file : tree()) {
      if (!file.is_cpp() || at_home(file.path, ban.home)) continue;
      for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const auto included = included_by(file.lines[i]);
        if (!included.empty() && RE2::PartialMatch(included, pattern)) {
          ADD_FAILURE() << file.at(i) << included << " is included outside its home";
        }
      }
    }
  }
}

TEST(House, CallsClockEntropyAndThreadsOnlyAtHome) {
  for (const auto& ban : kBans) {
    const RE2 pattern("(" + ban.pattern + ")");
    ASSERT_TRUE(pattern.ok()) << ban.pattern;
    for (const auto& file : tree()) {
      if (!file.is_cpp() || at_home(file.path, ban.home)) continue;
      for (std::size_t i = 0; i < file.lines.size(); ++i) {
        std::string match;
        if (RE2::PartialMatch(code_of(file.lines[i]), pattern, &match)) {
          ADD_FAILURE() << file.at(i) << "'" << match << "': " << ban.why;
        }
      }
    }
  }
}

TEST(House, AwaitsOnlyWhereTheCoroutineLintLooks) {
  for (const auto& file : tree()) {
    if (!file.is(".h")) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_EQ(code_of(file.lines[i]).find("co_await"), std::string::npos)
          << file.at(i) << "move the coroutine to a .cc file";
    }
  }
}

TEST(House, NamesItsLicenceFirst) {
  for (const auto& file : tree()) {
    if (!file.is_code() || file.lines.empty()) continue;
    const std::size_t first = file.is_script() ? 1 : 0;
    const bool named = file.lines.size() > first &&
                       file.lines[first].ends_with("SPDX-License-Identifier: Apache-2.0");
    EXPECT_TRUE(named) << file.at(first) << "no SPDX-License-Identifier: Apache-2.0";
  }
}

TEST(House, KeepsFilesAndLinesShort) {
  for (const auto& file : tree()) {
    if (!file.is_code()) continue;
    const auto most = file.path.starts_with("tests/") ? kMaxTestLines : kMaxLines;
    EXPECT_LE(file.lines.size(), most) << file.path << ": split it where its purpose splits";
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const auto& line = file.lines[i];
      // Lists of one line each, and shell, where a pipe is clearer in one piece.
      if (file.is("CMakeLists.txt") || file.is(".service")) continue;
      if (file.is(".sh") || file.lines.front().starts_with("#!/bin/")) continue;
      const bool unbreakable =
          line.find("://") != std::string::npos || line.find("R\"(") != std::string::npos;
      EXPECT_TRUE(unbreakable || columns(line) <= kMaxColumns)
          << file.at(i) << columns(line) << " columns";
    }
  }
}

TEST(House, HasNoTabsNoTrailingBlanksAndEndsItsLines) {
  for (const auto& file : tree()) {
    EXPECT_TRUE(file.ends_with_newline) << file.path << ": the last line has no end";
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const auto& line = file.lines[i];
      EXPECT_EQ(line.find('\t'), std::string::npos) << file.at(i) << "a tab";
      EXPECT_FALSE(line.ends_with(' ') || line.ends_with('\r')) << file.at(i) << "a trailing blank";
    }
  }
}

TEST(House, GuardsEachHeaderOnce) {
  for (const auto& file : tree()) {
    if (!file.is(".h")) continue;
    EXPECT_EQ(std::count(file.lines.begin(), file.lines.end(), "#pragma once"), 1) << file.path;
  }
}

TEST(House, IsFinishedAndStandsAlone) {
  for (const auto& file : tree()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const auto& word : kPointsOutside) {
        EXPECT_EQ(file.lines[i].find(word), std::string::npos)
            << file.at(i) << "'" << word << "' points outside the repository";
      }
      for (const auto& word : kUnfinished) {
        EXPECT_EQ(file.lines[i].find(word), std::string::npos) << file.at(i) << "'" << word << "'";
      }
    }
  }
}

TEST(CodeOf, TakesOutCommentsAndTexts) {
  EXPECT_EQ(code_of("int a = 1;  // sleep(1)"), "int a = 1;  ");
  EXPECT_EQ(code_of("say(\"sleep(1) // \\\" rand()\"); rand();"), "say(\"\"); rand();");
  EXPECT_EQ(code_of("int n = 10'000; char c = '\"'; rand();"),
            "int n = 10'000; char c = ''; rand();");
}

}  // namespace
}  // namespace nines
