// SPDX-License-Identifier: Apache-2.0
// `nines membership`: a vantage or a check joins an agreement's measurement, or leaves it; from
// then on it counts, or no longer.
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/statement.h"
#include "cli/table.h"

namespace nines::cli {
namespace {

struct MemberOptions : StatementOptions {
  std::string vantage, check;  // exactly one is given
};

int say(const char* event, const MemberOptions& o) {
  const bool vantage = !o.vantage.empty();
  return state("membership", o, {{"type", vantage ? "vantage" : "check"}, {"event", event}},
               {{"name", vantage ? o.vantage : o.check}, {"at", o.at}});
}

int list_members(const StatementOptions& options) {
  const auto said = ask_statements(options, {"vantage", "check"});
  if (!said) return complain("membership", said.error().message);
  if (options.json) {
    std::cout << said->dump() << "\n";
    return kOk;
  }
  Table table(
      {{"ID", false, 8}, {"WHAT"}, {"NAME", false, 8}, {"EVENT"}, {"AT"}, {"BY", false, 8}});
  for (const auto& each : *said) {
    const auto& event = field(each, "event");
    const auto text = [&event](const char* key) { return Cell{printable(text_in(event, key))}; };
    table.add({text("id"), text("type"), text("name"), text("event"),
               Cell{clock_in(event.contains("at") ? event : each, "at")},
               Cell{printable(text_in(each, "actor"))}});
  }
  std::cout << table.render(style_of_output());
  return kOk;
}

void add_word(CLI::App& parent, const char* word, const char* event, const char* help, int& code) {
  auto options = std::make_shared<MemberOptions>();
  auto* command = parent.add_subcommand(word, help);
  add_statement_options(*command, *options, true);
  auto* of = command->add_option_group("member", "which");
  of->add_option("--vantage", options->vantage, "an agent")->type_name("NAME");
  of->add_option("--check", options->check, "a check of the agreement")->type_name("NAME");
  of->require_option(1);
  command->add_option("--at", options->at, "from when on; absent: now")->type_name("T");
  command->callback([options, event, &code] { code = say(event, *options); });
}

}  // namespace

void add_membership_command(CLI::App& app, int& exit_code) {
  auto* membership =
      app.add_subcommand("membership", "Vantages and checks that join or leave a measurement");
  membership->require_subcommand(1);
  add_word(*membership, "join", "joined", "a vantage or a check counts from an instant on",
           exit_code);
  add_word(*membership, "retire", "retired",
           "a vantage or a check counts no longer from an instant on", exit_code);
  add_list(*membership, exit_code, list_members);
  membership->footer(
      "Example:\n  nines membership retire v-9 --agreement acme-shop-web --vantage edge-042");
}

}  // namespace nines::cli
