// SPDX-License-Identifier: Apache-2.0
// `nines duty`: a duty of the agreement was done, for one of the days on which it is due. What is
// due when, and whether it was done, says `nines sla obligations`.
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/statement.h"
#include "cli/table.h"

namespace nines::cli {
namespace {

int say_duty(const std::string& action, const StatementOptions& o) {
  return state("duty", o, {{"type", "duty"}, {"action", action}},
               {{"duty", o.duty}, {"due", o.due}, {"evidence", o.evidence}, {"note", o.note}});
}

int list_duties(const StatementOptions& options) {
  const auto events = ask_events(options);
  if (!events) return complain("duty", events.error().message);
  const auto& duties = field(*events, "duties");
  if (options.json) {
    std::cout << duties.dump() << "\n";
    return kOk;
  }
  Table table({{"ID", false, 8},
               {"DUTY", false, 8},
               {"DUE"},
               {"STATE"},
               {"BY", false, 8},
               {"SAID"},
               {"PROOF", false, 8}});
  for (const auto& each : duties) {
    const auto text = [&each](const char* key) { return Cell{printable(text_in(each, key))}; };
    table.add({text("id"), text("duty"), text("due"), text("state"), text("actor"),
               Cell{clock_in(each, "at")}, text("evidence")});
  }
  std::cout << table.render(style_of_output());
  return kOk;
}

void add_done(CLI::App& parent, int& exit_code) {
  auto options = std::make_shared<StatementOptions>();
  auto* command = parent.add_subcommand("done", "it was done: for the party that owes it");
  add_statement_options(*command, *options, true);
  command->add_option("--duty", options->duty, "its id, as sla obligations --json has it")
      ->required();
  command->add_option("--due", options->due, "the day on which it is due")
      ->required()
      ->type_name("DAY");
  command->add_option("--evidence", options->evidence, "what shows it")->type_name("TEXT");
  command->add_option("--note", options->note, "a word on it")->type_name("TEXT");
  command->callback([options, &exit_code] { exit_code = say_duty("done", *options); });
}

void add_withdraw(CLI::App& parent, int& exit_code) {
  auto options = std::make_shared<StatementOptions>();
  auto* command = parent.add_subcommand("withdraw", "take back what your party said");
  add_statement_options(*command, *options, true);
  command->add_option("--note", options->note, "a word on it")->type_name("TEXT");
  command->callback([options, &exit_code] { exit_code = say_duty("withdraw", *options); });
}

}  // namespace

void add_duty_command(CLI::App& app, int& exit_code) {
  auto* duty = app.add_subcommand("duty", "That a duty of the agreement was done");
  duty->require_subcommand(1);
  add_done(*duty, exit_code);
  add_withdraw(*duty, exit_code);
  add_list(*duty, exit_code, list_duties);
  duty->footer(
      "Changes no figure.\nExample:\n  nines duty done d-5 --agreement acme-shop-web "
      "--duty training/1 --due 2027-07-01 \\\n    --evidence \"list of those present, annex E\"");
}

}  // namespace nines::cli
