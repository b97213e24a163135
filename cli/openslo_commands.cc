// SPDX-License-Identifier: Apache-2.0
// `nines sla export openslo` and `nines sla import openslo`: the document on standard output, what
// could not be carried on standard error.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/disk.h"
#include "cli/agreement_input.h"
#include "cli/exit.h"
#include "cli/sla_commands.h"
#include "cli/terminal.h"
#include "sla/tools/openslo.h"

namespace nines::cli {
namespace {

void print(const sla::Carried& carried) {
  std::cout << carried.text;
  for (const std::string& each : carried.notes) std::cerr << "note: " << printable(each) << "\n";
}

int export_one(const std::vector<std::string>& files) {
  const auto file = agreement_from(files.front(), files);
  if (!file) return complain("sla export openslo", file.error().message);
  print(sla::export_openslo(file->agreement, file->text));
  return kOk;
}

int import_one(const std::string& path) {
  const auto text = read_file(path, config::kMaxFileBytes);
  if (!text) return complain("sla import openslo", text.error().message);
  const auto carried = sla::import_openslo(*text, path);
  if (!carried) return complain("sla import openslo", carried.error().message);
  print(*carried);
  return kOk;
}

}  // namespace

void add_openslo_commands(CLI::App& sla, int& exit_code) {
  CLI::App* out = sla.add_subcommand("export", "an agreement in another format");
  out->require_subcommand(1);
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* command = out->add_subcommand("openslo", "OpenSLO v1 documents, ours as annotations");
  command->add_option("FILE", *files, "the agreement; further files may hold its base")->required();
  command->callback([files, &exit_code] { exit_code = export_one(*files); });

  CLI::App* in = sla.add_subcommand("import", "another format as an agreement");
  in->require_subcommand(1);
  auto path = std::make_shared<std::string>();
  command =
      in->add_subcommand("openslo", "OpenSLO v1 documents as an agreement, or a draft of one");
  command->add_option("FILE", *path, "Service, SLI and SLO documents")->required();
  command->callback([path, &exit_code] { exit_code = import_one(*path); });
}

}  // namespace nines::cli
