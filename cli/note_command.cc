// SPDX-License-Identifier: Apache-2.0
// `nines annotation` and `nines observation`: what somebody says or saw beside the measurements.
// Both stand in the log and in evidence, and change no figure.
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/statement.h"
#include "cli/table.h"

namespace nines::cli {
namespace {

int note(const std::string& type, Json event, const StatementOptions& o) {
  event["type"] = type;
  return state(type, o, std::move(event),
               {{"service", o.service},
                {"from", o.from},
                {"to", o.to},
                {"text", o.text},
                {"evidence", o.evidence}});
}

int list_notes(const std::string& type, const StatementOptions& options) {
  const auto notes = ask_statements(options, {type});
  if (!notes) return complain(type, notes.error().message);
  if (options.json) {
    std::cout << notes->dump() << "\n";
    return kOk;
  }
  Table table({{"ID", false, 8},
               {"SAID"},
               {"BY", false, 8},
               {"SERVICE", false, 8},
               {"FROM", false, 10},
               {"TO", false, 10},
               {"SAW"}});
  for (const auto& each : *notes) {
    const auto& event = field(each, "event");
    const auto text = [](const Json& in, const char* key) {
      return Cell{printable(text_in(in, key))};
    };
    table.add({text(event, "id"), Cell{clock_in(each, "at")}, text(each, "actor"),
               text(event, "service"), Cell{clock_in(event, "from")}, Cell{clock_in(event, "to")},
               text(event, "outcome")});
    table.note(printable(free_text_in(event, "text")));
  }
  std::cout << table.render(style_of_output());
  return kOk;
}

void add_annotation(CLI::App& parent, int& exit_code) {
  auto options = std::make_shared<StatementOptions>();
  auto* command = parent.add_subcommand("add", "say it");
  add_statement_options(*command, *options, true);
  command->add_option("--text", options->text, "what is to be said")->required();
  add_about(*command, *options);
  command->add_option("--service", options->service, "whose")->type_name("NAME");
  command->add_option("--from", options->from, "of when it speaks")->type_name("T");
  command->add_option("--to", options->to, "of when it speaks")->type_name("T");
  command->callback(
      [options, &exit_code] { exit_code = note("annotation", Json::object(), *options); });
}

void add_observation(CLI::App& parent, const std::string& outcome, int& exit_code) {
  auto options = std::make_shared<StatementOptions>();
  auto* command = parent.add_subcommand(outcome, "that the service was " + outcome);
  add_statement_options(*command, *options, true);
  command->add_option("--service", options->service, "whose")->required()->type_name("NAME");
  command->add_option("--from", options->from, "an instant")->required()->type_name("T");
  command->add_option("--to", options->to, "an instant")->required()->type_name("T");
  command->add_option("--text", options->text, "how it was seen")->required();
  add_about(*command, *options);
  command->add_option("--evidence", options->evidence, "what shows it")->type_name("TEXT");
  command->callback([=, &exit_code] {
    exit_code = note("observation", {{"outcome", outcome}}, *options);
  });
}

}  // namespace

void add_note_commands(CLI::App& app, int& exit_code) {
  auto* annotation = app.add_subcommand("annotation", "A word on an agreement, for the record");
  annotation->require_subcommand(1);
  add_annotation(*annotation, exit_code);
  add_list(*annotation, exit_code,
           [](const StatementOptions& options) { return list_notes("annotation", options); });
  annotation->footer(
      "Changes no figure.\nExample:\n  nines annotation add n-3 --agreement acme-shop-web "
      "--service shop-web \\\n    --text \"moved to the new data centre\"");

  auto* observation = app.add_subcommand("observation", "What a person saw of a service");
  observation->require_subcommand(1);
  add_observation(*observation, "up", exit_code);
  add_observation(*observation, "down", exit_code);
  add_list(*observation, exit_code,
           [](const StatementOptions& options) { return list_notes("observation", options); });
  observation->footer(
      "Changes no figure.\nExample:\n  nines observation down o-4 --agreement acme-shop-web "
      "--service shop-web \\\n    --from 2026-11-08T02:00:00Z --to 2026-11-08T02:10:00Z "
      "--text \"the till said error 5\"");
}

}  // namespace nines::cli
