// SPDX-License-Identifier: Apache-2.0
// `nines spool`: what waits to be sent; `nines spool verify DIR`: a spool checked offline.
#include <CLI/CLI.hpp>
#include <filesystem>

#include "base/clock.h"
#include "base/disk.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/spool_view.h"
#include "ledger/verify.h"

namespace nines::cli {
namespace {

struct SpoolOptions {
  Endpoint endpoint{kAgentSocket};
  std::string directory;
  bool json = false;
};

int run_spool(const SpoolOptions& options) {
  auto client = ApiClient::open(options.endpoint);
  if (!client) return complain("spool", client.error().message);
  const auto body = (*client)->get("/v1/spool");
  if (!body) return complain("spool", body.error().message);
  const auto json = parse_answer(*body);
  if (!json) return complain("spool", json.error().message);
  if (options.json) {
    std::cout << *body << (body->ends_with('\n') ? "" : "\n");
  } else {
    std::cout << spool_view(*json, SystemClock().wall(), style_of_output());
  }
  return kOk;
}

Json report_json(const ledger::Report& report) {
  Json out = {{"sound", report.sound()},
              {"readable", report.readable},
              {"live_segments", report.live_segments},
              {"groups", report.groups},
              {"records", report.records},
              {"first_record", report.first_record},
              {"next_record", report.next_record},
              {"head", hex(report.head)},
              {"clean", report.clean},
              {"findings", Json::array()}};
  for (const auto& finding : report.findings) {
    out["findings"].push_back(
        {{"severity", ledger::name_of(finding.severity)}, {"text", printable(finding.text)}});
  }
  return out;
}

int verify(const SpoolOptions& options) {
  std::error_code unused;
  const auto inner = options.directory + "/spool";  // of a state folder, which people also give
  const bool state = std::filesystem::is_directory(inner, unused);
  const auto directory = open_directory(state ? inner : options.directory);
  if (!directory) return complain("spool verify", directory.error().message);
  const auto report = ledger::verify(**directory);
  if (!report) return complain("spool verify", report.error().message);
  const int code = report->sound() ? kOk : kDown;
  if (options.json) {
    std::cout << report_json(*report).dump() << "\n";
    return code;
  }
  for (const auto& finding : report->findings) {
    std::cout << ledger::name_of(finding.severity) << ": " << printable(finding.text) << "\n";
  }
  if (report->readable) {
    std::cout << report->records << " records in " << report->groups << " groups, from "
              << report->first_record << " to " << report->next_record - 1 << "; "
              << (report->clean ? "closed properly" : "not closed properly") << "\nhead "
              << hex(report->head) << "\n";
  }
  std::cout << (report->sound() ? "sound\n" : "damaged\n");
  return code;
}

}  // namespace

void add_spool_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<SpoolOptions>();
  auto* command = app.add_subcommand("spool", "What the agent keeps and has not sent yet");
  command->add_flag("--json", options->json, "one JSON object");
  add_endpoint_options(*command, options->endpoint, false);
  command->footer("Examples:\n  nines spool\n  nines spool verify /var/lib/nines/spool");
  auto* offline = command->add_subcommand("verify", "Check a spool offline; nothing is changed");
  offline->add_option("DIR", options->directory, "the spool's folder")->required();
  offline->add_flag("--json", options->json, "one JSON object");
  offline->footer(
      "Exits with 2 where records are missing or altered.\n"
      "Do not run it beside a running agent.\n"
      "Example:\n  nines spool verify /var/lib/nines/spool");
  offline->callback([options, &exit_code] { exit_code = verify(*options); });
  command->require_subcommand(0, 1);
  command->callback([options, offline, &exit_code] {
    if (!offline->parsed()) exit_code = run_spool(*options);
  });
}

}  // namespace nines::cli
