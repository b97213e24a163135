// SPDX-License-Identifier: Apache-2.0
// `nines import …`: what other tools recorded or configured becomes files of ours. One file for
// each source; each adds its command to the group.
#pragma once

namespace CLI {
class App;
}

namespace nines::cli {

void add_import_blackbox(CLI::App& group, int& exit_code);
void add_import_nagios(CLI::App& group, int& exit_code);
void add_import_results(CLI::App& group, int& exit_code);

}  // namespace nines::cli
