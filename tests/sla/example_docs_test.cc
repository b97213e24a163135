// SPDX-License-Identifier: Apache-2.0
// What docs/agreement.md shows of the commands is what they print. A block that begins with
// "$ nines sla …" is run, and the rest of the block must be its output, to the byte. With
// NINES_WRITE_DOCS=1 the page is written anew.
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli/sla_commands.h"

namespace nines::sla::example_docs_test {
namespace {

const std::string kRoot = std::string(NINES_SOURCE_DIR) + "/";
const std::string kPage = kRoot + "docs/agreement.md";
constexpr std::string_view kPrompt = "$ nines ";
constexpr std::string_view kFence = "```";

std::string ran(const std::string& command) {
  std::istringstream words(command);
  std::vector<std::string> arguments;
  for (std::string word; words >> word;) {
    arguments.push_back(word.starts_with("tests/") ? kRoot + word : word);
  }
  std::reverse(arguments.begin(), arguments.end());
  CLI::App app("test");
  int code = 0;
  cli::add_sla_commands(app, code);
  testing::internal::CaptureStdout();
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    testing::internal::GetCapturedStdout();
    return error.what();
  }
  return testing::internal::GetCapturedStdout();
}

TEST(AgreementDocs, ShowWhatTheCommandsPrint) {
  std::ifstream in(kPage);
  std::string page;  // as it should be
  std::string was;
  int commands = 0;
  for (std::string line; std::getline(in, line);) {
    was += line + "\n";
    page += line + "\n";
    if (!line.starts_with(kPrompt)) continue;
    ++commands;
    std::string shown;
    while (std::getline(in, line) && line != kFence) shown += line + "\n";
    was += shown + line + "\n";
    const std::string printed = ran(page.substr(page.rfind(kPrompt) + kPrompt.size()));
    EXPECT_EQ(shown, printed) << "NINES_WRITE_DOCS=1 writes docs/agreement.md anew";
    page += printed + std::string(kFence) + "\n";
  }
  EXPECT_GE(commands, 3) << "explain, coverage and diff are shown";
  if (std::getenv("NINES_WRITE_DOCS") != nullptr && page != was) std::ofstream(kPage) << page;
}

}  // namespace
}  // namespace nines::sla::example_docs_test
