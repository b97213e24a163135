// SPDX-License-Identifier: Apache-2.0
// `nines restatement`: a sealed report is counted anew where one party proposes it and the other
// agrees.
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/statement.h"
#include "cli/table.h"

namespace nines::cli {
namespace {

int restate(const std::string& action, const StatementOptions& o) {
  return state("restatement", o, {{"type", "restatement"}, {"action", action}},
               {{"period", o.period}, {"reason", o.reason}, {"note", o.note}});
}

int list_restatements(const StatementOptions& options) {
  const auto events = ask_events(options);
  if (!events) return complain("restatement", events.error().message);
  const auto& restatements = field(*events, "restatements");
  if (options.json) {
    std::cout << restatements.dump() << "\n";
    return kOk;
  }
  Table table({{"ID", false, 8},
               {"PERIOD", false, 8},
               {"STATE"},
               {"PROPOSED"},
               {"BY", false, 8},
               {"DECIDED BY", false, 10}});
  for (const auto& each : restatements) {
    const auto text = [&each](const char* key) { return Cell{printable(text_in(each, key))}; };
    table.add({text("id"), text("period"), text("state"), Cell{clock_in(each, "proposed_at")},
               text("proposed_by"), text("decided_by")});
    table.note(printable(text_in(each, "reason")));
  }
  std::cout << table.render(style_of_output());
  return kOk;
}

void add_proposal(CLI::App& parent, int& exit_code) {
  auto options = std::make_shared<StatementOptions>();
  auto* command = parent.add_subcommand("propose", "count a sealed period anew");
  add_statement_options(*command, *options, true);
  command->add_option("--period", options->period, "as it was sealed: 2026-11")
      ->required()
      ->type_name("P");
  command->add_option("--reason", options->reason, "why")->required()->type_name("TEXT");
  command->callback([options, &exit_code] { exit_code = restate("propose", *options); });
}

void add_answer(CLI::App& parent, const std::string& action, const char* help, int& exit_code) {
  auto options = std::make_shared<StatementOptions>();
  auto* command = parent.add_subcommand(action, help);
  add_statement_options(*command, *options, true);
  command->add_option("--note", options->note, "a word on it")->type_name("TEXT");
  add_about(*command, *options);
  command->callback([=, &exit_code] { exit_code = restate(action, *options); });
}

}  // namespace

void add_restatement_command(CLI::App& app, int& exit_code) {
  auto* restatement = app.add_subcommand("restatement", "A sealed report counted anew");
  restatement->require_subcommand(1);
  add_proposal(*restatement, exit_code);
  add_answer(*restatement, "approve", "agree: for the other party", exit_code);
  add_answer(*restatement, "reject", "refuse: for the other party", exit_code);
  add_list(*restatement, exit_code, list_restatements);
  restatement->footer(
      "Example:\n  nines restatement propose r-1 --agreement acme-shop-web --period 2026-11 \\\n"
      "    --reason \"an agent was cut off until the 9th\"");
}

}  // namespace nines::cli
