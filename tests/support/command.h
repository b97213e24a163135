// SPDX-License-Identifier: Apache-2.0
// A command of ours, run within the test as a user's shell would run it.
#pragma once

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace nines::test {

struct Ran {
  int code = 0;  // 1 where the arguments were refused
  std::string out;
  std::string err;
};

// `add` puts commands into the application and keeps the place of their exit code.
inline Ran run_command(const std::function<void(CLI::App& app, int& exit_code)>& add,
                       std::vector<std::string> arguments) {
  CLI::App app("test");
  Ran out;
  add(app, out.code);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    out.code = 1;
    out.err = error.what();
  }
  out.out = testing::internal::GetCapturedStdout();
  out.err += testing::internal::GetCapturedStderr();
  return out;
}

}  // namespace nines::test
