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
  std::string language;
};

// What a collector says, without control characters; the ends of lines stay as they are.
void print_lines(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool carriage = line.ends_with('\r');
    if (carriage) line.remove_suffix(1);
    std::cout << printable(line) << (carriage ? "\r\n" : "\n");
  }
}

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
  const std::string language = options.language.empty() ? "" : "&lang=" + options.language;
  const auto text = (*client)->get(path + options.format + language);
  if (!text) return complain("report", text.error().message);
  print_lines(*text);
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
  command->add_option("--format", options->format, "text, json, csv or html")
      ->check(CLI::IsMember({"text", "json", "csv", "html"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  command
      ->add_option("--lang", options->language,
                   "en or zh; else text is English, HTML in the agreement's prevailing language")
      ->check(CLI::IsMember({"en", "zh"}))
      ->type_name("LANG");
  add_endpoint_options(*command, options->endpoint, false);
  command->footer(
      "Exits with 0 when every objective is MET, 2 when one is BREACHED, 3 when one cannot be\n"
      "told.\nExample:\n  nines report --agreement acme-shop-web --period 2026-11");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace nines::cli
