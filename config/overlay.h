// SPDX-License-Identifier: Apache-2.0
// A text that holds only what differs from another one. Mappings are merged key by key; lists of
// named entries (config/node_path.h) are merged entry by entry, new ones follow; everything else is
// replaced. What must go is named by its path and taken out first. Every node keeps the place in
// the file that it came from.
#pragma once

#include <string>
#include <vector>

#include "config/yaml.h"

namespace nines::config {

// Paths in `removed` that lead nowhere in `base` are complained of at `place`.
Node overlaid(Node base,
              const Node& over,
              const std::vector<std::string>& removed,
              const Place& place,
              Complaints& complaints);

// The mapping without the entry of that key; the same where there is none.
Node without(Node mapping, std::string_view key);

}  // namespace nines::config
