// SPDX-License-Identifier: Apache-2.0
// `nines sla obligations`: everything in an agreement that has a date: duties, drills, reviews,
// training, surveys, insurance, meetings; what was due last, what is due next, what proves it.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/agreement_input.h"
#include "cli/exit.h"
#include "cli/sla_commands.h"
#include "cli/terminal.h"
#include "sla/tools/explain.h"

namespace nines::cli {
namespace {

struct DutiesOptions {
  std::vector<std::string> files;
  std::string as_of;
  bool past = false;
  bool json = false;
};

void print_json(const std::vector<sla::Due>& due, const sla::LocalDate& day) {
  for (const sla::Due& each : due) {
    const nlohmann::ordered_json out{{"id", each.duty->id},
                                     {"kind", sla::name(each.duty->kind)},
                                     {"what", each.duty->what},
                                     {"owner", each.duty->owner},
                                     {"number", each.number},
                                     {"due", sla::iso_date(each.on)},
                                     {"remind_from", sla::iso_date(each.remind_from)},
                                     {"remind", each.on >= day && each.remind_from <= day},
                                     {"evidence", each.duty->evidence}};
    std::cout << out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  }
}

// What it is may be long: it is wrapped under its date, never cut.
void print_lines(const std::vector<sla::Due>& due, const sla::LocalDate& day) {
  constexpr std::size_t kUnderTheState = 12;
  for (const sla::Due& each : due) {
    const bool past = each.on < day;
    const bool soon = !past && each.remind_from <= day;
    std::string line = sla::iso_date(each.on) + (past   ? "  past  "
                                                 : soon ? "  soon  "
                                                        : "        ");
    line +=
        each.duty->owner + ", " + std::string(sla::name(each.duty->kind)) + ": " + each.duty->what;
    if (!each.duty->evidence.empty()) line += " (proof: " + each.duty->evidence + ")";
    std::cout << wrapped(line, kTextWidth, kUnderTheState);
  }
}

int run_duties(const DutiesOptions& options) {
  const auto day = day_from(options.as_of);
  if (!day) return complain("sla obligations", day.error().message);
  const auto file = agreement_from(options.files.front(), options.files);
  if (!file) return complain("sla obligations", file.error().message);
  const sla::Agreement& a = file->agreement;
  const auto begin = a.zone.date_at(a.effective_from);
  const auto end = a.effective_to ? std::optional(a.zone.date_at(*a.effective_to)) : std::nullopt;
  const auto due = sla::due_around(a.duties, begin, end, *day, options.past);
  if (options.json) {
    print_json(due, *day);
    return kOk;
  }
  std::cout << a.name << " " << a.version << ", as of " << sla::iso_date(*day) << "\n\n";
  if (!due.empty()) print_lines(due, *day);
  bool first = true;
  for (const sla::Duty& each : a.duties) {
    if (each.dated()) continue;
    if (first) std::cout << "\nat all times\n";
    first = false;
    std::cout << wrapped("- " + printable(each.owner + ": " + each.what), kTextWidth, 2);
  }
  return kOk;
}

}  // namespace

void add_duties_command(CLI::App& sla, int& exit_code) {
  auto options = std::make_shared<DutiesOptions>();
  CLI::App* command = sla.add_subcommand("obligations", "what is due, by whom, with which proof");
  command->add_option("FILE", options->files, "the agreement; further files may hold its base")
      ->required();
  command->add_option("--as-of", options->as_of, "the day to ask for; else today (UTC)");
  command->add_flag("--past", options->past, "also what was due last");
  command->add_flag("--json", options->json, "one object a line");
  command->footer(
      "Dates count from the first day of the agreement, on its clock.\nExample:\n"
      "  nines sla obligations agreement.yaml --as-of 2026-11-25 --past");
  command->callback([options, &exit_code] { exit_code = run_duties(*options); });
}

}  // namespace nines::cli
