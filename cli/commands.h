// SPDX-License-Identifier: Apache-2.0
// The commands of `nines`, one file each. Each function adds its command to `app`; the command that
// is chosen sets `exit_code` while `app` parses.
#pragma once

namespace CLI {
class App;
}

namespace nines::cli {

void add_probe_command(CLI::App& app, int& exit_code);
void add_status_command(CLI::App& app, int& exit_code);
void add_why_command(CLI::App& app, int& exit_code);
void add_history_command(CLI::App& app, int& exit_code);
void add_agents_command(CLI::App& app, int& exit_code);
void add_spool_command(CLI::App& app, int& exit_code);
void add_report_command(CLI::App& app, int& exit_code);
void add_verify_command(CLI::App& app, int& exit_code);
void add_exclusion_command(CLI::App& app, int& exit_code);
void add_incident_command(CLI::App& app, int& exit_code);
void add_note_commands(CLI::App& app, int& exit_code);  // annotation, observation
void add_membership_command(CLI::App& app, int& exit_code);
void add_restatement_command(CLI::App& app, int& exit_code);
void add_log_command(CLI::App& app, int& exit_code);
void add_duty_command(CLI::App& app, int& exit_code);
void add_signature_command(CLI::App& app, int& exit_code);
void add_erase_command(CLI::App& app, int& exit_code);
void add_alerts_command(CLI::App& app, int& exit_code);
void add_check_command(CLI::App& app, int& exit_code);
void add_import_commands(CLI::App& app, int& exit_code);

}  // namespace nines::cli
