// SPDX-License-Identifier: Apache-2.0
// A check by a program that speaks as Nagios plugins do: exit code 0 OK, 1 WARNING, 2 CRITICAL,
// anything else UNKNOWN; one line of text, and after a '|' performance data.
#pragma once

#include "probes/tools.h"

namespace nines::probes {

// `spec` must outlive the run. Outcome, total and limits are the caller's to judge.
Task<Failure> run_exec(Run& run, const ExecSpec& spec, ProbeResult& result);

// What a plugin printed, taken apart.
struct PluginOutput {
  std::string text;      // the first line
  std::string perfdata;  // of the first line and of what follows the second '|', joined
};

PluginOutput parse_plugin_output(std::string_view output);

}  // namespace nines::probes
