// SPDX-License-Identifier: Apache-2.0
// `nines import nagios`.
#include "cli/import_nagios.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/exit.h"
#include "cli/import_commands.h"

namespace nines::cli {
namespace {

struct NagiosOptions {
  std::vector<std::string> files;
  std::string out;
};

int import_nagios(const NagiosOptions& options) {
  ImportedSet set("import nagios");
  NagiosReader reader(set);
  for (const auto& file : options.files) {
    const auto read = reader.read(file);
    if (!read) return complain("import nagios", read.error().message);
  }
  for (auto& command : reader.commands()) {
    Draft draft;
    draft.name = command.name;
    draft.place = command.place;
    draft.every = command.every;
    draft.labels = command.labels;
    const auto words = shell_words(command.line);
    if (!words || words->empty()) {
      set.note(command.place, "left out: only a shell could run this line");
      continue;
    }
    if (draft_plugin(*words, draft)) {
      set.add(std::move(draft));
    } else {
      for (const auto& note : draft.notes) set.note(note.place, "left out: " + note.text);
    }
  }
  if (set.accepted() + set.refused() == 0) set.note({options.files[0]}, "no command line found");
  return finish_import(set, options.out);
}

}  // namespace

std::optional<std::vector<std::string>> shell_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;  // a word has begun, though it may be empty
  char quote = '\0';
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool last = i + 1 == line.size();
    if (quote == '\'') {
      if (c == '\'') quote = '\0';
      if (c != '\'') word += c;
    } else if (c == '\\') {
      if (last) return std::nullopt;
      const char next = line[++i];
      const bool special = next == '"' || next == '\\' || next == '$' || next == '`';
      if (quote == '"' && !special) word += c;
      word += next;
      open = true;
    } else if (c == '`' || (c == '$' && !last && line[i + 1] != ' ' && line[i + 1] != quote)) {
      return std::nullopt;
    } else if (quote == '"') {
      if (c == '"') quote = '\0';
      if (c != '"') word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      open = true;
    } else if (c == ' ' || c == '\t') {
      if (open) words.push_back(std::move(word));
      word.clear();
      open = false;
    } else if (std::string_view("|;&<>()*?[{\n").find(c) != std::string_view::npos) {
      return std::nullopt;
    } else {
      word += c;
      open = true;
    }
  }
  if (quote != '\0') return std::nullopt;
  if (open) words.push_back(std::move(word));
  return words;
}

void add_import_nagios(CLI::App& group, int& exit_code) {
  const auto options = std::make_shared<NagiosOptions>();
  CLI::App* command =
      group.add_subcommand("nagios", "command lines of plugins, or object configuration");
  command->add_option("FILE", options->files, "command lines, objects, resource files")->required();
  command->add_option("--out", options->out, "the file to write; standard output when left out");
  command->footer(
      "Example: nines import nagios /etc/nagios4/objects/*.cfg /etc/nagios4/resource.cfg\n"
      "Exit codes: 0 all carried over; 2 some of it not, said on standard error and in the file;\n"
      "1 nothing written.");
  command->callback([options, &exit_code] { exit_code = import_nagios(*options); });
}

}  // namespace nines::cli
