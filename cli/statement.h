// SPDX-License-Identifier: Apache-2.0
// A person's statement on an agreement, as the command line makes it: signed with the key that is
// shown to the collector, and posted.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cli/api_client.h"
#include "cli/fields.h"

namespace nines::cli {

// What options say; empty ones say nothing.
struct StatementOptions {
  Endpoint endpoint{kCollectorSocket};
  std::string agreement, id, kind, from, to, service, evidence, reason, note, priority, at;
  std::string text, period;
  std::string about, subject;
  bool json = false;
};

// --agreement and the endpoint's; ID where `id`.
void add_statement_options(CLI::App& command, StatementOptions& options, bool id);

// --about, of a command that takes a free text.
void add_about(CLI::App& command, StatementOptions& options);

// `list` under a kind of statement: `show` prints all of it that an agreement has, as JSON where
// `json`, and answers the exit code.
void add_list(CLI::App& parent,
              int& exit_code,
              std::function<int(const StatementOptions& options)> show);

// Posts `event` with the options' texts under `keys` added, and says where it stands in the log.
// The exit code; errors begin with `what`.
int state(const std::string& what,
          const StatementOptions& options,
          Json event,
          const std::vector<std::pair<std::string, std::string>>& texts);

// GET /v1/events of the agreement.
Expected<Json> ask_events(const StatementOptions& options);

// Of these the statements of some types, as they stand in the log, the oldest first: an array of
// objects with `actor`, `at` and `event`. Sealed texts are opened, as far as they are kept.
Expected<Json> ask_statements(const StatementOptions& options,
                              const std::vector<std::string>& types);

// A free text of an event: as it was said, "(erased T)", or "(sealed)" where it is not here.
std::string free_text_in(const Json& event, const char* key);

}  // namespace nines::cli
