// SPDX-License-Identifier: Apache-2.0
// `nines agents`: every agent that a collector knows.
#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "cli/agents_view.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/exit.h"

namespace nines::cli {
namespace {

struct AgentsOptions {
  Endpoint endpoint{kCollectorSocket};
  std::string silent;
  bool json = false;
};

int run_agents(const AgentsOptions& options) {
  std::optional<Duration> silence;
  if (!options.silent.empty()) {
    const auto parsed = parse_duration(options.silent);
    if (!parsed) return complain("--silent", parsed.error().message);
    silence = *parsed;
  }
  auto client = ApiClient::open(options.endpoint);
  if (!client) return complain("agents", client.error().message);
  const auto body = (*client)->get("/v1/agents");
  if (!body) return complain("agents", body.error().message);
  auto json = parse_answer(*body);
  if (!json) return complain("agents", json.error().message);
  const auto now = SystemClock().wall();
  if (silence) json = silent_agents(*json, *silence, now);
  if (options.json) {
    std::cout << json->dump() << "\n";
  } else {
    std::cout << agents_view(*json, now, style_of_output());
  }
  return kOk;
}

}  // namespace

void add_agents_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<AgentsOptions>();
  auto* command = app.add_subcommand("agents", "Every agent that a collector knows");
  command->add_option("--silent", options->silent, "only those not heard of for so long")
      ->type_name("5m");
  command->add_flag("--json", options->json, "one JSON object");
  add_endpoint_options(*command, options->endpoint, false);
  command->footer(
      "Example:\n  nines agents --silent 5m --collector https://collector.example:8643 \\\n"
      "    --ca ca.pem --certificate me.pem --key me.key");
  command->callback([options, &exit_code] { exit_code = run_agents(*options); });
}

}  // namespace nines::cli
