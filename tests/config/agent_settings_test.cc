// SPDX-License-Identifier: Apache-2.0
// The agent's configuration: one bad file for each mistake, with what must be said beside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "agent/settings.h"
#include "base/disk.h"

namespace nines::agent::agent_settings_test {
namespace {

namespace fs = std::filesystem;

const std::string kData = std::string(NINES_SOURCE_DIR) + "/tests/data/config";

struct Loaded {
  std::optional<Settings> settings;
  std::string said;
};

Loaded load(const std::string& path, const std::string& host = "host-1") {
  config::Complaints complaints;
  Loaded out;
  out.settings = load_settings(path, host, complaints);
  out.said = complaints.text();
  EXPECT_EQ(out.settings.has_value(), out.said.empty()) << out.said;
  return out;
}

// A configuration in a folder of its own, written and read.
class Written {
 public:
  Written() : folder_(fs::path(testing::TempDir()) / unique_name()) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "agent.d");
  }

  ~Written() { fs::remove_all(folder_); }

  Written& file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return *this;
  }

  // With the folder's path taken out of the complaints.
  Loaded load(const std::string& host = "host-1") const {
    auto out = agent_settings_test::load((folder_ / "agent.yaml").string(), host);
    const auto prefix = folder_.string() + "/";
    for (auto at = out.said.find(prefix); at != std::string::npos; at = out.said.find(prefix)) {
      out.said.erase(at, prefix.size());
    }
    return out;
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  static std::string unique_name() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    return std::string("nines-") + test->test_suite_name() + "-" + test->name();
  }

  fs::path folder_;
};

class BadFile : public testing::TestWithParam<std::string> {};

TEST_P(BadFile, IsRefusedWithExactlyTheseComplaints) {
  const auto before = fs::current_path();
  fs::current_path(kData + "/bad");
  const auto [settings, said] = load(GetParam() + ".yaml");
  fs::current_path(before);
  EXPECT_FALSE(settings);
  const auto file = kData + "/bad/" + GetParam() + ".expected";
  if (std::getenv("NINES_WRITE_EXPECTED") != nullptr) std::ofstream(file) << said;
  const auto expected = read_file(file, 1 << 20);
  ASSERT_TRUE(expected) << said;
  EXPECT_EQ(said, *expected);
}

std::vector<std::string> bad_files() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kData + "/bad")) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(EachMistake,
                         BadFile,
                         testing::ValuesIn(bad_files()),
                         [](const auto& file) { return file.param; });

TEST(AgentSettings, AnEmptyFileIsValidAndHasTheDefaults) {
  const auto [settings, said] = load(kData + "/good/empty.yaml");
  ASSERT_TRUE(settings) << said;
  EXPECT_EQ(settings->name, "host-1");
  EXPECT_EQ(settings->state, "/var/lib/nines");
  EXPECT_EQ(settings->socket, "/run/nines/agent.sock");
  EXPECT_FALSE(settings->metrics);
  EXPECT_EQ(settings->spool_size, std::uint64_t{64} << 20);
  EXPECT_EQ(settings->spool_commit, seconds(5));
  EXPECT_TRUE(settings->collectors.empty());
  EXPECT_TRUE(settings->checks.empty());
  ASSERT_EQ(settings->canaries.size(), 1U);
  EXPECT_EQ(settings->canaries[0].name, "icmp://gateway");
}

TEST(AgentSettings, TakesEveryKeyAndTheFolderBeside) {
  const auto [settings, said] = load(kData + "/good/full.yaml");
  ASSERT_TRUE(settings) << said;
  EXPECT_EQ(settings->name, "edge-042");
  EXPECT_EQ(settings->labels, (Labels{{"isp", "telecom"}, {"site", "sh-1"}}));
  ASSERT_TRUE(settings->metrics);
  EXPECT_EQ(settings->metrics->port, 9779);
  ASSERT_EQ(settings->collectors.size(), 2U);
  EXPECT_EQ(settings->collectors[0].ca_file, kData + "/good/key.pem");
  EXPECT_EQ(settings->collectors[0].proxy, "http://proxy.example:3128");
  EXPECT_EQ(settings->collectors[1].url, "https://customer.example.net");
  EXPECT_FALSE(settings->collectors[1].required);
  std::vector<std::string> names;
  for (const auto& check : settings->checks) names.push_back(check.name);
  EXPECT_EQ(names, (std::vector<std::string>{"shop-http", "db", "gateway", "mail"}));
  EXPECT_EQ(std::get<TcpSpec>(settings->checks[3].spec).tls->ca_file,
            kData + "/good/full.d/../key.pem");
  names.clear();
  for (const auto& canary : settings->canaries) names.push_back(canary.name);
  EXPECT_EQ(names, (std::vector<std::string>{"icmp://gateway", "tcp://192.0.2.53:53",
                                             "tcp://192.0.2.54:53"}));
  EXPECT_EQ(settings->files.size(), 2U);
}

