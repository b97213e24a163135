// SPDX-License-Identifier: Apache-2.0
#include "cli/sla_commands.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/agreement_input.h"
#include "cli/exit.h"
#include "sla/input/events_file.h"
#include "sla/input/results_file.h"
#include "sla/judge/judge.h"
#include "sla/render/report_formats.h"

namespace nines::cli {
namespace {

struct EvalOptions {
  std::vector<std::string> agreements;
  std::string results;
  std::string events;
  std::string period;
  std::string as_of;
  std::string format = "text";
  std::string language;
  bool json = false;
};

bool colour_wanted() {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

Expected<sla::Question> question_of(const EvalOptions& options) {
  sla::Question out;
  out.sketches = true;  // as the collector's reports have them: the same results, the same report
  if (!options.period.empty()) out.period = options.period;
  if (!options.as_of.empty()) {
    TRY(as_of, parse_rfc3339(options.as_of));
    out.as_of = as_of;
  }
  if (!out.period && !out.as_of) return fail("say --period P or --as-of T");
  return out;
}

Expected<sla::Report> evaluate(const EvalOptions& options) {
  TRY(question, question_of(options));
  std::vector<sla::Agreement> versions;
  for (const std::string& path : options.agreements) {
    TRY(file, agreement_from(path, options.agreements));
    versions.push_back(std::move(file.agreement));
  }
  std::vector<sla::Warning> warnings;
  sla::Events events;
  if (!options.events.empty()) {
    TRY(given, sla::read_events_file(options.events));
    events = std::move(given);
  }
  TRY(results, sla::read_results_file(options.results));
  warnings.insert(warnings.end(), results.warnings.begin(), results.warnings.end());
  TRY(report, sla::judge(versions, std::move(results.series), question, events));
  report.warnings.insert(report.warnings.begin(), warnings.begin(), warnings.end());
  return report;
}

int eval(const EvalOptions& options) {
  const auto report = evaluate(options);
  if (!report) return complain("sla eval", report.error().message);
  const auto format = options.json ? sla::Format::json : sla::parse_format(options.format);
  std::cout << sla::render(*report, format.value_or(sla::Format::text),
                           sla::parse_language(options.language), colour_wanted());
  // A script that reads only part of the report would get the verdict of a whole one.
  std::cout.flush();
  if (!std::cout) return complain("sla eval", "the report could not be written");
  return sla::exit_code_of(sla::worst_verdict(*report));
}

}  // namespace

void add_sla_commands(CLI::App& app, int& exit_code) {
  CLI::App* sla = app.add_subcommand("sla", "agreements: check them, judge recorded results");
  sla->require_subcommand(1);

  add_lint_command(*sla, exit_code);
  add_explain_commands(*sla, exit_code);
  add_diff_commands(*sla, exit_code);
  add_openslo_commands(*sla, exit_code);
  add_duties_command(*sla, exit_code);
  const auto options = std::make_shared<EvalOptions>();
  CLI::App* judge = sla->add_subcommand("eval", "judge recorded results offline");
  judge->add_option("--agreement", options->agreements, "agreement; several are versions of one")
      ->required()
      ->allow_extra_args(false);
  judge->add_option("--results", options->results, "results, JSON lines")->required();
  judge->add_option("--events", options->events, "exclusions and incidents, JSON lines");
  judge->add_option("--period", options->period,
                    "2026, 2026-Q1, 2026-11, 2026-W13, 2026-03-29 or FROM/TO");
  judge->add_option("--as-of", options->as_of, "judge what was known at this RFC 3339 instant");
  judge->add_option("--format", options->format, "text, json, csv or html")
      ->check(CLI::IsMember({"text", "json", "csv", "html"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  judge
      ->add_option("--lang", options->language,
                   "en or zh; else text is English, HTML in the agreement's prevailing language")
      ->check(CLI::IsMember({"en", "zh"}))
      ->type_name("LANG");
  judge->add_flag("--json", options->json, "the same as --format json");
  judge->callback([options, &exit_code] { exit_code = eval(*options); });
}

}  // namespace nines::cli
