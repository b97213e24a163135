// SPDX-License-Identifier: Apache-2.0
// `nines why CHECK`: its last outage with the evidence.
#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/status_view.h"

namespace nines::cli {
namespace {

struct WhyOptions {
  Endpoint endpoint{kAgentSocket};
  std::string check;
  bool json = false;
};

int run_why(const WhyOptions& options) {
  auto client = ApiClient::open(options.endpoint);
  if (!client) return complain("why", client.error().message);
  const auto body = (*client)->get("/v1/checks/" + percent_encoded(options.check));
  if (!body) return complain("why", body.error().message);
  const auto json = parse_answer(*body);
  if (!json) return complain("why", json.error().message);
  if (options.json) {
    std::cout << field(*json, "outages").dump() << "\n";
  } else {
    std::cout << why_view(*json, SystemClock().wall(), style_of_output());
  }
  return kOk;
}

}  // namespace

void add_why_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<WhyOptions>();
  auto* command = app.add_subcommand("why", "The last outage of a check, with its evidence");
  command->add_option("CHECK", options->check, "the check's name")->required();
  command->add_flag("--json", options->json, "its outages, latest first");
  add_endpoint_options(*command, options->endpoint, true);
  command->footer("Example:\n  nines why shop-http");
  command->callback([options, &exit_code] { exit_code = run_why(*options); });
}

}  // namespace nines::cli