TEST(AgentSettings, WithoutCanariesTheCollectorLinksAreThem) {
  Written written;
  written.file("k.pem", "").file("agent.yaml", R"(
agent: {name: e}
collectors:
  - {url: "https://c.example:8643", tls: {ca: k.pem, certificate: k.pem, key: k.pem}}
  - {url: "https://[2001:db8::1]", tls: {ca: k.pem, certificate: k.pem, key: k.pem}}
  - url: https://far.example:8643
    tls: {ca: k.pem, certificate: k.pem, key: k.pem}
    proxy: http://proxy:3128
)");
  const auto [settings, said] = written.load();
  ASSERT_TRUE(settings) << said;
  std::vector<std::string> names;
  for (const auto& canary : settings->canaries) names.push_back(canary.name);
  // A gateway that answers proves nothing of what lies behind it.
  EXPECT_EQ(names, (std::vector<std::string>{"tcp://c.example:8643", "tcp://[2001:db8::1]:443"}));
}

TEST(AgentSettings, BehindAProxyTheGatewayIsTheCanary) {
  Written written;
  written.file("k.pem", "").file("agent.yaml", R"(
agent: {name: e}
collectors:
  - url: https://far.example:8643
    tls: {ca: k.pem, certificate: k.pem, key: k.pem}
    proxy: http://proxy:3128
)");
  const auto [settings, said] = written.load();
  ASSERT_TRUE(settings) << said;
  ASSERT_EQ(settings->canaries.size(), 1U);
  EXPECT_EQ(settings->canaries[0].name, "icmp://gateway");
}

TEST(AgentSettings, ALocalPathIsReadPrintedAndChecked) {
  Written written;
  written.file("agent.yaml", R"(
agent: {name: e}
checks:
  - {name: db, path: local, tcp: {address: "127.0.0.1:5432"}}
  - {name: web, http: {url: "https://shop.example/"}}
)");
  const auto [settings, said] = written.load();
  ASSERT_TRUE(settings) << said;
  EXPECT_EQ(settings->local, std::set<std::string>{"db"});
  Written again;
  const auto [same, objection] = again.file("agent.yaml", print_settings(*settings)).load();
  ASSERT_TRUE(same) << objection;
  EXPECT_EQ(same->local, settings->local);
  Written bad;
  const auto [none, complaint] =
      bad.file("agent.yaml", "checks: [{name: db, path: lan, tcp: {address: \"x:1\"}}]\n").load();
  EXPECT_FALSE(none);
  EXPECT_NE(complaint.find("'path' is local, or left out"), std::string::npos) << complaint;
}

TEST(AgentSettings, ARecheckIsReadPrintedAndFitsBeforeTheNextSlot) {
  Written written;
  written.file("agent.yaml", R"(
agent: {name: e}
checks:
  - {name: a, every: 30s, timeout: 5s, recheck: {after: 1s, times: 4}, tcp: {address: "h:1"}}
  - {name: b, every: 30s, timeout: 5s, recheck: {}, tcp: {address: "h:1"}}
  - {name: c, every: 30s, timeout: 5s, tcp: {address: "h:1"}}
)");
  const auto [settings, said] = written.load();
  ASSERT_TRUE(settings) << said;
  EXPECT_EQ(recheck_of(*settings, "a"), (Recheck{seconds(1), 4}));
  EXPECT_EQ(recheck_of(*settings, "b"), (Recheck{seconds(2), 1}));
  EXPECT_EQ(recheck_of(*settings, "c"), std::nullopt);
  Written again;
  const auto [same, objection] = again.file("agent.yaml", print_settings(*settings)).load();
  ASSERT_TRUE(same) << objection;
  EXPECT_EQ(same->rechecks, settings->rechecks);
  Written bad;
  bad.file("agent.yaml", R"(
checks:
  - {name: a, every: 30s, timeout: 5s, recheck: {after: 1001ms, times: 5}, tcp: {address: "h:1"}}
  - {name: b, recheck: {after: 99ms, times: 6, of: x}, tcp: {address: "h:1"}}
)");
  const auto [none, complaint] = bad.load();
  EXPECT_FALSE(none);
  for (const auto* part : {":3:49: error: a run and its rechecks may take 35s5ms, longer than "
                           "'every' 30s",
                           ":4:32: error: ", ":4:45: error: ", "unknown key 'of'"}) {
    EXPECT_NE(complaint.find(part), std::string::npos) << part << " of\n" << complaint;
  }
}

TEST(AgentSettings, NoCanariesIsAChoice) {
  Written written;
  const auto [settings, said] = written.file("agent.yaml", "canaries: []\n").load();
  ASSERT_TRUE(settings) << said;
  EXPECT_TRUE(settings->canaries.empty());
}

TEST(AgentSettings, ReadsTheFolderInNameOrder) {
  Written written;
  written.file("agent.yaml", "checks: [{name: m, tcp: {address: 'a:1'}}]\n")
      .file("agent.d/20.yaml", "checks: [{name: b, tcp: {address: 'a:1'}}]\n")
      .file("agent.d/10.yaml", "checks: [{name: c, tcp: {address: 'a:1'}}]\n")
      .file("agent.d/30.yml", "not: read\n");
  const auto [settings, said] = written.load();
  ASSERT_TRUE(settings) << said;
  ASSERT_EQ(settings->checks.size(), 3U);
  EXPECT_EQ(settings->checks[0].name + settings->checks[1].name + settings->checks[2].name, "mcb");
}

