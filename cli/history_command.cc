// SPDX-License-Identifier: Apache-2.0
// `nines history CHECK`: recent results, oldest first.
#include <CLI/CLI.hpp>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/fields.h"
#include "cli/result_rows.h"

namespace nines::cli {
namespace {

struct HistoryOptions {
  Endpoint endpoint{kAgentSocket};
  std::string check;
  std::string since = "1h";
  std::int64_t limit = 0;
  bool json = false;
};

int run_history(const HistoryOptions& options) {
  if (!parse_duration(options.since) && !parse_rfc3339(options.since)) {
    return complain("--since", "'" + printable(options.since) +
                                   "' is neither a duration (1h) nor an instant "
                                   "(2026-11-23T08:00:00Z)");
  }
  auto client = ApiClient::open(options.endpoint);
  if (!client) return complain("history", client.error().message);
  auto path = "/v1/checks/" + percent_encoded(options.check) +
              "/history?since=" + percent_encoded(options.since);
  if (options.limit > 0) path += "&limit=" + std::to_string(options.limit);
  const auto body = (*client)->get(path);
  if (!body) return complain("history", body.error().message);
  const auto json = parse_answer(*body);
  if (!json) return complain("history", json.error().message);
  const auto& results = field(*json, "results");
  if (options.json) {
    for (const auto& result : results) std::cout << result.dump() << "\n";
    return kOk;
  }
  if (results.empty()) {
    std::cout << "No result of " << printable(options.check) << " since " << options.since << ".\n";
    return kOk;
  }
  std::vector<const Json*> rows;
  for (const auto& result : results) rows.push_back(&result);
  std::cout << result_rows(rows, style_of_output());
  return kOk;
}

}  // namespace

void add_history_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<HistoryOptions>();
  auto* command = app.add_subcommand("history", "Recent results of a check, oldest first");
  command->add_option("CHECK", options->check, "the check's name")->required();
  command->add_option("--since", options->since, "a duration back from now, or an instant")
      ->type_name("1h")
      ->capture_default_str();
  command->add_option("--limit", options->limit, "the latest N at most")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  command->add_flag("--json", options->json, "one JSON object a line");
  add_endpoint_options(*command, options->endpoint, true);
  command->footer("Example:\n  nines history shop-http --since 15m");
  command->callback([options, &exit_code] { exit_code = run_history(*options); });
}

}  // namespace nines::cli
