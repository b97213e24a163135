// SPDX-License-Identifier: Apache-2.0
// `nines sla lint` and `nines sla eval`: agreements and recorded results from files; no daemon, no
// network, no clock.
#pragma once

namespace CLI {
class App;
}

namespace nines::cli {

// Adds `sla` to `app`. The chosen command sets `exit_code` while `app` parses: 0 fine or MET, 1 it
// could not run, 2 findings or BREACHED, 3 INDETERMINATE or NO_DATA.
void add_sla_commands(CLI::App& app, int& exit_code);

// The parts of it, a file each.
void add_lint_command(CLI::App& sla, int& exit_code);
void add_explain_commands(CLI::App& sla, int& exit_code);  // explain, coverage
void add_diff_commands(CLI::App& sla, int& exit_code);     // diff, simulate, feasibility
void add_openslo_commands(CLI::App& sla, int& exit_code);  // export openslo, import openslo
void add_duties_command(CLI::App& sla, int& exit_code);    // obligations

}  // namespace nines::cli
