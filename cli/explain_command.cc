// SPDX-License-Identifier: Apache-2.0
// `nines sla explain` and `nines sla coverage`: what a file says, and what it leaves open.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/agreement_input.h"
#include "cli/exit.h"
#include "cli/sla_commands.h"
#include "cli/terminal.h"
#include "config/yaml_writer.h"
#include "sla/text/presets.h"
#include "sla/tools/coverage.h"
#include "sla/tools/explain.h"

namespace nines::cli {
namespace {

struct ExplainOptions {
  std::vector<std::string> files;
  std::string language;
  bool resolved = false;
};

// Without --lang the language that prevails, where it is one that we speak.
sla::Language language_of(const std::string& asked, const sla::Agreement* agreement) {
  if (asked == "zh") return sla::Language::zh;
  if (asked == "en" || agreement == nullptr) return sla::Language::en;
  const auto& prevailing = agreement->languages.prevailing;
  return prevailing.starts_with("zh") ? sla::Language::zh : sla::Language::en;
}

void print(const std::vector<sla::Sentence>& sentences, const Style& style) {
  for (const sla::Sentence& each : sentences) {
    const std::string text = printable(each.text);
    switch (each.kind) {
      case sla::Sentence::Kind::title:
        std::cout << painted(style, Paint::strong, text) << "\n\n";
        break;
      case sla::Sentence::Kind::heading:
        std::cout << "\n" << painted(style, Paint::strong, text) << "\n";
        break;
      case sla::Sentence::Kind::item:
        std::cout << wrapped("- " + text, kTextWidth, 2);
        break;
      default:
        std::cout << wrapped("  " + text, kTextWidth, 2);
    }
  }
}

int explain_preset(const ExplainOptions& options) {
  const std::string name = options.files.front().substr(sla::kPresetPrefix.size());
  const sla::Preset* preset = sla::find_preset(name);
  if (preset == nullptr) return complain("sla explain", sla::no_such_preset(name));
  if (options.resolved) {
    std::cout << config::yaml_text(sla::tree_of(*preset));
  } else {
    print(sla::explain(*preset, language_of(options.language, nullptr)), style_of_output());
  }
  return kOk;
}

int explain(const ExplainOptions& options) {
  if (options.files.front().starts_with(sla::kPresetPrefix)) return explain_preset(options);
  const std::vector<std::string> others(options.files.begin() + 1, options.files.end());
  if (options.resolved) {
    config::Complaints complaints;
    std::vector<std::string> of;
    const auto text = sla::load_resolved(options.files.front(), others, of, complaints);
    if (!text || !complaints.empty()) return complain("sla explain", complaints.text());
    std::cout << config::yaml_text(*text);
    return kOk;
  }
  const auto file = agreement_from(options.files.front(), others);
  if (!file) return complain("sla explain", file.error().message);
  const auto language = language_of(options.language, &file->agreement);
  print(sla::explain(file->agreement, file->text, language), style_of_output());
  return kOk;
}

std::string joined(const std::vector<std::string>& list, const char* between) {
  std::string out;
  for (const std::string& each : list) out += (out.empty() ? "" : between) + each;
  return out;
}

int coverage(const ExplainOptions& options) {
  config::Complaints complaints;
  std::vector<std::string> of;
  const auto text = sla::load_resolved(
      options.files.front(), {options.files.begin() + 1, options.files.end()}, of, complaints);
  if (!text || !complaints.empty()) return complain("sla coverage", complaints.text());
  const auto language = language_of(options.language, nullptr);
  const bool zh = language == sla::Language::zh;
  const auto items = sla::coverage(*text, language);
  const Style style = style_of_output();
  std::size_t whole = 0;
  std::size_t parts = 0;
  std::size_t present = 0;
  for (const auto& item : items) {
    std::vector<std::string> open;
    for (const auto& part : item.parts) {
      if (!part.present) open.push_back(part.words);
    }
    const bool none = item.present() == 0;
    const Paint paint = item.whole() ? Paint::good : none ? Paint::bad : Paint::doubtful;
    std::cout << painted(style, paint,
                         item.whole() ? "✓"
                         : none       ? "✗"
                                      : "~")
              << " " << item.id << "  " << item.title << "\n";
    if (!open.empty()) {
      const std::string missing = (zh ? "未涉及:" : "open: ") + joined(open, zh ? "、" : ", ");
      std::cout << wrapped("       " + missing, kTextWidth, 7);
    }
    whole += item.whole() ? 1 : 0;
    parts += item.parts.size();
    present += item.present();
  }
  std::cout << "\n";
  const std::string share = std::to_string(present) + "/" + std::to_string(parts);
  std::cout << (zh ? "完整 " : "") << whole << (zh ? " / " : " of ") << items.size()
            << (zh ? " 项;要点 " : " items are whole; parts ") << share << ", "
            << present * 100 / parts << " %\n";
  for (std::size_t chapter = 0; chapter < 6; ++chapter) {
    constexpr std::size_t kEach = 4;
    std::size_t said = 0;
    for (std::size_t i = 0; i < kEach; ++i) said += items[chapter * kEach + i].present();
    if (said > 0) continue;
    std::cout << (zh ? "缺少第 " : "chapter ") << chapter + 1 << (zh ? " 章\n" : " is missing\n");
  }
  return kOk;
}

}  // namespace

void add_explain_commands(CLI::App& sla, int& exit_code) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = sla.add_subcommand("explain", "an agreement in plain sentences");
  command
      ->add_option("FILE", options->files,
                   "the agreement, or preset:NAME; further files may hold its base")
      ->required();
  command->add_option("--lang", options->language, "en or zh; else the language that prevails")
      ->check(CLI::IsMember({"en", "zh"}));
  command->add_flag("--resolved", options->resolved, "the whole text, overlays resolved, as YAML");
  command->footer("Example:\n  nines sla explain --lang zh agreement.yaml");
  command->callback([options, &exit_code] { exit_code = explain(*options); });

  auto covered = std::make_shared<ExplainOptions>();
  CLI::App* second =
      sla.add_subcommand("coverage", "which of the guideline's 24 items it speaks of");
  second->add_option("FILE", covered->files, "the agreement; further files may hold its base")
      ->required();
  second->add_option("--lang", covered->language, "en or zh")->check(CLI::IsMember({"en", "zh"}));
  second->callback([covered, &exit_code] { exit_code = coverage(*covered); });
}

}  // namespace nines::cli
