// SPDX-License-Identifier: Apache-2.0
// `nines sla diff`, `simulate` and `feasibility`: what a changed or a wished-for text means, in
// minutes and money, on what was recorded.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "cli/agreement_input.h"
#include "cli/exit.h"
#include "cli/sla_commands.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "sla/input/results_file.h"
#include "sla/judge/replay.h"
#include "sla/tools/difference.h"
#include "sla/tools/lint.h"

namespace nines::cli {
namespace {

struct DiffOptions {
  std::vector<std::string> files;
  std::string results;
  std::string language = "en";
  std::string target;
  std::string objective;
};

using Months = std::vector<sla::Month>;

Expected<Months> months_of(const sla::Agreement& agreement, const std::string& results) {
  TRY(recorded, sla::read_results_file(results));
  return sla::replay(agreement, recorded.series);
}

std::string value_text(const sla::ObjectiveReport& o) {
  if (!o.nominal) return "–";
  switch (sla::unit_of(o)) {
    case sla::Unit::microseconds:
      return sla::floor_text(*o.nominal / sla::Rational(1000), 0) + " ms";
    case sla::Unit::nanoseconds:
      return sla::spoken(*o.nominal, sla::Language::en);
    default:
      return sla::floor_text(*o.nominal * sla::Rational(100), o.decimals) + " %";
  }
}

Paint paint_of(sla::Verdict verdict) {
  return verdict == sla::Verdict::met        ? Paint::good
         : verdict == sla::Verdict::breached ? Paint::bad
                                             : Paint::doubtful;
}

Cell verdict_cell(const sla::ObjectiveReport& o) {
  return {std::string(sla::name(o.verdict)), paint_of(o.verdict)};
}

std::string down_text(const sla::ObjectiveReport& o) {
  return sla::spoken(sla::Rational(o.seconds.down), sla::Language::en);
}

sla::Rational credit_of(const sla::Report& report) {
  return report.credits ? report.credits->amount : sla::Rational(0);
}

std::string money(const sla::Rational& amount, const sla::Report& like) {
  const auto& credits = like.credits;
  return sla::floor_text(amount, credits->minor_digits) + " " + credits->currency;
}

bool pays(const Months& months) {
  return std::any_of(months.begin(), months.end(),
                     [](const sla::Month& each) { return each.report.credits.has_value(); });
}

// One line for each month: the objective before and after, and what would have been paid.
void print_months(const sla::Agreement& after_text, const Months& before, const Months& after) {
  for (const sla::Objective& objective : after_text.objectives) {
    Table table({{"MONTH"}, {"DOWN", true}, {"BEFORE"}, {"AFTER"}, {"VALUE", true}});
    bool any = false;
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
      const auto* was = sla::objective_in(before[i].report, objective.name);
      const auto* is = sla::objective_in(after[i].report, objective.name);
      if (is == nullptr) continue;
      table.add({{after[i].label},
                 {down_text(*is)},
                 was != nullptr ? verdict_cell(*was) : Cell{"–"},
                 verdict_cell(*is),
                 {value_text(*is)}});
      any = true;
    }
    if (!any) continue;
    std::cout << "\n"
              << objective.name << "\n"
              << table.render({style_of_output().colour, kTextWidth});
  }
  if (!pays(before) && !pays(after)) return;
  sla::Rational was(0);
  sla::Rational is(0);
  for (const sla::Month& each : before) was = was + credit_of(each.report);
  for (const sla::Month& each : after) is = is + credit_of(each.report);
  const Months& paying = pays(after) ? after : before;
  const auto like = std::find_if(paying.begin(), paying.end(), [](const sla::Month& each) {
    return each.report.credits.has_value();
  });
  std::cout << "\ncredits over these months: before " << money(was, like->report) << ", after "
            << money(is, like->report) << "\n";
}

int diff(const DiffOptions& options) {
  const auto before = agreement_from(options.files[0], options.files);
  if (!before) return complain("sla diff", before.error().message);
  const auto after = agreement_from(options.files[1], options.files);
  if (!after) return complain("sla diff", after.error().message);
  const auto language = options.language == "zh" ? sla::Language::zh : sla::Language::en;
  auto changes = sla::difference(before->text, after->text);
  sla::add_meanings(changes, before->agreement, after->agreement, language);
  std::cout << before->agreement.name << " " << before->agreement.version << " → "
            << after->agreement.name << " " << after->agreement.version << ": " << changes.size()
            << (changes.size() == 1 ? " difference\n" : " differences\n");
  for (const sla::TextChange& each : changes) {
    const char* mark = each.kind == sla::TextChange::Kind::added     ? "+ "
                       : each.kind == sla::TextChange::Kind::removed ? "- "
                                                                     : "~ ";
    std::cout << "\n" << wrapped(mark + printable(each.path), kTextWidth, 2);
    if (each.kind == sla::TextChange::Kind::changed) {
      std::cout << wrapped("  " + printable(each.before + " → " + each.after), kTextWidth, 4);
    } else {
      std::cout << wrapped("  " + printable(each.before + each.after), kTextWidth, 4);
    }
    if (!each.means.empty()) std::cout << wrapped("  " + each.means, kTextWidth, 4);
  }
  if (options.results.empty()) return changes.empty() ? kOk : kDown;
  const auto was = months_of(before->agreement, options.results);
  if (!was) return complain("sla diff", was.error().message);
  const auto is = months_of(after->agreement, options.results);
  if (!is) return complain("sla diff", is.error().message);
  print_months(after->agreement, *was, *is);
  return changes.empty() ? kOk : kDown;
}

int simulate(const DiffOptions& options) {
  const auto file = agreement_from(options.files[0], options.files);
  if (!file) return complain("sla simulate", file.error().message);
  const auto wished = sla::with_target(file->agreement, options.target, options.objective);
  if (!wished) return complain("sla simulate", wished.error().message);
  const auto before = months_of(file->agreement, options.results);
  if (!before) return complain("sla simulate", before.error().message);
  const auto after = months_of(*wished, options.results);
  if (!after) return complain("sla simulate", after.error().message);
  std::cout << file->agreement.name << " with a target of " << options.target << " %, "
            << after->size() << (after->size() == 1 ? " month" : " months") << " of results\n";
  sla::Agreement shown = *wished;
  std::erase_if(shown.objectives, [&](const sla::Objective& each) {
    return each.target_text != options.target ||
           (!options.objective.empty() && each.name != options.objective);
  });
  print_months(shown, *before, *after);
  return kOk;
}

// Months in ascending order of what was reached.
std::vector<sla::Rational> reached(const Months& months, const std::string& objective) {
  std::vector<sla::Rational> out;
  for (const sla::Month& each : months) {
    const auto* o = sla::objective_in(each.report, objective);
    if (o != nullptr && o->nominal) out.push_back(*o->nominal);
  }
  std::sort(out.begin(), out.end());
  return out;
}

void print_history(const sla::Objective& objective, const Months& months) {
  const auto values = reached(months, objective.name);
  if (values.empty()) {
    std::cout << "  history: no month was measured\n";
    return;
  }
  const auto met = static_cast<std::size_t>(std::count_if(
      values.begin(), values.end(), [&](const auto& each) { return each >= objective.target; }));
  const auto percent = [&](std::size_t at) {
    return sla::floor_text(values[at] * sla::Rational(100), 3) + " %";
  };
  // Nearest rank of 5 %: of fewer than 21 months the worst one.
  const std::size_t low = (values.size() + 19) / 20 - 1;
  std::cout << "  history: kept in " << met << " of " << values.size()
            << (values.size() == 1 ? " month" : " months") << "; worst " << percent(0)
            << ", lower 5 % " << percent(low) << ", median " << percent((values.size() - 1) / 2)
            << "\n";
}

int feasibility(const DiffOptions& options) {
  const auto file = agreement_from(options.files[0], options.files);
  if (!file) return complain("sla feasibility", file.error().message);
  std::optional<Months> months;
  if (!options.results.empty()) {
    auto recorded = months_of(file->agreement, options.results);
    if (!recorded) return complain("sla feasibility", recorded.error().message);
    months = *std::move(recorded);
  }
  bool doubtful = false;
  for (const sla::Objective& each : file->agreement.objectives) {
    if (each.statistic != sla::Objective::Statistic::availability) continue;
    std::cout << each.name << ": " << each.target_text << " % of " << each.service << "\n";
    if (months) {
      print_history(each, *months);
      const auto values = reached(*months, each.name);
      doubtful = doubtful || values.empty() || values[(values.size() + 19) / 20 - 1] < each.target;
    }
  }
  const auto product = sla::supplier_product(file->agreement);
  std::cout << "\nsuppliers: ";
  if (product) {
    std::cout << sla::floor_text(*product * sla::Rational(100), 4)
              << " % together, were they independent (those that cover the same stand in for each "
                 "other)\n";
  } else {
    std::cout << "none promises a share\n";
  }
  for (const sla::Measured& each : sla::smart(file->agreement, file->text)) {
    if (each.letter != 'M') continue;
    std::cout << wrapped("sampling of " + each.objective + ": " + each.text, kTextWidth, 2);
    doubtful = doubtful || !each.good;
  }
  for (const sla::Finding& each : sla::roster_findings(file->agreement, file->text)) {
    std::cout << wrapped("roster: " + each.text, kTextWidth, 2);
    doubtful = true;
  }
  std::cout << "\n"
            << (doubtful ? "not everything speaks for it\n"
                         : "nothing found that speaks against it\n");
  return doubtful ? kDown : kOk;
}

}  // namespace

