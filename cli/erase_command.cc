// SPDX-License-Identifier: Apache-2.0
// `nines erase`: the key of a person's free texts is destroyed, and the log says so.
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/statement.h"

namespace nines::cli {

void add_erase_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<StatementOptions>();
  auto* command = app.add_subcommand("erase", "Erase a person's free texts under an agreement");
  command->add_option("SUBJECT", options->subject, "whose: an actor, or the name given by --about")
      ->required();
  add_statement_options(*command, *options, false);
  command->footer(
      "Destroys what opens the notes and texts that are this person's. It cannot be undone; log,\n"
      "signatures, reports and bundles stay valid, and bundles made before still have the texts.\n"
      "For the provider and the customer, and for everybody of themselves.\n"
      "Example:\n  nines erase visitor-17 --agreement acme-shop-web");
  command->callback([options, &exit_code] {
    exit_code = state("erase", *options, {{"type", "erasure"}}, {{"subject", options->subject}});
  });
}

}  // namespace nines::cli
