// SPDX-License-Identifier: Apache-2.0
// Batches that the collector dropped because they were old: its log says so, entry by entry.
#include "cli/bundle.h"
#include "proto/event_lines.h"

namespace nines::cli {

using Json = nlohmann::json;
using proto::count_member;
using proto::text_member;

void verify_dropped(Bundle& bundle) {
  std::uint64_t entries = 0, batches = 0, results = 0, last = 0;
  for (const auto& entry : bundle.entries) {
    if (text_member(entry.json, "type") != "retention") continue;
    ++entries;
    batches += count_member(entry.json, "batches").value_or(0);
    results += count_member(entry.json, "results").value_or(0);
    last = entry.position;
  }
  const auto said = bundle.manifest.find("dropped");
  const auto claimed =
      said != bundle.manifest.end() && said->is_array() ? said->size() : std::size_t{0};
  if (claimed != entries) {
    bundle.find("manifest.json", "what it says was dropped is not what the log says");
    return;
  }
  if (entries == 0) return;
  bundle.gone = std::to_string(batches) + " batches with " + std::to_string(results) +
                " results of about this time were dropped as too old, as " +
                std::to_string(entries) + " entries of the log say, the last of them entry " +
                std::to_string(last) +
                "; their hashes are in the log. The report cannot be computed again without them";
}

}  // namespace nines::cli