void add_diff_commands(CLI::App& sla, int& exit_code) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* command = sla.add_subcommand("diff", "two agreements compared by what they say");
  command->add_option("FILES", options->files, "before and after")->required()->expected(2);
  command->add_option("--results", options->results, "judge these results under both, by month");
  command->add_option("--lang", options->language, "en or zh")->check(CLI::IsMember({"en", "zh"}));
  command->footer("Exits with 0 when they say the same, 2 when they differ.");
  command->callback([options, &exit_code] { exit_code = diff(*options); });

  auto simulated = std::make_shared<DiffOptions>();
  command = sla.add_subcommand("simulate", "what another target would have made of the past");
  command->add_option("FILE", simulated->files, "the agreement")->required()->expected(1);
  command->add_option("--target", simulated->target, "a percentage, as 99.95")->required();
  command->add_option("--objective", simulated->objective, "only of this objective");
  command->add_option("--results", simulated->results, "results, JSON lines")->required();
  command->footer(
      "Example:\n  nines sla simulate agreement.yaml --target 99.95 --results year.jsonl");
  command->callback([simulated, &exit_code] { exit_code = simulate(*simulated); });

  auto asked = std::make_shared<DiffOptions>();
  command = sla.add_subcommand("feasibility", "can this be promised?");
  command->add_option("FILE", asked->files, "the agreement")->required()->expected(1);
  command->add_option("--results", asked->results, "history, JSON lines");
  command->footer("Exits with 2 when something speaks against it.");
  command->callback([asked, &exit_code] { exit_code = feasibility(*asked); });
}

}  // namespace nines::cli
