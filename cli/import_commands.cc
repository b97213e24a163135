// SPDX-License-Identifier: Apache-2.0
#include "cli/import_commands.h"

#include <CLI/CLI.hpp>

#include "cli/commands.h"

namespace nines::cli {

void add_import_commands(CLI::App& app, int& exit_code) {
  CLI::App* group = app.add_subcommand("import", "Take over what other tools hold");
  group->require_subcommand(1);
  add_import_blackbox(*group, exit_code);
  add_import_nagios(*group, exit_code);
  add_import_results(*group, exit_code);
}

}  // namespace nines::cli
