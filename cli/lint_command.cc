// SPDX-License-Identifier: Apache-2.0
// `nines sla lint`: the agreement file itself is judged.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/agreement_input.h"
#include "cli/exit.h"
#include "cli/sla_commands.h"
#include "cli/terminal.h"
#include "sla/tools/lint.h"

namespace nines::cli {
namespace {

struct LintOptions {
  std::vector<std::string> files;
  bool smart = false;
  bool strict = false;
  std::string signed_on;
};

constexpr int kFindings = 2;

void print_smart(const sla::AgreementFile& file) {
  std::string last;
  for (const sla::Measured& each : sla::smart(file.agreement, file.text)) {
    if (each.objective != last) std::cout << "\n" << each.objective << "\n";
    last = each.objective;
    std::cout << wrapped(std::string("  ") + each.letter + (each.good ? "  " : "! ") + each.text,
                         80, 5);
  }
  std::cout << "\n";
}

int lint_one(const std::string& path, const LintOptions& options, const sla::LintOptions& how) {
  config::Complaints unreadable;
  if (!config::parse_yaml_file(path, unreadable)) return complain("sla lint", unreadable.text());
  config::Complaints complaints;
  const auto file = sla::load_agreement(path, options.files, complaints);
  std::cout << complaints.text();
  if (!file) return kFindings;
  int code = kOk;
  for (const sla::Finding& finding : sla::lint(file->agreement, file->text, how)) {
    const bool error = finding.severity == sla::Finding::Severity::error;
    std::cout << config::text_of(finding.place) << (error ? ": error: " : ": warning: ")
              << finding.text << '\n';
    if (error || options.strict) code = kFindings;
  }
  if (options.smart) print_smart(*file);
  const auto& agreement = file->agreement;
  std::cout << path << ": " << agreement.name << ' ' << agreement.version << ", "
            << agreement.objectives.size() << " objective"
            << (agreement.objectives.size() == 1 ? "" : "s") << ", sha256:" << hex(agreement.digest)
            << '\n';
  return code;
}

int run_lint(const LintOptions& options) {
  sla::LintOptions how;
  how.smart = options.smart;
  if (!options.signed_on.empty()) {
    const auto day = day_from(options.signed_on);
    if (!day) return complain("sla lint", day.error().message);
    how.as_of = *day;
  }
  int worst = kOk;
  for (const std::string& path : options.files) {
    const int code = lint_one(path, options, how);
    worst = worst == kCouldNotRun || code == kCouldNotRun ? kCouldNotRun : std::max(worst, code);
  }
  return worst;
}

}  // namespace

void add_lint_command(CLI::App& sla, int& exit_code) {
  auto options = std::make_shared<LintOptions>();
  CLI::App* lint = sla.add_subcommand("lint", "judge the agreement file itself");
  lint->add_option("FILE", options->files, "agreement files")->required();
  lint->add_flag("--smart", options->smart, "hold each objective against SMART, with numbers");
  lint->add_flag("--strict", options->strict, "warnings are findings too");
  lint->add_option("--signed-on", options->signed_on,
                   "the day of both signatures: finds a version that begins before its notice");
  lint->footer(
      "Exits with 0 when nothing or only warnings were found, 2 with findings, 1 when a file does\n"
      "not parse.\nExample:\n  nines sla lint --smart agreement.yaml");
  lint->callback([options, &exit_code] { exit_code = run_lint(*options); });
}

}  // namespace nines::cli
