// SPDX-License-Identifier: Apache-2.0
// `nines signature`: a party signs one version of an agreement. What is signed is the digest of the
// file that is given, computed here: one signs what one has read, not what a collector says it has.
#include <CLI/CLI.hpp>

#include "cli/agreement_input.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/statement.h"
#include "cli/table.h"

namespace nines::cli {
namespace {

struct SignOptions : StatementOptions {
  std::string file, party;
  std::vector<std::string> bases;
};

int sign(SignOptions o) {
  const auto read = agreement_from(o.file, o.bases);
  if (!read) return complain("signature", read.error().message);
  const auto& agreement = read->agreement;
  const auto digest = "sha256:" + hex(agreement.digest);
  o.agreement = agreement.name;
  std::cout << agreement.name << " " << agreement.version << ", " << digest << "\n";
  return state("signature", o, {{"type", "signature"}},
               {{"version", agreement.version}, {"digest", digest}, {"party", o.party}});
}

int list_signatures(const StatementOptions& options) {
  const auto said = ask_statements(options, {"signature"});
  if (!said) return complain("signature", said.error().message);
  if (options.json) {
    std::cout << said->dump() << "\n";
    return kOk;
  }
  Table table({{"VERSION", false, 8}, {"PARTY"}, {"BY", false, 8}, {"AT"}});
  for (const auto& each : *said) {
    const auto& event = field(each, "event");
    table.add({Cell{printable(text_in(event, "version"))}, Cell{printable(text_in(event, "party"))},
               Cell{printable(text_in(each, "actor"))}, Cell{clock_in(each, "at")}});
    table.note(printable(text_in(event, "digest")));
  }
  std::cout << table.render(style_of_output());
  return kOk;
}

void add_sign(CLI::App& parent, int& exit_code) {
  auto options = std::make_shared<SignOptions>();
  auto* command = parent.add_subcommand("sign", "sign the version that stands in a file");
  command->add_option("FILE", options->file, "the agreement, as you have read it")->required();
  command->add_option("--party", options->party, "for whom you sign")
      ->required()
      ->check(CLI::IsMember({"provider", "customer"}))
      ->type_name("PARTY");
  command->add_option("--base", options->bases, "of an overlay, where it is not beside FILE")
      ->type_name("FILE");
  add_endpoint_options(*command, options->endpoint, false);
  // Nobody signs by the socket: there is no key that could be shown later.
  for (const char* needed : {"--collector", "--certificate", "--key"}) {
    command->get_option(needed)->required();
  }
  command->callback([options, &exit_code] { exit_code = sign(*options); });
}

}  // namespace

void add_signature_command(CLI::App& app, int& exit_code) {
  auto* signature = app.add_subcommand("signature", "Who signed which version of an agreement");
  signature->require_subcommand(1);
  add_sign(*signature, exit_code);
  add_list(*signature, exit_code, list_signatures);
  signature->footer(
      "Each party signs a version once; a changed text is another version.\n"
      "Example:\n  nines signature sign shop-2.1.0.yaml --party customer \\\n"
      "    --collector https://c:8643 --ca ca.pem --certificate bob.pem --key bob.key\n"
      "  nines signature list --agreement acme-shop-web");
}

}  // namespace nines::cli
