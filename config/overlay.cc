// SPDX-License-Identifier: Apache-2.0
#include "config/overlay.h"

#include <algorithm>

#include "config/node_path.h"

namespace nines::config {

class Overlayer {
 public:
  static void merge(Node& base, const Node& over) {
    if (base.kind_ == Node::Kind::mapping && over.kind_ == Node::Kind::mapping) {
      merge_mappings(base, over);
    } else if (named_list(base) && named_list(over)) {
      merge_lists(base, over);
    } else {
      base = over;
    }
  }

  // Whether there was something to take out.
  static bool remove(Node& root, const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
    const std::string last = slash == std::string::npos ? path : path.substr(slash + 1);
    auto* at = const_cast<Node*>(node_at(root, parent));
    return at != nullptr && drop(*at, last);
  }

  static bool drop(Node& node, std::string_view name) {
    const auto entry = std::find_if(node.entries_.begin(), node.entries_.end(),
                                    [&](const auto& each) { return each.first.text_ == name; });
    if (entry != node.entries_.end()) {
      node.entries_.erase(entry);
      return true;
    }
    for (std::size_t i = 0; i < node.items_.size(); ++i) {
      if (entry_name(node.items_[i], i + 1) != name) continue;
      node.items_.erase(node.items_.begin() + static_cast<std::ptrdiff_t>(i));
      return true;
    }
    return false;
  }

 private:
  static void merge_mappings(Node& base, const Node& over) {
    for (const auto& [key, value] : over.entries_) {
      const std::string& name = key.text_;
      const auto known = std::find_if(base.entries_.begin(), base.entries_.end(),
                                      [&](const auto& each) { return each.first.text_ == name; });
      if (known == base.entries_.end()) {
        base.entries_.emplace_back(key, value);
      } else {
        merge(known->second, value);
      }
    }
  }

  static void merge_lists(Node& base, const Node& over) {
    for (const Node& item : over.items_) {
      const std::string name = entry_name(item, 0);
      const auto known =
          std::find_if(base.items_.begin(), base.items_.end(),
                       [&](const Node& each) { return entry_name(each, 0) == name; });
      if (known == base.items_.end()) {
        base.items_.push_back(item);
      } else {
        merge(*known, item);
      }
    }
  }

  static bool named_list(const Node& node) {
    return node.kind_ == Node::Kind::sequence && !node.items_.empty() &&
           std::all_of(node.items_.begin(), node.items_.end(),
                       [](const Node& each) { return entry_name(each, 0) != "0"; });
  }
};

Node overlaid(Node base,
              const Node& over,
              const std::vector<std::string>& removed,
              const Place& place,
              Complaints& complaints) {
  for (const std::string& path : removed) {
    if (Overlayer::remove(base, path)) continue;
    complaints.add(place, "nothing to remove: the base has no " + shown(path) +
                              " (paths are written spec/objectives/NAME)");
  }
  Overlayer::merge(base, over);
  return base;
}

Node without(Node mapping, std::string_view key) {
  if (mapping.kind() == Node::Kind::mapping) Overlayer::drop(mapping, key);
  return mapping;
}

}  // namespace nines::config