TEST(AgentSettings, SectionsMayBeSpreadButEachKeyIsGivenOnce) {
  Written written;
  written.file("agent.yaml", "agent: {name: a}\ndefaults: {every: 10s}\n")
      .file("agent.d/1.yaml", "agent: {labels: {x: y}}\ndefaults: {timeout: 1s}\n")
      .file("agent.d/2.yaml", "checks: [{name: b, tcp: {address: 'a:1'}}]\n");
  auto [settings, said] = written.load();
  ASSERT_TRUE(settings) << said;
  EXPECT_EQ(settings->checks[0].every, seconds(10));
  EXPECT_EQ(settings->checks[0].timeout, seconds(1));
  EXPECT_EQ(settings->labels.size(), 1U);

  written.file("agent.d/3.yaml", "agent: {name: b}\ncollectors: []\n")
      .file("agent.d/4.yaml", "collectors: []\n");
  EXPECT_EQ(written.load().said,
            "agent.d/3.yaml:1:9: error: key 'name' given twice, first at agent.yaml:1:9\n"
            "agent.d/4.yaml:1:1: error: key 'collectors' given twice, first at "
            "agent.d/3.yaml:2:1\n");
}

TEST(AgentSettings, CheckNamesAreUniqueOverAllFiles) {
  Written written;
  written.file("agent.yaml", "checks: [{name: b, tcp: {address: 'a:1'}}]\n")
      .file("agent.d/1.yaml", "checks: [{name: b, icmp: {host: a}}]\n");
  EXPECT_EQ(written.load().said,
            "agent.d/1.yaml:1:17: error: check 'b' given twice, first at agent.yaml:1:17\n");
}

TEST(AgentSettings, ComplainsOfAllFilesAtOnce) {
  Written written;
  written.file("agent.yaml", "agent: {nam: a}\n")
      .file("agent.d/1.yaml", "checks: [{name: b}]\n")
      .file("agent.d/2.yaml", "checks: [{name: c, every: x, tcp: {address: 'a:1'}}]\n");
  const auto said = written.load().said;
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 3) << said;
}

TEST(AgentSettings, AFileThatIsNoFileIsAComplaint) {
  Written written;
  written.file("agent.yaml", "");
  fs::create_symlink("nowhere", written.path("agent.d/1.yaml"));
  EXPECT_EQ(written.load().said, "agent.d/1.yaml: error: not a readable regular file\n");
  EXPECT_FALSE(load(written.path("missing.yaml")).settings);
}

TEST(AgentSettings, TheHostNameMustTellHostsApart) {
  Written written;
  const std::string collectors =
      "collectors:\n  - {url: 'https://c', tls: {ca: k, certificate: k, key: k}}\n";
  written.file("k", "").file("agent.yaml", collectors);
  EXPECT_EQ(written.load("localhost").said,
            "agent.yaml: error: the agent's name is 'localhost', which tells no host from "
            "another; set agent.name\n");
  EXPECT_FALSE(written.load("localhost.localdomain").settings);
  EXPECT_TRUE(written.load("edge-1.example").settings);
  written.file("agent.yaml", "");
  EXPECT_TRUE(written.load("localhost").settings);
  EXPECT_FALSE(written.load("no name").settings);
  EXPECT_FALSE(written.load("").settings);
}

TEST(AgentSettings, TheDigestFollowsTheFilesAndNothingElse) {
  Written written;
  written.file("agent.yaml", "agent: {name: a}\n").file("agent.d/1.yaml", "checks: []\n");
  const auto first = written.load().settings->digest;
  EXPECT_EQ(written.load("other-host").settings->digest, first);
  written.file("agent.d/1.yaml", "checks: []  # now\n");
  EXPECT_NE(written.load().settings->digest, first);
}

TEST(AgentSettings, PrintedSettingsLoadAgainToTheSame) {
  const auto full = load(kData + "/good/full.yaml").settings;
  ASSERT_TRUE(full);
  const auto printed = print_settings(*full);
  Written written;
  written.file("agent.yaml", printed);
  const auto [again, said] = written.load();
  ASSERT_TRUE(again) << said << printed;
  EXPECT_EQ(again->name, full->name);
  EXPECT_EQ(again->labels, full->labels);
  EXPECT_EQ(again->spool_size, full->spool_size);
  EXPECT_EQ(again->collectors, full->collectors);
  ASSERT_EQ(again->canaries.size(), full->canaries.size());
  ASSERT_EQ(again->checks.size(), full->checks.size());
  for (std::size_t i = 0; i < full->checks.size(); ++i) {
    EXPECT_EQ(canonical_text(again->checks[i]), canonical_text(full->checks[i]));
  }
}

}  // namespace
}  // namespace nines::agent::agent_settings_test
