// SPDX-License-Identifier: Apache-2.0
// `nines report`: what a collector judges of an agreement.
#include <CLI/CLI.hpp>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/fields.h"
#include "cli/report_verdict.h"
#include "cli/terminal.h"

namespace nines::cli {
namespace {

struct Options {
  Endpoint endpoint{kCollectorSocket};
  std::string agreement;
  std::string period;
  std::string format = "text";
};

int run(const Options& options) {
  auto client = ApiClient::open(options.endpoint);
  if (!client) return complain("report", client.error().message);
  const auto path = "/v1/reports?agreement=" + percent_encoded(options.agreement) +
                    "&period=" + percent_encoded(options.period) + "&format=";
  const auto body = (*client)->get(path + "json");
  if (!body) return complain("report", body.error().message);
  const auto json = parse_answer(*body);
  if (!json) return complain("report", json.error().message);
  const int code = code_of_report(*json);
  if (options.format == "json") {
    std::cout << *body << (body->ends_with('\n') ? "" : "\n");
    return code;
  }
  const auto text = (*client)->get(path + "text");
  if (!text) return complain("report", text.error().message);
  for (std::size_t at = 0; at < text->size();) {
    const auto end = std::min(text->find('\n', at), text->size());
    std::cout << printable(text->substr(at, end - at)) << "\n";
    at = end + 1;
  }
  return code;
}

}  // namespace

int code_of_report(const Json& report) {
  int code = kOk;
  const auto& objectives = field(report, "objectives");
  if (!objectives.is_array()) return kUnknown;
  for (const auto& objective : objectives) {
    const auto verdict = text_in(objective, "verdict");
    if (verdict == "BREACHED") return kDown;
    if (verdict != "MET" && verdict != "NOT_APPLICABLE") code = kUnknown;
  }
  return code;
}

void add_report_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("report", "The report on an agreement, from a collector");
  command->add_option("--agreement", options->agreement, "its name")->required()->type_name("NAME");
  command
      ->add_option("--period", options->period,
                   "2026, 2026-Q1, 2026-11, 2026-W13, 2026-03-29 or FROM/TO")
      ->required()
      ->type_name("P");
  command->add_option("--format", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  add_endpoint_options(*command, options->endpoint, false);
  command->footer(
      "Exits with 0 when every objective is MET, 2 when one is BREACHED, 3 when one cannot be\n"
      "told.\nExample:\n  nines report --agreement acme-shop-web --period 2026-11");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace nines::cli
