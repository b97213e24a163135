// SPDX-License-Identifier: Apache-2.0
// `nines duty`: who owes a dated duty ticks it off for one of its due days, or takes that back.
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/statement.h"
#include "cli/table.h"

namespace nines::cli {
namespace {

struct DutyOptions : StatementOptions {
  std::string duty, due;
};

int tick(const char* event, const DutyOptions& o) {
  return state("duty", o, {{"type", "duty"}, {"event", event}},
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
  Table table({{"ID", false, 8}, {"DUTY", false, 8}, {"DUE"}, {"BY", false, 8}, {"AT"}, {"STATE"}});
  for (const auto& each : duties) {
    const auto text = [&each](const char* key) { return Cell{printable(text_in(each, key))}; };
    table.add({text("id"), text("duty"), text("due"), text("actor"), Cell{clock_in(each, "at")},
               text("state")});
    const auto evidence = text_in(each, "evidence");
    if (!evidence.empty()) table.note(printable("proof: " + evidence));
  }
  std::cout << table.render(style_of_output());
  return kOk;
}

void add_done(CLI::App& parent, int& exit_code) {
  auto options = std::make_shared<DutyOptions>();
  auto* command = parent.add_subcommand("done", "it was done, for one of its due days");
  add_statement_options(*command, *options, true);
  command->add_option("--duty", options->duty, "as nines sla obligations --json has its id")
      ->required()
      ->type_name("DUTY");
  command->add_option("--due", options->due, "the day it was due")->required()->type_name("DAY");
  command->add_option("--evidence", options->evidence, "what proves it")->type_name("TEXT");
  command->add_option("--note", options->note, "a word on it")->type_name("TEXT");
  add_about(*command, *options);
  command->callback([options, &exit_code] { exit_code = tick("done", *options); });
}

void add_withdraw(CLI::App& parent, int& exit_code) {
  auto options = std::make_shared<DutyOptions>();
  auto* command = parent.add_subcommand("withdraw", "it was not: the day is open again");
  add_statement_options(*command, *options, true);
  command->add_option("--note", options->note, "a word on it")->type_name("TEXT");
  add_about(*command, *options);
  command->callback([options, &exit_code] { exit_code = tick("withdrawn", *options); });
}

}  // namespace

void add_duty_command(CLI::App& app, int& exit_code) {
  auto* duty = app.add_subcommand("duty", "Tick off a dated duty of an agreement");
  duty->require_subcommand(1);
  add_done(*duty, exit_code);
  add_withdraw(*duty, exit_code);
  add_list(*duty, exit_code, list_duties);
  duty->footer(
      "Changes no figure.\nExample:\n  nines duty done d-1 --agreement acme-shop-web --duty "
      "training/1 \\\n    --due 2026-03-31 --evidence \"list of those present, ticket 812\"");
}

}  // namespace nines::cli
