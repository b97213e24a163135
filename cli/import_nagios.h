// SPDX-License-Identifier: Apache-2.0
// Nagios: command lines of plugins, alone or in object configuration. Internal to the importer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/import_draft.h"

namespace nines::cli {

// One plugin to run, macros replaced.
struct NagiosCommand {
  std::string name;  // wished for
  std::string line;
  Duration every = seconds(300);
  Labels labels;
  config::Place place;
};

class NagiosReader {
 public:
  explicit NagiosReader(ImportedSet& set) : set_(set) {}

  // Reads one file; objects may refer to those of other files.
  Expected<void> read(const std::string& path);

  // After the last file: every command line, of files, services and hosts.
  std::vector<NagiosCommand> commands();

 private:
  struct Object {
    std::string type;
    config::Place place;
    std::map<std::string, std::string> values;
  };

  using Macros = std::map<std::string, std::string>;

  void line(const std::string& text, const config::Place& place);
  void directive(const std::string& text, const config::Place& place);
  void inherit(Object& object, int depth);
  void index();
  void service(const Object& service);
  void host(const Object& host);
  std::vector<const Object*> hosts_of(const Object& service);
  void add(const std::string& name, const Object& owner, const Object& host, const Object* service);
  std::optional<std::string> expanded(const std::string& text,
                                      const Macros& macros,
                                      const config::Place& place);

  ImportedSet& set_;
  std::vector<Object> objects_;
  bool in_object_ = false;
  Macros user_;  // $USERn$, as "USER1"
  std::string interval_length_ = "60";
  std::vector<NagiosCommand> commands_;
  std::map<std::string, Object*> templates_;  // by "type name"
  std::map<std::string, const Object*> hosts_;
  std::map<std::string, const Object*> definitions_;             // of commands
  std::map<std::string, std::vector<std::string>> host_groups_;  // members
};

// The words of a command line as a shell takes them apart; nothing where it would do more than that
// (variables, pipes, several commands).
std::optional<std::vector<std::string>> shell_words(std::string_view line);

// check_http, check_tcp, check_icmp and check_ping as checks of ours; any other plugin is run as it
// is. False: it cannot be carried over, and a note says why.
bool draft_plugin(const std::vector<std::string>& words, Draft& draft);

}  // namespace nines::cli
