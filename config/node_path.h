// SPDX-License-Identifier: Apache-2.0
// Finds what an agreement says by a path of names: "spec/objectives/availability/target". Entries
// of lists are named by their `name`, `id`, `step` or `what`, else by their number from 1; so one
// path means the same in two versions of a text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/yaml.h"

namespace nines::config {

// Null where the path leads nowhere.
const Node* node_at(const Node& root, std::string_view path);

// The place of the deepest part of the path that is there.
Place place_at(const Node& root, std::string_view path);

// By what an entry of a list is told from its neighbours.
std::string entry_name(const Node& entry, std::size_t number);

}  // namespace nines::config
