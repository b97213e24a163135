// SPDX-License-Identifier: Apache-2.0
// `nines`: the command line. Exit codes are in cli/exit.h; docs/nines.md lists the commands.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string_view>

#include "base/version.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/sla_commands.h"
#include "cli/terminal.h"

namespace {

using namespace nines::cli;

// A monitoring plugin must never be read as a mere warning: its usage errors are "unknown".
int usage_code(int argc, char** argv) {
  const bool plugin = argc > 1 && std::string_view(argv[1]) == "check";
  return plugin ? kUnknown : kCouldNotRun;
}

int run(int argc, char** argv) {
  CLI::App app{"Nines: what is up, how we know, and what was promised"};
  int exit_code = kOk;
  app.name("nines");
  app.require_subcommand(1);
  app.set_version_flag("--version", "nines " + std::string(nines::kVersion));
  app.footer(
      "Exit codes: 0 up, ok or MET; 1 it could not run; 2 down or BREACHED; 3 unknown or\n"
      "INDETERMINATE. 'nines COMMAND --help' shows an example of each.");
  add_probe_command(app, exit_code);
  add_status_command(app, exit_code);
  add_why_command(app, exit_code);
  add_history_command(app, exit_code);
  add_check_command(app, exit_code);
  add_spool_command(app, exit_code);
  add_agents_command(app, exit_code);
  add_report_command(app, exit_code);
  add_verify_command(app, exit_code);
  add_exclusion_command(app, exit_code);
  add_incident_command(app, exit_code);
  add_note_commands(app, exit_code);
  add_membership_command(app, exit_code);
  add_restatement_command(app, exit_code);
  add_duty_command(app, exit_code);
  add_signature_command(app, exit_code);
  add_erase_command(app, exit_code);
  add_log_command(app, exit_code);
  add_alerts_command(app, exit_code);
  add_sla_commands(app, exit_code);
  add_import_commands(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    complain("usage", printable(error.what()) + " (see nines --help)");
    return usage_code(argc, argv);
  }
  std::cout.flush();
  if (!std::cout) return complain("standard output", "cannot write");
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    return complain("internal", error.what());
  }
}
