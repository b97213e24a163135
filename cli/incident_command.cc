// SPDX-License-Identifier: Apache-2.0
// `nines incident`: what happened to an incident, as it happens; the support clocks run by it.
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/statement.h"
#include "cli/table.h"

namespace nines::cli {
namespace {

struct Word {
  const char* command;
  const char* event;
  const char* help;
};

constexpr Word kWords[] = {
    {"ack", "acknowledged", "somebody has seen it"},
    {"respond", "responded", "somebody has answered"},
    {"update", "updated", "a notice to the customer on how it stands"},
    {"pause", "paused", "the clock stops, for an agreed reason"},
    {"resume", "resumed", "the clock goes on"},
    {"mitigate", "mitigated", "it hurts no more"},
    {"resolve", "resolved", "it is mended"},
    {"reopen", "reopened", "it was not"},
    {"prioritise", "prioritised", "give it another priority"},
    {"close", "closed", "no more to say"},
};

int say(const char* event, const StatementOptions& o) {
  return state("incident", o, {{"type", "incident"}, {"event", event}},
               {{"service", o.service},
                {"at", o.at},
                {"priority", o.priority},
                {"reason", o.reason},
                {"note", o.note}});
}

int list_incidents(const StatementOptions& options) {
  const auto events = ask_events(options);
  if (!events) return complain("incident", events.error().message);
  const auto& incidents = field(*events, "incidents");
  if (options.json) {
    std::cout << incidents.dump() << "\n";
    return kOk;
  }
  Table table(
      {{"ID", false, 8}, {"SERVICE", false, 8}, {"PRIORITY", false, 8}, {"OPENED"}, {"STATE"}});
  for (const auto& each : incidents) {
    const auto text = [&each](const char* key) { return Cell{printable(text_in(each, key))}; };
    table.add({text("id"), text("service"), text("priority"), Cell{clock_in(each, "opened")},
               text("state")});
  }
  std::cout << table.render(style_of_output());
  return kOk;
}

void add_open(CLI::App& parent, int& exit_code) {
  auto options = std::make_shared<StatementOptions>();
  auto* command = parent.add_subcommand("open", "it has begun");
  add_statement_options(*command, *options, true);
  command->add_option("--service", options->service, "whose")->required()->type_name("NAME");
  command->add_option("--priority", options->priority, "as agreed")->type_name("NAME");
  command->add_option("--at", options->at, "when it began; absent: now")->type_name("T");
  command->add_option("--note", options->note, "a word on it")->type_name("TEXT");
  add_about(*command, *options);
  command->callback([options, &exit_code] { exit_code = say("opened", *options); });
}

void add_word(CLI::App& parent, const Word& word, int& exit_code) {
  auto options = std::make_shared<StatementOptions>();
  auto* command = parent.add_subcommand(word.command, word.help);
  add_statement_options(*command, *options, true);
  const std::string_view event = word.event;
  if (event == "paused") {
    command->add_option("--reason", options->reason, "one of the agreed states")
        ->required()
        ->type_name("STATE");
  } else {
    auto* note = command->add_option("--note", options->note, "a word on it")->type_name("TEXT");
    if (event == "updated") note->required();
    add_about(*command, *options);
  }
  if (event == "prioritised") {
    command->add_option("--priority", options->priority, "as agreed")
        ->required()
        ->type_name("NAME");
  }
  command->callback([options, name = word.event, &exit_code] { exit_code = say(name, *options); });
}

}  // namespace

void add_incident_command(CLI::App& app, int& exit_code) {
  auto* incident = app.add_subcommand("incident", "Incidents, and what happens to them");
  incident->require_subcommand(1);
  add_open(*incident, exit_code);
  for (const auto& word : kWords) add_word(*incident, word, exit_code);
  add_list(*incident, exit_code, list_incidents);
  incident->footer(
      "Example:\n  nines incident open i-12 --agreement acme-shop-web --service shop-web "
      "--priority high\n  nines incident ack i-12 --agreement acme-shop-web");
}

}  // namespace nines::cli
