// SPDX-License-Identifier: Apache-2.0
// `nines report`: what a collector judges of an agreement.
#include <CLI/CLI.hpp>

#include "base/disk.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/fields.h"
#include "cli/report_verdict.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace nines::cli {
namespace {

struct ReportOptions {
  Endpoint endpoint{kCollectorSocket};
  std::string agreement;
  std::string period;
  std::string format = "text";
  std::string language;
  unsigned revision = 0;
  bool provisional = false;
  bool list = false;
  std::string bundle;  // a file
  bool no_batches = false;
  bool no_texts = false;
};

// What a collector says, without control characters; the ends of lines stay as they are.
void print_lines(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool carriage = line.ends_with('\r');
    if (carriage) line.remove_suffix(1);
    std::cout << printable(line) << (carriage ? "\r\n" : "\n");
  }
}

std::string question_of(const ReportOptions& options) {
  std::string out = "?agreement=" + percent_encoded(options.agreement) +
                    "&period=" + percent_encoded(options.period);
  if (options.revision > 0) out += "&revision=" + std::to_string(options.revision);
  if (options.provisional) out += "&state=provisional";
  return out;
}

// What is sealed of the period, what each revision changed, and what came late.
int list(ApiClient& client, const ReportOptions& options) {
  const auto body = client.get("/v1/reports/revisions" + question_of(options));
  if (!body) return complain("report", body.error().message);
  const auto json = parse_answer(*body);
  if (!json) return complain("report", json.error().message);
  if (options.format == "json") {
    std::cout << *body;
    return kOk;
  }
  Table table({{"REVISION", true}, {"SEALED"}, {"CUT"}, {"ENTRY", true}, {"REPORT", false, 12}});
  for (const auto& each : field(*json, "revisions")) {
    const auto text = [&each](const char* key) { return Cell{printable(text_in(each, key))}; };
    table.add({{std::to_string(number_in(each, "revision").value_or(0))},
               text("sealed"),
               text("cut"),
               {std::to_string(number_in(each, "position").value_or(0))},
               text("report")});
    const auto& restatement = field(each, "restatement");
    if (restatement.is_object()) {
      table.note(printable(text_in(restatement, "reason") + " (proposed by " +
                           text_in(restatement, "proposed_by") + ", approved by " +
                           text_in(restatement, "approved_by") + ")"));
    }
  }
  std::cout << table.render(style_of_output());
  const auto late = number_in(field(*json, "late"), "results");
  if (late) std::cout << *late << " results came after the last cut and are not counted\n";
  return kOk;
}

int fetch_bundle(ApiClient& client, const ReportOptions& options) {
  // The collector reads and packs some hundred thousand results a second, and then sends them.
  constexpr Duration kBundleWithin = minutes(15);
  const auto body =
      client.get("/v1/bundle" + question_of(options) + (options.no_batches ? "&batches=no" : "") +
                     (options.no_texts ? "&texts=no" : ""),
                 kBundleWithin);
  if (!body) return complain("report", body.error().message);
  const auto written = write_file_durably(options.bundle, as_bytes(*body), 0644);
  if (!written) return complain("report", written.error().message);
  std::cout << options.bundle << ": " << bytes_text(body->size()) << "; nines verify "
            << options.bundle << "\n";
  return kOk;
}

int run_report(const ReportOptions& options) {
  auto client = ApiClient::open(options.endpoint);
  if (!client) return complain("report", client.error().message);
  if (options.list) return list(**client, options);
  if (!options.bundle.empty()) return fetch_bundle(**client, options);
  const auto path = "/v1/reports" + question_of(options) + "&format=";
  const auto body = (*client)->get(path + "json");
  if (!body) return complain("report", body.error().message);
  const auto json = parse_answer(*body);
  if (!json) return complain("report", json.error().message);
  const int code = code_of_report(*json);
  if (options.format == "json") {
    std::cout << *body << (body->ends_with('\n') ? "" : "\n");
    return code;
  }
  const std::string language = options.language.empty() ? "" : "&lang=" + options.language;
  const auto text = (*client)->get(path + options.format + language);
  if (!text) return complain("report", text.error().message);
  print_lines(*text);
  return code;
}

}  // namespace

int code_of_report(const Json& report) {
  int code = kOk;
  const auto& objectives = field(report, "objectives");
  if (!objectives.is_array()) return kUnknown;
  for (const auto& objective : objectives) {
    const auto verdict = text_in(objective, "verdict");
    if (verdict == "BREACHED") return kDown;
    if (verdict != "MET" && verdict != "NOT_APPLICABLE") code = kUnknown;
  }
  return code;
}

void add_report_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ReportOptions>();
  auto* command = app.add_subcommand("report", "The report on an agreement, from a collector");
  command->add_option("--agreement", options->agreement, "its name")->required()->type_name("NAME");
  command
      ->add_option("--period", options->period,
                   "2026, 2026-Q1, 2026-11, 2026-W13, 2026-03-29 or FROM/TO")
      ->required()
      ->type_name("P");
  command->add_option("--format", options->format, "text, json, csv or html")
      ->check(CLI::IsMember({"text", "json", "csv", "html"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  command
      ->add_option("--lang", options->language,
                   "en or zh; else text is English, HTML in the agreement's prevailing language")
      ->check(CLI::IsMember({"en", "zh"}))
      ->type_name("LANG");
  auto* revision = command->add_option("--revision", options->revision, "a sealed revision")
                       ->type_name("N")
                       ->check(CLI::Range(1, 1'000'000));
  command->add_flag("--provisional", options->provisional, "as of now, though it is sealed")
      ->excludes(revision);
  command->add_flag("--list", options->list, "what is sealed of the period, and what came late");
  command->add_option("--bundle", options->bundle, "write the evidence to a file for nines verify")
      ->type_name("FILE");
  command->add_flag("--no-batches", options->no_batches, "a bundle of results alone");
  command->add_flag("--no-texts", options->no_texts, "a bundle without people's free texts");
  add_endpoint_options(*command, options->endpoint, false);
  command->footer(
      "Exits with 0 when every objective is MET, 2 when one is BREACHED, 3 when one cannot be\n"
      "told.\nExample:\n  nines report --agreement acme-shop-web --period 2026-11");
  command->callback([options, &exit_code] { exit_code = run_report(*options); });
}

}  // namespace nines::cli
