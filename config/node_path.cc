// SPDX-License-Identifier: Apache-2.0
#include "config/node_path.h"

#include <algorithm>

namespace nines::config {
namespace {

// Names may hold slashes ("obligations/provider/1"), so each step takes the longest that fits.
const Node* step(const Node& node, std::string_view& path) {
  std::size_t end = path.size();
  while (end > 0) {
    const std::string_view name = path.substr(0, end);
    const Node* found = node.find(name);
    for (std::size_t i = 0; found == nullptr && i < node.items().size(); ++i) {
      const Node& item = node.items()[i];
      if (entry_name(item, i + 1) == name || std::to_string(i + 1) == name) found = &item;
    }
    if (found != nullptr) {
      path.remove_prefix(std::min(path.size(), end + 1));
      return found;
    }
    const std::size_t slash = path.rfind('/', end - 1);
    end = slash == std::string_view::npos ? 0 : slash;
  }
  return nullptr;
}

const Node* deepest(const Node& root, std::string_view& path) {
  const Node* at = &root;
  while (!path.empty()) {
    const Node* next = step(*at, path);
    if (next == nullptr) break;
    at = next;
  }
  return at;
}

}  // namespace

std::string entry_name(const Node& entry, std::size_t number) {
  for (const char* key : {"name", "id", "step", "what", "objective"}) {
    const Node* found = entry.find(key);
    if (found != nullptr && found->kind() == Node::Kind::scalar) return found->text();
  }
  return std::to_string(number);
}

const Node* node_at(const Node& root, std::string_view path) {
  const Node* found = deepest(root, path);
  return path.empty() ? found : nullptr;
}

Place place_at(const Node& root, std::string_view path) { return deepest(root, path)->place(); }

}  // namespace nines::config
