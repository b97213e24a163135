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
#include "sla/input/events_file.h"
#include "sla/judge/duties.h"

namespace nines::cli {
namespace {

using sla::DutyDay;

struct DutiesOptions {
  std::vector<std::string> files;
  std::string as_of, events;
  bool past = false;
  bool json = false;
};

// What is due, and where events were given what was said of it.
struct Shown {
  sla::Due due;
  std::optional<DutyDay> of;
};

Expected<std::vector<Shown>> days_of(const sla::Agreement& a,
                                     const DutiesOptions& options,
                                     const sla::LocalDate& day) {
  std::vector<Shown> out;
  if (options.events.empty()) {
    const auto begin = a.zone.date_at(a.effective_from);
    const auto end = a.effective_to ? std::optional(a.zone.date_at(*a.effective_to)) : std::nullopt;
    for (const auto& due : sla::due_around(a.duties, begin, end, day, options.past)) {
      out.push_back({due, {}});
    }
    return out;
  }
  TRY(events, sla::read_events_file(options.events));
  const std::vector<sla::Agreement> alone{a};
  TRY(versions, sla::order_versions(alone));
  // Of `a` itself, which outlives this: what is shown points at its duties.
  for (auto& each : sla::duty_days({&a, versions.front().span}, events.duties, day)) {
    out.push_back({each.due, std::move(each)});
  }
  return out;
}

void print_json(const std::vector<Shown>& days, const sla::LocalDate& day) {
  for (const auto& [due, of] : days) {
    nlohmann::ordered_json out{{"id", due.duty->id},
                               {"kind", sla::name(due.duty->kind)},
                               {"what", due.duty->what},
                               {"owner", due.duty->owner},
                               {"number", due.number},
                               {"due", sla::iso_date(due.on)},
                               {"remind_from", sla::iso_date(due.remind_from)},
                               {"remind", due.on >= day && due.remind_from <= day},
                               {"evidence", due.duty->evidence}};
    if (of) out["state"] = sla::name(of->state);
    if (of && of->state == DutyDay::State::done) {
      out["done"] = {{"by", of->said.actor},
                     {"at", format_rfc3339(of->said.at)},
                     {"evidence", of->said.evidence}};
    }
    std::cout << out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  }
}

// What there is to know of the day at a glance.
std::string mark(const Shown& shown, const sla::LocalDate& day) {
  const bool past = shown.due.on < day;
  const bool soon = !past && shown.due.remind_from <= day;
  if (!shown.of) return past ? "past  " : soon ? "soon  " : "      ";
  std::string out(sla::name(shown.of->state));
  out.resize(std::string_view("missed  ").size(), ' ');
  return out;
}

// What it is may be long: it is wrapped under its date, never cut.
void print_lines(const std::vector<Shown>& days, const sla::LocalDate& day) {
  for (const Shown& each : days) {
    const sla::Duty& duty = *each.due.duty;
    const auto head = sla::iso_date(each.due.on) + "  " + mark(each, day);
    // By its id it is ticked off.
    const auto which = each.of ? printable(duty.id) : std::string(sla::name(duty.kind));
    auto line = head + duty.owner + ", " + which + ": " + duty.what;
    if (each.of && each.of->state == DutyDay::State::done) {
      line += " (done: " + printable(each.of->said.actor) + ", " + format_rfc3339(each.of->said.at);
      if (!each.of->said.evidence.empty()) line += ", " + printable(each.of->said.evidence);
      line += ")";
    } else if (!duty.evidence.empty()) {
      line += " (proof: " + duty.evidence + ")";
    }
    std::cout << wrapped(line, kTextWidth, 12);
  }
}

int run_duties(const DutiesOptions& options) {
  const auto day = day_from(options.as_of);
  if (!day) return complain("sla obligations", day.error().message);
  const auto file = agreement_from(options.files.front(), options.files);
  if (!file) return complain("sla obligations", file.error().message);
  const sla::Agreement& a = file->agreement;
  const auto days = days_of(a, options, *day);
  if (!days) return complain("sla obligations", days.error().message);
  if (options.json) {
    print_json(*days, *day);
    return kOk;
  }
  std::cout << a.name << " " << a.version << ", as of " << sla::iso_date(*day) << "\n\n";
  print_lines(*days, *day);
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
  command->add_option("--events", options->events,
                      "JSON lines of what was said: every day until then, and whether it was done");
  command->add_flag("--past", options->past, "also what was due last");
  command->add_flag("--json", options->json, "one object a line");
  command->footer(
      "Dates count from the first day of the agreement, on its clock.\nExample:\n"
      "  nines sla obligations agreement.yaml --as-of 2026-11-25 --past");
  command->callback([options, &exit_code] { exit_code = run_duties(*options); });
}

}  // namespace nines::cli
