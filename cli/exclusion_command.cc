// SPDX-License-Identifier: Apache-2.0
// `nines exclusion`: time that shall not count is announced or claimed by one party, and decided by
// the other.
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/statement.h"
#include "cli/table.h"

namespace nines::cli {
namespace {

int claim(const std::string& action, const StatementOptions& o) {
  return state("exclusion", o, {{"type", "exclusion"}, {"action", action}},
               {{"kind", o.kind},
                {"from", o.from},
                {"to", o.to},
                {"service", o.service},
                {"evidence", o.evidence},
                {"reason", o.reason}});
}

int decide(const std::string& action, const StatementOptions& o) {
  return state("exclusion", o, {{"type", "exclusion"}, {"action", action}}, {{"note", o.note}});
}

int list_exclusions(const StatementOptions& options) {
  const auto events = ask_events(options);
  if (!events) return complain("exclusion", events.error().message);
  const auto& exclusions = field(*events, "exclusions");
  if (options.json) {
    std::cout << exclusions.dump() << "\n";
    return kOk;
  }
  Table table({{"ID", false, 8},
               {"KIND", false, 8},
               {"FROM"},
               {"TO"},
               {"STATE"},
               {"CLAIMED BY", false, 10},
               {"DECIDED BY", false, 10}});
  for (const auto& each : exclusions) {
    const auto text = [&each](const char* key) { return Cell{printable(text_in(each, key))}; };
    table.add({text("id"), text("kind"), Cell{clock_in(each, "from")}, Cell{clock_in(each, "to")},
               text("state"), text("claimed_by"), text("decided_by")});
    const auto reason = free_text_in(each, "reason");
    if (!reason.empty()) table.note(printable(reason));
  }
  std::cout << table.render(style_of_output());
  return kOk;
}

void add_claim(CLI::App& parent, const std::string& action, const char* help, int& exit_code) {
  auto options = std::make_shared<StatementOptions>();
  auto* command = parent.add_subcommand(action, help);
  add_statement_options(*command, *options, true);
  command->add_option("--kind", options->kind, "as the agreement names it")->required();
  command->add_option("--from", options->from, "an instant")->required()->type_name("T");
  command->add_option("--to", options->to, "an instant")->required()->type_name("T");
  command->add_option("--service", options->service, "absent: every service")->type_name("NAME");
  command->add_option("--evidence", options->evidence, "what shows it")->type_name("TEXT");
  command->add_option("--reason", options->reason, "why")->type_name("TEXT");
  add_about(*command, *options);
  command->callback([=, &exit_code] { exit_code = claim(action, *options); });
}

void add_decision(CLI::App& parent, const std::string& action, const char* help, int& exit_code) {
  auto options = std::make_shared<StatementOptions>();
  auto* command = parent.add_subcommand(action, help);
  add_statement_options(*command, *options, true);
  command->add_option("--note", options->note, "a word on it")->type_name("TEXT");
  add_about(*command, *options);
  command->callback([=, &exit_code] { exit_code = decide(action, *options); });
}

}  // namespace

void add_exclusion_command(CLI::App& app, int& exit_code) {
  auto* exclusion = app.add_subcommand("exclusion", "Time that shall not count");
  exclusion->require_subcommand(1);
  add_claim(*exclusion, "announce", "announce it before it begins", exit_code);
  add_claim(*exclusion, "claim", "claim it afterwards", exit_code);
  add_decision(*exclusion, "approve", "agree: for the party that decides", exit_code);
  add_decision(*exclusion, "reject", "refuse: for the party that decides", exit_code);
  add_decision(*exclusion, "dispute", "refuse for now, and say so", exit_code);
  add_decision(*exclusion, "withdraw", "take back what your party claimed", exit_code);
  add_list(*exclusion, exit_code, list_exclusions);
  exclusion->footer(
      "Example:\n  nines exclusion announce m-7 --agreement acme-shop-web --kind maintenance \\\n"
      "    --from 2026-11-08T02:00:00+08:00 --to 2026-11-08T04:00:00+08:00\n"
      "  nines exclusion approve m-7 --agreement acme-shop-web --collector https://c:8643 \\\n"
      "    --ca ca.pem --certificate bob.pem --key bob.key");
}

}  // namespace nines::cli
