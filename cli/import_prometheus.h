// SPDX-License-Identifier: Apache-2.0
// The targets that a Prometheus would have a blackbox exporter probe: every scrape job whose path
// ends in /probe, after relabelling.
#pragma once

#include <string>
#include <vector>

#include "cli/import_draft.h"

namespace nines::cli {

struct ProbeTarget {
  std::string job;
  std::string module;    // "http_2xx" where the job names none
  std::string target;    // as the exporter would get it
  std::string hostname;  // the exporter's parameter, or empty
  Labels labels;         // of its series, without `instance` where that is the target
  Duration every{0};
  Duration timeout{0};  // of the scrape
  config::Place place;
  std::vector<ImportNote> notes;  // of this target alone
};

// What cannot be read or carried over becomes a note of the set, or of a target. Nothing when the
// file does not parse; then `complaints` say why.
std::optional<std::vector<ProbeTarget>> read_prometheus(const std::string& path,
                                                        ImportedSet& set,
                                                        config::Complaints& complaints);

}  // namespace nines::cli
