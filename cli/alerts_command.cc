// SPDX-License-Identifier: Apache-2.0
// `nines alerts`: what fires, who was told, and that somebody has seen it.
#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "cli/alerts_view.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/exit.h"

namespace nines::cli {
namespace {

struct AlertsOptions {
  Endpoint endpoint{kCollectorSocket};
  std::string agreement, key;
  bool all = false, json = false;
};

int list(const AlertsOptions& options) {
  auto client = ApiClient::open(options.endpoint);
  if (!client) return complain("alerts", client.error().message);
  const auto query =
      options.agreement.empty() ? "" : "?agreement=" + percent_encoded(options.agreement);
  const auto body = (*client)->get("/v1/alerts" + query);
  if (!body) return complain("alerts", body.error().message);
  const auto json = parse_answer(*body);
  if (!json) return complain("alerts", json.error().message);
  if (options.json) {
    std::cout << json->dump() << "\n";
  } else {
    std::cout << alerts_view(*json, options.all, SystemClock().wall(), style_of_output());
  }
  return kOk;
}

int acknowledge(const AlertsOptions& options) {
  auto client = ApiClient::open(options.endpoint);
  if (!client) return complain("alerts", client.error().message);
  const auto body = (*client)->post("/v1/alerts/" + percent_encoded(options.key) + "/ack", "{}");
  if (!body) return complain("alerts", body.error().message);
  const auto json = parse_answer(*body);
  if (!json) return complain("alerts", json.error().message);
  const auto& ack = field(*json, "acknowledged");
  std::cout << text_in(*json, "key") << " acknowledged by " << printable(text_in(ack, "by")) << ", "
            << text_in(ack, "at") << "\n";
  return kOk;
}

}  // namespace

void add_alerts_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<AlertsOptions>();
  auto* command = app.add_subcommand("alerts", "What a collector alerts on, and who was told");
  command->add_option("--agreement", options->agreement, "of this agreement alone")
      ->type_name("NAME");
  command->add_flag("--all", options->all, "those that are resolved, too");
  command->add_flag("--json", options->json, "one JSON object");
  add_endpoint_options(*command, options->endpoint, false);
  auto of_ack = std::make_shared<AlertsOptions>();
  auto* ack = command->add_subcommand("ack", "somebody has seen it: tell nobody else");
  ack->add_option("ALERT", of_ack->key, "its id or its key, as 'nines alerts' shows them")
      ->required();
  add_endpoint_options(*ack, of_ack->endpoint, false);
  ack->callback([of_ack, &exit_code] { exit_code = acknowledge(*of_ack); });
  command->footer("Example:\n  nines alerts --all\n  nines alerts ack 17");
  command->callback([options, command, &exit_code] {
    if (command->get_subcommands().empty()) exit_code = list(*options);
  });
}

}  // namespace nines::cli
