// SPDX-License-Identifier: Apache-2.0
// Options of a plugin's command line, as getopt_long takes them apart. Internal to the importer.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/import_draft.h"

namespace nines::cli {

struct PluginOption {
  char letter = '\0';
  std::string_view name;  // long

  enum Value { none, wanted, optional } value;  // optional: only when attached
};

class PluginOptions {
 public:
  // What the table does not hold is noted.
  PluginOptions(const std::vector<std::string>& words,
                std::span<const PluginOption> table,
                Draft& draft);

  bool has(char letter) const;
  std::string last(char letter) const;  // empty when absent
  std::vector<std::string> all(char letter) const;

  const std::vector<std::string>& others() const { return others_; }  // words that are no option

 private:
  void long_option(const std::string& word, std::size_t& at, Draft& draft);
  void letters(const std::string& word, std::size_t& at, Draft& draft);

  const std::vector<std::string>& words_;
  std::span<const PluginOption> table_;
  std::vector<std::pair<char, std::string>> given_;
  std::vector<std::string> others_;
};

// "-w 5", "-c 0.5" in seconds; "200ms", "1.5s" too. Nothing, and a note, for ranges and the like.
std::optional<Duration> plugin_seconds(const std::string& text, Duration unit, Draft& draft);

// "CRITICAL" and "WARNING" of a response time; what could never be exceeded is left out.
void put_latency(const PluginOptions& options, Draft& draft, Flow& expect, Flow& warn);

Duration plugin_timeout(const PluginOptions& options);  // -t; 10 s

std::string host_and_port(const std::string& host, const std::string& port);

// -4 and -6, where the host is a name.
void put_plugin_family(const PluginOptions& options, const std::string& host, Draft& draft);

// "30,14": days left that warn, and that are critical.
void put_days(const std::string& text, Draft& draft, Flow& expect, Flow& warn);

void note_unverified(Draft& draft);  // the plugins verify no certificate

std::string quoted_pattern(const std::string& text);  // matches the text itself

}  // namespace nines::cli
