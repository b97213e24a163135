// SPDX-License-Identifier: Apache-2.0
// `nines check NAME`: a plugin for Nagios and its kin (Monitoring Plugins Guidelines): one line,
// and 0 up, 1 up with warnings, 2 down, 3 everything else.
#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/plugin_line.h"

namespace nines::cli {
namespace {

struct CheckOptions {
  Endpoint endpoint{kAgentSocket};
  std::string check;
};

Expected<PluginLine> ask(const CheckOptions& options) {
  TRY(client, ApiClient::open(options.endpoint));
  TRY(body, client->get("/v1/checks/" + percent_encoded(options.check)));
  TRY(json, parse_answer(body));
  return plugin_line(json, SystemClock().wall());
}

int run_check(const CheckOptions& options) {
  auto line = ask(options);
  if (!line) line = PluginLine{"UNKNOWN: " + plugin_text(line.error().message), kUnknown};
  std::cout << line->text << "\n";
  return line->code;
}

}  // namespace

void add_check_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<CheckOptions>();
  auto* command = app.add_subcommand("check", "One check as a Nagios plugin");
  command->add_option("NAME", options->check, "the check's name")->required();
  add_endpoint_options(*command, options->endpoint, true);
  command->footer(
      "Exits with 0 up, 1 up with warnings, 2 down, 3 everything else.\n"
      "Example:\n  nines check shop-http");
  command->callback([options, &exit_code] { exit_code = run_check(*options); });
}

}  // namespace nines::cli
